/**
 * Outcomes in short, for rows.
 */
import type { ErrorCode } from '@tallystick/protocol/errors';
import type { Named, Outcome } from './row.ts';

type Ends = Outcome & { readonly kind: 'ends' };

/** @param at who finds it: one of these is the first */
export function ends(
  code: ErrorCode,
  check: string,
  at: readonly string[],
  named: Named = 'nobody',
  more: Pick<Ends, 'keeps' | 'section' | 'atOnce'> = {},
): Ends {
  return { kind: 'ends', code, check, at, named, ...more };
}

export const harmless = (check: string): Outcome => ({ kind: 'harmless', check });

export const undetected = (section: string, shown: string): Outcome => ({
  kind: 'undetected',
  section,
  shown,
});

/** Everybody but these. */
export const without = (...by: readonly string[]): readonly string[] =>
  ['alpha', 'beta', 'gamma', 'coordinator'].filter((id) => !by.includes(id));
