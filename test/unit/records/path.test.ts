import { isRooted, parsePath, valueAt, writtenPath } from '../../../nodes/Clerk/records/path';
import { words } from '../../support/words';

describe('B10: a path is read as a builder types it', () => {
	test.each([
		['data', ['data']],
		['data.public_metadata.plan', ['data', 'public_metadata', 'plan']],
		['data.email_addresses[0].email_address', ['data', 'email_addresses', 0, 'email_address']],
		['data.external_accounts[12].provider', ['data', 'external_accounts', 12, 'provider']],
		['a[0][1]', ['a', 0, 1]],
		['a[007]', ['a', 7]],
		['a[999999]', ['a', 999_999]],
		['  data.id \n', ['data', 'id']],
		['data.list.0', ['data', 'list', '0']],
		['data.snake_case-and-hyphen', ['data', 'snake_case-and-hyphen']],
		['data.größe', ['data', 'größe']],
		['data.$ref', ['data', '$ref']],
		['__proto__.constructor', ['__proto__', 'constructor']],
		['data.public_metadata["my key"]', ['data', 'public_metadata', 'my key']],
		[`data['a.b'][0]["c[d]"].e`, ['data', 'a.b', 0, 'c[d]', 'e']],
		[`data["it's"]['say "hi"'][""]`, ['data', "it's", 'say "hi"', '']],
		['data["0"]', ['data', '0']],
	])('%j', (text, path) => {
		expect(parsePath(text)).toEqual(path);
	});

	test.each([
		...['', '   ', 'data["plan\']', 'data[ 0 ]', 'data .id', 'data. id', 'my data.id'],
		...words`. .data data. data..id [0] [0].id data[] data[-1] data[x] data["plan] data["plan" data["a"b"] data.["plan"] ["data"] data[1.5] data[1e3] data[1000000] data[0 data] data[0]] data.[0] data[0]plan data[0].`,
	])('%j is none', (text) => {
		expect(parsePath(text)).toBeNull();
	});

	test('also where it is very long', () => {
		const steps = Array.from({ length: 50_000 }, () => 'a');
		expect(parsePath(steps.join('.'))).toEqual(steps);
		expect(parsePath('a'.repeat(100_000))).toEqual(['a'.repeat(100_000)]);
		expect(parsePath(`a${'[0]'.repeat(33_000)}`)).toHaveLength(33_001);
		for (const junk of ['.', '[', ']', ' ', '[0', 'a..', 'a[']) expect(parsePath(`a.${junk.repeat(100_000)}`)).toBeNull();
		expect(parsePath(`${'a.'.repeat(50_000)}!]`)).toBeNull();
	});
});

describe('B14: where a path can begin', () => {
	test.each(['data.id', 'data', 'user.public_metadata.plan', 'type', 'instance_id', 'event_attributes.http_request.client_ip'])(
		'%s',
		(text) => {
			expect(isRooted(parsePath(text) ?? [])).toBe(true);
		},
	);

	test.each(['public_metadata.plan', 'plan', 'Data.id', 'email_addresses[0].email_address', 'toString'])('not %s', (text) => {
		expect(isRooted(parsePath(text) ?? [])).toBe(false);
	});

	test.each(['data.public_metadata["my key"].list[0]', `data['say "hi"']`, 'data.a-b', 'data'])(
		'%s is written as it was typed',
		(text) => {
			expect(writtenPath(parsePath(text) ?? [])).toBe(text);
		},
	);
});

const ROOT = {
	type: 'user.created',
	data: {
		id: 'user_1',
		empty: '',
		zero: 0,
		number: 1.5,
		yes: true,
		no: false,
		none: null,
		list: ['a', { b: 'c' }, ['d'], null],
		object: { plan: 'pro', nested: { deep: 1 } },
	},
};

function at(text: string, root: unknown = ROOT) {
	const path = parsePath(text);
	if (!path) throw new Error(`no path: ${text}`);
	return valueAt(root, path);
}

describe('B10: what is at a path', () => {
	test.each<[string, ReturnType<typeof valueAt>]>([
		['type', 'user.created'],
		['data.id', 'user_1'],
		['data.empty', ''],
		['data.zero', 0],
		['data.number', 1.5],
		['data.yes', true],
		['data.no', false],
		['data.none', null],
		['data.list[0]', 'a'],
		['data.list.0', 'a'],
		['data.list[1].b', 'c'],
		['data.list[2][0]', 'd'],
		['data.list[3]', null],
		['data.object.nested.deep', 1],
	])('scalars as they are: %s', (text, value) => {
		expect(at(text)).toBe(value);
	});

	test.each([
		['data.list', '["a",{"b":"c"},["d"],null]'],
		['data.list[1]', '{"b":"c"}'],
		['data.object', '{"plan":"pro","nested":{"deep":1}}'],
	])('objects and lists as JSON text: %s', (text, value) => {
		expect(at(text)).toBe(value);
	});

	test.each(words`
		nothing data.nothing data.nothing.more data.list[4] data.list[0].b data.list.b data.object[0] data.none.more data.id.more
		data.id[0] data.id.length data.zero.toFixed Data.id
	`)('null where it leads nowhere: %s', (text) => {
		expect(at(text)).toBeNull();
	});

	test.each(words`
		__proto__ constructor toString hasOwnProperty data.__proto__ data.__proto__.polluted data.constructor.name
		data.constructor.prototype data.list.map data.list.constructor data.object.valueOf
	`)("only an object's own fields: %s", (text) => {
		expect(at(text)).toBeNull();
	});

	test('a field that Clerk really sends counts, whatever its name', () => {
		const root: unknown = JSON.parse('{"data":{"__proto__":{"plan":"pro"},"constructor":"x","toString":7}}');
		expect(at('data.__proto__.plan', root)).toBe('pro');
		expect(at('data.constructor', root)).toBe('x');
		expect(at('data.toString', root)).toBe(7);
	});

	test("a list's length is its own field", () => {
		expect(at('data.list.length')).toBe(4);
	});

	test('what is nested too deeply to be written as JSON is null', () => {
		expect(at('data.deep', JSON.parse(`{"data":{"deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`))).toBeNull();
	});

	test.each([undefined, null, 'text', 7, true])('of a root that is %p: null', (root) => {
		expect(valueAt(root, ['data'])).toBeNull();
	});
});
