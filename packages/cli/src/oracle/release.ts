/**
 * Released counts against plaintext ones, where numbers are noised or withheld.
 *
 * Purpose: every number that was released must be the plaintext one, or within what the agreed noise can do to it;
 * and none may be below the agreed minimum. What is withheld cannot be compared, and is not.
 * Assumes: plaintext counts are of the same combinations. Does not know: the collector, the protocol.
 */
import {
  cellSpace,
  encodeNoise,
  type ListShape,
  type Noise,
  noiseFor,
  type PrivacyPolicy,
  withinTail,
} from '@tallystick/protocol/privacy';
import type { CountResult, ReleaseResult } from '../render/result.ts';
import type { PlainCount } from './index.ts';

export interface ReleasedAnswers {
  readonly counts: readonly CountResult[] | null;
  readonly release: Pick<ReleaseResult, 'noise' | 'inAtLeast' | 'union'> | null;
  /** Lists of every cell: of each combination as often as it has labels. */
  readonly cells: readonly (readonly string[])[];
  /** What was announced of the lists, in the order of the scenario. */
  readonly announced: readonly ListShape[];
}

export interface ReleaseTerms {
  /** Null: exact, nothing below a minimum withheld. */
  readonly policy: PrivacyPolicy | null;
  readonly padded: boolean;
}

export interface ReleaseCheck {
  /** Released numbers that were compared. */
  readonly cellsChecked: number;
  /** In words without contents; empty where every number is within what the noise allows. */
  readonly differences: readonly string[];
}

export function compareRelease(
  plain: readonly PlainCount[],
  got: ReleasedAnswers,
  { policy, padded }: ReleaseTerms,
): ReleaseCheck {
  const parties = got.announced.length;
  const noise = policy === null ? null : noiseFor(cellSpace(got.announced), policy);
  const cellsIn = (holds: (lists: readonly string[]) => boolean): number => got.cells.filter(holds).length;
  const differences: string[] = [];
  let cellsChecked = 0;
  /** @param parts cells in the number, each noised; 0: a public number. */
  const check = (what: string, want: number, have: number | null | undefined, parts: number): void => {
    if (have === null) return;
    if (have === undefined) return void differences.push(`${what}: not there`);
    cellsChecked += 1;
    const isNoised: Noise | null = parts === 0 ? null : noise;
    if (!withinTail(want, have, isNoised, parts))
      differences.push(`${what}: plaintext ${want}, released ${have}: more than the noise explains`);
  };
  const agreed = noise === null ? null : encodeNoise(noise);
  const told = got.release?.noise ?? null;
  if (JSON.stringify(told) !== JSON.stringify(agreed)) differences.push('noise: not what was agreed');
  for (const row of plain) {
    const name = row.in.join('+');
    const have = got.counts?.find((one) => one.in.join('+') === name);
    check(
      `exactly ${name}`,
      row.exactly,
      have?.exactly,
      cellsIn((lists) => lists.join('+') === name),
    );
    const single = row.in.length === 1;
    const over = cellsIn((lists) => row.in.every((id) => lists.includes(id)));
    check(`at least ${name}`, row.atLeast, have?.atLeast, single ? 0 : over);
    const least = policy?.minCount ?? 0;
    if (have?.exactly != null && least > 1 && have.exactly < least)
      differences.push(`exactly ${name}: released, and below the minimum of ${least}`);
    if (padded && single && (have?.exactly != null || have?.atLeast != null))
      differences.push(`${name}: a number of one padded list`);
  }
  for (let lists = 1; lists <= parties; lists++) {
    const rows = plain.filter((row) => row.in.length >= lists);
    const sum = rows.reduce((at, row) => at + row.exactly, 0);
    const parts = cellsIn((one) => one.length >= lists);
    check(`in at least ${lists} lists`, sum, got.release?.inAtLeast[lists - 1]?.count, parts);
  }
  if (padded && got.release?.union.count !== null) differences.push('union: a number of padded lists');
  return { cellsChecked, differences };
}
