/**
 * A party's state machine, both forms (docs/protocol.md).
 *
 * Purpose: follows the plan: turns chunks into jobs for the vault and answers into chunks, within windows; says at
 * the barrier that its chains are whole; then compares (direct) or sends sorted tags and waits for the view (sealed).
 * Assumes: a driver answers each job once, by `completed` or `failed`; answers of one stream may come in any order.
 * Does not know: scalars, identifiers, records, tags' meaning.
 */
import type { Agreement } from '../agreement/ephemeral.ts';
import { encodeHex, parseHex } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { tagBytesFor } from '../suite/tag.ts';
import type { ChunkFrame } from '../wire/frames.ts';
import type { Message, MessageOf } from '../wire/messages.ts';
import { blaming } from './blame.ts';
import { countsOutcome } from './counts.ts';
import { Flows, type FlowContext } from './flows.ts';
import { labelTermsOf } from './labels.ts';
import { planStreams } from './plan.ts';
import { ProofDesk, type ProofContext } from './proofs.ts';
import { SessionRecord, type ViewOpening } from './record.ts';
import { ownViewCommitment, sealedCommitment } from './seals.ts';
import { StationMachine } from './station.ts';
import type { OutboundStream } from './streams.ts';
import { checkViewMessage, viewCommitmentOf } from './view.ts';
import type { Job, JobResult, MatchSummary, Outcome, Phase } from './types.ts';

type Continuation = (result: JobResult) => void;

interface RunningJob {
  readonly go: Continuation;
  /** Who sent what it is about. */
  readonly of: readonly string[];
}

export class PartyMachine extends StationMachine {
  private readonly jobs = new Map<number, RunningJob>();
  private nextJob = 1;
  private self = 0;
  private begun = false;
  private outcome: Outcome | undefined;
  private viewCommitment: string | null = null;
  private flows: Flows | undefined;
  private desk: ProofDesk | undefined;
  /** By collector. */
  private readonly views = new Map<string, MessageOf<'view'>>();
  /** What was signed in this session, by us and to us. */
  readonly record = new SessionRecord();

  /** Opens a session of our own: the proposal, signed, goes to every other station. */
  propose(proposal: MessageOf<'proposal'>, nowMs: number): void {
    this.guard(nowMs, () => {
      this.takeProposal(this.id, proposal);
      this.broadcast(proposal);
    });
  }

  /** The vault's answer to a job. Answers to a session that is over are dropped. */
  completed(job: number, result: JobResult, nowMs: number): void {
    this.guard(nowMs, () => {
      const running = this.jobs.get(job);
      if (running === undefined || this.over) return;
      this.jobs.delete(job);
      running.go(result);
      this.takeHeld();
    });
  }

  /** The vault could not do a job. */
  failed(job: number, error: TallyError, nowMs: number): void {
    const running = this.jobs.get(job);
    if (running === undefined || this.over) return;
    this.cancel(blaming(error, running.of), nowMs);
  }

  protected override note(message: Message): void {
    if ('signature' in message) this.record.add(message);
  }

  protected override checkRole(agreement: Agreement): void {
    if (!agreement.parties.some((party) => party.id === this.id)) {
      throw new TallyError('agreement.invalid', 'agreement.parties: we are no party');
    }
    this.role = agreement.form;
  }

  protected override doing(): { phase: Phase; done: number; total: number } {
    if (this.state === 'offered' || this.state === 'consenting')
      return { phase: 'consent', done: 0, total: 1 };
    const flows = this.flows?.outs ?? [];
    const done = flows.reduce((sum, flow) => sum + flow.doneUnits, 0);
    const total = flows.reduce((sum, flow) => sum + flow.shape.total, 0);
    const phase = this.state === 'collecting' ? 'tags' : this.begun ? 'stream' : 'blind';
    return { phase, done, total };
  }

  // --- streams ---------------------------------------------------------------------------------------------

  protected override onFrozen(): void {
    const { parties, form, output, verified, sentinels } = this.agreement;
    this.self = parties.findIndex((party) => party.id === this.id);
    const to = output.kind === 'matches' ? output.to : [];
    const receivers = new Set(to.map((id) => parties.findIndex((party) => party.id === id)));
    const tagBytes = tagBytesFor(this.totals);
    const plan = planStreams(form, parties.length, this.self, receivers);
    const flows = new Flows(this.flowContext(tagBytes), plan);
    this.flows = flows;
    if (verified) this.desk = new ProofDesk(this.proofContext(flows));
    this.state = 'streaming';
    this.job({ op: 'begin', tagContext: this.consentsHash, tagBytes, sentinels }, () => {
      this.begun = true;
      flows.readSource(flows.outboundOf('stream', this.self, 0) as OutboundStream);
    });
  }

