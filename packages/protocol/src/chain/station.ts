/**
 * What every station does, party or collector: proposal, consents, freeze, barrier messages, deadlines, aborts.
 *
 * Purpose: the sans-IO frame of a session. A driver calls `receive`, `consent`, `refuse`, `cancel`, `closed`,
 * `timeout` and, for parties, `completed`/`failed`; then empties `poll()`. Nothing here waits, reads a clock or
 * does arithmetic on elements.
 * Assumes: `from` is authenticated (pinned TLS to that station) and channels keep order.
 * Does not know: streams of elements (party.ts), merging (collector.ts), how a decision is made.
 */
import type { Agreement, Station as StationInfo } from '../agreement/ephemeral.ts';
import { encodeHex, equalBytes, parseHex } from '../bytes/index.ts';
import { asTallyError, TallyError } from '../errors/index.ts';
import { isJsonFrame, parseChunkFrame, type ChunkFrame } from '../wire/frames.ts';
import {
  encodeMessage,
  parseMessage,
  signMessage,
  type Message,
  type MessageOf,
  type SignedType,
} from '../wire/messages.ts';
import {
  abortError,
  checkConsent,
  checkConsentsTogether,
  checkProposal,
  checkSigned,
  hashConsents,
  hashProposal,
  stationsOf,
} from './consents.ts';
import { Deadlines } from './deadlines.ts';
import { HeldFrames } from './held.ts';
import { nobleSha256, type HashFactory } from './streams.ts';
import { verdict, type Event, type Role, type State } from './table.ts';
import { hashTranscript } from './transcript.ts';
import type { ChainOutput, ConsentFacts, Outcome, Phase, StationOptions } from './types.ts';

export abstract class StationMachine {
  readonly id: string;
  state: State = 'waiting';
  protected role: Role = 'sealed';
  protected readonly options: StationOptions;
  protected readonly newHash: HashFactory;
  protected now: number;
  protected proposal: MessageOf<'proposal'> | undefined;
  protected proposalHash: Uint8Array = new Uint8Array(32);
  protected consentsHash: Uint8Array = new Uint8Array(32);
  protected transcript: Uint8Array = new Uint8Array(32);
  /** Announced sizes, by party index; known from `freezing` on. */
  protected sizes: readonly number[] = [];
  /** Units of each list's streams: its size and the sentinels. */
  protected totals: readonly number[] = [];
  protected readonly consents = new Map<string, MessageOf<'consent'>>();
  protected readonly barriers = new Map<string, MessageOf<'barrier'>>();
  protected readonly dones = new Map<string, MessageOf<'done'>>();
  private readonly freezes = new Set<string>();
  private readonly outputs: ChainOutput[] = [];
  private readonly held = new HeldFrames();
  private readonly deadlines: Deadlines;

  constructor(options: StationOptions) {
    this.id = options.id;
    this.options = options;
    this.newHash = options.sha256 ?? nobleSha256;
    this.now = options.nowMs;
    this.deadlines = new Deadlines(options.limits, options.nowMs);
  }

  // --- what the driver calls -------------------------------------------------------------------------------

  /** Outputs since the last call, in the order in which they must happen. */
  poll(): ChainOutput[] {
    return this.outputs.splice(0);
  }

  get over(): boolean {
    return this.state === 'done' || this.state === 'aborted';
  }

  /** One frame of an authenticated station. Never throws: what is wrong ends the session by code, for everybody. */
  receive(from: string, frame: Uint8Array, nowMs: number): void {
    this.guard(nowMs, () => {
      this.deadlines.heard(from, nowMs);
      if (this.over) return;
      const parsed = this.parse(frame);
      const event: Event = 'payload' in parsed ? `chunk-${parsed.kind}` : parsed.type;
      switch (verdict(this.role, this.state, event)) {
        case 'drop':
          return;
        case 'refuse':
          throw new TallyError('wire.order', `${event}: not due in state ${this.state}`);
        case 'hold':
          this.held.push({ from, frame, event });
          return;
        case 'take':
          if (event !== 'alive') this.deadlines.moved(nowMs);
          this.take(from, parsed);
          this.takeHeld();
          return;
      }
    });
  }

