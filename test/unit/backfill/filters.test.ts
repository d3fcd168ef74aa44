import { queryOf, timeOf } from '../../../nodes/Clerk/backfill/filters';

describe('filters as expressions give them', () => {
	const created = (time: unknown, at: number) => [{ createdAfter: time }, { created_at_after: at }] as const;

	test.each<readonly [object, object]>([
		[{ externalIds: 17 }, { external_id: ['17'] }],
		[{ externalIds: 'customer 17, b' }, { external_id: ['customer 17', 'b'] }],
		[{ userIds: ['user_1', 'user_2'] }, { user_id: ['user_1', 'user_2'] }],
		[{ banned: 'false' }, { banned: false }],
		[{ query: ' jane ', userIds: ' ' }, { query: 'jane' }],
		[{ query: ' ' }, {}],
		[{ createdAfter: '', query: null }, {}],
		created(' 2026-01-05t09:00:00z', Date.UTC(2026, 0, 5, 9)),
		created(1_767_000_000, 1_767_000_000_000),
		created(1_767_000_000_000, 1_767_000_000_000),
		created(new Date(0), 0),
		created('2026-01-05T09:00:00', Date.UTC(2026, 0, 5, 0)),
		created('2026-01-05T09:00:00Z', Date.UTC(2026, 0, 5, 9)),
		created('2026-01-05T09:00:00.000-05:00', Date.UTC(2026, 0, 5, 14)),
		created('2026-01-05', Date.UTC(2026, 0, 4, 15)),
	])('%j in Tokyo is %j', (filters, query) => {
		expect(queryOf(filters as Parameters<typeof queryOf>[0], 'Asia/Tokyo')).toEqual(query);
	});

	test.each([
		['2026-03-29T01:30:00', 'Europe/Berlin', '2026-03-29T00:30:00.000Z'],
		['2026-03-29T03:30:00', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
		['2026-07-01T12:00:00', 'America/New_York', '2026-07-01T16:00:00.000Z'],
		['2026-07-01T12:00:00', 'Asia/Kathmandu', '2026-07-01T06:15:00.000Z'],
		// The hour that comes twice, and the one that is left out: the earlier moment, so that nobody is missed.
		['2026-10-25T02:30:00', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
		['2026-10-25T03:30:00', 'Europe/Berlin', '2026-10-25T02:30:00.000Z'],
		['2026-11-01T01:30:00', 'America/New_York', '2026-11-01T05:30:00.000Z'],
		['2026-03-29T02:30:00', 'Europe/Berlin', '2026-03-29T00:30:00.000Z'],
	])('a time without an offset is of the time zone: %s in %s', (time, timezone, expected) => {
		expect(new Date(timeOf(time, timezone) ?? NaN).toISOString()).toBe(expected);
	});
});
