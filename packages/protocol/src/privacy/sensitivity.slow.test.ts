/**
 * The table of sensitivities by enumeration. Only identifiers of the replaced records matter: all others count the
 * same on both sides. So the universe is what two records can bring, and everything else about it is walked.
 */
import { describe, expect, it } from 'vitest';
import { sensitivityOf, type Statistic } from './sensitivity.ts';

/** Per identifier and party: 0 not on the list, l + 1 on it under label l. */
type World = readonly (readonly number[])[];
type Numbers = Map<string, number>;

function numbersOf(world: World, statistic: Statistic | `one:${string}`, byLabel: boolean): Numbers {
  const numbers: Numbers = new Map();
  const add = (key: string) => numbers.set(key, (numbers.get(key) ?? 0) + 1);
  for (const places of world) {
    const on = places.flatMap((place, i) => (place > 0 ? [i] : []));
    const label = (i: number) => (byLabel ? `:${places[i] as number}` : '');
    if (statistic === 'histogram' && on.length > 0) add(on.map((i) => `${i}${label(i)}`).join(','));
    if (statistic === 'at-least') on.forEach((_, t) => add(`t${t}`));
    if (statistic === 'pairs') {
      for (const i of on) for (const j of on) if (i < j) add(`${i}${label(i)}-${j}${label(j)}`);
    }
    if (statistic === 'one') throw new Error('one number is taken out of the others');
  }
  return numbers;
}

interface Norms {
  l1: number;
  l2Squared: number;
  /** The most that one number moves. */
  one: number;
  /** The most that the numbers of one pair, split by label, move together. */
  pair: number;
  pairL2Squared: number;
}

function distance(before: Numbers, after: Numbers): Norms {
  const norms = { l1: 0, l2Squared: 0, one: 0, pair: 0, pairL2Squared: 0 };
  const pairs = new Map<string, number>();
  const pairsL2 = new Map<string, number>();
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const moved = Math.abs((after.get(key) ?? 0) - (before.get(key) ?? 0));
    norms.l1 += moved;
    norms.l2Squared += moved * moved;
    norms.one = Math.max(norms.one, moved);
    const pair = key.replaceAll(/:\d+/g, '');
    pairs.set(pair, (pairs.get(pair) ?? 0) + moved);
    pairsL2.set(pair, (pairsL2.get(pair) ?? 0) + moved * moved);
  }
  norms.pair = Math.max(0, ...pairs.values());
  norms.pairL2Squared = Math.max(0, ...pairsL2.values());
  return norms;
}

function* tuples(length: number, values: number): Generator<number[]> {
  const tuple = Array.from({ length }, () => 0);
  for (;;) {
    yield [...tuple];
    let at = 0;
    while (at < length && tuple[at] === values - 1) tuple[at++] = 0;
    if (at === length) return;
    tuple[at] = (tuple[at] as number) + 1;
  }
}

interface Universe {
  readonly parties: number;
  readonly m: number;
  readonly labels: number;
  /** Other records of the list may hold the same identifiers, and under other labels. */
  readonly shared: boolean;
  /** Numbers are split by the labels of every list. */
  readonly byLabel: boolean;
  /** The other lists have one label each: fewer to walk. Absent: as many as the changed list. */
  readonly othersUncut?: boolean;
}

/**
 * Which identifiers the old and the new record bring, up to their names: `a` old ones, `b` new ones, `c` of them in both.
 * Numbers count identifiers and do not know names, so one representative of each shape stands for all.
 */
function* shapes(m: number): Generator<readonly [old: number[], now: number[]]> {
  for (let a = 0; a <= m; a++) {
    for (let b = 0; b <= m; b++) {
      for (let c = 0; c <= Math.min(a, b); c++) {
        const bits = (from: number, to: number): number[] =>
          Array.from({ length: a + b - c }, (_, x) => (x >= from && x < to ? 1 : 0));
        yield [bits(0, a), bits(a - c, a + b - c)];
      }
    }
  }
}

