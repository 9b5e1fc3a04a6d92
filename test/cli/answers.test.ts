/** Rendering, the JSON shape, and a comparison that finds every difference. */
import type { Predicate } from '@tallystick/protocol/agreement';
import { describe, expect, it } from 'vitest';
import {
  answersFrom,
  compare,
  type PlainList,
  type ProtocolAnswers,
} from '../../packages/cli/src/oracle/index.ts';
import { whoLearned } from '../../packages/cli/src/render/learned.ts';
import {
  bytesText,
  renderResult,
  safe,
  type SessionResult,
  styleFor,
  table,
  toJson,
  widthOf,
} from '../../packages/cli/src/render/index.ts';

const list = (id: string, holders: Record<string, string[]>, records: number): PlainList => ({
  id,
  records,
  withoutIdentifiers: 0,
  rejected: 1,
  holders: new Map(Object.entries(holders)),
  byId: new Map(),
});
const north = list('north', { 'name:a': ['1', '2'], 'name:b': ['2'], 'name:c': ['3'] }, 3);
const south = list('south', { 'name:a': ['x'], 'name:b': ['x'], 'name:d': ['y'] }, 2);
const lists = [north, south];

const matchesAnswer = (): ProtocolAnswers => ({
  parties: [
    {
      id: 'north',
      records: 3,
      identifiers: 3,
      withoutIdentifiers: 0,
      rejected: 1,
      matches: { records: 2, identifiers: 2 },
    },
    { id: 'south', records: 2, identifiers: 3, withoutIdentifiers: 0, rejected: 1, matches: null },
  ],
  counts: null,
  matched: new Map([
    [
      'north',
      [
        { id: '1', matched: ['name:a'] },
        { id: '2', matched: ['name:b', 'name:a'] },
      ],
    ],
  ]),
});
const countsAnswer = (): ProtocolAnswers => ({
  parties: matchesAnswer().parties.map((party) => ({ ...party, matches: null })),
  counts: [
    { in: ['north'], exactly: 1, atLeast: 3 },
    { in: ['south'], exactly: 1, atLeast: 3 },
    { in: ['north', 'south'], exactly: 2, atLeast: 2 },
  ],
  matched: new Map(),
});
const plainMatches = answersFrom(lists, { kind: 'matches', to: ['north'] });
const plainCounts = answersFrom(lists, { kind: 'counts' });

describe('the plaintext comparison', () => {
  it('finds nothing where the answers are equal', () => {
    expect(compare(plainMatches, matchesAnswer())).toEqual([]);
    expect(compare(plainCounts, countsAnswer())).toEqual([]);
  });

  type Change = (answer: ProtocolAnswers) => ProtocolAnswers;
  const party =
    (at: number, change: object): Change =>
    (answer) => ({
      ...answer,
      parties: answer.parties.map((one, i) => (i === at ? { ...one, ...change } : one)),
    });
  const matched =
    (...records: { id: string; matched: string[] }[]): Change =>
    (answer) => ({
      ...answer,
      matched: new Map([['north', records]]),
    });
  const [one, two] = [
    { id: '1', matched: ['name:a'] },
    { id: '2', matched: ['name:a', 'name:b'] },
  ];
  it.each<[string, Change]>([
    ['records', party(0, { records: 4 })],
    ['identifiers', party(1, { identifiers: 2 })],
    ['records without', party(0, { withoutIdentifiers: 1 })],
    ['rejected', party(0, { rejected: 0 })],
    ['matching records', party(0, { matches: { records: 1, identifiers: 2 } })],
    ['matching identifiers', party(0, { matches: { records: 2, identifiers: 1 } })],
    ['matches for one who is no receiver', party(1, { matches: { records: 0, identifiers: 0 } })],
    ['no matches for a receiver', party(0, { matches: null })],
    ['a missing record', matched(one)],
    ['a surplus record', matched(one, two, { id: '3', matched: ['name:c'] })],
    ['another record', matched(one, { id: '3', matched: ['name:c'] })],
    ['another identifier', matched(one, { id: '2', matched: ['name:a'] })],
    ['counts that nobody asked for', (answer) => ({ ...answer, counts: countsAnswer().counts })],
  ])('of matches finds %s', (_, change) => {
    expect(compare(plainMatches, change(matchesAnswer()))).not.toEqual([]);
  });

  it('of counts finds every wrong number and a missing combination', () => {
    const good = countsAnswer();
    for (const [i, row] of (good.counts ?? []).entries()) {
      for (const field of ['exactly', 'atLeast'] as const) {
        const counts =
          good.counts?.map((other, j) => (i === j ? { ...row, [field]: (row[field] ?? 0) + 1 } : other)) ??
          null;
        expect(compare(plainCounts, { ...good, counts })).toHaveLength(1);
      }
    }
    expect(compare(plainCounts, { ...good, counts: good.counts?.slice(1) ?? null })).not.toEqual([]);
    expect(compare(plainCounts, { ...good, counts: null })).not.toEqual([]);
  });
});

const result: SessionResult = {
  session: '00',
  form: 'sealed',
  verified: true,
  suite: 'ristretto255-SHA512',
  recipe: ['document', 'name'],
  parties: countsAnswer().parties,
  counts: countsAnswer().counts,
  bytes: { sent: 1200, received: 999 },
  elapsedMs: 1500,
  oracle: { checked: true, equal: true },
  collectors: ['coordinator'],
  relay: { id: 'coordinator', bytes: 2_500_000 },
  output: { kind: 'counts' },
};

