/**
 * Outcomes in short, for rows.
 */
import type { ErrorCode } from '@tallystick/protocol/errors';
import type { Named, Outcome, Unnamed } from './row.ts';

type Ends = Outcome & { readonly kind: 'ends' };

const waiting: Unnamed = 'nobody: who waits cannot tell for whom the others wait';
const repeating: Unnamed = 'nobody: who says so may repeat what a third told it alone';

/** Codes that by themselves say of nobody that it did something. */
const unnamed: Partial<Record<ErrorCode, Unnamed>> = {
  'session.deadline': waiting,
  'consent.expired': waiting,
  'consent.mismatch': repeating,
  'chain.collectors': 'nobody: either collector, or a party that told them different things',
  'consent.refused': 'nobody: a refusal has reasons, and accuses nobody',
  'session.cancelled': 'nobody: whoever ends a session may do so',
};

/**
 * @param at who may find it
 * @param named what every finder says: unless said otherwise what the code allows
 */
export function ends(
  code: ErrorCode,
  check: string,
  at: readonly string[],
  named: Named = unnamed[code] ?? 'who did it',
  more: Pick<Ends, 'keeps' | 'section' | 'atOnce' | 'collectorFinds'> = {},
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
