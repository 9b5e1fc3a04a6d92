/**
 * Commitments to streams and views: made by who sends, checked by who holds.
 *
 * Purpose: the salt of a stream travels to its receiver, who holds the stream, and to nobody else; everybody else sees
 * a commitment that says nothing (docs/protocol.md, Integrity).
 * Does not know: when a stream is sealed, what a view says.
 */
import { encodeHex, equalBytes, parseHex } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import type { RandomBytes } from '../suite/scalar.ts';
import { canonicalBytes, domainHash } from '../wire/canonical.ts';
import type { MessageOf, StreamCommitment } from '../wire/messages.ts';
import type { ViewOpening } from './record.ts';
import { commitStream, type InboundStream, type OutboundStream } from './streams.ts';

/** What a view commits to: SHA-256 over the salt and the canonical view. */
export function commitView(salt: Uint8Array, view: unknown): Uint8Array {
  return domainHash('view', salt, canonicalBytes(view));
}

/** A receiver's commitment to its own matches: their number, bound to session and receiver. Hex. */
export function ownViewCommitment(session: string, to: string, opening: ViewOpening): string {
  const { salt, identifiers, records } = opening;
  return encodeHex(commitView(parseHex(salt), { session, to, identifiers, records }));
}

/** What everybody is told and signs that they were told. */
export function viewContents({
  transcript,
  exactly,
  release,
  cells,
}: Pick<MessageOf<'view'>, 'transcript' | 'exactly' | 'release' | 'cells'>) {
  return { transcript, exactly, release, cells };
}

/** Commits to a stream that was sent whole; what its receiver is told. */
export function sealOutbound(stream: OutboundStream, random: RandomBytes) {
  const { kind, list, hop } = stream.shape;
  const salt = random(32);
  const commitment = encodeHex(commitStream(stream.shape, stream.streamHash(), salt));
  stream.sealed = commitment;
  return { kind, list, hop, salt: encodeHex(salt), commitment };
}

/** Checks a sender's commitment against the stream that arrived. Throws `chain.incomplete`. */
export function openSeal(stream: InboundStream, seal: MessageOf<'seal'>): void {
  if (!stream.complete)
    throw new TallyError('chain.incomplete', `${stream.key}: sealed before its last chunk`);
  const want = commitStream(stream.shape, stream.streamHash(), parseHex(seal.salt));
  if (!equalBytes(want, parseHex(seal.commitment))) {
    throw new TallyError('chain.incomplete', `${stream.key}: commitment does not fit the stream`);
  }
  stream.sealed = seal.commitment;
}

/** How a barrier names a sealed stream. */
export function sealedCommitment(stream: InboundStream | OutboundStream): StreamCommitment {
  const { kind, list, hop } = stream.shape;
  return { kind, list, hop, commitment: stream.sealed ?? '' };
}
