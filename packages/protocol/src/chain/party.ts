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
import { tagBytesFor } from '../suite/tag.ts';
import { canonicalBytes, domainHash } from '../wire/canonical.ts';
import { encodeChunkFrame, type ChunkFrame, type StreamKind } from '../wire/frames.ts';
import type { MessageOf, StreamCommitment } from '../wire/messages.ts';
import { checkView } from './counts.ts';
import { planStreams, type PlannedIn } from './plan.ts';
import { StationMachine } from './station.ts';
import { commitStream, InboundStream, OutboundStream, streamKey, type StreamShape } from './streams.ts';
import type { Job, JobResult, MatchSummary, Outcome, Phase, StreamProgress } from './types.ts';

type Continuation = (result: JobResult) => void;

interface Inbound {
  readonly stream: InboundStream;
  readonly use: PlannedIn['use'];
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
    this.tagBytes = tagBytesFor(this.sizes);
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
    this.state = 'streaming';
    this.job({ op: 'begin', tagContext: this.consentsHash, tagBytes: this.tagBytes }, () => {
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
      total: this.sizes[list] ?? 0,
      unitBytes: kind === 'stream' ? elementBytes : this.tagBytes,
      chunkElements: agreement.chunkElements,
      windowChunks: this.options.limits.windowChunks,
      increasing: kind === 'stream' && hop === 0,
    };
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
    this.job(this.jobFor(use, frame.list, start, payload, forward !== null), (result) => {
      if (forward === null) return this.release(stream);
      forward.put(frame.chunk, result as Uint8Array);
      this.pump(forward);
    });
  }

  private jobFor(
    use: PlannedIn['use'],
    list: number,
    start: number,
    bytes: Uint8Array,
    returnTags: boolean,
  ): Job {
    switch (use) {
      case 'hop':
        return { op: 'evaluate', list, start, elements: bytes };
      case 'peer':
        return { op: 'evaluatePeer', start, elements: bytes, returnTags };
      case 'returned':
        return { op: 'absorbReturned', start, tags: bytes };
      case 'own':
        return { op: 'finishChain', start, elements: bytes };
    }
  }

  /** Grants the sender another chunk, then looks whether everything has been worked off. */
  private release(stream: InboundStream): void {
    const { kind, list, hop, peer } = stream.shape;
    const chunks = stream.release();
    // The first window is granted in advance; at the end nothing more is needed.
    if (!stream.complete) {
      this.message(peer, { type: 'credit', session: this.sessionId, kind, list, hop, chunks });
    }
    this.enterBarrierIfReady();
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
    this.enterBarrierIfReady();
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

  /** Commits to a stream that was sent whole; the salt goes to its receiver, who holds the stream, and to nobody else. */
  private sealStream(stream: OutboundStream): void {
    const { kind, list, hop, peer } = stream.shape;
    const salt = this.options.random(32);
    const commitment = encodeHex(commitStream(stream.shape, stream.streamHash(), salt));
    stream.sealed = commitment;
    const body = {
      session: this.sessionId,
      from: this.id,
      kind,
      list,
      hop,
      salt: encodeHex(salt),
      commitment,
    };
    this.message(peer, this.signed({ type: 'seal', ...body }));
  }

  protected override onSeal(from: string, seal: MessageOf<'seal'>): void {
    const stream = this.inbound.get(streamKey(seal.kind, seal.list, seal.hop))?.stream;
    if (stream === undefined || stream.shape.peer !== from || stream.sealed !== undefined) {
      throw new TallyError('wire.order', `seal: ${from} has no such stream for us`);
    }
    openSeal(stream, seal);
    this.enterBarrierIfReady();
  }

  protected override onCredit(from: string, credit: MessageOf<'credit'>): void {
    const stream = this.outbound.get(streamKey(credit.kind, credit.list, credit.hop));
    if (stream === undefined || stream.shape.peer !== from)
      throw new TallyError('wire.order', 'credit: no such stream');
    stream.credit(credit.chunks);
    this.pump(stream);
  }

  // --- barrier and end -------------------------------------------------------------------------------------

  private enterBarrierIfReady(): void {
    if (this.state !== 'streaming' || !this.begun) return;
    const ins = [...this.inbound.values()].map((entry) => entry.stream);
    const outs = [...this.outbound.values()];
    if (ins.some((stream) => !stream.drained || stream.sealed === undefined)) return;
    if (outs.some((stream) => stream.sealed === undefined)) return;
    const barrier = this.signed({
      type: 'barrier',
      session: this.sessionId,
      from: this.id,
      consentsHash: encodeHex(this.consentsHash),
      checked: 'complete',
      sent: outs.map(sealedCommitment),
      received: ins.map(sealedCommitment),
    });
    this.barriers.set(this.id, barrier);
    this.state = 'barrier';
    this.broadcast(barrier);
    this.passBarrierIfReady();
  }

  protected override onBarriers(): void {
    if (this.agreement.form === 'sealed') {
      this.state = 'collecting';
      const collector = this.agreement.collector?.id ?? '';
      const tags = this.openOutbound('tags', this.self, 0, collector);
      this.job({ op: 'sortTags' }, () => this.readSource(tags));
      return;
    }
    this.state = 'closing';
    const { output } = this.agreement;
    if (output.kind !== 'matches' || !output.to.includes(this.id)) {
      return this.conclude({ kind: 'matches', summary: null }, null);
    }
    this.job({ op: 'match' }, (result) => {
      const summary = result as MatchSummary;
      const salt = this.options.random(32);
      const view = {
        session: this.sessionId,
        to: this.id,
        identifiers: summary.identifiers,
        records: summary.records,
      };
      this.conclude({ kind: 'matches', summary }, encodeHex(commitView(salt, view)));
    });
  }

  protected override onView(from: string, view: MessageOf<'view'>): void {
    const tags = this.outbound.get(streamKey('tags', this.self, 0));
    if (from !== this.agreement.collector?.id || !tags?.complete)
      throw new TallyError('wire.order', 'view: not due');
    if (!equalBytes(parseHex(view.transcript), this.transcript)) {
      throw new TallyError('consent.mismatch', 'view.transcript: differs from ours');
    }
    checkView(view.exactly, this.sizes);
    const commitment = commitView(parseHex(view.salt), {
      transcript: view.transcript,
      exactly: view.exactly,
    });
    this.state = 'closing';
    this.conclude({ kind: 'counts', exactly: view.exactly }, encodeHex(commitment));
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
