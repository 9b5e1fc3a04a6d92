/**
 * The proofs of the verified form (docs/protocol.md, Proofs): who proves what, when, and what it is bound to.
 *
 * Purpose: the owner of a list folds both ends of its chain with weights drawn after the last element came back, and
 * has every hop prove its turn on the folded element; in the direct form the peer is the only hop. Sound even where
 * all hops collude; O(1) work for a hop.
 * Assumes: streams are sealed when their commitments are read. Weights and scalars stay in the vault.
 * Does not know: states, how streams move.
 */
import { agreementIdText, type Agreement } from '../agreement/ephemeral.ts';
import { encodeHex, equalBytes, parseHex } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { verifyDleq } from '../suite/dleq.ts';
import { elementBytes } from '../suite/group.ts';
import { canonicalBytes } from '../wire/canonical.ts';
import type { MessageOf, SignedType } from '../wire/messages.ts';
import { eitherOf } from './blame.ts';
import type { Flows } from './flows.ts';
import { isProved } from './plan.ts';
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
  /** @param of who sent what the job is about. */
  job(job: Job, then: (result: JobResult) => void, of?: readonly string[]): void;
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

export class ProofDesk {
  private readonly context: ProofContext;
  /** Lists of others for which a proof of ours is due. */
  private readonly owed = new Set<number>();
  /** Elements we were asked about, by list, with the proof we gave: the same gets the same, another nothing. */
  private readonly answered = new Map<number, { element: string; reply: Proof | undefined }>();
  /** Questions whose stream has passed, but is not sealed yet on both sides. */
  private readonly waiting = new Map<number, { hop: number; element: Uint8Array }>();
  /** Commitments that hops named in their proofs, each by whom; the barrier must say the same. */
  private readonly claims: { readonly key: string; readonly commitment: string; readonly by: string }[] = [];
  private begun = false;
  private folded: { first: Uint8Array; last: Uint8Array } | undefined;
  /** The hop asked last, and what it was asked about. */
  private asked: { hop: number; element: Uint8Array } | undefined;
  private proved: boolean;

  constructor(context: ProofContext) {
    this.context = context;
    const { agreement, self } = context;
    this.proved = !isProved(agreement, self);
    agreement.parties.forEach((_, list) => {
      if (list !== self && isProved(agreement, list)) this.owed.add(list);
    });
  }

  /** The own list is proved and every proof that is due was given. */
  get settled(): boolean {
    return this.proved && this.owed.size === 0;
  }

  /** A stream was sealed or worked off: starts what can be started. */
  advance(): void {
    this.give();
    this.begin();
  }

  /** What a hop makes of a list: passed on, or in the direct form returned to its owner. */
  private get madeBy(): 'stream' | 'returned' {
    return this.context.agreement.form === 'direct' ? 'returned' : 'stream';
  }

  // --- our list: every hop's turn on its fold, one after another -----------------------------------------------

  private begin(): void {
    const { context } = this;
    if (this.proved || this.begun) return;
    const last = context.flows.inboundOf(this.madeBy, context.self, context.agreement.parties.length - 1);
    if (!last?.drained || last.sealed === undefined) return;
    this.begun = true;
    // Weights are drawn only now, by the vault, and never leave it: known early, they could be repaired against.
    const then = (result: JobResult): void => {
      this.folded = split(result as Uint8Array);
      this.ask(1, this.folded.first);
    };
    // What came back may be no elements: that is the last hop's.
    context.job({ op: 'foldOwn' }, then, [this.hopParty(context.agreement.parties.length - 1)]);
  }

  private ask(hop: number, element: Uint8Array): void {
    const { context } = this;
    this.asked = { hop, element };
    context.send(this.hopParty(hop), { type: 'prove', list: context.self, hop, element: encodeHex(element) });
  }

  private hops(): readonly string[] {
    return this.context.agreement.parties.map(({ id }) => id).filter((id) => id !== this.context.id);
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
    if (before === undefined && !this.owed.has(ask.list)) {
      throw new TallyError('wire.order', 'prove: nothing of this list goes back to its owner');
    }
    if (before !== undefined) {
      // The same question gets the recorded answer; another one would be a free evaluation.
      if (before.element !== ask.element)
        throw new TallyError('chain.position', 'prove: another element was asked');
      if (before.reply !== undefined) context.send(from, stripped(before.reply));
      return;
    }
    const input = context.flows.inboundOf('stream', ask.list, hop - 1);
    const output = context.flows.outboundOf(this.madeBy, ask.list, hop);
    if (!input?.complete || !output?.complete) {
      throw new TallyError('chain.position', 'prove: asked before the stream has passed');
    }
    this.answered.set(ask.list, { element: ask.element, reply: undefined });
    this.waiting.set(ask.list, { hop, element: parseHex(ask.element) });
    this.give();
  }

  // --- lists of others: our turn ------------------------------------------------------------------------------

  /** The owner's question may overtake our predecessor's seal, which comes over another channel. */
  private give(): void {
    const { context } = this;
    for (const [list, { hop, element }] of this.waiting) {
      const input = context.flows.inboundOf('stream', list, hop - 1)?.sealed;
      const output = context.flows.outboundOf(this.madeBy, list, hop)?.sealed;
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
    const then = (result: JobResult): void => {
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
    };
    context.job({ op: 'prove', list, element, statement: place.statement }, then, [owner]);
  }

  /** A proof for our list. Throws `chain.proof`, `wire.order`. */
  onProof(from: string, proof: Proof): void {
    const { context } = this;
    const { asked, folded } = this;
    const isDue = proof.list === context.self && proof.hop === asked?.hop;
    if (asked === undefined || folded === undefined || !isDue || this.hopParty(proof.hop) !== from) {
      throw new TallyError('wire.order', 'proof: not due, or not asked');
    }
    this.check(proof, asked.element);
    const [input, output] = [
      streamKey('stream', context.self, proof.hop - 1),
      streamKey(this.madeBy, context.self, proof.hop),
    ];
    this.claims.push(
      { key: input, commitment: proof.input, by: from },
      { key: output, commitment: proof.output, by: from },
    );
    const product = parseHex(proof.product);
    this.asked = undefined;
    if (proof.hop < context.agreement.parties.length - 1) return this.ask(proof.hop + 1, product);
    // Each product was proved, so the streams differ somewhere: at which hop, an adjudicator who opens the commitments says.
    if (!equalBytes(product, folded.last)) {
      throw unproved(proof, 'the chain came back changed', this.hops());
    }
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
    const said = new Map<string, { commitment: string; from: string }>();
    for (const { from, sent } of barriers) {
      for (const { kind, list, hop, commitment } of sent)
        said.set(streamKey(kind, list, hop), { commitment, from });
    }
    for (const { key, commitment, by } of this.claims) {
      const sent = said.get(key);
      if (sent?.commitment === commitment) continue;
      const among = eitherOf(this.context.id, by, sent?.from ?? by);
      throw new TallyError('chain.proof', `${key}: proved for another stream`, { among });
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

function unproved({ list, hop, from }: Proof, why: string, among: readonly string[] = [from]): TallyError {
  return new TallyError('chain.proof', `proof of list ${list}, hop ${hop}: ${why}`, { among });
}
