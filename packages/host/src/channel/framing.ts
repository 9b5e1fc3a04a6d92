/**
 * Frames on a byte stream: u32 big-endian length, then the payload. A word with its top bit set is no length
 * but a signal: `ready` (0x80000000: this end has checked the other's certificate) or `end` (0xC0000000 plus
 * an abort number, 0 for none: nothing follows).
 *
 * Purpose: encode and parse them, allocating at most one frame of the permitted length at a time.
 * Assumes: the stream below is ordered, reliable and authenticated.
 * Does not know: sockets.
 */
import { TallyError } from '@tallystick/protocol/errors';

export const headerBytes = 4;
export const readyWord = 0x8000_0000;
const endWord = 0xc000_0000;
const largestAbort = 0xffff;

export type FrameEvent =
  | { readonly kind: 'frame'; readonly frame: Uint8Array }
  | { readonly kind: 'ready' }
  | { readonly kind: 'end'; readonly abort: number };

/** A frame in an array of its own. */
export function encodeFrame(payload: Uint8Array): Uint8Array {
  const out = new Uint8Array(headerBytes + payload.length);
  new DataView(out.buffer).setUint32(0, payload.length);
  out.set(payload, headerBytes);
  return out;
}

function encodeWord(word: number): Uint8Array {
  const out = new Uint8Array(headerBytes);
  new DataView(out.buffer).setUint32(0, word);
  return out;
}

export const encodeReady = (): Uint8Array => encodeWord(readyWord);

/** @param abort number of the error table, 0 for an end without a reason. */
export const encodeEnd = (abort: number): Uint8Array => encodeWord((endWord | abort) >>> 0);

export interface FrameParser {
  /**
   * What became complete with these bytes, in order.
   * @throws TallyError `wire.length` for a frame over the limit (before its payload is taken), `wire.frame`
   * for an unknown signal.
   */
  push(chunk: Uint8Array): FrameEvent[];
}

export function createFrameParser(maxFrameBytes: number): FrameParser {
  const header = new Uint8Array(headerBytes);
  const headerView = new DataView(header.buffer);
  let headerFilled = 0;
  let frame: Uint8Array | undefined;
  let frameFilled = 0;

  const openWord = (word: number): FrameEvent | undefined => {
    if (word === readyWord) return { kind: 'ready' };
    if (word >= endWord) {
      const abort = word - endWord;
      if (abort > largestAbort) throw new TallyError('wire.frame', 'frame: unknown signal');
      return { kind: 'end', abort };
    }
    if (word > readyWord) throw new TallyError('wire.frame', 'frame: unknown signal');
    if (word > maxFrameBytes) {
      throw new TallyError('wire.length', `frame: want at most ${maxFrameBytes} bytes, got ${word}`);
    }
    frame = new Uint8Array(word);
    frameFilled = 0;
    return undefined;
  };

  return {
    push(chunk) {
      const events: FrameEvent[] = [];
      let at = 0;
      while (at < chunk.length || (frame !== undefined && frameFilled === frame.length)) {
        if (frame === undefined) {
          const take = Math.min(headerBytes - headerFilled, chunk.length - at);
          header.set(chunk.subarray(at, at + take), headerFilled);
          headerFilled += take;
          at += take;
          if (headerFilled < headerBytes) break;
          headerFilled = 0;
          const signal = openWord(headerView.getUint32(0));
          if (signal !== undefined) events.push(signal);
          continue;
        }
        const take = Math.min(frame.length - frameFilled, chunk.length - at);
        frame.set(chunk.subarray(at, at + take), frameFilled);
        frameFilled += take;
        at += take;
        if (frameFilled < frame.length) break;
        events.push({ kind: 'frame', frame });
        frame = undefined;
      }
      return events;
    },
  };
}
