import { createVerify, generateKeyPairSync } from 'node:crypto';

import { listOf, object, Service, TEXT, WHOLE_NUMBER } from './service';
import type { Answer, Call, Held } from './service';

type Cell = string | number | boolean;

const SPREADSHEET = '1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefg';
const SHEET_ID = 1_234_567;
const ACCOUNT = 'clerk-sync@tests.iam.gserviceaccount.com';
const TOKEN = 'ya29.token-of-the-tests';
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const privateKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/**
 * Gives a service account its token.
 * Source: Google's documentation of OAuth 2.0 for server-to-server applications.
 */
export class GoogleTokens extends Service {
	readonly host = 'oauth2.googleapis.com';
	readonly authorization = null;
	readonly credentials = {};
	readonly secrets = [privateKey.split('\n')[1] ?? ''];

	readonly operations = {
		'POST /token': {
			body: object({ grant_type: { const: 'urn:ietf:params:oauth:grant-type:jwt-bearer' }, assertion: TEXT }, [
				'grant_type',
				'assertion',
			]),
			answer: ({ body }: Call): Answer => {
				const [head = '', claims = '', signature = ''] = (body as { assertion: string }).assertion.split('.');
				const signed = createVerify('RSA-SHA256').update(`${head}.${claims}`).verify(keys.publicKey, signature, 'base64url');
				const { iss, scope } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, string>;
				if (!signed || iss !== ACCOUNT || !scope?.includes('https://www.googleapis.com/auth/spreadsheets')) {
					this.refused.push('The assertion is not signed by the service account, or not for spreadsheets');
					return { status: 400, body: { error: 'invalid_grant' } };
				}
				return { status: 200, body: { access_token: TOKEN, token_type: 'Bearer', expires_in: 3599 } };
			},
		},
	};
}

const cell = { type: ['string', 'number', 'boolean', 'null'] };
const cells = listOf(listOf(cell));
const inputOption = { enum: ['RAW', 'USER_ENTERED'] };
const dimensionRange = object(
	{ sheetId: { type: ['integer', 'string'] }, dimension: { const: 'ROWS' }, startIndex: WHOLE_NUMBER, endIndex: WHOLE_NUMBER },
	['sheetId', 'dimension', 'startIndex', 'endIndex'],
);

/**
 * One spreadsheet with the sheet "Users". Only raw input is known: what is entered as by a person, Sheets would take
 * apart as formulas, numbers and dates.
 * Source: Google's reference of the Sheets API, version 4, `spreadsheets` and `spreadsheets.values`, as of October 2026.
 */
export class GoogleSheets extends Service {
	readonly host = 'sheets.googleapis.com';
	readonly authorization = { header: 'authorization', value: `Bearer ${TOKEN}` };
	readonly credentials = {
		googleApi: {
			region: 'europe-west1',
			email: ACCOUNT,
			privateKey,
			inpersonate: false,
			delegatedEmail: '',
			httpNode: false,
			scopes: '',
		},
	};
	readonly secrets = [TOKEN];
	/** The first one is the header. */
	rows: Cell[][] = [['userId', 'email', 'firstName', 'lastName', 'phone', 'createdAt', 'updatedAt', 'userGroup', 'my notes']];

	readonly operations = {
		[`GET /v4/spreadsheets/${SPREADSHEET}`]: {
			query: object({ fields: TEXT }),
			answer: () => ({ status: 200, body: { sheets: [{ properties: { sheetId: SHEET_ID, title: 'Users', index: 0 } }] } }),
		},
		[`GET /v4/spreadsheets/${SPREADSHEET}/values/{range}`]: {
			query: object({
				valueRenderOption: { enum: ['FORMATTED_VALUE', 'UNFORMATTED_VALUE', 'FORMULA'] },
				dateTimeRenderOption: { enum: ['SERIAL_NUMBER', 'FORMATTED_STRING'] },
			}),
			answer: ({ params }: Call) => {
				const { from, to } = rangeOf(params['range'] ?? '');
				const values = this.rows.slice(from - 1, to);
				return { status: 200, body: { range: params['range'], majorDimension: 'ROWS', values } };
			},
		},
		[`POST /v4/spreadsheets/${SPREADSHEET}/values/{range}:append`]: {
			query: object({ valueInputOption: inputOption }, ['valueInputOption']),
			body: object({ range: TEXT, values: cells }, ['values']),
			answer: ({ body, query }: Call) => {
				for (const row of (body as { values: Array<Array<Cell | null>> }).values) {
					this.rows.push(row.map((value) => this.entered(value, query['valueInputOption'])));
				}
				return { status: 200, body: { updates: {} } };
			},
		},
		[`POST /v4/spreadsheets/${SPREADSHEET}/values:batchUpdate`]: {
			body: object({ data: listOf(object({ range: TEXT, values: cells }, ['range', 'values'])), valueInputOption: inputOption }, [
				'data',
				'valueInputOption',
			]),
			answer: ({ body }: Call) => {
				const { data, valueInputOption } = body as {
					data: Array<{ range: string; values: Cell[][] }>;
					valueInputOption: string;
				};
				for (const { range, values } of data) {
					const { from, column } = rangeOf(range);
					const row = this.rows[from - 1];
					if (!row) return this.refuse(`There is no row ${from}`);
					row[column] = this.entered(values[0]?.[0] ?? '', valueInputOption);
				}
				return { status: 200, body: { totalUpdatedCells: data.length } };
			},
		},
		[`POST /v4/spreadsheets/${SPREADSHEET}:batchUpdate`]: {
			body: object(
				{ requests: listOf(object({ deleteDimension: object({ range: dimensionRange }, ['range']) }, ['deleteDimension'])) },
				['requests'],
			),
			answer: ({ body }: Call) => {
				const { requests } = body as {
					requests: Array<{ deleteDimension: { range: { sheetId: string; startIndex: number; endIndex: number } } }>;
				};
				for (const { range } of requests.map(({ deleteDimension }) => deleteDimension)) {
					if (String(range.sheetId) !== String(SHEET_ID)) return this.refuse(`There is no sheet ${range.sheetId}`);
					this.rows.splice(range.startIndex, range.endIndex - range.startIndex);
				}
				return { status: 200, body: { replies: [{}] } };
			},
		},
	};

	override held(): Held[] {
		const [header = [], ...rows] = this.rows;
		return rows.map((row) => {
			const at = (name: string) => (row[header.indexOf(name)] as string | undefined) || null;
			return {
				userId: at('userId') ?? '',
				email: at('email'),
				firstName: at('firstName'),
				joined: at('userGroup') === 'Customers',
			};
		});
	}

	private entered(value: Cell | null, option: string | undefined): Cell {
		if (option !== 'RAW') this.refused.push(`${JSON.stringify(value)} is entered as by a person`);
		return value ?? '';
	}

	private refuse(message: string): Answer {
		this.refused.push(message);
		return { status: 400, body: { error: { code: 400, message, status: 'INVALID_ARGUMENT' } } };
	}
}

/** `Users!A:Z`, `Users!C2` or `Users!5:5`, rows from 1, columns from 0. */
function rangeOf(range: string): { from: number; to: number; column: number } {
	const [, letter = 'A', row, , last] = /^'?Users'?!?([A-Z]?)(\d*)(:[A-Z]?(\d*))?$/.exec(range) ?? [];
	const from = row ? Number(row) : 1;
	return { from, to: last ? Number(last) : Infinity, column: (letter || 'A').charCodeAt(0) - 65 };
}
