/**
 * Sessions that end well: both forms, against answers worked out here from the plain numbers.
 */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProposeParams } from '@tallystick/node/control';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  countsOf,
  endAt,
  endEverywhere,
  matchesAmong,
  matchesOf,
  nothingLeft,
  passports,
  startWorld,
  until,
  type World,
} from './world.ts';

const common = (a: readonly string[], b: readonly string[]): string[] => a.filter((one) => b.includes(one));

/** Lists of about `size` numbers of which every combination of lists shares some. */
function overlapping(ids: readonly string[], size: number): Record<string, string[]> {
  const lists = Object.fromEntries(ids.map((id): [string, string[]] => [id, []]));
  for (let mask = 1; mask < 1 << ids.length; mask++) {
    const shared = passports(size + mask);
    ids.forEach((id, bit) => {
      if ((mask >> bit) & 1) lists[id]?.push(...shared);
    });
  }
  return lists;
}

describe('direct', () => {
  const lists = overlapping(['alpha', 'beta'], 40);
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ lists });
  });
  afterAll(() => world.close());

  test.each<[string, string[], Partial<ProposeParams>]>([
    ['both receive', ['alpha', 'beta'], {}],
    ['both receive, light', ['alpha', 'beta'], { verified: false }],
    ['the proposer receives', ['alpha'], {}],
    ['the proposer receives, light', ['alpha'], { verified: false }],
    ['the other receives', ['beta'], { verified: true }],
    ['the other receives, light', ['beta'], { verified: false }],
  ])('%s', async (_, to, change) => {
    const params = matchesOf('beta', to, change);
    const { session } = await world.node('alpha').call('session.propose', params);
    const details = await endEverywhere(world, session);
    const want = common(lists['alpha'] ?? [], lists['beta'] ?? []).length;
    for (const [index, id] of ['alpha', 'beta'].entries()) {
      const detail = details[index];
      expect(detail).toMatchObject({
        state: 'done',
        error: null,
        form: 'direct',
        counts: null,
        verification: change.verified === false ? 'unverified' : 'verified',
        proposer: 'alpha',
        parties: [
          { id: 'alpha', identifiers: lists['alpha']?.length },
          { id: 'beta', identifiers: lists['beta']?.length },
        ],
        own: { list: 'watch', records: lists[id]?.length, identifiers: lists[id]?.length, duplicates: 0 },
        matches: to.includes(id) ? { identifiers: want, records: want } : null,
      });
      expect(detail?.bytes.sent).toBeGreaterThan((lists[id]?.length ?? 0) * 32);
      expect(detail?.transport.sent).toBeGreaterThan(detail?.bytes.sent ?? 0);
    }
    expect(details[0]?.transcript).toMatch(/^[0-9a-f]{64}$/);
    expect(details[1]?.transcript).toBe(details[0]?.transcript);
    expect(details[1]?.agreementId).toBe(details[0]?.agreementId);
    await nothingLeft(world);
  });

  test('a case reference stays with the proposer', async () => {
    const params = { ...matchesOf('beta', ['alpha']), caseReference: 'case 17' };
    const { session } = await world.node('alpha').call('session.propose', params);
    const [own, other] = await endEverywhere(world, session);
    expect(own?.caseReference).toMatchObject({ reference: 'case 17' });
    expect(own?.caseReference?.salt).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(other)).not.toContain('case 17');
  });

  test('a receiver exports its own matching records, a mere answerer has none', async () => {
    const { session } = await world.node('alpha').call('session.propose', matchesOf('beta', ['alpha']));
    await endEverywhere(world, session);
    const directory = await mkdtemp(join(tmpdir(), 'tallystick-test-'));
    try {
      const out = join(directory, 'alpha.jsonl');
      const want = common(lists['alpha'] ?? [], lists['beta'] ?? []);
      expect(await world.node('alpha').call('session.export', { session, out })).toEqual({
        records: want.length,
      });
      const lines = (await readFile(out, 'utf8')).trim().split('\n');
      expect(lines).toHaveLength(want.length);
      for (const line of lines) expect(want.some((number) => line.includes(number))).toBe(true);
      expect((await stat(out)).mode & 0o777).toBe(0o600);
      const none = join(directory, 'beta.jsonl');
      await expect(world.node('beta').call('session.export', { session, out: none })).rejects.toMatchObject({
        code: 'session.state',
      });
      await expect(stat(none)).rejects.toMatchObject({ code: 'ENOENT' });
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

test('a person is asked: the session waits for consent', async () => {
  const world = await startWorld({ lists: overlapping(['alpha', 'beta'], 10), consent: 'ask' });
  try {
    const { session } = await world.node('alpha').call('session.propose', matchesOf('beta', ['alpha']));
    const beta = world.node('beta');
    await until(async () => {
      const known = await beta.call('session.list', {});
      return known.some((one) => one.session === session && one.state === 'offered') ? true : undefined;
    }, 'the offer');
    await expect(beta.call('session.consent', { session, list: 'other' })).rejects.toMatchObject({
      code: 'list.unknown',
    });
    expect(await beta.call('session.show', { session })).toMatchObject({ state: 'offered', matches: null });
    await beta.call('session.consent', { session, list: 'watch' });
    const details = await endEverywhere(world, session);
    expect(details.map((detail) => detail.state)).toEqual(['done', 'done']);
  } finally {
    await world.close();
  }
});

describe('sealed', () => {
  const ids = ['alpha', 'beta', 'gamma', 'delta'];
  const lists = overlapping(ids, 8);
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ lists });
  });
  afterAll(() => world.close());

  // The proposer is first, between others, last in the order of ids, so that every way of dialling occurs.
  test.each<[string, string[], Partial<ProposeParams>?]>([
    ['alpha', ['beta']],
    ['beta', ['alpha', 'gamma']],
    ['gamma', ['alpha', 'beta', 'delta']],
    ['gamma', ['alpha', 'beta', 'delta'], { verified: false }],
    ['beta', ['delta'], { verified: false, sentinels: 0 }],
  ])('counts, proposed by %s to %j %j', async (proposer, others, change = {}) => {
    const { session } = await world.node(proposer).call('session.propose', countsOf(others, change));
    const parties = [proposer, ...others].toSorted();
    const details = await Promise.all(parties.map((id) => endAt(world.node(id), session)));
    const want = plainCounts(parties, lists);
    expect(want.every((row) => row.exactly > 0)).toBe(true);
    for (const detail of details) {
      expect(detail).toMatchObject({
        state: 'done',
        form: 'sealed',
        collectors: ['coordinator'],
        matches: null,
        verification: change.verified === false ? 'unverified' : 'verified',
      });
      expect(detail.counts).toEqual(want);
    }
    await nothingLeft(world);
  });

  const all = { kind: 'all' } as const;
  const any = { kind: 'any' } as const;
  test.each<[string, string[], Partial<ProposeParams>, (holders: number, parties: number) => boolean]>([
    ['on all lists, where nothing is said', ['beta', 'gamma'], {}, (h, n) => h === n],
    ['on all lists, light', ['beta', 'gamma'], { predicate: all, verified: false }, (h, n) => h === n],
    ['on any other', ['beta', 'gamma', 'delta'], { predicate: any }, (h) => h >= 2],
    [
      'on at least three, and which',
      ['beta', 'gamma', 'delta'],
      { predicate: { kind: 'atLeast', lists: 3 }, which: true },
      (h) => h >= 3,
    ],
  ])('matches %s', async (_, others, change, holds) => {
    const parties = ['alpha', ...others].toSorted();
    const to = ['alpha', 'gamma'];
    const { session } = await world.node('alpha').call('session.propose', matchesAmong(others, to, change));
    const details = await Promise.all(parties.map((id) => endAt(world.node(id), session)));
    const holdersOf = (one: string): string[] => parties.filter((id) => lists[id]?.includes(one));
    const directory = await mkdtemp(join(tmpdir(), 'tallystick-test-'));
    try {
      for (const [index, id] of parties.entries()) {
        const want = (lists[id] ?? []).filter((one) => holds(holdersOf(one).length, parties.length));
        expect(want.length).toBeGreaterThan(0);
        expect(details[index]).toMatchObject({
          state: 'done',
          form: 'sealed',
          collectors: ['coordinator'],
          counts: null,
          verification: change.verified === false ? 'unverified' : 'verified',
          matches: to.includes(id) ? { identifiers: want.length, records: want.length } : null,
        });
        if (!to.includes(id)) continue;
        const out = join(directory, `${id}.jsonl`);
        await world.node(id).call('session.export', { session, out });
        const lines = (await readFile(out, 'utf8')).trim().split('\n');
        const got = lines.map((line) => JSON.parse(line) as Exported);
        const numberOf = (record: Exported): string => record.documents[0]?.number ?? '';
        expect(got.map(numberOf).toSorted()).toEqual(want.toSorted());
        for (const record of got) {
          const on = holdersOf(numberOf(record)).filter((holder) => holder !== id);
          expect(record.matchedOn).toEqual(change.which === true ? [on] : undefined);
        }
      }
    } finally {
      await rm(directory, { recursive: true });
    }
    await nothingLeft(world);
  });

  test.each<[string, ProposeParams]>([
    ['a predicate for counts', countsOf(['beta'], { predicate: any })],
    ['which lists, for counts', countsOf(['beta'], { which: true })],
    ['a predicate between two', matchesOf('beta', ['alpha'], { predicate: any })],
    ['which lists, between two', matchesOf('beta', ['alpha'], { which: true })],
    ['sentinels between two', matchesOf('beta', ['alpha'], { sentinels: 1 })],
    ['a collector between two', matchesOf('beta', ['alpha'], { collectors: ['coordinator'] })],
    [
      'more lists than there are',
      matchesAmong(['beta', 'gamma'], ['alpha'], { predicate: { kind: 'atLeast', lists: 4 } }),
    ],
    ['a receiver who is no party', matchesAmong(['beta', 'gamma'], ['delta'])],
  ])('%s is refused before anything is sent', async (_, params) => {
    await expect(world.node('alpha').call('session.propose', params)).rejects.toMatchObject({
      code: 'agreement.invalid',
    });
    await nothingLeft(world);
  });
});

interface Exported {
  readonly documents: readonly { readonly number: string }[];
  readonly matchedOn?: readonly (readonly string[])[];
}

/** For every combination of lists: how many numbers are on exactly those, on at least those. */
function plainCounts(parties: readonly string[], lists: Readonly<Record<string, readonly string[]>>) {
  const holders = new Map<string, number>();
  parties.forEach((id, bit) => {
    for (const one of lists[id] ?? []) holders.set(one, (holders.get(one) ?? 0) | (1 << bit));
  });
  const masks = [...holders.values()];
  return Array.from({ length: (1 << parties.length) - 1 }, (_, index) => ({
    in: parties.filter((__, bit) => ((index + 1) >> bit) & 1),
    exactly: masks.filter((mask) => mask === index + 1).length,
    atLeast: masks.filter((mask) => (mask & (index + 1)) === index + 1).length,
  }));
}
