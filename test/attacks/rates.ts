/**
 * How right an attacker was: true positives, false positives, and what somebody gets who saw nothing.
 *
 * Purpose: the figures of test/attacks/report.ts and of the table in docs/attacks.md.
 * Does not know: attacks, bounds.
 */

/** Some of so many. */
export interface Share {
  readonly of: number;
  readonly are: number;
}

/** What an attacker answered. A question is a yes or no: is this person on the list? */
export interface Answers {
  /** Of the questions whose answer is yes, those to which he said yes: the true-positive rate. */
  readonly hits: Share;
  /** Of the questions whose answer is no, those to which he said yes: the false-positive rate. */
  readonly falseAlarms: Share;
  /** Trials that he got right: the number that a bound is about. */
  readonly right: Share;
}

export interface AttackRow {
  readonly attack: string;
  /** What stands against it. */
  readonly guard: string;
  /** Without the guard. */
  readonly off: Answers;
  readonly on: Answers;
  /**
   * The most of `on.right` that chance, and what is left to him, make right (chance.ts); null: the guard leaves nothing to
   * guess from, so that he says the same every time, and no bound is wanted.
   */
  readonly most: number | null;
}

const count = (outcomes: readonly boolean[]): Share => ({
  of: outcomes.length,
  are: outcomes.filter(Boolean).length,
});

function checkLengths(truths: readonly unknown[], said: readonly unknown[]): void {
  if (truths.length !== said.length) throw new Error(`${said.length} answers to ${truths.length} questions`);
}

/** Answers to yes or no, one for each truth. */
export function answersOf(truths: readonly boolean[], said: readonly boolean[]): Answers {
  checkLengths(truths, said);
  return {
    hits: count(said.filter((_, i) => truths[i])),
    falseAlarms: count(said.filter((_, i) => !truths[i])),
    right: count(said.map((one, i) => one === truths[i])),
  };
}

/**
 * Answers to "which of so many?": for each of these values a question whether it is the one. He says yes to the one that
 * he names; undefined: to none.
 */
export function choicesOf(
  truths: readonly number[],
  said: readonly (number | undefined)[],
  values: number,
): Answers {
  checkLengths(truths, said);
  const right = count(said.map((one, i) => one === truths[i]));
  const named = count(said.map((one) => one !== undefined));
  return {
    hits: right,
    falseAlarms: { of: truths.length * (values - 1), are: named.are - right.are },
    right,
  };
}

const percent = ({ of, are }: Share): string => (of === 0 ? '–' : `${Math.round((100 * are) / of)}%`);

/** A rate with what it is made of; nothing where there is nothing to be wrong about. */
export const showShare = (share: Share): string =>
  share.of === 0 ? 'none' : `${percent(share)} (${share.are} of ${share.of})`;

/** The true-positive rate of somebody who says yes as often, and saw nothing. */
export function showChance({ hits, falseAlarms }: Answers): string {
  if (falseAlarms.of === 0) return '0%';
  return percent({ of: hits.of + falseAlarms.of, are: hits.are + falseAlarms.are });
}
