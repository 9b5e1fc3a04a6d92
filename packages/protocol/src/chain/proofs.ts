/**
 * The proofs of the verified form (docs/protocol.md, Proofs): who proves what, when, and what it is bound to.
 *
 * Purpose: the owner of a list folds both ends of its chain with weights drawn after the last element came back, and
 * has every hop prove its turn on the folded element; in the direct form the peer proves the stream it returned, with
 * weights hashed over both streams. Sound even where all hops collude; O(1) work for a hop.
 * Assumes: streams are sealed when their commitments are read. Weights and scalars stay in the vault.
 * Does not know: states, how streams move.
 */
import { agreementIdText, type Agreement } from '../agreement/ephemeral.ts';
import { encodeHex, equalBytes, parseHex } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { verifyDleq } from '../suite/dleq.ts';
import { elementBytes } from '../suite/group.ts';
import { canonicalBytes, domainHash } from '../wire/canonical.ts';
import type { MessageOf, SignedType } from '../wire/messages.ts';
import type { Flows } from './flows.ts';
import { streamKey } from './streams.ts';
import type { Job, JobResult } from './types.ts';

type Barrier = MessageOf<'barrier'>;
type Proof = MessageOf<'proof'>;

/** What the desk needs of the party it belongs to. */
export interface ProofContext {
  readonly id: string;
  readonly self: number;
  readonly session: string;
  readonly agreement: Agreement;
  readonly proposalHash: Uint8Array;
  readonly consentsHash: Uint8Array;
  /** Units of a list, by its owner's index. */
  readonly totals: readonly number[];
  /** K of a party, 32 bytes. */
  keyOf(party: string): Uint8Array;
  readonly flows: Flows;
  job(job: Job, then: (result: JobResult) => void): void;
  send<T extends SignedType>(
    to: string,
    body: Omit<MessageOf<T>, 'signature' | 'session' | 'from'> & { type: T },
  ): void;
  /** Something was proved or answered: look whether the barrier can be entered. */
  progressed(): void;
}

type StatementContext = Pick<ProofContext, 'agreement' | 'proposalHash' | 'consentsHash' | 'totals'>;

/** Everything a proof is bound to besides B, K, both elements and both nonce commitments (which the challenge hashes). */
export function proofStatement(
  context: StatementContext,
  place: { list: number; hop: number; prover: string; input: string; output: string },
): Uint8Array {
  const { agreement, proposalHash, consentsHash, totals } = context;
  return canonicalBytes({
    suite: agreement.suite,
    purpose: agreement.purpose,
    agreement: agreementIdText(agreement),
    proposal: encodeHex(proposalHash),
    consents: encodeHex(consentsHash),
    role: 'hop',
    count: totals[place.list] ?? 0,
    ...place,
  });
}

/** Whether a proof holds for its sender's K (32 bytes): from the message and what was agreed alone, so offline too. */
export function proofHolds(context: StatementContext, message: Proof, commitment: Uint8Array): boolean {
  const { list, hop, from: prover, input, output } = message;
  const statement = proofStatement(context, { list, hop, prover, input, output });
  const [element, product, proof] = [message.element, message.product, message.proof].map(parseHex);
  if (element === undefined || product === undefined || proof === undefined) return false;
  return verifyDleq(commitment, element, product, statement, proof);
}

/** Seed of the direct form's weights: fixed by the statement and by every byte of both streams. */
export function directWeightSeed(statement: Uint8Array, first: Uint8Array, last: Uint8Array): Uint8Array {
  return domainHash('weights-direct', statement, first, last);
}

export class ProofDesk {
  private readonly context: ProofContext;
  /** Lists of others for which a proof of ours is due. */
  private readonly owed = new Set<number>();
  /** Elements we were asked about, by list, with the proof we gave: the same gets the same, another nothing. */
  private readonly answered = new Map<number, { element: string; reply: Proof | undefined }>();
  /** Questions whose stream has passed, but is not sealed yet on both sides. */
  private readonly waiting = new Map<number, { hop: number; element: Uint8Array }>();
  /** Commitments that hops named in their proofs; the barrier must say the same. */
  private readonly claims = new Map<string, string>();
  private begun = false;
  private folded: { first: Uint8Array; last: Uint8Array } | undefined;
  private received: Proof | undefined;
  /** Sealed: the hop asked last, and what it was asked about. */
  private asked: { hop: number; element: Uint8Array } | undefined;
  private proved: boolean;

