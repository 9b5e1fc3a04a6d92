/**
 * The collector's merge of N sorted tag streams.
 *
 * Purpose: for every tag the set of lists that hold it, counted per set, in memory that does not grow with the
 * lists: each list's chunks wait here only until every other list has something to compare with.
 * Assumes: each stream is strictly increasing (checked where it enters). Does not know: whose the lists are.
 */
import { compareBytes } from '../bytes/index.ts';

interface Lane {
  readonly chunks: Uint8Array[];
  at: number;
  remaining: number;
}

export class TagMerge {
  /** Identifiers on exactly the lists of mask m stand at m − 1. */
  readonly exactly: number[];
  private readonly lanes: Lane[];
  private readonly tagBytes: number;
  private readonly onConsumed: (list: number) => void;

  /** @param onConsumed called once for every chunk that was worked off */
  constructor(totals: readonly number[], tagBytes: number, onConsumed: (list: number) => void) {
    this.tagBytes = tagBytes;
    this.onConsumed = onConsumed;
    this.lanes = totals.map((remaining) => ({ chunks: [], at: 0, remaining }));
    this.exactly = new Array<number>((1 << totals.length) - 1).fill(0);
  }

  /** Every tag of every list has been counted. */
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

  /** Counts as long as every list that is not at its end has a tag to show. */
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
      if (mask === 0) return;
      this.exactly[mask - 1] = (this.exactly[mask - 1] as number) + 1;
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
    this.onConsumed(list);
  }
}
