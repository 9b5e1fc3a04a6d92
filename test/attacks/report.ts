/**
 * How an attack went: one line for people, one for the table in docs/attacks.md.
 *
 * Purpose: prints the line, appends it to the file that scripts/attacks.ts names, and asserts what every attack must
 * show: without the guard every answer is right, with the guard it does not get beyond what is left.
 * Does not know: how an attack works.
 */
import { appendFileSync } from 'node:fs';
import { expect } from 'vitest';
import { type AttackRow, showChance, showShare } from './rates.ts';

/** Says and asserts how an attack went. */
export function settle(row: AttackRow): void {
  const { attack, guard, off, on, most } = row;
  const [without, withIt] = [off, on].map(
    ({ hits, falseAlarms }) => `true ${showShare(hits)}, false ${showShare(falseAlarms)}`,
  );
  const bound = most === null ? 'always the same' : `${on.right.are} right, at most ${most}`;
  console.log(
    `attack ${attack} (${guard}): off ${without}; on ${withIt}, chance ${showChance(on)}; ${bound}`,
  );
  const out = process.env['TALLYSTICK_ATTACKS_OUT'];
  if (out !== undefined) appendFileSync(out, `${JSON.stringify(row)}\n`);
  expect(off.hits.of, 'there is something to be found').toBeGreaterThan(0);
  expect(off.hits.are, 'without the guard it finds everything').toBe(off.hits.of);
  expect(off.falseAlarms.are, 'and nothing that is not there').toBe(0);
  expect(on.hits.of, 'there is something to be found').toBeGreaterThan(0);
  if (most !== null) {
    expect(on.right.are, 'with the guard no more is right than is left').toBeLessThanOrEqual(most);
    return;
  }
  const { hits, falseAlarms } = on;
  expect([0, hits.of], 'with the guard the same answer every time').toContain(hits.are);
  expect(falseAlarms.are, 'whatever the truth is').toBe(hits.are === 0 ? 0 : falseAlarms.of);
}