  private flowContext(tagBytes: number): FlowContext {
    const { agreement, consentsHash, totals, newHash, options, id } = this;
    return {
      agreement,
      consentsHash,
      totals,
      tagBytes,
      newHash,
      windowChunks: options.limits.windowChunks,
      random: options.random,
      send: (to, bytes) => this.send(to, bytes),
      sendSeal: (to, seal) =>
        this.message(to, this.signed({ type: 'seal', session: this.sessionId, from: id, ...seal })),
      sendCredit: (to, credit) => this.message(to, { type: 'credit', session: this.sessionId, ...credit }),
      job: (job, then, of) => this.job(job, then, of),
      progress: (progress) => this.emit({ type: 'progress', progress }),
      accepted: () => this.weigh(),
      moved: () => this.progressed(),
    };
  }

  private get flowing(): Flows {
    if (this.flows === undefined) throw new TallyError('wire.order', 'stream: none is open');
    return this.flows;
  }

  protected override onChunk(from: string, frame: ChunkFrame): void {
    this.flowing.takeChunk(from, frame);
  }

  protected override onSeal(from: string, seal: MessageOf<'seal'>): void {
    this.flowing.takeSeal(from, seal);
  }

  protected override onCredit(from: string, credit: MessageOf<'credit'>): void {
    this.flowing.takeCredit(from, credit);
  }

  // --- proofs ----------------------------------------------------------------------------------------------

  private proofContext(flows: Flows): ProofContext {
    const { self, id, agreement, proposalHash, consentsHash, totals } = this;
    return {
      id,
      self,
      session: this.sessionId,
      agreement,
      proposalHash,
      consentsHash,
      totals,
      keyOf: (party) => parseHex(this.consents.get(party)?.keyCommitment ?? ''),
      flows,
      job: (job, then, of) => this.job(job, then, of),
      send: (to, body) =>
        this.message(to, this.signed({ ...body, session: this.sessionId, from: id } as never)),
      progressed: () => this.progressed(),
    };
  }

  protected override onProve(from: string, prove: MessageOf<'prove'>): void {
    if (this.desk === undefined) throw new TallyError('wire.order', 'prove: the light form proves nothing');
    this.desk.onProve(from, prove);
  }

  protected override onProof(from: string, proof: MessageOf<'proof'>): void {
    if (this.desk === undefined) throw new TallyError('wire.order', 'proof: the light form proves nothing');
    this.desk.onProof(from, proof);
  }

  protected override checkBarriers(barriers: readonly MessageOf<'barrier'>[]): void {
    this.desk?.checkClaims(barriers);
  }

  /** Something moved: a proof may be due, or everything may be whole. */
  private progressed(): void {
    if (this.state === 'streaming') this.desk?.advance();
    this.enterBarrierIfReady();
    this.concludeMarksIfReady();
  }

  // --- barrier and end -------------------------------------------------------------------------------------

  private enterBarrierIfReady(): void {
    if (this.state !== 'streaming' || !this.begun) return;
    const flows = this.flowing;
    if (!flows.whole) return;
    if (this.desk?.settled === false) return;
    const barrier = this.signed({
      type: 'barrier',
      session: this.sessionId,
      from: this.id,
      consentsHash: encodeHex(this.consentsHash),
      checked: this.agreement.verified ? 'proved' : 'complete',
      sent: flows.outs.map(sealedCommitment),
      received: flows.ins.map(sealedCommitment),
    });
    this.barriers.set(this.id, barrier);
    this.state = 'barrier';
    this.broadcast(barrier);
    this.passBarrierIfReady();
  }

  protected override onBarriers(): void {
    const { verified, form } = this.agreement;
    if (form === 'sealed') {
      this.state = 'collecting';
      return this.sendTags();
    }
    this.state = 'closing';
    if (!this.receives) return this.conclude({ kind: 'matches', summary: null, verified }, null);
    this.match();
  }

  /** Every collector has given its view. */
  private get isViewed(): boolean {
    return this.views.size === this.agreement.collectors.length;
  }

  private get receives(): boolean {
    const { output } = this.agreement;
    return output.kind === 'matches' && output.to.includes(this.id);
  }

