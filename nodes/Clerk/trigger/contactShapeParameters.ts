import type { INodeProperties } from 'n8n-workflow';

import { CHOOSABLE } from '../records/shape';

/** The name of a field in the editor: `avatarUrl` is "Avatar Url". */
function title(field: string): string {
	return field.replace(/([A-Z])/g, ' $1').replace(/^./, (first) => first.toUpperCase());
}

/** The form of a contact's fields, so that a contact store accepts them without a node in between. */
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
		description: 'The format of the times on contacts',
	},
	{
		displayName: 'Contact Empty Values',
		name: 'contactEmptyValues',
		type: 'options',
		default: 'null',
		options: [
			{ name: 'Empty Text', value: 'emptyText', description: 'Clears the field in stores that ignore null' },
			{ name: 'Leave Out', value: 'leaveOut', description: 'The store keeps its value' },
			{ name: 'Null', value: 'null' },
		],
		description: 'What contacts contain for fields that are empty in Clerk',
	},
	{
		displayName: 'Contact Fields',
		name: 'contactFields',
		type: 'multiOptions',
		default: [],
		options: CHOOSABLE.map((field) => ({ name: title(field), value: field })).sort((a, b) => a.name.localeCompare(b.name)),
		description:
			'The fields of contacts, besides action and your custom fields, so that a store accepts the item as it is. If you select none, contacts have all fields. A contact that none of the selected fields identifies, such as a deletion if you select only email, keeps its userId, or else its email.',
	},
	{
		displayName: 'Contact Names for HTML',
		name: 'contactHtmlNames',
		type: 'boolean',
		default: false,
		description:
			'Whether contacts also have firstNameHtml, lastNameHtml and nameHtml, which are escaped for HTML. Users choose their own names, so the plain names are not safe in HTML.',
	},
];
