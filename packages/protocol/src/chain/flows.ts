/**
 * A party's streams in motion: chunks become jobs, answers become chunks, within windows.
 *
 * Purpose: every inbound and outbound stream of a party, what each chunk is for, and credit: a hop grants its
 * predecessor a chunk when it has sent that chunk on, so that a slow station stalls its chain and fills no memory.
 * Assumes: jobs are answered once each; answers of one stream may come in any order.
 * Does not know: states, barriers, proofs, results.
 */
import type { Agreement } from '../agreement/ephemeral.ts';
import { TallyError } from '../errors/index.ts';
import { elementBytes } from '../suite/group.ts';
import type { RandomBytes } from '../suite/scalar.ts';
import { encodeChunkFrame, type ChunkFrame, type StreamKind } from '../wire/frames.ts';
import type { MessageOf } from '../wire/messages.ts';
import { markBytes, MarkPairs } from './marks.ts';
import type { Plan, PlannedIn } from './plan.ts';
import { openSeal, sealOutbound } from './seals.ts';
import { InboundStream, OutboundStream, streamKey, type HashFactory, type StreamShape } from './streams.ts';
import type { Job, JobResult, StreamProgress } from './types.ts';

type Use = PlannedIn['use'] | 'marks';

interface Inbound {
  readonly stream: InboundStream;
  readonly use: Use;
  readonly forward: OutboundStream | null;
}

type Seal = Omit<MessageOf<'seal'>, 'type' | 'session' | 'from' | 'signature'>;
type Credit = Omit<MessageOf<'credit'>, 'type' | 'session'>;

/** What the flows need of the party they belong to. */
export interface FlowContext {
  readonly agreement: Agreement;
  readonly consentsHash: Uint8Array;
  /** Units of a list, by its owner's index. */
  readonly totals: readonly number[];
  readonly tagBytes: number;
  readonly windowChunks: number;
  readonly newHash: HashFactory;
  readonly random: RandomBytes;
  send(to: string, bytes: Uint8Array): void;
  sendSeal(to: string, seal: Seal): void;
  sendCredit(to: string, credit: Credit): void;
  /** @param of who sent what the job is about: what the vault finds wrong with that is its doing. */
  job(job: Job, then: (result: JobResult) => void, of?: readonly string[]): void;
  progress(progress: StreamProgress): void;
  /** What a peer sent is in order; what follows is our own work. */
  accepted(): void;
  /** Something moved: look what has become possible. */
  moved(): void;
}

export class Flows {
  private readonly context: FlowContext;
  private readonly inbound = new Map<string, Inbound>();
  private readonly outbound = new Map<string, OutboundStream>();
  /** Marks of one collector that wait for the other's. */
  private readonly pairs: MarkPairs;

  constructor(context: FlowContext, plan: Plan) {
    this.context = context;
    this.pairs = new MarkPairs(context.agreement.collectors.length);
    const peerId = (index: number): string => context.agreement.parties[index]?.id ?? '';
    for (const { kind, list, hop, peer } of plan.outbound) this.openOutbound(kind, list, hop, peerId(peer));
    for (const { kind, list, hop, peer, use, forward } of plan.inbound) {
      const next = forward ? this.outboundOf(forward.kind, list, forward.hop) : undefined;
      this.openInbound(kind, list, hop, peerId(peer), use, next ?? null);
    }
  }

  openInbound(
    kind: StreamKind,
    list: number,
    hop: number,
    peer: string,
    use: Use,
    forward: OutboundStream | null = null,
  ) {
    const stream = new InboundStream(this.shape(kind, list, hop, peer), this.context.newHash);
    this.inbound.set(stream.key, { stream, use, forward });
  }

  openOutbound(kind: StreamKind, list: number, hop: number, peer: string): OutboundStream {
    const stream = new OutboundStream(this.shape(kind, list, hop, peer), this.context.newHash);
    this.outbound.set(stream.key, stream);
    return stream;
  }

  inboundOf(kind: StreamKind, list: number, hop: number): InboundStream | undefined {
    return this.inbound.get(streamKey(kind, list, hop))?.stream;
  }

  outboundOf(kind: StreamKind, list: number, hop: number): OutboundStream | undefined {
    return this.outbound.get(streamKey(kind, list, hop));
  }

  get ins(): InboundStream[] {
    return [...this.inbound.values()].map((entry) => entry.stream);
  }

  get outs(): OutboundStream[] {
    return [...this.outbound.values()];
  }

  /** Every stream has arrived, is worked off, is sent, and is sealed at both ends. */
  get whole(): boolean {
    return (
      this.ins.every((stream) => stream.drained && stream.sealed !== undefined) &&
      this.outs.every((stream) => stream.sealed !== undefined)
    );
  }

  private shape(kind: StreamKind, list: number, hop: number, peer: string): StreamShape {
    const { agreement, totals, windowChunks } = this.context;
    const { chunkElements } = agreement;
    const increasing = kind === 'stream' && hop === 0;
    const total = totals[list] ?? 0;
    return {
      kind,
      list,
      hop,
      peer,
      total,
      unitBytes: this.unitBytes(kind),
      chunkElements,
      windowChunks,
      increasing,
    };
  }

