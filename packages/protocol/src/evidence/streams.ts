/**
 * Checks of streams: commitments at both ends, against the plan; proofs of the hops; the transcript.
 *
 * Purpose: what barriers, seals and proofs say of the same streams must be the same.
 * Assumes: the streams themselves are erased. Does not know: results.
 */
import { encodeHex, equalBytes, parseHex } from '../bytes/index.ts';
import { isProved, planStreams, type Plan } from '../chain/plan.ts';
import { proofHolds } from '../chain/proofs.ts';
import { streamKey } from '../chain/streams.ts';
import { hashTranscript } from '../chain/transcript.ts';
import type { MessageOf } from '../wire/messages.ts';
import { deny, type Book, type Entry } from './book.ts';
import type { Frozen } from './opening.ts';

/** The streams of a party before the barrier. */
export function planOf({ agreement }: Pick<Frozen, 'agreement'>, self: number): Plan {
  const { parties, output, form } = agreement;
  const to = output.kind === 'matches' ? output.to : [];
  const receivers = new Set(to.map((id) => parties.findIndex((party) => party.id === id)));
  return planStreams(form, parties.length, self, receivers);
}

type Streams = MessageOf<'barrier'>['sent'];
const keysOf = (streams: readonly { kind: Streams[number]['kind']; list: number; hop: number }[]): string =>
  streams
    .map(({ kind, list, hop }) => streamKey(kind, list, hop))
    .sort()
    .join(' ');

/** Barriers, and the seals that say the same. */
export function checkStreams(book: Book, frozen: Frozen): void {
  const { agreement, consentsHash } = frozen;
  const want = agreement.verified ? 'proved' : 'complete';
  const sent = new Map<string, { commitment: string; from: string }>();
  for (const { message } of book.of('barrier')) {
    for (const { kind, list, hop, commitment } of message.sent)
      sent.set(streamKey(kind, list, hop), { commitment, from: message.from });
  }
  const isWhole = agreement.parties.every(({ id }) => book.bySender('barrier').has(id));
  for (const entry of book.of('barrier')) {
    const { message } = entry;
    book.check('streams', entry, () => {
      if (message.consentsHash !== encodeHex(consentsHash)) deny('barrier.consentsHash: of other consents');
      if (message.checked !== want) deny(`barrier.checked: want ${want}, got ${message.checked}`);
      const self = agreement.parties.findIndex(({ id }) => id === message.from);
      const plan = planOf(frozen, self);
      if (keysOf(message.sent) !== keysOf(plan.outbound)) deny('barrier.sent: not the streams of the plan');
      if (keysOf(message.received) !== keysOf(plan.inbound))
        deny('barrier.received: not the streams of the plan');
    });
    for (const { kind, list, hop, commitment } of message.received) {
      const key = streamKey(kind, list, hop);
      if (!sent.has(key) && !isWhole) continue;
      book.check('streams', entry, () => {
        if (sent.get(key)?.commitment !== commitment) deny(`barrier.received: ${key}: its two ends differ`);
      });
    }
  }
  for (const entry of book.of('seal')) {
    const { kind, list, hop, commitment, from } = entry.message;
    const barrier = sent.get(streamKey(kind, list, hop));
    // Tags and marks come after the barrier: their seals alone name them.
    if (barrier === undefined) continue;
    book.check('streams', entry, () => {
      if (barrier.from !== from) deny('seal.from: not the sender of this stream');
      if (barrier.commitment !== commitment) deny('seal.commitment: the barrier says otherwise');
    });
  }
  book.skip('streams', 'no barrier is here');
}

/** Every proof by itself, with the question it answers, and with the streams it stands between. */
export function checkProofs(book: Book, frozen: Frozen): void {
  const { agreement, consents } = frozen;
  if (!agreement.verified) return book.skip('proofs', 'a light session: nothing was proved');
  book.skip('proofs', 'no proof is here');
  const parties = agreement.parties.map(({ id }) => id);
  const asked = new Map(book.of('prove').map((entry) => [placeOf(entry), entry]));
  const barriers = book.bySender('barrier');
  for (const entry of book.of('proof')) {
    const { message } = entry;
    const { list, hop, from } = message;
    book.check('proofs', entry, () => {
      const owner = parties[list];
      const prover = parties[(list + hop) % parties.length];
      if (owner === undefined || prover !== from || owner === from || !isProved(agreement, list))
        deny('proof.hop: not the hop of its sender');
      const key = consents.get(from)?.keyCommitment;
      if (key == null || !proofHolds(frozen, message, parseHex(key))) deny('proof.proof: does not hold');
      if (asked.get(placeOf(entry))?.message.element !== message.element)
        deny('proof.element: not the element that was asked');
    });
    const barrier = barriers.get(from)?.message;
    if (barrier === undefined) continue;
    book.check('proofs', entry, () => {
      const last = agreement.form === 'direct' ? 'returned' : 'stream';
      if (commitmentTo(barrier.received, 'stream', list, hop - 1) !== message.input)
        deny('proof.input: not the stream that its sender received');
      if (commitmentTo(barrier.sent, last, list, hop) !== message.output)
        deny('proof.output: not the stream that its sender sent');
    });
  }
  checkChains(book, parties);
}

/** Each question is asked by the owner of the list, and about what the hop before made of the one before. */
function checkChains(book: Book, parties: readonly string[]): void {
  const proofs = new Map(book.of('proof').map((entry) => [placeOf(entry), entry.message]));
  for (const entry of book.of('prove')) {
    const { list, hop, from, element } = entry.message;
    book.check('proofs', entry, () => {
      if (parties[list] !== from) deny('prove.from: not the owner of the list');
      const before = proofs.get(`${list}/${hop - 1}`);
      if (before !== undefined && before.product !== element)
        deny('prove.element: not what the hop before made of its own');
    });
  }
}

function placeOf({ message }: Entry<'prove' | 'proof'>): string {
  return `${message.list}/${message.hop}`;
}

function commitmentTo(
  streams: Streams,
  kind: Streams[number]['kind'],
  list: number,
  hop: number,
): string | undefined {
  return streams.find((one) => one.kind === kind && one.list === list && one.hop === hop)?.commitment;
}

/** The transcript that all parties must have ended with; undefined where a barrier is missing. */
export function checkTranscript(book: Book, { agreement, consentsHash }: Frozen): Uint8Array | undefined {
  book.skip('transcript', 'not every barrier is here');
  const barriers = agreement.parties.map(({ id }) => book.bySender('barrier').get(id)?.message);
  let transcript: Uint8Array | undefined;
  if (barriers.includes(undefined)) return undefined;
  book.check('transcript', undefined, () => {
    transcript = hashTranscript(consentsHash, barriers as MessageOf<'barrier'>[]);
  });
  const made = transcript;
  if (made === undefined) return undefined;
  for (const entry of [...book.of('view'), ...book.of('done')]) {
    const { type, transcript: said } = entry.message;
    book.check('transcript', entry, () => {
      if (!equalBytes(parseHex(said), made)) deny(`${type}.transcript: of other barriers`);
    });
  }
  return made;
}
