/**
 * A collector's view: what anybody who holds the consents can check of it.
 *
 * Purpose: one place for parties, at the end of a session, and for auditors, long after.
 * Assumes: the signature was verified. Does not know: whether the numbers are true.
 */
import type { Agreement } from '../agreement/ephemeral.ts';
import { encodeHex, parseHex } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import type { MessageOf } from '../wire/messages.ts';
import { checkRelease, checkView, releasesCounts } from './counts.ts';
import { checkReleaseTerms } from './release.ts';
import { commitView, viewContents } from './seals.ts';

/**
 * Fits the agreement's output, the transcript and the announced sizes.
 * Throws `consent.mismatch`, `wire.message`, `chain.count`.
 */
export function checkViewMessage(
  view: MessageOf<'view'>,
  agreement: Agreement,
  sizes: readonly number[],
  transcript: Uint8Array,
): void {
  if (view.transcript !== encodeHex(transcript))
    throw new TallyError('consent.mismatch', 'view.transcript: differs from ours');
  const releases = releasesCounts(agreement);
  const wantsExact = agreement.output.kind === 'counts' && !releases;
  if ((view.exactly !== null) !== wantsExact || (view.release !== null) !== releases) {
    throw new TallyError('wire.message', `view: does not fit the agreement's output`);
  }
  if (view.exactly !== null) checkView(view.exactly, sizes);
  if (view.release !== null) {
    checkRelease(view.release, sizes);
    checkReleaseTerms(view.release, sizes, agreement);
  }
}

/** What every party signs in its `done` where counts are told: hex. */
export function viewCommitmentOf(view: MessageOf<'view'>): string {
  return encodeHex(commitView(parseHex(view.salt), viewContents(view)));
}
