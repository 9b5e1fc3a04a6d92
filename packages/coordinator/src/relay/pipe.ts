/**
 * One direction of a link.
 *
 * Purpose: pass binary messages on, and stop reading from one side while the other is slow, so that what the
 * coordinator holds is bounded whatever the two ends do.
 * Assumes: the messages are TLS records that it cannot read. Does not know: links, nodes.
 */
import type { Socket } from '@tallystick/host/channel';

export interface PipeOptions {
  /** Bytes taken and not yet passed on, above which the sender is stalled. */
  readonly highWaterBytes: number;
  /** What to pass on for a message; the message alone, except in tests of a hostile relay. */
  readonly interfere?: ((message: Uint8Array) => readonly Uint8Array[]) | undefined;
  readonly onBytes: (message: Uint8Array) => void;
}

export interface Pipe {
  take(message: Uint8Array): void;
  /** Bytes taken and not yet passed on. */
  readonly heldBytes: number;
  /** Calls back once nothing is held. */
  whenEmpty(fn: () => void): void;
}

export function createPipe(from: Socket, to: Socket, options: PipeOptions): Pipe {
  let held = 0;
  let paused = false;
  let onEmpty: (() => void) | undefined;
  const passed = (length: number): void => {
    held -= length;
    if (paused && held <= options.highWaterBytes / 2) {
      paused = false;
      from.resume();
    }
    if (held === 0) onEmpty?.();
  };
  return {
    take(message) {
      options.onBytes(message);
      for (const out of options.interfere?.(message) ?? [message]) {
        held += out.length;
        to.sendBinary(out, () => passed(out.length));
      }
      if (!paused && held > options.highWaterBytes) {
        paused = true;
        from.pause();
      }
    },
    get heldBytes() {
      return held;
    },
    whenEmpty(fn) {
      onEmpty = fn;
      if (held === 0) fn();
    },
  };
}
