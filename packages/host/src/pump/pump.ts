/**
 * The pump: everything a session's state machine needs from the outside, for nodes and collectors alike.
 *
 * Purpose: frames of channels go into the machine, its outputs go to channels, to jobs and to the owner; deadlines
 * fire; when the machine is over, what it said is flushed, channels are closed with its code, timers are gone.
 * Assumes: channels are authenticated and greeted, one for each peer. Jobs settle.
 * Does not know: what a session is about, where channels come from, what a job does.
 */
import { createHash } from 'node:crypto';
import type { ChainOutput, CollectorMachine, Job, JobResult, PartyMachine } from '@tallystick/protocol/chain';
import { asTallyError, type ErrorCode, TallyError } from '@tallystick/protocol/errors';
import {
  type ChannelBinding,
  defaultLimits,
  maxChunkElements,
  maxParties,
  windowBytes,
} from '@tallystick/protocol/wire';
import type { Channel } from '../channel/types.ts';
import type { Clock } from '../clock/index.ts';
import { Outbox } from './outbox.ts';

/** What the owner of a session is told; sending and jobs are the pump's own business. */
export type PumpOutput = Exclude<ChainOutput, { type: 'send' } | { type: 'job' }>;

export interface PumpCounters {
  readonly bytes: { readonly sent: number; readonly received: number };
  readonly transport: { readonly sent: number; readonly received: number };
}

export interface PumpOptions<M> {
  readonly machine: M;
  readonly clock: Clock;
  /** A party's vault; a collector has no jobs. */
  readonly runJob?: (job: Job) => Promise<JobResult>;
  /** Told in the machine's order. It may call `act` and `attach`. What it throws ends the session. */
  readonly onOutput: (output: PumpOutput) => void;
  /** Called whenever the machine has come to rest after an input: its state may be another. */
  readonly onRest?: () => void;
  /** Most bytes that may wait for one peer; default: what the protocol's windows allow, and some messages. */
  readonly maxQueuedBytes?: number;
  /** Longest wait for the last frames to leave, in milliseconds; default 5 s. */
  readonly lingerMs?: number;
}

interface Line {
  readonly channel: Channel;
  readonly outbox: Outbox;
}

type Machine = PartyMachine | CollectorMachine;

/** Every list's window of the longest chunks (40 MiB), and 64 of the longest messages. */
const mostQueuedBytes =
  windowBytes(defaultLimits.windowChunks, maxChunkElements, maxParties) + 64 * defaultLimits.maxMessageBytes;

/** SHA-256 of the machine's platform: three times the speed of the portable one. */
export const nativeSha256 = () => createHash('sha256');

export class SessionPump<M extends Machine> {
  readonly machine: M;
  /** Resolves once the session is over, its last frames have left (or had their time) and no job is left. Never rejects. */
  readonly quiet: Promise<void>;
  /** Resolves once the session is over, its channels are closed and no timer or job is left. Never rejects. */
  readonly ended: Promise<void>;
  private readonly options: PumpOptions<M>;
  private readonly lines = new Map<string, Line>();
  private readonly jobs = new Set<Promise<void>>();
  private isDraining = false;
  private isClosing = false;
  private closeCode: ErrorCode | undefined;
  private armedMs = Number.POSITIVE_INFINITY;
  private cancelTimer: () => void = () => undefined;
  private resolveEnded: () => void = () => undefined;
  private resolveQuiet: () => void = () => undefined;

  constructor(options: PumpOptions<M>) {
    this.options = options;
    this.machine = options.machine;
    this.quiet = new Promise((resolve) => {
      this.resolveQuiet = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.resolveEnded = resolve;
    });
    this.arm();
  }

  /** Gives the machine an input and carries out what follows. Throws only what the machine itself throws. */
  act(input: (machine: M, nowMs: number) => void): void {
    try {
      input(this.machine, this.options.clock.nowMs());
    } finally {
      this.drain();
    }
  }

  /**
   * Takes a greeted channel to a peer over. A second one to the same peer, or one after the end, is closed.
   * @throws TallyError `wire.order`, `session.unknown`.
   */
  attach(peer: string, channel: Channel): void {
    if (this.isClosing) {
      void channel.close('session.unknown');
      throw new TallyError('session.unknown', 'session: is over');
    }
    if (this.lines.has(peer)) {
      void channel.close('wire.order');
      throw new TallyError('wire.order', `channel: ${peer} has one in this session already`);
    }
    this.lines.set(peer, {
      channel,
      outbox: new Outbox(channel, this.options.maxQueuedBytes ?? mostQueuedBytes),
    });
  }

  /** Begins to read what the peer of an attached channel sends. */
  listen(peer: string): void {
    const line = this.lines.get(peer);
    if (line !== undefined) void this.read(peer, line.channel);
  }

  has(peer: string): boolean {
    return this.lines.has(peer);
  }

  get peers(): readonly string[] {
    return [...this.lines.keys()];
  }

