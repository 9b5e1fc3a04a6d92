/**
 * The receiving half of a channel: a queue with one consumer and a high-water mark.
 *
 * Purpose: hand frames out in order, tell the source when to stop and when to go on, end once.
 * Assumes: one consumer at a time. Does not know: where frames come from.
 */
import { TallyError } from '@tallystick/protocol/errors';
import type { ChannelClosed } from './types.ts';

export interface Inbox {
  put(frame: Uint8Array): void;
  /** Ends the queue; what is in it stays deliverable unless `discard`. */
  end(closed: ChannelClosed, discard: boolean): void;
  take(): Promise<Uint8Array | undefined>;
}

interface Waiter {
  resolve(frame: Uint8Array | undefined): void;
  reject(error: TallyError): void;
}

/** The error that a channel's users see after its end. */
export function closedError(closed: ChannelClosed): TallyError {
  const code = closed.code ?? 'peer.left';
  return new TallyError(code, `channel: closed by ${closed.by}`);
}

/** @param flow called with `true` when the source should pause and `false` when it may go on. */
export function createInbox(highWaterBytes: number, flow: (pause: boolean) => void): Inbox {
  /** What was taken is let go at once: the places before `head` are empty. */
  const queue: (Uint8Array | undefined)[] = [];
  let head = 0;
  let bytes = 0;
  let paused = false;
  let waiter: Waiter | undefined;
  let ended: ChannelClosed | undefined;

  const settleEnd = (to: Waiter, closed: ChannelClosed): void => {
    if (closed.code === undefined) to.resolve(undefined);
    else to.reject(closedError(closed));
  };

  return {
    put(frame) {
      if (ended !== undefined) return;
      if (waiter !== undefined) {
        const to = waiter;
        waiter = undefined;
        to.resolve(frame);
        return;
      }
      queue.push(frame);
      bytes += frame.length;
      if (!paused && bytes >= highWaterBytes) {
        paused = true;
        flow(true);
      }
    },
    end(closed, discard) {
      if (ended !== undefined) return;
      ended = closed;
      if (discard) queue.length = head = 0;
      if (waiter !== undefined) settleEnd(waiter, closed);
      waiter = undefined;
    },
    take() {
      const frame = queue[head];
      if (frame !== undefined) {
        queue[head] = undefined;
        head++;
        if (head > 64) {
          queue.splice(0, head);
          head = 0;
        }
        bytes -= frame.length;
        if (paused && bytes <= highWaterBytes / 2) {
          paused = false;
          flow(false);
        }
        return Promise.resolve(frame);
      }
      return new Promise((resolve, reject) => {
        if (ended !== undefined) settleEnd({ resolve, reject }, ended);
        else if (waiter !== undefined)
          reject(new TallyError('internal.bug', 'channel: want one consumer, got two'));
        else waiter = { resolve, reject };
      });
    },
  };
}
