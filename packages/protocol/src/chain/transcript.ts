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
import type { MessageOf, StreamCommitment } from '../wire/messages.ts';
import { eitherOf } from './blame.ts';
import { streamKey } from './streams.ts';

const keyOf = ({ kind, list, hop }: StreamCommitment): string => streamKey(kind, list, hop);

/**
 * @param barriers every party's, in the parties' order
 * @param self where a station checks: it knows what it sent and received
 * @throws `chain.incomplete` naming the stream (kind/list/hop) whose ends differ or are missing
 */
export function hashTranscript(
  consentsHash: Uint8Array,
  barriers: readonly MessageOf<'barrier'>[],
  self?: string,
): Uint8Array {
  const differing = differingStreams(barriers);
  // Of a stream of ours we know which end is wrong: that one is told first.
  const first = differing.find(({ ends }) => self !== undefined && ends.includes(self)) ?? differing[0];
  if (first !== undefined) {
    const among = eitherOf(self, ...first.ends);
    throw new TallyError('chain.incomplete', `${first.key}: its two ends differ`, { among });
  }
  return domainHash('transcript', consentsHash, ...barriers.map((barrier) => canonicalBytes(barrier)));
}

interface Differing {
  readonly key: string;
  /** Who sends it and who receives it; who names a stream that is none of its own, alone. */
  readonly ends: readonly string[];
}

function differingStreams(barriers: readonly MessageOf<'barrier'>[]): readonly Differing[] {
  // Both ends follow from a stream's place (plan.ts).
  const partyAt = (at: number): string => barriers[at % barriers.length]?.from ?? '';
  const senderOf = ({ list, hop }: StreamCommitment): string => partyAt(list + hop);
  const receiverOf = ({ list, hop }: StreamCommitment): string => partyAt(list + hop + 1);
  const foreign: Differing[] = [];
  const open = new Map<string, StreamCommitment>();
  for (const { from, sent } of barriers) {
    for (const stream of sent) {
      if (senderOf(stream) !== from) foreign.push({ key: keyOf(stream), ends: [from] });
      open.set(keyOf(stream), stream);
    }
  }
  const differing: StreamCommitment[] = [];
  for (const { from, received } of barriers) {
    for (const stream of received) {
      if (receiverOf(stream) !== from) foreign.push({ key: keyOf(stream), ends: [from] });
      if (open.get(keyOf(stream))?.commitment !== stream.commitment) differing.push(stream);
      open.delete(keyOf(stream));
    }
  }
  const rest = [...differing, ...open.values()].map((stream) => ({
    key: keyOf(stream),
    ends: [senderOf(stream), receiverOf(stream)],
  }));
  return [...foreign, ...rest];
}