  /** We take part: our signed consent goes to every station. Call once, after an `offer` or a proposal of our own. */
  consent(facts: ConsentFacts, nowMs: number): void {
    this.guard(nowMs, () => {
      if (this.state !== 'offered')
        throw new TallyError('session.state', `consent: not possible in ${this.state}`);
      const body = {
        type: 'consent' as const,
        session: this.sessionId,
        from: this.id,
        proposalHash: encodeHex(this.proposalHash),
        identifiers: facts.identifiers,
        keyCommitment: facts.keyCommitment && encodeHex(facts.keyCommitment),
        possession: facts.possession && encodeHex(facts.possession),
        channels: [...facts.channels].sort((a, b) => (a.peer < b.peer ? -1 : 1)),
      };
      const consent = signMessage(body, this.options.sign);
      checkConsent(consent, this.agreement, this.proposalHash, this.options.limits.maxIdentifiers);
      this.consents.set(this.id, consent);
      this.state = 'consenting';
      this.broadcast(consent);
      this.freezeIfReady();
      this.takeHeld();
    });
  }

  /** We do not take part; coded reasons go to every station (AMLA art. 40: a refusal gives its reasons). */
  refuse(reasons: readonly string[], nowMs: number): void {
    this.guard(nowMs, () => {
      if (this.state !== 'offered')
        throw new TallyError('session.state', `refuse: not possible in ${this.state}`);
      const proposalHash = encodeHex(this.proposalHash);
      const body = { type: 'refusal' as const, session: this.sessionId, from: this.id, proposalHash };
      this.broadcast(signMessage({ ...body, reasons: [...reasons] }, this.options.sign));
      this.end(new TallyError('consent.refused', `${this.id} refused: ${reasons.join(', ')}`), this.id);
    });
  }

  /** Ends the session here and tells every station why. */
  cancel(error: TallyError, nowMs: number): void {
    this.now = nowMs;
    this.abort(error, this.id);
  }

  /** The channel to a station has closed. */
  closed(from: string, error: TallyError, nowMs: number): void {
    this.now = nowMs;
    // Who has said that it is done may leave; a collector is done when it has heard everybody.
    if (this.over) return;
    if (this.state === 'closing' && (this.dones.has(from) || from === this.agreement.collector?.id)) return;
    this.abort(error, from);
  }

  /** When `timeout` wants to be called next. */
  nextDeadlineMs(): number {
    if (this.over) return Number.POSITIVE_INFINITY;
    const next = this.deadlines.nextMs(this.others());
    return this.beforeFreeze ? Math.min(next, this.known.expiresAtMs) : next;
  }

  /** Time has passed: says that we are alive, and ends a session whose deadline is over. */
  timeout(nowMs: number): void {
    this.guard(nowMs, () => {
      if (this.over) return;
      if (this.beforeFreeze) {
        // People may take their time to consent: until the proposal expires, not until something moves.
        this.deadlines.moved(nowMs);
        if (nowMs >= this.known.expiresAtMs) {
          throw new TallyError('consent.expired', 'proposal: expired before every consent');
        }
      }
      this.deadlines.check(this.others(), nowMs);
      if (this.deadlines.aliveDue(nowMs) && this.proposal !== undefined) {
        this.broadcast({ type: 'alive', session: this.sessionId, ...this.doing() });
      }
    });
  }

  // --- what the roles fill in ------------------------------------------------------------------------------

  protected abstract doing(): { phase: Phase; done: number; total: number };
  protected abstract onFrozen(): void;
  protected abstract onChunk(from: string, frame: ChunkFrame): void;
  protected abstract onSeal(from: string, seal: MessageOf<'seal'>): void;
  protected abstract onBarriers(): void;
  protected abstract onDone(): void;
  protected checkBarriers(_barriers: readonly MessageOf<'barrier'>[]): void {}
  protected onCredit(_from: string, credit: MessageOf<'credit'>): void {
    throw new TallyError('wire.order', `${credit.type}: no stream of ours`);
  }
  protected onProve(_from: string, prove: MessageOf<'prove'>): void {
    throw new TallyError('wire.order', `${prove.type}: not for us`);
  }
  protected onProof(_from: string, proof: MessageOf<'proof'>): void {
    throw new TallyError('wire.order', `${proof.type}: not for us`);
  }
  protected onSentinels(_from: string, sentinels: MessageOf<'sentinels'>): void {
    throw new TallyError('wire.order', `${sentinels.type}: not for us`);
  }
  protected onView(_from: string, view: MessageOf<'view'>): void {
    throw new TallyError('wire.order', `${view.type}: not for us`);
  }

  // --- shared parts ----------------------------------------------------------------------------------------

