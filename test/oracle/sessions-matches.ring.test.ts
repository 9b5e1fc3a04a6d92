/** Matches of whole sessions against the oracle: random N, lists, recipes, predicates, receivers, collectors, form. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oracleMatchesAmong } from './index.ts';
import { base, listsOf, openOracleWorld, type OracleWorld, patientMs, recipes } from './sessions.testkit.ts';

let world: OracleWorld;
beforeAll(async () => {
  world = await openOracleWorld();
});
afterAll(() => world.close());

describe.each([
  [2, 2],
  [3, 4],
  [5, 7],
  [8, 9],
  [10, 10],
])('matches among %i to %i lists', (from, most) => {
  const drawn = fc.integer({ min: from, max: most }).chain((parties) => {
    const ids = Array.from({ length: parties }, (_, i) => `p${i}`);
    const predicate = fc.oneof(
      fc.constant({ kind: 'all' as const }),
      fc.constant({ kind: 'any' as const }),
      fc.integer({ min: 2, max: parties }).map((lists) => ({ kind: 'atLeast' as const, lists })),
    );
    return fc.record({
      lists: listsOf(parties),
      recipes,
      ...base,
      verified: parties < 5 ? fc.boolean() : fc.constant(false),
      // to one, to some, to all
      to: fc.subarray(ids, { minLength: 1 }),
      predicate: parties === 2 ? fc.constant(null) : predicate,
      which: parties === 2 ? fc.constant(false) : fc.boolean(),
      seed: fc.nat(),
    });
  });

  it(
    'are the plaintext ones: each receiver’s records, by which identifiers, on which lists; nobody else has any',
    async () => {
      await fc.assert(
        fc.asyncProperty(drawn, async ({ lists, to, predicate: wanted, which, seed, ...terms }) => {
          const output = { kind: 'matches' as const, to, predicate: wanted, which };
          const played = await world.play(lists, { ...terms, labels: null, privacy: null, output }, seed);
          const { end, known } = played;
          const least = wanted?.kind === 'any' ? 2 : wanted?.kind === 'atLeast' ? wanted.lists : lists.length;
          for (const mine of known) {
            const want = oracleMatchesAmong(mine, known, least);
            const identifiers = new Set([...want.values()].flatMap((one) => [...one.keys()])).size;
            const summary = to.includes(mine.id) ? { identifiers, records: want.size } : null;
            const { verified } = terms;
            expect(end.ends.get(mine.id), mine.id).toEqual({ kind: 'matches', summary, verified });
            const lines = end.matches.get(mine.id);
            expect(lines === undefined).toBe(summary === null);
            if (lines === undefined) continue;
            expect(lines.map(({ id }) => id).sort()).toEqual([...want.keys()].sort());
            for (const { id, matched, matchedOn } of lines) {
              const own = want.get(id) as ReadonlyMap<string, ReadonlySet<string>>;
              expect([...matched].sort(), id).toEqual([...own.keys()].sort());
              const others = which ? matched.map((one) => [...(own.get(one) ?? [])].sort()) : undefined;
              expect(matchedOn?.map((on) => [...on].sort())).toEqual(others);
            }
          }
        }),
        { numRuns: most < 5 ? 3 : 1, endOnFailure: true },
      );
    },
    patientMs,
  );
});
