/**
 * The collector's merge of N sorted tag streams.
 *
 * Purpose: for every tag the set of lists that hold it, in increasing order of the tags, in memory that does not grow
 * with the lists: each list's chunks wait here only until every other list has something to compare with.
 * Assumes: each stream is strictly increasing (checked where it enters). Does not know: whose the lists are, what is
 * done with a tag.
 */
import { compareBytes } from '../bytes/index.ts';

interface Lane {
  readonly chunks: Uint8Array[];
  at: number;
  remaining: number;
}

export interface MergeHandler {
  /** A tag, and the bit mask of the lists that hold it. The bytes are a view: copy what must stay. */
  onTag(tag: Uint8Array, mask: number): void;
  /** A chunk of a list was worked off. */
  onConsumed(list: number): void;
}

export class TagMerge {
  private readonly lanes: Lane[];
  private readonly tagBytes: number;
  private readonly handler: MergeHandler;

  constructor(totals: readonly number[], tagBytes: number, handler: MergeHandler) {
    this.tagBytes = tagBytes;
    this.handler = handler;
    this.lanes = totals.map((remaining) => ({ chunks: [], at: 0, remaining }));
  }

  /** Every tag of every list has been seen. */
  get complete(): boolean {
    return this.lanes.every((lane) => lane.remaining === 0);
  }

  push(list: number, chunk: Uint8Array): void {
    (this.lanes[list] as Lane).chunks.push(chunk);
    this.run();
  }

  private head(lane: Lane): Uint8Array | undefined {
    return lane.chunks[0]?.subarray(lane.at, lane.at + this.tagBytes);
  }

  /** Goes on as long as every list that is not at its end has a tag to show. */
  private run(): void {
    for (;;) {
      let least: Uint8Array | undefined;
      let mask = 0;
      for (let list = 0; list < this.lanes.length; list++) {
        const lane = this.lanes[list] as Lane;
        if (lane.remaining === 0) continue;
        const tag = this.head(lane);
        if (tag === undefined) return;
        const order = least === undefined ? -1 : compareBytes(tag, least);
        if (order < 0) {
          least = tag;
          mask = 1 << list;
        } else if (order === 0) {
          mask |= 1 << list;
        }
      }
      if (least === undefined) return;
      this.handler.onTag(least, mask);
      for (let list = 0; list < this.lanes.length; list++) {
        if ((mask & (1 << list)) !== 0) this.advance(list);
      }
    }
  }

  private advance(list: number): void {
    const lane = this.lanes[list] as Lane;
    lane.at += this.tagBytes;
    lane.remaining -= 1;
    if (lane.at < (lane.chunks[0] as Uint8Array).length) return;
    lane.chunks.shift();
    lane.at = 0;
    this.handler.onConsumed(list);
  }
}
