/**
 * Counts for people: a number, or visibly none and why; and what all the numbers are worth.
 *
 * Purpose: nobody takes a withheld cell for a zero, or a noised number for an exact one.
 * Assumes: rows are of the same session as the facts. Does not know: who asked.
 */
import type { EncodedNoise } from '@tallystick/protocol/privacy';
import type { CountResult, ReleaseResult } from './result.ts';
import { numberText, type Style, table } from './text.ts';

/** What the reader is told of the settings; null where none were agreed. */
export interface PrivacyFacts {
  readonly minCount: number;
  readonly identifiersPerRecord: number;
}

type Numbers = Pick<ReleaseResult, 'noise' | 'inAtLeast'>;
type Reason = 'below-minimum' | 'complementary' | 'padded';

const reasons: Record<Reason, string> = {
  'below-minimum': 'withheld: small',
  complementary: 'withheld: covers another',
  padded: 'withheld: padded',
};

/** Where a column is narrow: the words that `worthLines` explains. */
export function shortReason(reason: Reason | undefined): string {
  return reason === undefined ? 'withheld' : reasons[reason].replace('withheld: ', '');
}

/** @param isSum of several combinations: not it is small, but a part of it */
function cellText(count: number | null, reason: Reason | undefined, isSum: boolean, style: Style): string {
  if (count !== null) return numberText(count);
  if (reason === undefined) return style.dim('withheld');
  return style.dim(isSum && reason !== 'padded' ? 'withheld: a part is' : reasons[reason]);
}

/** Every combination, the fewest lists first. */
export function countTable(counts: readonly CountResult[], style: Style): string[] {
  const most = Math.max(...counts.map((row) => row.in.length));
  const rows = counts
    .toSorted((a, b) => a.in.length - b.in.length)
    .map((row) => [
      row.in.join(' + '),
      cellText(row.exactly, row.reason?.exactly, false, style),
      cellText(row.atLeast, row.reason?.atLeast, row.in.length < most, style),
    ]);
  return table(
    ['on the lists of', 'identifiers on these and no others', 'on these and maybe more'],
    rows,
    ['left', 'right', 'right'],
    style,
  );
}

/** The union, then at least two lists, and so on. */
export function thresholdTable({ inAtLeast }: Pick<Numbers, 'inAtLeast'>, style: Style): string[] {
  const rows = inAtLeast.map(({ count, reason }, i) => [
    i === 0 ? '1 list (the union)' : `${i + 1} lists`,
    cellText(count, reason, i + 1 < inAtLeast.length, style),
  ]);
  return table(['on at least', 'identifiers'], rows, ['left', 'right'], style);
}

/** What the numbers are worth, a sentence a line; words of the tables are explained where they are shown. */
export function worthLines(
  { noise, inAtLeast }: Numbers,
  privacy: PrivacyFacts | null,
  padTo: number | null,
  withTables = true,
): string[] {
  const lines: string[] = [];
  const least = privacy?.minCount ?? 0;
  if (noise === null && least < 2 && padTo === null)
    lines.push('The numbers are exact: no noise is added and nothing is withheld.');
  else if (noise === null) lines.push('The numbers that are shown are exact: no noise is added.');
  else lines.push(noiseText(noise, privacy?.identifiersPerRecord ?? 1));
  if (least > 1 && withTables) {
    lines.push(
      `Withheld are numbers below ${numberText(least)} ("small", which may be 0), ` +
        'numbers that would give one of them away ("covers another"), and sums with such a part ("a part is").',
    );
  }
  if (padTo !== null) {
    lines.push(
      `Lists are filled with random elements up to a multiple of ${numberText(padTo)}: ` +
        'there is no number of one list alone and no union.',
    );
  }
  if (noise !== null && inAtLeast.length > 2)
    lines.push('A sum over several combinations has the noise of each of them.');
  return lines;
}

/** Floats, for reading only: the noise itself is drawn with integers. */
function noiseText(noise: EncodedNoise, identifiersPerRecord: number): string {
  const [numerator = 0, denominator = 1] = (noise.mechanism === 'laplace' ? noise.scale : noise.variance)
    .split('/')
    .map(Number);
  const value = numerator / denominator;
  const [name, size, half, twentieth] =
    noise.mechanism === 'laplace'
      ? ['discrete Laplace', `scale ${short(value)}`, value * Math.LN2, value * Math.log(20)]
      : [
          'discrete Gaussian',
          `standard deviation ${short(Math.sqrt(value))}`,
          Math.sqrt(value) * 0.6745,
          Math.sqrt(value) * 1.96,
        ];
  return (
    `Every combination has ${name} noise of ${size}, for at most ${numberText(identifiersPerRecord)} ` +
    `${identifiersPerRecord === 1 ? 'identifier' : 'identifiers'} a record: half of the numbers are off by about ` +
    `${short(half)} or less, one in twenty by more than about ${short(twentieth)}.`
  );
}

function short(value: number): string {
  return value >= 10 ? numberText(Math.round(value)) : String(Number(value.toPrecision(2)));
}
