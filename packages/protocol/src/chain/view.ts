/**
 * A collector's view: what anybody who holds the consents can check of it.
 *
 * Purpose: one place for parties, at the end of a session, and for auditors, long after.
 * Assumes: the signature was verified. Does not know: whether the numbers are true.
 */
import type { Agreement } from '../agreement/ephemeral.ts';
import { encodeHex, parseHex } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import type { ListShape } from '../privacy/cells.ts';
import type { MessageOf } from '../wire/messages.ts';
import { checkRelease, checkView, releasesCounts } from './counts.ts';
import { checkExactCells, checkReleasedCells, labelledSpace } from './labels.ts';
import { checkReleaseTerms } from './release.ts';
import { commitView, viewContents } from './seals.ts';

/**
 * Fits the agreement's output, the transcript and the announced sizes, of lists and of their labels.
 * Throws `consent.mismatch`, `wire.message`, `chain.count`.
 */
export function checkViewMessage(
  view: MessageOf<'view'>,
  agreement: Agreement,
  lists: readonly ListShape[],
  transcript: Uint8Array,
): void {
  if (view.transcript !== encodeHex(transcript))
    throw new TallyError('consent.mismatch', 'view.transcript: differs from ours');
  const releases = releasesCounts(agreement);
  const wantsExact = agreement.output.kind === 'counts' && !releases;
  const space = agreement.output.kind === 'counts' ? labelledSpace(lists) : null;
  const fits = (view.exactly !== null) === wantsExact && (view.release !== null) === releases;
  if (!fits || (view.cells !== null) !== (space !== null)) {
    throw new TallyError('wire.message', `view: does not fit the agreement's output`);
  }
  const sizes = lists.map(({ size }) => size);
  if (view.exactly !== null) {
    checkView(view.exactly, sizes);
    if (space !== null) checkExactCells(space, view.cells ?? [], view.exactly);
  }
  if (view.release !== null) {
    checkRelease(view.release, sizes, space !== null);
    checkReleaseTerms(view.release, lists, agreement);
    if (space !== null) checkReleasedCells(space, view.cells ?? [], view.release, agreement);
  }
}

/** What every party signs in its `done` where counts are told: hex. */
export function viewCommitmentOf(view: MessageOf<'view'>): string {
  return encodeHex(commitView(parseHex(view.salt), viewContents(view)));
}
