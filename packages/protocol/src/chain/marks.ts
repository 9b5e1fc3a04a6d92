/**
 * Marks: what the collector tells the owner of a list about each of its sorted tags, form sealed, output `matches`.
 *
 * Purpose: one byte a tag (matched or not), or, where the agreement says so, two bytes: the mask of the lists that hold
 * it. Chunk c of the marks is about chunk c of the tags.
 * Does not know: identifiers; only the owner knows which tag is whose.
 */
import type { Predicate } from '../agreement/ephemeral.ts';
import { equalBytes } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import type { InboundStream } from './streams.ts';

/** Bytes of a mark: which lists (a mask), or whether. */
export function markBytes(which: boolean): number {
  return which ? 2 : 1;
}

/** Whether a tag on the lists of a mask counts as matched, for a session of so many parties. */
export function matchesPredicate(predicate: Predicate, mask: number, parties: number): boolean {
  switch (predicate.kind) {
    case 'all':
      return mask === (1 << parties) - 1;
    case 'atLeast':
      return bitCount(mask) >= predicate.lists;
    case 'any':
      return bitCount(mask) >= 2;
  }
}

function bitCount(mask: number): number {
  let bits = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) bits += 1;
  return bits;
}

/** Chunks of marks, of every collector the same: one waits here, within its window, until all have said it. */
export class MarkPairs {
  private readonly collectors: number;
  private readonly waiting = new Map<number, { marks: Uint8Array; streams: InboundStream[] }>();

  constructor(collectors: number) {
    this.collectors = collectors;
  }

  /** The streams that brought the chunk, once all have. Throws `chain.collectors` where they differ. */
  take(start: number, marks: Uint8Array, stream: InboundStream): readonly InboundStream[] | undefined {
    const known = this.waiting.get(start) ?? { marks, streams: [] };
    if (!equalBytes(known.marks, marks)) {
      throw new TallyError('chain.collectors', `marks from ${start}: the collectors say different things`);
    }
    known.streams.push(stream);
    if (known.streams.length < this.collectors) {
      this.waiting.set(start, known);
      return undefined;
    }
    this.waiting.delete(start);
    return known.streams;
  }
}

/** Fills chunk after chunk with marks and hands each over when it is full. */
export class MarkWriter {
  private readonly unitBytes: number;
  private readonly unitsOf: (chunk: number) => number;
  private readonly onChunk: (chunk: number, bytes: Uint8Array) => void;
  private chunk = 0;
  private at = 0;
  private bytes: Uint8Array;

  constructor(
    unitBytes: number,
    unitsOf: (chunk: number) => number,
    onChunk: (chunk: number, bytes: Uint8Array) => void,
  ) {
    this.unitBytes = unitBytes;
    this.unitsOf = unitsOf;
    this.onChunk = onChunk;
    this.bytes = new Uint8Array(unitsOf(0) * unitBytes);
  }

  /** The mark of the next tag: zero where it did not match, else 1, or the mask of its lists. */
  add(mark: number): void {
    if (this.unitBytes === 2) this.bytes[this.at++] = mark >> 8;
    this.bytes[this.at++] = mark & 0xff;
    if (this.at < this.bytes.length) return;
    this.onChunk(this.chunk, this.bytes);
    this.chunk += 1;
    this.at = 0;
    this.bytes = new Uint8Array(Math.max(0, this.unitsOf(this.chunk)) * this.unitBytes);
  }
}
