/**
 * One end of one stream: order, number, window, commitment.
 *
 * Purpose: an inbound stream accepts each position once and in order and says how much more may come; an outbound
 * stream sends what is ready, in order, as far as it was granted. Both hash what passes for the commitment of
 * docs/protocol.md, Integrity.
 * Assumes: the chunk size is the proposal's, so chunk c is positions cS … min((c+1)S, n)−1 and nothing else.
 * Does not know: jobs, messages, other streams.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { compareBytes, utf8 } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { domainHash } from '../wire/canonical.ts';
import type { ChunkFrame, StreamKind } from '../wire/frames.ts';
import { encodeTags, parseTags, type TagCoding } from '../wire/tag-coding.ts';
import type { RunningHash } from './types.ts';

export interface StreamShape {
  readonly kind: StreamKind;
  readonly list: number;
  /** Stations the stream has passed: 0 for a first stream. */
  readonly hop: number;
  /** The station at the other end. */
  readonly peer: string;
  /** Units announced. */
  readonly total: number;
  /** 32 for elements, the session's tag length for tags. */
  readonly unitBytes: number;
  readonly chunkElements: number;
  readonly windowChunks: number;
  /** Refuse what is not strictly increasing (first streams and tag streams). */
  readonly increasing: boolean;
}

export type HashFactory = () => RunningHash;
export const nobleSha256: HashFactory = () => sha256.create();

export function streamKey(kind: StreamKind, list: number, hop: number): string {
  return `${kind}/${list}/${hop}`;
}

/** Hides and binds a stream: domainHash over the salt, the stream's place and its SHA-256. */
export function commitStream(shape: StreamShape, streamHash: Uint8Array, salt: Uint8Array): Uint8Array {
  return domainHash('stream', salt, utf8(streamKey(shape.kind, shape.list, shape.hop)), streamHash);
}

abstract class StreamEnd {
  readonly shape: StreamShape;
  readonly key: string;
  readonly chunks: number;
  protected readonly hash: RunningHash;
  private digest: Uint8Array | undefined;

  constructor(shape: StreamShape, newHash: HashFactory) {
    this.shape = shape;
    this.key = streamKey(shape.kind, shape.list, shape.hop);
    this.chunks = Math.ceil(shape.total / shape.chunkElements);
    this.hash = newHash();
  }

  /** Units of a chunk. */
  unitsOf(chunk: number): number {
    const start = chunk * this.shape.chunkElements;
    return Math.min(this.shape.chunkElements, this.shape.total - start);
  }

  /** How chunks of tags are coded on the wire; every other unit travels as it is. */
  protected get coding(): TagCoding | undefined {
    const { kind, unitBytes, total } = this.shape;
    return kind === 'tags' ? { tagBytes: unitBytes, total } : undefined;
  }

  /** SHA-256 of the whole stream, of its units and not of their coding; call when it is complete. */
  streamHash(): Uint8Array {
    this.digest ??= this.hash.digest();
    return this.digest;
  }
}

export class InboundStream extends StreamEnd {
  private next = 0;
  private released = 0;
  private last: Uint8Array | undefined;
  /** The sender's commitment, once its seal was checked. */
  sealed: string | undefined;

  /** Every chunk has arrived. */
  get complete(): boolean {
    return this.next === this.chunks;
  }

  /** Every chunk has been worked off. */
  get drained(): boolean {
    return this.released === this.chunks;
  }

  get doneUnits(): number {
    return Math.min(this.next * this.shape.chunkElements, this.shape.total);
  }

  /**
   * The next chunk, as units. Throws `chain.position` (asked twice or out of order), `chain.count` (too many, or a chunk
   * of another length), `wire.credit` (more than granted), `chain.sorted`, `chain.tag` (tags in another coding).
   */
  accept(frame: ChunkFrame): { start: number; payload: Uint8Array } {
    const { shape } = this;
    if (frame.chunk >= this.chunks) {
      throw new TallyError(
        'chain.count',
        `${this.key}: want ${this.chunks} chunks, got chunk ${frame.chunk}`,
      );
    }
    if (frame.chunk !== this.next) {
      throw new TallyError('chain.position', `${this.key}: want chunk ${this.next}, got ${frame.chunk}`);
    }
    if (this.next >= this.released + shape.windowChunks) {
      throw new TallyError('wire.credit', `${this.key}: want at most ${shape.windowChunks} chunks under way`);
    }
    const payload = this.unitsIn(frame);
    if (shape.increasing) this.checkIncreasing(payload);
    this.hash.update(payload);
    this.next += 1;
    return { start: frame.chunk * shape.chunkElements, payload };
  }

