/**
 * The transcript: what binds a session's streams after the barrier.
 *
 * Purpose: checks that both ends of every stream committed to the same bytes and hashes all barrier messages, in
 * the parties' order, onto the hash of all consents. Commitments hide what they commit to: nothing derived from a
 * stream goes to anyone who does not hold it (docs/protocol.md, Integrity 5).
 * Does not know: salts, streams.
 */
import { TallyError } from '../errors/index.ts';
import { canonicalBytes, domainHash } from '../wire/canonical.ts';
import type { MessageOf } from '../wire/messages.ts';
import { streamKey } from './streams.ts';

/**
 * @param barriers every party's, in the parties' order
 * @throws `chain.incomplete` naming the stream (kind/list/hop) whose ends differ or are missing
 */
export function hashTranscript(
  consentsHash: Uint8Array,
  barriers: readonly MessageOf<'barrier'>[],
): Uint8Array {
  const open = new Map<string, string>();
  for (const barrier of barriers) {
    for (const { kind, list, hop, commitment } of barrier.sent)
      open.set(streamKey(kind, list, hop), commitment);
  }
  for (const barrier of barriers) {
    for (const { kind, list, hop, commitment } of barrier.received) {
      const key = streamKey(kind, list, hop);
      if (open.get(key) !== commitment)
        throw new TallyError('chain.incomplete', `${key}: its two ends differ`);
      open.delete(key);
    }
  }
  if (open.size > 0) throw new TallyError('chain.incomplete', 'barrier.sent: a stream that nobody received');
  return domainHash('transcript', consentsHash, ...barriers.map((barrier) => canonicalBytes(barrier)));
}