  get sessionId(): string {
    return this.known.session;
  }

  get agreement(): Agreement {
    return this.known.agreement;
  }

  private get known(): MessageOf<'proposal'> {
    if (this.proposal === undefined) throw new TallyError('session.state', 'session: no proposal yet');
    return this.proposal;
  }

  private get beforeFreeze(): boolean {
    return this.state === 'offered' || this.state === 'consenting';
  }

  protected get partyIds(): readonly string[] {
    return this.agreement.parties.map((party) => party.id);
  }

  private stations(): readonly StationInfo[] {
    return stationsOf(this.agreement);
  }

  protected others(): string[] {
    return this.proposal === undefined
      ? []
      : this.stations()
          .map((s) => s.id)
          .filter((id) => id !== this.id);
  }

  protected send(to: string, bytes: Uint8Array): void {
    this.outputs.push({ type: 'send', to, bytes });
  }

  protected message(to: string, message: Message): void {
    this.send(to, encodeMessage(message));
  }

  protected broadcast(message: Message): void {
    const bytes = encodeMessage(message);
    for (const to of this.others()) this.send(to, bytes);
  }

  protected emit(output: ChainOutput): void {
    this.outputs.push(output);
  }

  protected signed<T extends SignedType>(body: Omit<MessageOf<T>, 'signature'> & { type: T }): MessageOf<T> {
    return signMessage(body, this.options.sign);
  }

  /** Runs an input; whatever it throws ends the session. */
  protected guard(nowMs: number, input: () => void): void {
    this.now = nowMs;
    try {
      input();
    } catch (thrown) {
      const error = asTallyError(thrown);
      // A call of the driver's that came too late or too early changes nothing.
      if (error.code === 'session.state') throw error;
      this.abort(error, this.id);
    }
  }

  /** Ends the session here and for everybody, with one reason. */
  protected abort(error: TallyError, by: string): void {
    if (this.over) return;
    if (this.proposal !== undefined) {
      this.broadcast({ type: 'abort', session: this.sessionId, code: error.abort });
    }
    this.end(error, by);
  }

  private end(error: TallyError, by: string): void {
    this.state = 'aborted';
    this.held.clear();
    this.emit({ type: 'aborted', error, by });
  }

  protected finish(outcome: Outcome): void {
    this.state = 'done';
    this.held.clear();
    this.emit({ type: 'finished', outcome, transcript: this.transcript });
  }

  private parse(frame: Uint8Array): Message | ChunkFrame {
    if (isJsonFrame(frame)) return parseMessage(frame, this.options.limits.maxMessageBytes);
    if (this.state === 'waiting' || this.beforeFreeze)
      throw new TallyError('wire.order', 'chunk: before any freeze');
    return parseChunkFrame(frame, this.consentsHash);
  }

  /** What was held and is due in the state reached since. */
  protected takeHeld(): void {
    for (
      let next = this.held.next(this.role, this.state);
      next;
      next = this.held.next(this.role, this.state)
    ) {
      if (this.over) return;
      this.take(next.from, this.parse(next.frame));
    }
  }

  private take(from: string, parsed: Message | ChunkFrame): void {
    if ('payload' in parsed) return this.onChunk(from, parsed);
    if (parsed.type === 'proposal') return this.takeProposal(from, parsed);
    if (this.proposal === undefined) {
      if (parsed.type !== 'abort') return; // alive, before the proposal arrived
      this.end(abortError(parsed, from), from);
      return;
    }
    if (parsed.session !== this.sessionId)
      throw new TallyError('wire.message', `${parsed.type}.session: of another session`);
    const sender = this.stations().find((station) => station.id === from);
    if (sender === undefined || from === this.id)
      throw new TallyError('wire.order', `${parsed.type}: sender takes no part`);
    if ('signature' in parsed) checkSigned(parsed, sender);
    switch (parsed.type) {
      case 'consent':
        return this.takeConsent(parsed);
      case 'refusal':
        // Who refuses before its channels are up reaches the proposer only: pass the end on.
        return this.abort(
          new TallyError('consent.refused', `${from} refused: ${parsed.reasons.join(', ')}`),
          from,
        );
      case 'freeze':
        return this.takeFreeze(parsed);
      case 'seal':
        return this.onSeal(from, parsed);
      case 'barrier':
        return this.takeBarrier(parsed);
      case 'prove':
        return this.onProve(from, parsed);
      case 'proof':
        return this.onProof(from, parsed);
      case 'sentinels':
        return this.onSentinels(from, parsed);
      case 'view':
        return this.onView(from, parsed);
      case 'done':
        if (!this.partyIds.includes(from) || this.dones.has(from))
          throw new TallyError('wire.order', 'done: not due');
        if (parsed.transcript !== encodeHex(this.transcript)) {
          throw new TallyError('consent.mismatch', 'done.transcript: differs from ours');
        }
        this.dones.set(from, parsed);
        return this.onDone();
      case 'credit':
        return this.onCredit(from, parsed);
      case 'alive':
        return;
      case 'abort': {
        // Tell the others the same reason once; they may not have heard it.
        const error = abortError(parsed, from);
        return this.abort(error, from);
      }
    }
  }

