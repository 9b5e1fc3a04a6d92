/**
 * A party's state machine, both forms (docs/protocol.md).
 *
 * Purpose: follows the plan: turns chunks into jobs for the vault and answers into chunks, within windows; says at
 * the barrier that its chains are whole; then compares (direct) or sends sorted tags and waits for the view (sealed).
 * Assumes: a driver answers each job once, by `completed` or `failed`; answers of one stream may come in any order.
 * Does not know: scalars, identifiers, records, tags' meaning.
 */
import type { Agreement } from '../agreement/ephemeral.ts';
import { encodeHex, equalBytes, parseHex } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { elementBytes } from '../suite/group.ts';
import type { RandomBytes } from '../suite/scalar.ts';
import { tagBytesFor } from '../suite/tag.ts';
import { canonicalBytes, domainHash } from '../wire/canonical.ts';
import { encodeChunkFrame, type ChunkFrame, type StreamKind } from '../wire/frames.ts';
import type { MessageOf, StreamCommitment } from '../wire/messages.ts';
import { checkView } from './counts.ts';
import { planStreams, type PlannedIn } from './plan.ts';
import { ProofDesk, type ProofContext } from './proofs.ts';
import { StationMachine } from './station.ts';
import { commitStream, InboundStream, OutboundStream, streamKey, type StreamShape } from './streams.ts';
import type { Job, JobResult, MatchSummary, Outcome, Phase, StreamProgress } from './types.ts';

type Continuation = (result: JobResult) => void;

interface Inbound {
  readonly stream: InboundStream;
  readonly use: PlannedIn['use'] | 'marks';
  readonly forward: OutboundStream | null;
}

/** What a view commits to: SHA-256 over the salt and the canonical view (docs/protocol.md, Integrity 4). */
export function commitView(salt: Uint8Array, view: unknown): Uint8Array {
  return domainHash('view', salt, canonicalBytes(view));
}

