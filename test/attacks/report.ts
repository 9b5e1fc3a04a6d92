/**
 * How an attack went: one line for people, one for the table in docs/attacks.md.
 *
 * Purpose: prints the line, appends it to the file that scripts/attacks.ts names, and asserts what every attack must
 * show: without the guard it wins, with the guard it does not get beyond what is left.
 * Does not know: how an attack works.
 */
import { appendFileSync } from 'node:fs';
import { expect } from 'vitest';
import { mostByChance } from './chance.ts';

/** How often an attacker was right. */
export interface Rate {
  readonly right: number;
  readonly trials: number;
}

export interface AttackRow {
  readonly attack: string;
  /** What stands against it. */
  readonly guard: string;
  /** Without the guard. */
  readonly off: Rate;
  readonly on: Rate;
  /** Of being right in one trial without seeing anything. */
  readonly chance: number;
  /** The most of `on.trials` that may be right, but for a chance below `slip`. */
  readonly most: number;
}

const show = ({ right, trials }: Rate): string => `${right}/${trials}`;

/** Counts a list of outcomes. */
export function rateOf(outcomes: readonly boolean[]): Rate {
  return { right: outcomes.filter(Boolean).length, trials: outcomes.length };
}

/**
 * Says and asserts how an attack went. `left`: the probability of being right in a trial that the documents leave to
 * the attacker with the guard on; absent: no more than chance. `most`: instead of a binomial bound.
 */
export function settle(
  row: Omit<AttackRow, 'most'> & { readonly left?: number; readonly most?: number },
): void {
  const { attack, guard, off, on, chance } = row;
  const most = row.most ?? mostByChance(on.trials, row.left ?? chance);
  const line: AttackRow = { attack, guard, off, on, chance, most };
  const lucky = `${Math.round(chance * on.trials * 10) / 10}/${on.trials}`;
  console.log(
    `attack ${attack} (${guard}): off ${show(off)}, on ${show(on)}, chance ${lucky}, at most ${most}/${on.trials}`,
  );
  const out = process.env['TALLYSTICK_ATTACKS_OUT'];
  if (out !== undefined) appendFileSync(out, `${JSON.stringify(line)}\n`);
  expect(off.right, 'without the guard it wins').toBe(off.trials);
  expect(on.right, 'with the guard no more is right than is left').toBeLessThanOrEqual(most);
  expect(most, 'and the test can fail').toBeLessThan(on.trials);
}