  /** Our own proposal, or one that arrived: checks its form and enters `offered`. */
  protected takeProposal(from: string, proposal: MessageOf<'proposal'>): void {
    const agreement = checkProposal(from, proposal, this.id, this.now);
    this.checkRole(agreement);
    this.proposal = proposal;
    this.proposalHash = hashProposal(proposal);
    this.state = 'offered';
    this.deadlines.watch(this.others(), this.now);
    this.emit({ type: 'offer', proposal, proposalHash: this.proposalHash });
  }

  protected abstract checkRole(agreement: Agreement): void;

  private takeConsent(consent: MessageOf<'consent'>): void {
    if (this.consents.has(consent.from)) throw new TallyError('wire.order', 'consent: given twice');
    checkConsent(consent, this.agreement, this.proposalHash, this.options.limits.maxIdentifiers);
    this.consents.set(consent.from, consent);
    this.freezeIfReady();
  }

  /** All consents are in and ours is given: bind them, and tell everybody what we bound. */
  private freezeIfReady(): void {
    const stations = this.stations();
    if (this.state !== 'consenting' || stations.some((station) => !this.consents.has(station.id))) return;
    checkConsentsTogether(this.consents);
    this.consentsHash = hashConsents(this.consents, this.agreement, this.proposalHash);
    this.sizes = this.partyIds.map((id) => this.consents.get(id)?.identifiers ?? 0);
    this.totals = this.sizes.map((size) => size + this.agreement.sentinels);
    this.state = 'freezing';
    this.deadlines.moved(this.now);
    const body = { session: this.sessionId, from: this.id, consentsHash: encodeHex(this.consentsHash) };
    this.broadcast(this.signed({ type: 'freeze', ...body }));
  }

  private takeFreeze(freeze: MessageOf<'freeze'>): void {
    if (this.freezes.has(freeze.from)) throw new TallyError('wire.order', 'freeze: given twice');
    if (!equalBytes(parseHex(freeze.consentsHash), this.consentsHash)) {
      throw new TallyError('consent.mismatch', `freeze.consentsHash: ${freeze.from} saw other consents`);
    }
    this.freezes.add(freeze.from);
    // Nothing derived from a list leaves before every station bound the same consents (no equivocation).
    if (this.freezes.size < this.others().length) return;
    this.emit({ type: 'frozen', sizes: this.sizes });
    this.onFrozen();
  }

  private takeBarrier(barrier: MessageOf<'barrier'>): void {
    if (!this.partyIds.includes(barrier.from) || this.barriers.has(barrier.from)) {
      throw new TallyError('wire.order', 'barrier: not due');
    }
    if (barrier.consentsHash !== encodeHex(this.consentsHash)) {
      throw new TallyError('consent.mismatch', 'barrier.consentsHash: of other consents');
    }
    this.barriers.set(barrier.from, barrier);
    this.passBarrierIfReady();
  }

  /** Every party says that its chain is whole: check that both ends of every stream agree, bind all, go on. */
  protected passBarrierIfReady(): void {
    if (this.state !== 'barrier' || this.partyIds.some((id) => !this.barriers.has(id))) return;
    const barriers = this.partyIds.map((id) => this.barriers.get(id) as MessageOf<'barrier'>);
    const want = this.agreement.verified ? 'proved' : 'complete';
    for (const barrier of barriers) {
      if (barrier.checked !== want)
        throw new TallyError('chain.proof', `barrier.checked: want ${want}, got ${barrier.checked}`);
    }
    this.checkBarriers(barriers);
    this.transcript = hashTranscript(this.consentsHash, barriers);
    this.onBarriers();
  }
}