describe('the plaintext comparison of matches among three', () => {
  const west = list('west', { 'name:a': ['p'], 'name:c': ['q'] }, 2);
  const three = [north, south, west];
  const to = ['north'];
  const idsUnder = (predicate: Predicate): string[] =>
    [...(answersFrom(three, { kind: 'matches', to, predicate }).matches.get('north')?.keys() ?? [])].sort();

  it('follows the predicate', () => {
    expect(idsUnder({ kind: 'all' })).toEqual(['1', '2']); // a
    expect(idsUnder({ kind: 'atLeast', lists: 3 })).toEqual(['1', '2']);
    expect(idsUnder({ kind: 'any' })).toEqual(['1', '2', '3']); // a, b and c
    expect(idsUnder({ kind: 'atLeast', lists: 2 })).toEqual(['1', '2', '3']);
  });

  it('finds a wrong list, a missing one, and lists that nobody asked for', () => {
    const answer = (matchedOn?: string[][]): ProtocolAnswers => ({
      parties: three.map(({ id, records, holders }) => ({
        id,
        records,
        identifiers: holders.size,
        withoutIdentifiers: 0,
        rejected: 1,
        matches: id === 'north' ? { records: 2, identifiers: 1 } : null,
      })),
      counts: null,
      matched: new Map([
        ['north', ['1', '2'].map((id) => ({ id, matched: ['name:a'], ...(matchedOn && { matchedOn }) }))],
      ]),
    });
    const predicate = { kind: 'all' } as const;
    const which = answersFrom(three, { kind: 'matches', to, predicate, which: true });
    expect(compare(which, answer([['west', 'south']]))).toEqual([]);
    for (const wrong of [undefined, [['south']], [['south', 'north']], [['south', 'west', 'north']]])
      expect(compare(which, answer(wrong))).toHaveLength(1);
    const plain = answersFrom(three, { kind: 'matches', to, predicate });
    expect(compare(plain, answer())).toEqual([]);
    expect(compare(plain, answer([['west', 'south']]))).toHaveLength(1);
  });
});

describe('a result', () => {
  it('as JSON has exactly the documented fields', () => {
    const json = toJson({ ...result, surplus: 'x' } as SessionResult);
    expect(Object.keys(json)).toEqual([
      'session',
      'form',
      'verified',
      'suite',
      'recipe',
      'parties',
      'collectors',
      'counts',
      'bytes',
      'elapsedMs',
      'oracle',
    ]);
    expect(Object.keys(json.parties[0] ?? {})).toEqual([
      'id',
      'records',
      'identifiers',
      'withoutIdentifiers',
      'rejected',
      'matches',
    ]);
    expect(Object.keys(json.counts?.[0] ?? {})).toEqual(['in', 'exactly', 'atLeast']);
  });

  it('for people labels every number and says how it compares', () => {
    const text = renderResult(result, styleFor(false), 100);
    expect(text).toMatch(/north \+ south +2 +2/);
    expect(text).toContain('identifiers on these and no others');
    expect(text).toContain('The answers equal the plaintext answers.');
    expect(text).toContain('form sealed, verified');
    expect(text).toContain('verified: every list that came back was proved');
    const light = renderResult({ ...result, verified: false }, styleFor(false), 100);
    expect(light).toContain('form sealed, unverified');
    expect(light).toContain('unverified: nothing was proved');
    expect(light).not.toContain('was proved to be');
    const differing = { ...result, oracle: { checked: true, equal: false } };
    expect(renderResult(differing, styleFor(false), 100)).toContain('DIFFER');
    const unchecked = { ...result, oracle: { checked: false, equal: null } };
    expect(renderResult(unchecked, styleFor(false), 100)).toContain('not compared');
  });

  it('says who learned what', () => {
    const facts = { ...result, parties: result.parties };
    const sealed = whoLearned({ ...facts, matches: {} });
    expect(sealed.map(([who]) => who)).toEqual([
      'every party',
      'a hop',
      'every party',
      'coordinator, as collector',
      'coordinator, as relay',
    ]);
    const direct = whoLearned({
      ...facts,
      form: 'direct',
      collectors: [],
      output: { kind: 'matches', to: ['north'] },
      matches: { north: { identifiers: 2, records: 2 }, south: null },
    });
    expect(direct.find(([who]) => who === 'north')?.[1]).toContain('south holds: 2, on 2 records of its own');
    expect(direct.find(([who]) => who === 'south')?.[1]).toBe("nothing of north's list");
    expect(direct.map(([who]) => who)).not.toContain('coordinator, as collector');
    const marked = whoLearned({
      ...facts,
      output: { kind: 'matches', to: ['north'], predicate: { kind: 'atLeast', lists: 2 }, which: true },
      matches: { north: { identifiers: 2, records: 2 }, south: null },
    });
    expect(marked.map(([who]) => who)).toEqual([
      'every party',
      'a hop',
      'north',
      'south',
      'coordinator, as collector',
      'coordinator, as relay',
    ]);
    const [mine, other] = ['north', 'south'].map((id) => marked.find(([who]) => who === id)?.[1]);
    expect(mine).toMatch(/bits it was returned: .* at least 2 of the 2 lists, and on which: 2, on 2 records/);
    expect(other).toBe("nothing of the others' lists");
  });
});

describe('text', () => {
  it('of a list cannot move the cursor', () => {
    const shown = safe('a\u001B[2Jb\u202Ec\nd');
    for (const mover of ['\u001B', '\u202E', '\n']) expect(shown).not.toContain(mover);
    expect(safe('x'.repeat(100), 10)).toHaveLength(10);
  });

  it('aligns, whatever the script', () => {
    const lines = table(
      ['name', 'n'],
      [
        ['王', '1'],
        ['ab', '22'],
        ['é', '3'],
      ],
      ['left', 'right'],
      styleFor(false),
    );
    expect(new Set(lines.map(widthOf)).size).toBe(1);
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [999_999, '1.00 MB'],
    [12_345_678, '12.3 MB'],
  ])('says %i bytes as %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });
});