  /** @param receives in the direct form: only who receives is proved anything */
  constructor(context: ProofContext, receives: boolean, peerReceives: boolean) {
    this.context = context;
    const { agreement, self } = context;
    const direct = agreement.form === 'direct';
    this.proved = direct && !receives;
    if (direct) {
      if (peerReceives) this.owed.add(1 - self);
    } else {
      agreement.parties.forEach((_, list) => list !== self && this.owed.add(list));
    }
  }

  /** The own list is proved and every proof that is due was given. */
  get settled(): boolean {
    return this.proved && this.owed.size === 0;
  }

  /** A stream was sealed or worked off: starts what can be started. */
  advance(): void {
    if (this.context.agreement.form === 'direct') {
      this.giveDirect();
      this.beginDirect();
    } else {
      this.giveSealed();
      this.beginSealed();
    }
  }

  // --- direct: the peer's list that we returned, our list that the peer returned ------------------------------

  private directPlace(list: number, prover: string) {
    const own = list === this.context.self;
    const first = own
      ? this.context.flows.outboundOf('stream', list, 0)
      : this.context.flows.inboundOf('stream', list, 0);
    const last = own
      ? this.context.flows.inboundOf('returned', list, 1)
      : this.context.flows.outboundOf('returned', list, 1);
    if (first?.sealed === undefined || last?.sealed === undefined) return undefined;
    const statement = proofStatement(this.context, {
      list,
      hop: 1,
      prover,
      input: first.sealed,
      output: last.sealed,
    });
    return {
      statement,
      input: first.sealed,
      output: last.sealed,
      seed: directWeightSeed(statement, first.streamHash(), last.streamHash()),
    };
  }

  private giveDirect(): void {
    const { context } = this;
    const list = 1 - context.self;
    if (!this.owed.has(list) || this.answered.has(list)) return;
    const place = this.directPlace(list, context.id);
    if (place === undefined) return;
    this.answered.set(list, { element: '', reply: undefined });
    context.job({ op: 'foldPeer', seed: place.seed }, (element) => {
      this.prove(list, 1, element as Uint8Array, place);
    });
  }

  private beginDirect(): void {
    const { context } = this;
    if (this.proved || this.begun) return;
    const peer = context.agreement.parties[1 - context.self]?.id ?? '';
    const place = this.directPlace(context.self, peer);
    if (place === undefined) return;
    this.begun = true;
    context.job({ op: 'foldOwn', seed: place.seed }, (result) => {
      this.folded = split(result as Uint8Array);
      this.concludeDirect();
    });
  }

  private concludeDirect(): void {
    const { context, folded, received } = this;
    if (folded === undefined || received === undefined) return;
    const place = this.directPlace(context.self, received.from);
    if (place === undefined) return;
    if (received.input !== place.input || received.output !== place.output)
      throw unproved(received, 'of other streams');
    this.check(received, folded.first);
    if (!equalBytes(parseHex(received.product), folded.last)) throw unproved(received, 'of another product');
    this.proved = true;
    context.progressed();
  }

  // --- sealed: every hop's turn on our folded list, one after another ----------------------------------------

  private beginSealed(): void {
    const { context } = this;
    const last = context.flows.inboundOf('stream', context.self, context.agreement.parties.length - 1);
    if (this.begun || !last?.drained || last.sealed === undefined) return;
    this.begun = true;
    // Weights are drawn only now, by the vault, and never leave it: known early, they could be repaired against.
    context.job({ op: 'foldOwn', seed: null }, (result) => {
      this.folded = split(result as Uint8Array);
      this.ask(1, this.folded.first);
    });
  }

  private ask(hop: number, element: Uint8Array): void {
    const { context } = this;
    this.asked = { hop, element };
    context.send(this.hopParty(hop), { type: 'prove', list: context.self, hop, element: encodeHex(element) });
  }

  private hopParty(hop: number): string {
    const { agreement, self } = this.context;
    return agreement.parties[(self + hop) % agreement.parties.length]?.id ?? '';
  }

  /** The owner of a list asks for our turn: once, only after its whole stream has passed us. */
  onProve(from: string, ask: MessageOf<'prove'>): void {
    const { context } = this;
    const { agreement, self } = context;
    const parties = agreement.parties.length;
    const hop = (self - ask.list + parties) % parties;
    if (agreement.parties[ask.list]?.id !== from || ask.hop !== hop || hop === 0) {
      throw new TallyError('wire.order', 'prove: not the owner, or not our hop');
    }
    const before = this.answered.get(ask.list);
    if (before !== undefined) {
      // The same question gets the recorded answer; another one would be a free evaluation.
      if (before.element !== ask.element)
        throw new TallyError('chain.position', 'prove: another element was asked');
      if (before.reply !== undefined) context.send(from, stripped(before.reply));
      return;
    }
    const input = context.flows.inboundOf('stream', ask.list, hop - 1);
    const output = context.flows.outboundOf('stream', ask.list, hop);
    if (!input?.complete || !output?.complete) {
      throw new TallyError('chain.position', 'prove: asked before the stream has passed');
    }
    this.answered.set(ask.list, { element: ask.element, reply: undefined });
    this.waiting.set(ask.list, { hop, element: parseHex(ask.element) });
    this.giveSealed();
  }