/**
 * All pairs of neighbours in which party 0 replaces a record by another. Records of up to m identifiers; other records of
 * party 0 and the other parties' lists are anything. Which of two records gives a shared identifier its label is also
 * walked: the replaced one (first) or the other.
 */
function* neighbours(universe: Universe): Generator<readonly [World, World]> {
  const { parties, m, labels, shared, othersUncut } = universe;
  const place = labels + 1;
  for (const [oldBits, newBits] of shapes(m)) {
    const size = oldBits.length;
    const rests = shared ? [...tuples(size, place)] : [Array.from({ length: size }, () => 0)];
    const others = [...tuples(size * (parties - 1), othersUncut ? 2 : place)];
    for (const rest of rests) {
      for (const [oldLabel, newLabel] of [...tuples(2, labels)] as [number, number][]) {
        for (const first of shared && labels > 1 ? [true, false] : [true]) {
          const list = (bits: readonly number[], label: number) =>
            rest.map((other, x) => (bits[x] === 1 && (first || other === 0) ? label + 1 : other));
          const before = list(oldBits, oldLabel);
          const after = list(newBits, newLabel);
          const length = (entries: readonly number[]) => entries.filter((entry) => entry > 0).length;
          if (length(before) !== length(after)) continue;
          for (const other of others) {
            const world = (own: readonly number[]) =>
              own.map((entry, x) => [entry, ...other.slice(x * (parties - 1), (x + 1) * (parties - 1))]);
            yield [world(before), world(after)];
          }
        }
      }
    }
  }
}

function worst(universe: Universe, statistic: Statistic): Norms {
  const most: Norms = { l1: 0, l2Squared: 0, one: 0, pair: 0, pairL2Squared: 0 };
  for (const [before, after] of neighbours(universe)) {
    // an identifier that stays as it was counts the same on both sides
    const isMoved = (_: unknown, x: number): boolean => before[x]?.[0] !== after[x]?.[0];
    const norms = distance(
      numbersOf(before.filter(isMoved), statistic, universe.byLabel),
      numbersOf(after.filter(isMoved), statistic, universe.byLabel),
    );
    for (const key of Object.keys(most) as (keyof Norms)[]) most[key] = Math.max(most[key], norms[key]);
  }
  return most;
}

const plain = { labels: 1, shared: false, byLabel: false };

describe('sensitivity without labels', () => {
  it.each([
    [2, 1, false],
    [3, 1, false],
    [4, 1, false],
    [5, 1, false],
    [2, 1, true],
    [3, 1, true],
    [2, 2, false],
    [2, 2, true],
    [3, 2, false],
    [3, 2, true],
    [4, 2, false],
    [2, 3, false],
    [2, 3, true],
  ])('%i lists, %i identifiers a record, shared %s', (parties, m, shared) => {
    const universe = { ...plain, parties, m, shared };
    const query = { parties, identifiersPerRecord: m, labelled: false };
    for (const statistic of ['histogram', 'at-least', 'pairs'] as const) {
      const found = worst(universe, statistic);
      const stated = sensitivityOf({ ...query, statistic });
      expect([statistic, BigInt(found.l1)]).toEqual([statistic, stated.l1]);
      expect([statistic, BigInt(found.l2Squared)]).toEqual([statistic, stated.l2Squared]);
      const one = sensitivityOf({ ...query, statistic: 'one' });
      expect(BigInt(found.one)).toBe(one.l1);
      expect(BigInt(found.one ** 2)).toBe(one.l2Squared);
    }
  });

  it('is what the design states: 4 (3 for two lists), 2, N − 1, 1, times m', () => {
    for (let parties = 2; parties <= 10; parties++) {
      for (const m of [1, 3]) {
        const of = (statistic: Statistic) =>
          Number(sensitivityOf({ statistic, parties, identifiersPerRecord: m, labelled: false }).l1) / m;
        expect(of('histogram')).toBe(parties === 2 ? 3 : 4);
        expect([of('at-least'), of('pairs'), of('one')]).toEqual([2, parties - 1, 1]);
      }
    }
  });
});

