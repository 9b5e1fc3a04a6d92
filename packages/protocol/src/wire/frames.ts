/**
 * Binary frames: how chunks of elements and tags travel.
 *
 * Purpose: a fixed 16-byte header, then whole units. A channel's frame is either UTF-8 JSON (its first byte is
 * `{`) or one of these (its first byte is the version). docs/protocol.md gives the bytes.
 * Assumes: the channel keeps frames whole and in order. Does not know: which chunk is due.
 *
 *   0      version (1)
 *   1      kind: 1 stream, 2 returned, 3 tags, 4 marks, 5 labels
 *   2      list (index of its owner)
 *   3      hop (stations the stream has passed)
 *   4..7   chunk number, big-endian
 *   8..15  first 8 bytes of the hash of all consents
 */
import { equalBytes } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';

export const frameVersion = 1;
export const frameHeaderBytes = 16;

/**
 * `stream`: elements on their way; `returned`: the receiver's own list evaluated, as elements or as tags; `tags`:
 * sorted, for the collector; `marks`: the collector's word on each of those tags, for their owner; `labels`: one byte
 * for each of the sorted tags, for the collector.
 */
export type StreamKind = 'stream' | 'returned' | 'tags' | 'marks' | 'labels';

const kindNumbers: Readonly<Record<StreamKind, number>> = {
  stream: 1,
  returned: 2,
  tags: 3,
  marks: 4,
  labels: 5,
};
const kindNames = new Map<number, StreamKind>([
  [1, 'stream'],
  [2, 'returned'],
  [3, 'tags'],
  [4, 'marks'],
  [5, 'labels'],
]);

export interface ChunkFrame {
  readonly kind: StreamKind;
  readonly list: number;
  readonly hop: number;
  readonly chunk: number;
  readonly payload: Uint8Array;
}

/** True where a channel frame is JSON. */
export function isJsonFrame(frame: Uint8Array): boolean {
  return frame[0] === 0x7b;
}

/** @param consentsHash 32 bytes; its first 8 stand in the header. */
export function encodeChunkFrame(frame: ChunkFrame, consentsHash: Uint8Array): Uint8Array {
  const out = new Uint8Array(frameHeaderBytes + frame.payload.length);
  out[0] = frameVersion;
  out[1] = kindNumbers[frame.kind];
  out[2] = frame.list;
  out[3] = frame.hop;
  new DataView(out.buffer).setUint32(4, frame.chunk);
  out.set(consentsHash.subarray(0, 8), 8);
  out.set(frame.payload, frameHeaderBytes);
  return out;
}

/**
 * The parts of a binary frame; the payload is a view into it. Throws `wire.frame` (short, or of another session),
 * `wire.version`, `wire.type`.
 */
export function parseChunkFrame(bytes: Uint8Array, consentsHash: Uint8Array): ChunkFrame {
  if (bytes.length < frameHeaderBytes) {
    throw new TallyError('wire.frame', `frame: want at least ${frameHeaderBytes} bytes, got ${bytes.length}`);
  }
  if (bytes[0] !== frameVersion) {
    throw new TallyError('wire.version', `frame version: want ${frameVersion}, got ${bytes[0]}`);
  }
  const kind = kindNames.get(bytes[1] as number);
  if (kind === undefined) throw new TallyError('wire.type', `frame kind: want 1 to 5, got ${bytes[1]}`);
  if (!equalBytes(bytes.subarray(8, 16), consentsHash.subarray(0, 8))) {
    throw new TallyError('wire.frame', 'frame: bound to another session');
  }
  const chunk = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(4);
  return {
    kind,
    list: bytes[2] as number,
    hop: bytes[3] as number,
    chunk,
    payload: bytes.subarray(frameHeaderBytes),
  };
}
