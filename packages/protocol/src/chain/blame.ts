/**
 * Who an error names.
 *
 * Purpose: the text of an error that ends a session begins with the station that did it, `beta: …`, or with those one of
 * which did, `beta or gamma: …`. Where several words differ and none is known to be true, it begins with nobody: whoever
 * is named is a party's only ground to act, so nobody honest may be.
 * Assumes: who is judged is the authenticated sender. Does not know: states, what an error is about.
 */
import { type ErrorCode, TallyError } from '../errors/index.ts';

/**
 * Several words differ: their sender may lie, or repeat in good faith what somebody else told it alone. And a question of
 * policy: a clock that is off may be ours.
 */
const blameless: ReadonlySet<ErrorCode> = new Set(['consent.mismatch', 'chain.collectors']);
/** What a proposal says is its proposer's. */
const proposed: ReadonlySet<ErrorCode> = new Set(['agreement.invalid', 'consent.expired']);

/**
 * The error under the name of who did it: as it says itself, or, where it does not, the speakers whose words were judged
 * when it was thrown.
 */
export function blaming(error: TallyError, speakers: readonly string[]): TallyError {
  const isTheirs = !blameless.has(error.code) && (error.fault === 'peer' || proposed.has(error.code));
  const among = error.among ?? (isTheirs ? speakers : []);
  const name = `${among.join(' or ')}: `;
  if (among.length === 0 || error.message.startsWith(name)) return error;
  return new TallyError(error.code, `${name}${error.message}`, { cause: error, among });
}

/** Of two ends that say different things: the other, where we are one of them, for we know what we said. */
export function eitherOf(self: string | undefined, ...ends: readonly string[]): readonly string[] {
  return [...new Set(ends)].filter((id) => id !== self).toSorted();
}
