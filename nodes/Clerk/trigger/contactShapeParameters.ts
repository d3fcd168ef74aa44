import type { INodeProperties } from 'n8n-workflow';

import { CHOOSABLE } from '../records/shape';

/** How a field is called in the editor: `avatarUrl` is "Avatar Url". */
function title(field: string): string {
	return field.replace(/([A-Z])/g, ' $1').replace(/^./, (first) => first.toUpperCase());
}

/** In what form the fields of a contact come out, so that a contact store takes them without a node in between. */
export const contactShapeOptions: INodeProperties[] = [
	{
		displayName: 'Contact Dates',
		name: 'contactDates',
		type: 'options',
		default: 'iso',
		options: [
			{ name: 'ISO 8601', value: 'iso', description: 'Such as 2026-01-05T09:30:02.000Z' },
			{ name: 'Spreadsheet Day Number', value: 'spreadsheet', description: 'A date in Google Sheets or Excel, in UTC' },
			{ name: 'Unix Milliseconds', value: 'unixMilliseconds', description: 'Such as 1767605402000' },
			{ name: 'Unix Seconds', value: 'unixSeconds', description: 'Such as 1767605402' },
		],
		description: 'How the times of a contact are written',
	},
	{
		displayName: 'Contact Empty Values',
		name: 'contactEmptyValues',
		type: 'options',
		default: 'null',
		options: [
			{ name: 'Empty Text', value: 'emptyText', description: 'Empties the field in stores that ignore null' },
			{ name: 'Leave Out', value: 'leaveOut', description: 'The store keeps what it has' },
			{ name: 'Null', value: 'null' },
		],
		description: 'What a contact carries where Clerk has nothing',
	},
	{
		displayName: 'Contact Fields',
		name: 'contactFields',
		type: 'multiOptions',
		default: [],
		options: CHOOSABLE.map((field) => ({ name: title(field), value: field })).sort((a, b) => a.name.localeCompare(b.name)),
		description:
			'Which fields contacts carry beside action and your custom ones, so that a store can take the item as it is. None chosen means all.',
	},
	{
		displayName: 'Contact Names for HTML',
		name: 'contactHtmlNames',
		type: 'boolean',
		default: false,
		description:
			'Whether contacts also carry firstNameHtml, lastNameHtml and nameHtml, which are safe to stand in HTML. People choose their own names.',
	},
];