/** What of a universe's table is walked: lists, labels, identifiers a record, whether the other lists are cut, too. */
type Case = readonly [parties: number, labels: number, m: number, othersUncut: boolean];

describe('sensitivity with labels', () => {
  it.each<Case>([
    [2, 2, 1, false],
    [2, 3, 1, false],
    [3, 2, 1, false],
    [2, 2, 2, false],
    [2, 3, 2, false],
    [3, 2, 2, true],
  ])(
    '%i lists, %i labels, %i identifiers a record, others uncut %s, one label an identifier: the design’s table',
    (parties, labels, m, othersUncut) => {
      const universe = { parties, m, labels, shared: false, byLabel: true, othersUncut };
      const query = { parties, identifiersPerRecord: m, labelled: true, oneLabelPerIdentifier: true };
      const histogram = worst(universe, 'histogram');
      const stated = sensitivityOf({ ...query, statistic: 'histogram' });
      expect([BigInt(histogram.l1), BigInt(histogram.l2Squared)]).toEqual([stated.l1, stated.l2Squared]);
      expect(stated.l1).toBe(4n * BigInt(m));
      const pairs = worst(universe, 'pairs');
      expect(pairs.l1).toBe(2 * (parties - 1) * m);
      const split = sensitivityOf({ ...query, statistic: 'pairs' });
      expect([BigInt(pairs.l1), BigInt(pairs.l2Squared)]).toEqual([split.l1, split.l2Squared]);
      expect(pairs.pair).toBe(2 * m);
      const one = sensitivityOf({ ...query, statistic: 'one' });
      expect([BigInt(pairs.pair), BigInt(pairs.pairL2Squared)]).toEqual([one.l1, one.l2Squared]);
    },
  );

  it.each<Case>([
    [2, 2, 1, false],
    [2, 3, 1, false],
    [3, 2, 1, false],
    [2, 2, 2, false],
    [3, 2, 2, true],
    [2, 3, 2, true],
  ])(
    '%i lists, %i labels, %i identifiers a record, others uncut %s, identifiers shared by records: split numbers move twice as far',
    (parties, labels, m, othersUncut) => {
      const universe = { parties, m, labels, shared: true, byLabel: true, othersUncut };
      const query = { parties, identifiersPerRecord: m, labelled: true };
      const histogram = worst(universe, 'histogram');
      const stated = sensitivityOf({ ...query, statistic: 'histogram' });
      expect([BigInt(histogram.l1), BigInt(histogram.l2Squared)]).toEqual([stated.l1, stated.l2Squared]);
      const pairs = worst(universe, 'pairs');
      expect(pairs.l1).toBeGreaterThan(2 * (parties - 1) * m);
      const split = sensitivityOf({ ...query, statistic: 'pairs' });
      expect([BigInt(pairs.l1), BigInt(pairs.l2Squared)]).toEqual([split.l1, split.l2Squared]);
      const one = sensitivityOf({ ...query, statistic: 'one' });
      expect([BigInt(pairs.pair), BigInt(pairs.pairL2Squared)]).toEqual([one.l1, one.l2Squared]);
    },
  );
});

describe('sensitivity of nonsense', () => {
  it('is refused', () => {
    const query = { statistic: 'histogram' as const, parties: 3, identifiersPerRecord: 1, labelled: false };
    for (const wrong of [{ parties: 1 }, { identifiersPerRecord: 0 }, { identifiersPerRecord: 1.5 }]) {
      expect(() => sensitivityOf({ ...query, ...wrong })).toThrow(
        expect.objectContaining({ code: 'privacy.policy' }),
      );
    }
  });
});