  private unitBytes(kind: StreamKind): number {
    const { agreement, tagBytes } = this.context;
    switch (kind) {
      case 'stream':
        return elementBytes;
      case 'returned':
        return agreement.verified ? elementBytes : tagBytes;
      case 'tags':
        return tagBytes;
      case 'marks':
        return markBytes(agreement.output.kind === 'matches' && agreement.output.which);
      case 'labels':
        return 1;
    }
  }

  /** A chunk of a station. Throws `wire.order` for a stream it has not with us, and what `InboundStream.accept` throws. */
  takeChunk(from: string, frame: ChunkFrame): void {
    const entry = this.inbound.get(streamKey(frame.kind, frame.list, frame.hop));
    // A hop takes a list from that predecessor only.
    if (entry === undefined || entry.stream.shape.peer !== from) {
      throw new TallyError(
        'wire.order',
        `chunk: no ${frame.kind} ${frame.list}/${frame.hop} of theirs is for us`,
      );
    }
    const { stream, use, forward } = entry;
    const { start, payload } = stream.accept(frame);
    this.context.accepted();
    this.progress('in', stream);
    if (use === 'marks') return this.takeMarks(stream, start, payload);
    const job = this.jobFor(use, frame.list, start, payload, forward !== null);
    const then = (result: JobResult): void => {
      if (forward === null) return this.release(stream);
      forward.put(frame.chunk, result as Uint8Array);
      this.pump(forward);
    };
    this.context.job(job, then, [from]);
  }

  /** Marks count once every collector said the same; only then may any of them send more. */
  private takeMarks(stream: InboundStream, start: number, marks: Uint8Array): void {
    const streams = this.pairs.take(start, marks, stream);
    if (streams === undefined) return;
    const release = (): void => {
      for (const one of streams) this.release(one);
    };
    const of = streams.map(({ shape }) => shape.peer);
    this.context.job({ op: 'absorbMarks', start, marks }, release, of);
  }

  private jobFor(
    use: PlannedIn['use'],
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
      case 'own':
        return { op: 'finishChain', start, elements: bytes };
    }
  }

  private giveBack(returned: boolean): 'elements' | 'tags' | 'nothing' {
    if (!returned) return 'nothing';
    return this.context.agreement.verified ? 'elements' : 'tags';
  }

  /** Grants the sender another chunk, then looks whether everything has been worked off. */
  private release(stream: InboundStream): void {
    const { kind, list, hop, peer } = stream.shape;
    const chunks = stream.release();
    // The first window is granted in advance; at the end nothing more is needed.
    if (!stream.complete) this.context.sendCredit(peer, { kind, list, hop, chunks });
    this.context.moved();
  }

  /** Sends what is ready and granted; the upstream of a forwarded chunk is granted another in its place. */
  private pump(stream: OutboundStream): void {
    const { kind, list, hop, peer } = stream.shape;
    const upstream = [...this.inbound.values()].find((entry) => entry.forward === stream)?.stream;
    for (let ready = stream.take(); ready !== undefined; ready = stream.take()) {
      this.context.send(peer, encodeChunkFrame({ kind, list, hop, ...ready }, this.context.consentsHash));
      this.progress('out', stream);
      if (upstream !== undefined) this.release(upstream);
    }
    if (stream.complete && stream.sealed === undefined) {
      this.context.sendSeal(peer, sealOutbound(stream, this.context.random));
    }
    if (upstream === undefined) this.readSource(stream);
    this.context.moved();
  }

  /** Reads more of our own first stream, or of our sorted tags or their labels, as far as it may be sent. */
  readSource(stream: OutboundStream): void {
    const { kind } = stream.shape;
    const op = kind === 'tags' ? 'readSortedTags' : kind === 'labels' ? 'readLabels' : 'readFirstStream';
    for (let next = stream.request(); next !== undefined; next = stream.request()) {
      const { start, count, chunk } = next;
      this.context.job({ op, start, count }, (result) => {
        stream.put(chunk, result as Uint8Array);
        this.pump(stream);
      });
    }
  }

  /** Throws `wire.order`, `chain.incomplete`. */
  takeSeal(from: string, seal: MessageOf<'seal'>): void {
    const stream = this.inboundOf(seal.kind, seal.list, seal.hop);
    if (stream === undefined || stream.shape.peer !== from || stream.sealed !== undefined) {
      throw new TallyError('wire.order', 'seal: no such stream of theirs is for us, or it is sealed');
    }
    openSeal(stream, seal);
    this.context.accepted();
    this.context.moved();
  }

  /** Throws `wire.order`, `wire.credit`. */
  takeCredit(from: string, credit: MessageOf<'credit'>): void {
    const stream = this.outboundOf(credit.kind, credit.list, credit.hop);
    if (stream?.shape.peer !== from) throw new TallyError('wire.order', 'credit: no such stream');
    stream.credit(credit.chunks);
    this.context.accepted();
    this.pump(stream);
  }

  private progress(direction: StreamProgress['direction'], stream: InboundStream | OutboundStream): void {
    const { kind, list, hop, total } = stream.shape;
    this.context.progress({ direction, kind, list, hop, done: stream.doneUnits, total });
  }
}
