/** What a reader can conclude from the figures, by thinking of every world that gives them. */
import { describe, expect, test } from 'vitest';
import { type Bounds, bandOfCount, reportBounds } from './bands.ts';
import { figuresOf } from './figures.ts';
import { eventNames, type GroupTally, type Tally } from './tally.ts';

/**
 * Everybody knows how a report is made. A reader who holds one report thinks of every world that gives these very figures:
 * what all these worlds have in common is what the report tells. Of a number below the threshold they must have nothing
 * in common but that it is below: every value from 0 up is possible.
 */
function expectNothingSmallTold<W>(
  worlds: Iterable<W>,
  tallyFor: (world: W) => Tally,
  numbersOf: (world: W) => readonly number[],
): void {
  const possible = new Map<string, Set<number>[]>();
  for (const world of worlds) {
    const key = JSON.stringify(figuresOf(tallyFor(world), bounds));
    const numbers = numbersOf(world);
    const sets = possible.get(key) ?? numbers.map(() => new Set<number>());
    possible.set(key, sets);
    for (const [i, n] of numbers.entries()) sets[i]?.add(n);
  }
  expect(possible.size).toBeGreaterThan(1);
  const [threshold] = bounds;
  for (const sets of possible.values())
    for (const set of sets) {
      const small = [...set].filter((n) => n < threshold);
      if (small.length > 0) expect(small.sort((a, b) => a - b)).toEqual(upTo(threshold));
    }
}

/** As wide, for their beginnings, as the real ones; and few, so that every world can be thought of. */
const bounds: Bounds = [3, 8];
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const counts = upTo(10);
const unasked: Tally['unasked'] = { denied: 0, clauses: new Map() };
const noEvents = Object.fromEntries(eventNames.map((name) => [name, 0])) as Tally['events'];
const oneGroup = (
  between: GroupTally['between'],
  some: Partial<GroupTally['counts']>,
  more: Partial<GroupTally> = {},
): GroupTally => ({
  between,
  counts: { answered: 0, endedEarly: 0, refused: 0, denied: 0, ...some },
  deleted: 0,
  clauses: new Map(),
  ...more,
  amounts: {
    identifiers: {
      sessions: some.answered ?? 0,
      total: { atLeast: 100 * (some.answered ?? 0), atMost: null },
    },
    matched: { sessions: some.answered ?? 0, total: { atLeast: 0, atMost: 9 * (some.answered ?? 0) } },
    microEpsilon: { sessions: 0, total: { atLeast: 0, atMost: 0 } },
  },
});

describe('from a report follows no small number, whatever its reader knows of how it is made', () => {
  test('by how sessions ended, with whom, and whose results were deleted', () => {
    const worlds = counts.flatMap((x) =>
      counts.flatMap((y) => counts.flatMap((z) => upTo(x + 1).map((deleted) => [x, y, z, deleted] as const))),
    );
    expectNothingSmallTold(
      worlds,
      ([x, y, z, deleted]) => ({
        groups: [oneGroup(['a', 'b'], { answered: x }, { deleted }), oneGroup(['a', 'c'], { answered: y })],
        unasked: { ...unasked, denied: z },
        events: noEvents,
      }),
      (world) => world,
    );
  });

  test('by clauses, of which several may fail in one session', () => {
    const names = ['caps', 'lists', 'privacy', 'purposes', 'rules', 'tiers'];
    const tuples = (length: number): number[][] =>
      length === 0
        ? [[]]
        : tuples(length - 1).flatMap((so) => [...upTo(bounds[0]), 9].map((n) => [...so, n]));
    // In so many denied sessions: each has a clause at least, and no clause twice.
    const worlds = tuples(names.length).flatMap((failed) => {
      const [least, most] = [Math.max(...failed), failed.reduce((sum, n) => sum + n)];
      return counts
        .filter((denied) => denied >= least && denied <= most)
        .map((denied) => [...failed, denied]);
    });
    expectNothingSmallTold(
      worlds,
      (world) => ({
        groups: [
          oneGroup(
            ['a', 'b'],
            { denied: world.at(-1) as number },
            { clauses: new Map(names.map((name, i) => [name, world[i] as number])) },
          ),
        ],
        unasked,
        events: noEvents,
      }),
      (world) => world,
    );
  });

  test('by what is never more than another: late ones, decided ones', () => {
    const worlds = counts.flatMap((all) =>
      upTo(all + 1).flatMap((late) => upTo(all + 1).map((decided) => [all, late, decided] as const)),
    );
    expectNothingSmallTold(
      worlds,
      ([enquiries, lateDecisions, decisions]) => ({
        groups: [],
        unasked,
        events: { ...noEvents, enquiries, lateDecisions, decisions },
      }),
      (world) => world,
    );
  });

  test('and a share or a sum made from counts would be found out', () => {
    const worlds = counts.flatMap((x) => counts.map((y) => [x, y] as const));
    const leaky = () =>
      expectNothingSmallTold(
        worlds,
        // The sum of both, in a band of its own.
        ([x, y]) => ({
          groups: [oneGroup(['a', 'b'], { answered: x }), oneGroup(['a', 'c'], { answered: y })],
          unasked,
          events: { ...noEvents, vetoes: x + y },
        }),
        (world) => world,
      );
    expect(leaky).toThrow(/deeply equal/);
  });
});

test('no band is narrower than the lowest, and none says less than the one before', () => {
  const bands = [0, ...reportBounds].map((n) => bandOfCount(n, reportBounds));
  for (const [i, { atLeast, atMost }] of bands.entries()) {
    expect(atLeast).toBe([0, ...reportBounds][i]);
    if (atMost === null) expect(i).toBe(bands.length - 1);
    else expect(atMost - atLeast).toBeGreaterThanOrEqual(reportBounds[0] - 1);
    expect(bandOfCount(atMost ?? Number.MAX_SAFE_INTEGER, reportBounds)).toEqual({ atLeast, atMost });
  }
});
