/**
 * Batches of messages cut into the kernel's blocks.
 *
 * Purpose: as many messages to a block as there are places and bytes for.
 * Assumes: a checked batch, each message of which fits. Does not know: what becomes of a block.
 */
import type { MessageBatch } from '../suite/group.ts';

/** Messages `first` to `to` − 1 of a batch; their text is `start` to `end`. */
export interface MessageBlock {
  readonly first: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
}

/** Blocks of at most `most` messages and `room` bytes. */
export function* messageBlocks({ ends }: MessageBatch, most: number, room: number): Generator<MessageBlock> {
  for (let first = 0, start = 0; first < ends.length; ) {
    let to = first;
    let end = start;
    while (to < ends.length && to - first < most && (ends[to] as number) - start <= room) {
      end = ends[to] as number;
      to += 1;
    }
    yield { first, to, start, end };
    first = to;
    start = end;
  }
}

/** Bytes of the longest message; 0 where there is none. */
export function longestMessage({ ends }: MessageBatch): number {
  let longest = 0;
  for (let i = 0, start = 0; i < ends.length; i++) {
    longest = Math.max(longest, (ends[i] as number) - start);
    start = ends[i] as number;
  }
  return longest;
}
