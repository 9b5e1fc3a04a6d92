/** Counts of whole sessions against the oracle: random N, lists, recipes, labels, minimum, collectors, form. */
import type { Agreement } from '@tallystick/protocol/agreement';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identifiersOf, type OracleRecipe } from './index.ts';
import {
  base,
  type Cell,
  exactPolicy,
  type Known,
  listsOf,
  openOracleWorld,
  type OracleWorld,
  patientMs,
  plain,
  recipes,
  tiers,
  toldBy,
} from './sessions.testkit.ts';

let world: OracleWorld;
beforeAll(async () => {
  world = await openOracleWorld();
});
afterAll(() => world.close());

/** Labels for some of the lists: few enough that there are not too many cells. */
const labelsFor = (parties: number, minSize: number, cut: readonly boolean[]): Agreement['labels'] => {
  const most = parties > 6 ? 1 : parties > 4 ? 2 : 3;
  const own = Array.from({ length: parties }, (_, i) => i)
    .filter((i) => cut[i])
    .slice(0, most);
  return own.length === 0
    ? null
    : own.map((i) => ({ party: `p${i}`, field: 'tier', labels: tiers, minSize }));
};

describe.each([
  [2, 2],
  [3, 3],
  [4, 4],
  [5, 7],
  [8, 9],
  [10, 10],
])('counts among %i to %i lists', (from, to) => {
  const drawn = fc.integer({ min: from, max: to }).chain((parties) =>
    fc.record({
      lists: listsOf(parties),
      recipes,
      ...base,
      // proofs of a hop for every list and hop: among many, one session in four
      verified: parties < 5 ? fc.boolean() : fc.constantFrom(false, false, false, true),
      privacy: fc.constantFrom(null, exactPolicy, { ...exactPolicy, minCount: 2 }),
      cut: fc.array(fc.boolean(), { minLength: parties, maxLength: parties }),
      minSize: fc.nat(3),
      seed: fc.nat(),
    }),
  );

  it(
    'are the plaintext ones: exactly, at least, in at least t, the union, by label; what is withheld says so',
    async () => {
      await fc.assert(
        fc.asyncProperty(drawn, async ({ lists, cut, minSize, seed, ...terms }) => {
          const labels = labelsFor(lists.length, minSize, cut);
          const played = await world.play(lists, { ...terms, labels, output: { kind: 'counts' } }, seed);
          const want = plain(played, labels);
          const { numbers, cells, verified } = toldBy(played);
          expect(verified).toBe(terms.verified);
          const least = terms.privacy?.minCount ?? 0;
          const check = (name: string, told: Cell, count: number): void => {
            if (least === 0) return expect(told, name).toBe(count);
            if (typeof told === 'number') expect(told, name).toBe(count);
            else expect(['below-minimum', 'complementary'], name).toContain(told);
          };
          for (const key of ['exactly', 'atLeast', 'inAtLeast'] as const) {
            numbers[key]?.forEach((told, i) => check(`${key} ${i}`, told, want[key][i] as number));
            if (numbers[key]) expect(numbers[key]).toHaveLength(want[key].length);
          }
          expect(cells.length > 0).toBe(labels !== null);
          for (const [name, told] of cells) check(name, told, want.cells.get(name) ?? 0);
          const named = new Set(cells.map(([name]) => name));
          if (labels !== null) for (const name of want.cells.keys()) expect(named, name).toContain(name);
        }),
        { numRuns: to < 5 ? 2 : 1, endOnFailure: true },
      );
    },
    patientMs,
  );
});

describe('a list without an identifier', () => {
  it(
    'takes no part: the session ends for everybody, whatever was asked, and nobody has an answer',
    async () => {
      const drawn = fc.integer({ min: 2, max: 4 }).chain((parties) =>
        fc.record({
          lists: listsOf(parties),
          empty: fc.nat(parties - 1),
          output: fc.constantFrom<Agreement['output']>(
            { kind: 'counts' },
            { kind: 'matches', to: ['p0'], predicate: parties === 2 ? null : { kind: 'any' }, which: false },
          ),
          verified: fc.boolean(),
          ...base,
          seed: fc.nat(),
        }),
      );
      await fc.assert(
        fc.asyncProperty(drawn, async ({ lists, empty, seed, ...terms }) => {
          const bare = lists.map((entries, i) =>
            i === empty ? entries.map((one) => ({ ...one, documents: [] })) : entries,
          );
          const rest = { labels: null, privacy: null, recipes: ['document'] as OracleRecipe[] };
          const { end, known } = await world.play(bare, { ...terms, ...rest }, seed);
          expect(identifiersOf(known[empty] as Known).size).toBe(0);
          for (const [id, one] of end.ends) expect(one, id).toBe('list.empty');
          expect([...end.matches.keys()]).toEqual([]);
        }),
        { numRuns: 2, endOnFailure: true },
      );
    },
    patientMs,
  );
});