  channelOf(peer: string): Channel | undefined {
    return this.lines.get(peer)?.channel;
  }

  /** What our consent says of our channels. */
  bindings(): ChannelBinding[] {
    return [...this.lines].map(([peer, { channel }]) => ({
      peer,
      role: channel.facts.role,
      exporterHash: Buffer.from(channel.facts.exporterHash).toString('hex'),
    }));
  }

  counters(): PumpCounters {
    const bytes = { sent: 0, received: 0 };
    const transport = { sent: 0, received: 0 };
    for (const { channel } of this.lines.values()) {
      bytes.sent += channel.counters.bytesSent;
      bytes.received += channel.counters.bytesReceived;
      transport.sent += channel.counters.transportBytesSent;
      transport.received += channel.counters.transportBytesReceived;
    }
    return { bytes, transport };
  }

  private async read(peer: string, channel: Channel): Promise<void> {
    let end = new TallyError('peer.left', `${peer}: closed its channel`);
    try {
      for (let frame = await channel.receive(); frame !== undefined; frame = await channel.receive()) {
        const bytes = frame;
        this.act((machine, nowMs) => machine.receive(peer, bytes, nowMs));
        if (this.isClosing) return;
      }
    } catch (thrown) {
      const error = asTallyError(thrown);
      const { by, code } = await channel.closed;
      // A code that the channel was closed with is the peer's word for why, as an abort is; else the text is ours.
      const text =
        by === 'peer' && code !== 'peer.left'
          ? `it told us code ${error.abort} and nothing else`
          : `${peer}: the channel ended`;
      end = new TallyError(error.code, text, { cause: thrown });
    }
    if (!this.machine.over) this.act((machine, nowMs) => machine.closed(peer, end, nowMs));
  }

  /** Carries out the machine's outputs until there are none; an input made meanwhile is served by the outer call. */
  private drain(): void {
    if (this.isDraining) return;
    this.isDraining = true;
    try {
      for (let outputs = this.machine.poll(); outputs.length > 0; outputs = this.machine.poll()) {
        for (const output of outputs) this.carryOut(output);
      }
    } finally {
      this.isDraining = false;
    }
    if (this.machine.over) this.close();
    else this.arm();
    this.options.onRest?.();
  }

  private carryOut(output: ChainOutput): void {
    try {
      if (output.type === 'send') this.lines.get(output.to)?.outbox.put(output.bytes);
      else if (output.type === 'job') this.run(output.id, output.job);
      else {
        if (output.type === 'aborted') this.abandon(output.error.code);
        this.options.onOutput(output);
      }
    } catch (thrown) {
      if (!this.machine.over) this.machine.cancel(asTallyError(thrown), this.options.clock.nowMs());
    }
  }

  /** Nobody needs the chunks any more; the channels will end with the reason. */
  private abandon(code: ErrorCode): void {
    this.closeCode = code;
    for (const { outbox } of this.lines.values()) outbox.dropChunks();
  }

  private run(id: number, job: Job): void {
    const machine = this.machine;
    if (!('completed' in machine) || this.options.runJob === undefined) {
      throw new TallyError('internal.bug', `job ${job.op}: nobody runs it`);
    }
    const running = this.options.runJob(job).then(
      (result) => this.act((_, nowMs) => machine.completed(id, result, nowMs)),
      (thrown: unknown) => this.act((_, nowMs) => machine.failed(id, asTallyError(thrown), nowMs)),
    );
    const kept = running.catch(() => undefined).finally(() => this.jobs.delete(kept));
    this.jobs.add(kept);
  }

  /** Sets the timer earlier where needed; one that fires early only looks at the clock. */
  private arm(): void {
    const nextMs = this.machine.nextDeadlineMs();
    if (nextMs >= this.armedMs) return;
    this.cancelTimer();
    this.armedMs = nextMs;
    this.cancelTimer = this.options.clock.setTimer(nextMs, () => {
      this.armedMs = Number.POSITIVE_INFINITY;
      if (!this.machine.over) this.act((machine, nowMs) => machine.timeout(nowMs));
    });
  }

  private close(): void {
    if (this.isClosing) return;
    this.isClosing = true;
    this.cancelTimer();
    void this.finish();
  }

  private async finish(): Promise<void> {
    const lines = [...this.lines.values()];
    await Promise.all([...lines.map((line) => this.flush(line)), ...this.jobs]);
    this.resolveQuiet();
    await Promise.all(lines.map(({ channel }) => channel.close(this.closeCode)));
    this.resolveEnded();
  }

  private async flush({ channel, outbox }: Line): Promise<void> {
    const { clock, lingerMs = 5_000 } = this.options;
    let cancel: () => void = () => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = clock.setTimer(clock.nowMs() + lingerMs, resolve);
    });
    await Promise.race([outbox.flushed(), channel.closed, late]);
    cancel();
  }
}
