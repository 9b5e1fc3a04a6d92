/**
 * What every station does, party or collector: takes messages by the table, keeps deadlines, passes the barrier.
 *
 * Purpose: the sans-IO frame of a session. A driver calls `receive`, `consent`, `refuse`, `cancel`, `closed`,
 * `timeout` and, for parties, `completed`/`failed`; then empties `poll()`. Nothing here waits, reads a clock or
 * does arithmetic on elements.
 * Assumes: `from` is authenticated (pinned TLS to that station) and channels keep order.
 * Does not know: streams of elements (party.ts), merging (collector.ts), how a decision is made.
 */
import { encodeHex } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { isJsonFrame, parseChunkFrame, type ChunkFrame } from '../wire/frames.ts';
import { parseMessage, type Message, type MessageOf } from '../wire/messages.ts';
import { abortError, checkSigned, isCollector } from './consents.ts';
import { OpeningStation } from './opening.ts';
import { nobleSha256, type HashFactory } from './streams.ts';
import { verdict, type Event } from './table.ts';
import { hashTranscript } from './transcript.ts';
import type { Phase, StationOptions } from './types.ts';

export abstract class StationMachine extends OpeningStation {
  protected readonly newHash: HashFactory;
  protected readonly barriers = new Map<string, MessageOf<'barrier'>>();
  protected readonly dones = new Map<string, MessageOf<'done'>>();

  constructor(options: StationOptions) {
    super(options);
    this.newHash = options.sha256 ?? nobleSha256;
  }

  // --- what the driver calls -------------------------------------------------------------------------------

  /** One frame of an authenticated station. Never throws: what is wrong ends the session by code, for everybody. */
  receive(from: string, frame: Uint8Array, nowMs: number): void {
    this.guard(nowMs, () => {
      this.deadlines.heard(from, nowMs);
      if (this.over) return;
      this.judge(from);
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

  /** The channel to a station has closed. */
  closed(from: string, error: TallyError, nowMs: number): void {
    this.now = nowMs;
    if (this.over) return;
    if (this.repeats !== undefined && this.freezes.has(from)) return;
    if (this.mayLeave(from)) return;
    this.abort(error, from);
  }

  /** Who has heard every party say that it is done, us among them, may leave; whoever leaves before breaks off. */
  private mayLeave(from: string): boolean {
    if (this.state !== 'closing') return false;
    const isAwaited = this.partyIds.includes(this.id) && !this.dones.has(this.id);
    if (isAwaited) return false;
    return this.dones.has(from) || isCollector(this.agreement, from);
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
  protected onSeed(_from: string, seed: MessageOf<'seed'>): void {
    throw new TallyError('wire.order', `${seed.type}: not for us`);
  }
  protected onShare(_from: string, share: MessageOf<'share'>): void {
    throw new TallyError('wire.order', `${share.type}: not for us`);
  }
  protected onView(_from: string, view: MessageOf<'view'>): void {
    throw new TallyError('wire.order', `${view.type}: not for us`);
  }

  // --- messages in ------------------------------------------------------------------------------------------

  private parse(frame: Uint8Array): Message | ChunkFrame {
    if (isJsonFrame(frame)) return parseMessage(frame, this.options.limits.maxMessageBytes);
    if (this.state === 'waiting' || this.beforeFreeze)
      throw new TallyError('wire.order', 'chunk: before any freeze');
    return parseChunkFrame(frame, this.consentsHash);
  }

  /** What was held and is due in the state reached since. */
  protected override takeHeld(): void {
    for (
      let next = this.held.next(this.role, this.state);
      next;
      next = this.held.next(this.role, this.state)
    ) {
      if (this.over) return;
      this.judge(next.from);
      this.take(next.from, this.parse(next.frame));
    }
    this.weigh();
  }

  private take(from: string, parsed: Message | ChunkFrame): void {
    if ('payload' in parsed) return this.onChunk(from, parsed);
    if (parsed.type === 'proposal') return this.takeProposal(from, parsed);
    if (this.proposal === undefined) {
      if (parsed.type !== 'abort') return; // alive, before the proposal arrived
      this.end(abortError(parsed), from);
      return;
    }
    if (parsed.session !== this.sessionId)
      throw new TallyError('wire.message', `${parsed.type}.session: of another session`);
    const sender = this.stations().find((station) => station.id === from);
    if (sender === undefined || from === this.id)
      throw new TallyError('wire.order', `${parsed.type}: sender takes no part`);
    if ('signature' in parsed) checkSigned(parsed, sender);
    this.note(parsed);
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
      case 'seed':
        return this.onSeed(from, parsed);
      case 'share':
        return this.onShare(from, parsed);
      case 'view':
        return this.onView(from, parsed);
      case 'done':
        if (!this.partyIds.includes(from) || this.dones.has(from))
          throw new TallyError('wire.order', 'done: not due');
        if (parsed.transcript !== encodeHex(this.transcript)) {
          throw new TallyError('consent.mismatch', 'done.transcript: differs from ours');
        }
        this.dones.set(from, parsed);
        this.weigh();
        return this.onDone();
      case 'credit':
        return this.onCredit(from, parsed);
      case 'alive':
        return;
      case 'abort':
        // Tell the others the same reason once; they may not have heard it.
        return this.abort(abortError(parsed), from);
    }
  }

  private takeBarrier(barrier: MessageOf<'barrier'>): void {
    if (!this.partyIds.includes(barrier.from) || this.barriers.has(barrier.from)) {
      throw new TallyError('wire.order', 'barrier: not due');
    }
    if (barrier.consentsHash !== encodeHex(this.consentsHash)) {
      // Its freeze said ours.
      throw new TallyError('consent.mismatch', 'barrier.consentsHash: of other consents', {
        among: [barrier.from],
      });
    }
    this.barriers.set(barrier.from, barrier);
    this.passBarrierIfReady();
  }

  /** Every party says that its chain is whole: check that both ends of every stream agree, bind all, go on. */
  protected passBarrierIfReady(): void {
    this.weigh();
    if (this.state !== 'barrier' || this.partyIds.some((id) => !this.barriers.has(id))) return;
    const barriers = this.partyIds.map((id) => this.barriers.get(id) as MessageOf<'barrier'>);
    const want = this.agreement.verified ? 'proved' : 'complete';
    for (const barrier of barriers) {
      if (barrier.checked !== want)
        throw new TallyError('chain.proof', `barrier.checked: want ${want}, got ${barrier.checked}`, {
          among: [barrier.from],
        });
    }
    this.checkBarriers(barriers);
    this.transcript = hashTranscript(this.consentsHash, barriers, this.id);
    this.onBarriers();
  }
}
