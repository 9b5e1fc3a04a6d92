/**
 * Numbers that may be published: bands, and what follows from several of them.
 *
 * Purpose: a count is published as the band that it falls into, and everything below the threshold, zero included, is one
 * band. Whatever else is published of such counts (totals, shares) is computed from their bands, never from the counts: it
 * follows from what is published already, so it tells nothing more.
 * Assumes: counts are whole and not negative. Does not know: what is counted.
 */
import type { Band } from '../audit/index.ts';

/** From one number up to and including another; null: no upper end. */
export interface Range {
  readonly atLeast: number;
  readonly atMost: number | null;
}

/** First numbers of the bands after the lowest, ascending; the first of them is the threshold. */
export type Bounds = readonly [number, ...number[]];

/** 10, 25, 50, 100, 250, 500, … : a band is 2 or 2.5 times as wide as it begins. Smaller numbers are not told apart. */
export const reportBounds: Bounds = [
  10,
  ...decades(1, 11).flatMap((power) => [2.5 * power, 5 * power, 10 * power]),
];

function decades(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
}

/** The band of a count. */
export function bandOfCount(n: number, bounds: Bounds): Range {
  const above = bounds.findIndex((bound) => n < bound);
  if (above < 0) return { atLeast: bounds.at(-1) as number, atMost: null };
  return { atLeast: bounds[above - 1] ?? 0, atMost: (bounds[above] as number) - 1 };
}

export function sumOf(ranges: readonly Range[]): Range {
  let atLeast = 0;
  let atMost: number | null = 0;
  for (const range of ranges) {
    atLeast += range.atLeast;
    atMost = atMost === null || range.atMost === null ? null : atMost + range.atMost;
  }
  return { atLeast, atMost };
}

/** The part of `one` in a whole of which it and `others` are all the parts: percent, rounded outwards. */
export function shareOf(one: Range, others: Range): Range {
  const percent = (part: number, rest: number | null): number =>
    rest === null || part + rest === 0 ? 0 : (100 * part) / (part + rest);
  return {
    atLeast: Math.floor(percent(one.atLeast, others.atMost)),
    atMost: one.atMost === null ? 100 : Math.min(100, Math.ceil(percent(one.atMost, others.atLeast))),
  };
}

const logBands: { readonly [B in Band]: Range } = {
  'under-10': { atLeast: 0, atMost: 9 },
  'under-100': { atLeast: 10, atMost: 99 },
  'under-1000': { atLeast: 100, atMost: 999 },
  'under-10000': { atLeast: 1000, atMost: 9999 },
  'under-100000': { atLeast: 10_000, atMost: 99_999 },
  more: { atLeast: 100_000, atMost: null },
};

/** A band of the log as a range. */
export const rangeOfLogged = (band: Band): Range => logBands[band];

/** Widened to powers of ten, so that a sum of bands does not tell how many of which it was summed from. */
export function widened({ atLeast, atMost }: Range): Range {
  const digits = (n: number): number => String(n).length;
  return {
    atLeast: atLeast < 10 ? 0 : 10 ** (digits(atLeast) - 1),
    atMost: atMost === null ? null : 10 ** digits(atMost) - 1,
  };
}