export class PartyMachine extends StationMachine {
  private readonly inbound = new Map<string, Inbound>();
  private readonly outbound = new Map<string, OutboundStream>();
  private readonly jobs = new Map<number, Continuation>();
  private nextJob = 1;
  private self = 0;
  private tagBytes = 0;
  private begun = false;
  private outcome: Outcome | undefined;
  private viewCommitment: string | null = null;
  private desk: ProofDesk | undefined;
  private viewed: MessageOf<'view'> | undefined;

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
      const then = this.jobs.get(job);
      if (then === undefined || this.over) return;
      this.jobs.delete(job);
      then(result);
      this.takeHeld();
    });
  }

  /** The vault could not do a job. */
  failed(job: number, error: TallyError, nowMs: number): void {
    if (!this.jobs.has(job) || this.over) return;
    this.cancel(error, nowMs);
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
    const flows = [...this.outbound.values()];
    const done = flows.reduce((sum, flow) => sum + flow.doneUnits, 0);
    const total = flows.reduce((sum, flow) => sum + flow.shape.total, 0);
    const phase = this.state === 'collecting' ? 'tags' : this.begun ? 'stream' : 'blind';
    return { phase, done, total };
  }

  // --- streams ---------------------------------------------------------------------------------------------

  protected override onFrozen(): void {
    const { parties, form, output } = this.agreement;
    this.self = parties.findIndex((party) => party.id === this.id);
    this.tagBytes = tagBytesFor(this.totals);
    const to = output.kind === 'matches' ? output.to : [];
    const receivers = new Set(to.map((id) => parties.findIndex((party) => party.id === id)));
    const plan = planStreams(form, parties.length, this.self, receivers);
    for (const planned of plan.outbound)
      this.openOutbound(planned.kind, planned.list, planned.hop, planned.peer);
    for (const planned of plan.inbound) {
      const stream = new InboundStream(
        this.shape(planned.kind, planned.list, planned.hop, planned.peer),
        this.newHash,
      );
      const forward = planned.forward
        ? (this.outbound.get(streamKey(planned.forward.kind, planned.list, planned.forward.hop)) ?? null)
        : null;
      this.inbound.set(stream.key, { stream, use: planned.use, forward });
    }
    if (this.agreement.verified) {
      this.desk = new ProofDesk(this.proofContext(), receivers.has(this.self), receivers.has(1 - this.self));
    }
    this.state = 'streaming';
    const { sentinels } = this.agreement;
    this.job({ op: 'begin', tagContext: this.consentsHash, tagBytes: this.tagBytes, sentinels }, () => {
      this.begun = true;
      this.readSource(this.ownFirstStream());
    });
  }

  private shape(kind: StreamKind, list: number, hop: number, peer: number | string): StreamShape {
    const { agreement } = this;
    return {
      kind,
      list,
      hop,
      peer: typeof peer === 'string' ? peer : (agreement.parties[peer]?.id ?? ''),
      total: this.totals[list] ?? 0,
      unitBytes: this.unitBytes(kind),
      chunkElements: agreement.chunkElements,
      windowChunks: this.options.limits.windowChunks,
      increasing: kind === 'stream' && hop === 0,
    };
  }

  private unitBytes(kind: StreamKind): number {
    const { verified, output } = this.agreement;
    switch (kind) {
      case 'stream':
        return elementBytes;
      case 'returned':
        return verified ? elementBytes : this.tagBytes;
      case 'tags':
        return this.tagBytes;
      case 'marks':
        return markBytes(output.kind === 'matches' && output.which);
    }
  }

  private openInbound(
    kind: StreamKind,
    list: number,
    hop: number,
    peer: number | string,
    use: PlannedIn['use'] | 'marks',
  ) {
    const stream = new InboundStream(this.shape(kind, list, hop, peer), this.newHash);
    this.inbound.set(stream.key, { stream, use, forward: null });
  }

  private openOutbound(kind: StreamKind, list: number, hop: number, peer: number | string): OutboundStream {
    const stream = new OutboundStream(this.shape(kind, list, hop, peer), this.newHash);
    this.outbound.set(stream.key, stream);
    return stream;
  }

  private ownFirstStream(): OutboundStream {
    return this.outbound.get(streamKey('stream', this.self, 0)) as OutboundStream;
  }

  protected override onChunk(from: string, frame: ChunkFrame): void {
    const entry = this.inbound.get(streamKey(frame.kind, frame.list, frame.hop));
    // A hop takes a list from that predecessor only.
    if (entry === undefined || entry.stream.shape.peer !== from) {
      throw new TallyError(
        'wire.order',
        `chunk: ${from} has no ${frame.kind} ${frame.list}/${frame.hop} for us`,
      );
    }
    const { stream, use, forward } = entry;
    const { start, payload } = stream.accept(frame);
    this.progress('in', stream);
    const job = this.jobFor(use, frame.list, start, payload, forward !== null);
    this.job(job, (result) => {
      if (forward === null) return this.release(stream);
      forward.put(frame.chunk, result as Uint8Array);
      this.pump(forward);
    });
  }

  private jobFor(
    use: Inbound['use'],
    list: number,
    start: number,
    bytes: Uint8Array,
    returned: boolean,
  ): Job {
    switch (use) {
      case 'hop':
        return { op: 'evaluate', list, start, elements: bytes };
      case 'peer':
        return { op: 'evaluatePeer', start, elements: bytes, give: this.giveBack(returned) };
      case 'returned':
        return { op: 'absorbReturned', start, units: bytes };
      case 'marks':
        return { op: 'absorbMarks', start, marks: bytes };
      case 'own':
        return { op: 'finishChain', start, elements: bytes };
    }
  }

  private giveBack(returned: boolean): 'elements' | 'tags' | 'nothing' {
    if (!returned) return 'nothing';
    return this.agreement.verified ? 'elements' : 'tags';
  }

  /** Grants the sender another chunk, then looks whether everything has been worked off. */
  private release(stream: InboundStream): void {
    const { kind, list, hop, peer } = stream.shape;
    const chunks = stream.release();
    // The first window is granted in advance; at the end nothing more is needed.
    if (!stream.complete) {
      this.message(peer, { type: 'credit', session: this.sessionId, kind, list, hop, chunks });
    }
    this.progressed();
  }

  /** Sends what is ready and granted; the upstream of a forwarded chunk is granted another in its place. */
  private pump(stream: OutboundStream): void {
    const { kind, list, hop, peer } = stream.shape;
    const upstream = [...this.inbound.values()].find((entry) => entry.forward === stream)?.stream;
    for (let ready = stream.take(); ready !== undefined; ready = stream.take()) {
      this.send(peer, encodeChunkFrame({ kind, list, hop, ...ready }, this.consentsHash));
      this.progress('out', stream);
      if (upstream !== undefined) this.release(upstream);
    }
    if (stream.complete && stream.sealed === undefined) this.sealStream(stream);
    if (upstream === undefined) this.readSource(stream);
    this.progressed();
  }

  /** Reads more of our own first stream, or of our sorted tags, as far as it may be sent. */
  private readSource(stream: OutboundStream): void {
    if (!this.begun) return;
    const op = stream.shape.kind === 'tags' ? 'readSortedTags' : 'readFirstStream';
    for (let next = stream.request(); next !== undefined; next = stream.request()) {
      const { start, count, chunk } = next;
      this.job({ op, start, count }, (result) => {
        stream.put(chunk, result as Uint8Array);
        this.pump(stream);
      });
    }
  }

  private sealStream(stream: OutboundStream): void {
    const seal = sealOutbound(stream, this.options.random);
    this.message(
      stream.shape.peer,
      this.signed({ type: 'seal', session: this.sessionId, from: this.id, ...seal }),
    );
  }

  protected override onSeal(from: string, seal: MessageOf<'seal'>): void {
    const stream = this.inbound.get(streamKey(seal.kind, seal.list, seal.hop))?.stream;
    if (stream === undefined || stream.shape.peer !== from || stream.sealed !== undefined) {
      throw new TallyError('wire.order', `seal: ${from} has no such stream for us`);
    }
    openSeal(stream, seal);
    this.progressed();
  }

  protected override onCredit(from: string, credit: MessageOf<'credit'>): void {
    const stream = this.outbound.get(streamKey(credit.kind, credit.list, credit.hop));
    if (stream === undefined || stream.shape.peer !== from)
      throw new TallyError('wire.order', 'credit: no such stream');
    stream.credit(credit.chunks);
    this.pump(stream);
  }

  // --- proofs ----------------------------------------------------------------------------------------------

  private proofContext(): ProofContext {
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
      inbound: (key) => this.inbound.get(key)?.stream,
      outbound: (key) => this.outbound.get(key),
      job: (job, then) => this.job(job, then),
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
    const ins = [...this.inbound.values()].map((entry) => entry.stream);
    const outs = [...this.outbound.values()];
    if (ins.some((stream) => !stream.drained || stream.sealed === undefined)) return;
    if (outs.some((stream) => stream.sealed === undefined)) return;
    if (this.desk?.settled === false) return;
    const barrier = this.signed({
      type: 'barrier',
      session: this.sessionId,
      from: this.id,
      consentsHash: encodeHex(this.consentsHash),
      checked: this.agreement.verified ? 'proved' : 'complete',
      sent: outs.map(sealedCommitment),
      received: ins.map(sealedCommitment),
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

  private get receives(): boolean {
    const { output } = this.agreement;
    return output.kind === 'matches' && output.to.includes(this.id);
  }

  /** Sentinels first, so that the collector knows them before it merges; then the sorted tags. */
  private sendTags(): void {
    const collector = this.agreement.collector?.id ?? '';
    const tags = this.openOutbound('tags', this.self, 0, collector);
    if (this.receives) this.openInbound('marks', this.self, 0, collector, 'marks');
    this.job({ op: 'sortTags' }, (result) => {
      const body = { type: 'sentinels' as const, session: this.sessionId, from: this.id };
      this.message(collector, this.signed({ ...body, tags: encodeHex(result as Uint8Array) }));
      this.readSource(tags);
    });
  }

  private match(): void {
    this.job({ op: 'match' }, (result) => {
      const { identifiers, records } = result as MatchSummary;
      const salt = this.options.random(32);
      const view = { session: this.sessionId, to: this.id, identifiers, records };
      const { verified } = this.agreement;
      const summary = { identifiers, records };
      this.conclude({ kind: 'matches', summary, verified }, encodeHex(commitView(salt, view)));
    });
  }

  /** Form sealed, `matches`: the view says that the collector is through, the marks say what it found. */
  private concludeMarksIfReady(): void {
    const { output, verified } = this.agreement;
    if (this.state !== 'collecting' || this.viewed === undefined || output.kind !== 'matches') return;
    if (!this.receives) {
      this.state = 'closing';
      return this.conclude({ kind: 'matches', summary: null, verified }, null);
    }
    const marks = this.inbound.get(streamKey('marks', this.self, 0))?.stream;
    if (!marks?.drained || marks.sealed === undefined) return;
    this.state = 'closing';
    this.match();
  }

  protected override onView(from: string, view: MessageOf<'view'>): void {
    const tags = this.outbound.get(streamKey('tags', this.self, 0));
    if (from !== this.agreement.collector?.id || !tags?.complete)
      throw new TallyError('wire.order', 'view: not due');
    if (!equalBytes(parseHex(view.transcript), this.transcript)) {
      throw new TallyError('consent.mismatch', 'view.transcript: differs from ours');
    }
    if (this.viewed !== undefined) throw new TallyError('wire.order', 'view: given twice');
    const { output, verified } = this.agreement;
    if ((view.exactly === null) !== (output.kind === 'matches')) {
      throw new TallyError('wire.message', `view.exactly: does not fit the output ${output.kind}`);
    }
    this.viewed = view;
    if (view.exactly === null) return this.concludeMarksIfReady();
    checkView(view.exactly, this.sizes);
    const said = { transcript: view.transcript, exactly: view.exactly };
    this.state = 'closing';
    this.conclude(
      { kind: 'counts', exactly: view.exactly, verified },
      encodeHex(commitView(parseHex(view.salt), said)),
    );
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
    if (this.outcome.kind === 'counts') {
      // With one collector this proves that everyone was told the same, not that it is true.
      for (const [id, done] of this.dones) {
        if (done.view !== this.viewCommitment)
          throw new TallyError('consent.mismatch', `done.view: ${id} was told otherwise`);
      }
    }
    this.finish(this.outcome);
  }

  // --- small helpers ---------------------------------------------------------------------------------------

  private job(job: Job, then: Continuation): void {
    const id = this.nextJob++;
    this.jobs.set(id, then);
    this.emit({ type: 'job', id, job });
  }

  private progress(direction: StreamProgress['direction'], stream: InboundStream | OutboundStream): void {
    const { kind, list, hop, total } = stream.shape;
    this.emit({ type: 'progress', progress: { direction, kind, list, hop, done: stream.doneUnits, total } });
  }
}

/** Bytes of a mark: which lists (a mask), or whether. */
export function markBytes(which: boolean): number {
  return which ? 2 : 1;
}

/** Commits to a stream that was sent whole; the salt goes to its receiver, who holds the stream, and to nobody else. */
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

function sealedCommitment(stream: InboundStream | OutboundStream): StreamCommitment {
  const { kind, list, hop } = stream.shape;
  return { kind, list, hop, commitment: stream.sealed ?? '' };
}