  /** The owner's question may overtake our predecessor's seal, which comes over another channel. */
  private giveSealed(): void {
    const { context } = this;
    for (const [list, { hop, element }] of this.waiting) {
      const input = context.flows.inboundOf('stream', list, hop - 1)?.sealed;
      const output = context.flows.outboundOf('stream', list, hop)?.sealed;
      if (input === undefined || output === undefined) continue;
      this.waiting.delete(list);
      const statement = proofStatement(context, { list, hop, prover: context.id, input, output });
      this.prove(list, hop, element, { statement, input, output });
    }
  }

  private prove(
    list: number,
    hop: number,
    element: Uint8Array,
    place: { statement: Uint8Array; input: string; output: string },
  ): void {
    const { context } = this;
    const owner = context.agreement.parties[list]?.id ?? '';
    context.job({ op: 'prove', list, element, statement: place.statement }, (result) => {
      const bytes = result as Uint8Array;
      const product = encodeHex(bytes.subarray(0, elementBytes));
      const proof = encodeHex(bytes.subarray(elementBytes));
      const body = {
        type: 'proof' as const,
        list,
        hop,
        element: encodeHex(element),
        product,
        proof,
        input: place.input,
        output: place.output,
      };
      const unsigned = { ...body, session: context.session, from: context.id, signature: '' };
      this.answered.set(list, { element: body.element, reply: unsigned });
      context.send(owner, body);
      this.owed.delete(list);
      context.progressed();
    });
  }

  /** A proof for our list. Throws `chain.proof`, `wire.order`. */
  onProof(from: string, proof: Proof): void {
    const { context } = this;
    const direct = context.agreement.form === 'direct';
    const { asked } = this;
    const due = direct ? 1 : asked?.hop;
    if (
      this.proved ||
      proof.list !== context.self ||
      proof.hop !== due ||
      this.hopParty(proof.hop) !== from
    ) {
      throw new TallyError('wire.order', 'proof: not due');
    }
    if (direct) {
      if (this.received !== undefined) throw new TallyError('wire.order', 'proof: given twice');
      this.received = proof;
      return this.concludeDirect();
    }
    if (asked === undefined || this.folded === undefined)
      throw new TallyError('wire.order', 'proof: not asked');
    this.check(proof, asked.element);
    this.claims.set(streamKey('stream', context.self, proof.hop - 1), proof.input);
    this.claims.set(streamKey('stream', context.self, proof.hop), proof.output);
    const product = parseHex(proof.product);
    this.asked = undefined;
    if (proof.hop < context.agreement.parties.length - 1) return this.ask(proof.hop + 1, product);
    // Names no hop: each product was proved, so the streams differ somewhere; an adjudicator opens the commitments.
    if (!equalBytes(product, this.folded.last)) throw unproved(proof, 'the chain came back changed');
    this.proved = true;
    context.progressed();
  }

  private check(proof: Proof, element: Uint8Array): void {
    if (!equalBytes(parseHex(proof.element), element)) throw unproved(proof, 'of another element');
    if (!proofHolds(this.context, proof, this.context.keyOf(proof.from)))
      throw unproved(proof, 'does not verify');
  }

  /** Every commitment that a proof named must stand in the barrier of who sent that stream. Throws `chain.proof`. */
  checkClaims(barriers: readonly Barrier[]): void {
    const said = new Map<string, string>();
    for (const barrier of barriers) {
      for (const { kind, list, hop, commitment } of barrier.sent)
        said.set(streamKey(kind, list, hop), commitment);
    }
    for (const [key, commitment] of this.claims) {
      if (said.get(key) !== commitment)
        throw new TallyError('chain.proof', `${key}: proved for another stream`);
    }
  }
}

function split(folded: Uint8Array): { first: Uint8Array; last: Uint8Array } {
  return { first: folded.slice(0, elementBytes), last: folded.slice(elementBytes) };
}

function stripped(proof: Proof): Omit<Proof, 'signature' | 'session' | 'from'> {
  const { signature: _, session: __, from: ___, ...body } = proof;
  return body;
}

function unproved(proof: Proof, why: string): TallyError {
  return new TallyError('chain.proof', `proof of list ${proof.list}, hop ${proof.hop}: ${why}`);
}