  /** To every collector: sentinels first, so that it knows them before it merges; then the sorted tags. */
  private sendTags(): void {
    const { collectors } = this.agreement;
    const flows = this.flowing;
    const isLabelled = labelTermsOf(this.agreement, this.id) !== undefined;
    const streams = collectors.flatMap(({ id }, hop) => {
      if (this.receives) flows.openInbound('marks', this.self, hop, id, 'marks');
      const tags = flows.openOutbound('tags', this.self, hop, id);
      return isLabelled ? [flows.openOutbound('labels', this.self, hop, id), tags] : [tags];
    });
    this.job({ op: 'sortTags' }, (result) => {
      const body = { type: 'sentinels' as const, session: this.sessionId, from: this.id };
      const sentinels = this.signed({ ...body, tags: encodeHex(result as Uint8Array) });
      for (const { id } of collectors) this.message(id, sentinels);
      for (const stream of streams) flows.readSource(stream);
    });
  }

  private match(): void {
    const then = (result: JobResult): void => {
      const { identifiers, records } = result as MatchSummary;
      const salt = this.options.random(32);
      const opening: ViewOpening = { salt: encodeHex(salt), identifiers, records };
      this.record.opening = opening;
      const { verified } = this.agreement;
      const summary = { identifiers, records };
      const commitment = ownViewCommitment(this.sessionId, this.id, opening);
      this.conclude({ kind: 'matches', summary, verified }, commitment);
    };
    const { collectors } = this.agreement;
    // What is matched came from the collectors, who all said the same, or from the only peer.
    const of = collectors.length > 0 ? collectors.map(({ id }) => id) : this.others();
    this.job({ op: 'match' }, then, of);
  }

  /** Form sealed, `matches`: the views say that the collectors are through, the marks say what they found. */
  private concludeMarksIfReady(): void {
    const { output, verified } = this.agreement;
    if (this.state !== 'collecting' || !this.isViewed || output.kind !== 'matches') return;
    if (!this.receives) {
      this.state = 'closing';
      return this.conclude({ kind: 'matches', summary: null, verified }, null);
    }
    const marks = this.flowing.ins.filter((stream) => stream.shape.kind === 'marks');
    if (!marks.every((stream) => stream.drained && stream.sealed !== undefined)) return;
    this.state = 'closing';
    this.match();
  }

  protected override onView(from: string, view: MessageOf<'view'>): void {
    const given = this.flowing.outs.filter((stream) => stream.shape.peer === from && isForCollector(stream));
    if (given.length === 0 || given.some((stream) => !stream.complete))
      throw new TallyError('wire.order', 'view: not due');
    if (this.views.has(from)) throw new TallyError('wire.order', 'view: given twice');
    checkViewMessage(view, this.agreement, this.lists, this.transcript);
    const { output, verified } = this.agreement;
    this.views.set(from, view);
    this.weigh();
    const commitment = viewCommitmentOf(view);
    for (const other of this.views.values()) {
      // Two collectors merge for themselves and draw one salt and one noise: whatever differs is wrong.
      if (viewCommitmentOf(other) !== commitment)
        throw new TallyError('chain.collectors', 'view: the collectors say different things');
    }
    if (!this.isViewed) return;
    if (output.kind === 'matches') return this.concludeMarksIfReady();
    this.state = 'closing';
    this.conclude(countsOutcome(view, verified), commitment);
  }

  /** Our answer stands: say so, with the commitment to our view, and wait for the others to say the same. */
  private conclude(outcome: Outcome, viewCommitment: string | null): void {
    this.outcome = outcome;
    this.viewCommitment = viewCommitment;
    const transcript = encodeHex(this.transcript);
    const body = { session: this.sessionId, from: this.id, transcript, view: viewCommitment };
    const done = this.signed({ type: 'done', ...body });
    this.dones.set(this.id, done);
    this.broadcast(done);
    this.onDone();
  }

  protected override onDone(): void {
    if (this.outcome === undefined || this.partyIds.some((id) => !this.dones.has(id))) return;
    if (this.outcome.kind !== 'matches') {
      // With one collector this proves that everyone was told the same, not that it is true.
      for (const [id, done] of this.dones) {
        if (done.view !== this.viewCommitment)
          throw new TallyError('consent.mismatch', `done.view: ${id} was told otherwise`);
      }
    }
    this.finish(this.outcome);
  }

  // --- small helpers ---------------------------------------------------------------------------------------

  private job(job: Job, then: Continuation, of: readonly string[] = []): void {
    const id = this.nextJob++;
    this.jobs.set(id, { go: then, of });
    this.emit({ type: 'job', id, job });
  }
}

function isForCollector({ shape }: OutboundStream): boolean {
  return shape.kind === 'tags' || shape.kind === 'labels';
}
