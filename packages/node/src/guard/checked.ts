/**
 * What the guard looks at, as paths.
 *
 * Purpose: a permit says what it permits by, too. Assumes: `decide` looks at the same; a test compares.
 * Does not know: findings.
 */
import { stationsOf } from '@tallystick/protocol/chain';
import type { MessageOf } from '@tallystick/protocol/wire';
import type { LocalRules } from './guard.ts';

/** Paths in the proposal; a rule that is not set looks at nothing. */
export function checkedPaths({ agreement }: MessageOf<'proposal'>, rules: LocalRules): string[] {
  const stations = stationsOf(agreement).map((_, index) => {
    const among = index - agreement.parties.length;
    return among < 0 ? `agreement.parties.${index}` : `agreement.collectors.${among}`;
  });
  const { purposes, recipes, subjects, outputs, maxParties, maxExpiryMs } = rules;
  const ruled: [unknown, readonly string[]][] = [
    [purposes, ['agreement.purpose']],
    [recipes, agreement.recipes.map((_, index) => `agreement.recipes.${index}`)],
    [subjects, ['agreement.subject']],
    [outputs, ['agreement.output.kind']],
    [maxParties, ['agreement.parties']],
    [maxExpiryMs, ['expiresAtMs']],
  ];
  return [...stations, ...ruled.flatMap(([rule, paths]) => (rule === undefined ? [] : [...paths])), 'ledger'];
}