  private unitsIn({ chunk, payload }: ChunkFrame): Uint8Array {
    const { coding } = this;
    if (coding !== undefined) return parseTags(payload, this.unitsOf(chunk), coding);
    const want = this.unitsOf(chunk) * this.shape.unitBytes;
    if (payload.length === want) return payload;
    throw new TallyError(
      'chain.count',
      `${this.key} chunk ${chunk}: want ${want} bytes, got ${payload.length}`,
    );
  }

  private checkIncreasing(payload: Uint8Array): void {
    const { unitBytes } = this.shape;
    let before = this.last;
    for (let at = 0; at < payload.length; at += unitBytes) {
      const unit = payload.subarray(at, at + unitBytes);
      // A repeated name would turn one count into a bit vector: equal is refused too.
      if (before !== undefined && compareBytes(before, unit) >= 0) {
        throw new TallyError('chain.sorted', `${this.key}: want strictly increasing units`);
      }
      before = unit;
    }
    this.last = before?.slice();
  }

  /** A chunk was worked off: the total of chunks now granted. */
  release(): number {
    this.released += 1;
    return Math.min(this.released + this.shape.windowChunks, this.chunks);
  }
}

export class OutboundStream extends StreamEnd {
  private readonly ready = new Map<number, Uint8Array>();
  private sent = 0;
  private granted: number;
  private requested = 0;
  /** Our commitment, once the stream is complete and sealed. */
  sealed: string | undefined;

  constructor(shape: StreamShape, newHash: HashFactory) {
    super(shape, newHash);
    this.granted = Math.min(shape.windowChunks, this.chunks);
  }

  get complete(): boolean {
    return this.sent === this.chunks;
  }

  get doneUnits(): number {
    return Math.min(this.sent * this.shape.chunkElements, this.shape.total);
  }

  /** The receiver's grant. Throws `wire.credit` where it is beyond the stream. */
  credit(chunks: number): void {
    if (chunks > this.chunks) {
      throw new TallyError('wire.credit', `${this.key}: want at most ${this.chunks} chunks, got ${chunks}`);
    }
    this.granted = Math.max(this.granted, chunks);
  }

  /** The next position to read from the own source, as far as it could be sent; undefined when there is none. */
  request(): { start: number; count: number; chunk: number } | undefined {
    if (this.requested >= this.granted) return undefined;
    const chunk = this.requested;
    this.requested += 1;
    return { start: chunk * this.shape.chunkElements, count: this.unitsOf(chunk), chunk };
  }

  /** A chunk is ready. Throws `internal.bug` where it was ready before or has another length. */
  put(chunk: number, payload: Uint8Array): void {
    const want = this.unitsOf(chunk) * this.shape.unitBytes;
    if (chunk < this.sent || this.ready.has(chunk) || payload.length !== want) {
      throw new TallyError(
        'internal.bug',
        `${this.key} chunk ${chunk}: want ${want} bytes once, got ${payload.length}`,
      );
    }
    this.ready.set(chunk, payload);
  }

  /** The next chunk that is ready and granted, as it travels. Throws `chain.sorted` where tags are not. */
  take(): { chunk: number; payload: Uint8Array } | undefined {
    if (this.sent >= this.granted) return undefined;
    const payload = this.ready.get(this.sent);
    if (payload === undefined) return undefined;
    const chunk = this.sent;
    this.ready.delete(chunk);
    this.hash.update(payload);
    this.sent += 1;
    const { coding } = this;
    return { chunk, payload: coding === undefined ? payload : encodeTags(payload, coding) };
  }
}
