/**
 * The only way a list file comes in: as checked UTF-8, a piece at a time.
 *
 * Purpose: open a regular file, undo a byte order mark, and hand out chunks that are valid UTF-8 and end on a
 * character's end; or fail with the byte offset and the line.
 * Assumes: a list is text. A NUL byte is taken as a sign of UTF-16 or of binary data and refused.
 * Does not know: CSV, XML, JSON.
 */
import { isUtf8 } from 'node:buffer';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { TallyError } from '@tallystick/protocol/errors';

const chunkBytes = 1 << 16;
const newline = 0x0a;

export interface ListFile {
  readonly path: string;
  /** File name without folders: what reports and errors call it. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly chunks: AsyncGenerator<Buffer>;
  /** Closes the file; needed only where `chunks` was never started. */
  readonly close: () => Promise<void>;
}

export interface OpenOptions {
  readonly signal?: AbortSignal;
  /** Called after each chunk with the bytes read so far. */
  readonly onBytes?: (readBytes: number) => void;
}

/**
 * Opens a list file. The file is closed when `chunks` ends, throws or is returned from.
 * @throws TallyError file.missing, file.unreadable; from `chunks`: list.encoding, list.truncated (it ends within
 * a character), session.cancelled (the signal).
 */
export async function openList(path: string, options: OpenOptions = {}): Promise<ListFile> {
  const name = basename(path);
  const handle = await openRegular(path, name);
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await handle.close();
  };
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new TallyError('file.unreadable', `${name}: want a regular file`);
    return {
      path,
      name,
      sizeBytes: stat.size,
      modifiedMs: stat.mtimeMs,
      chunks: checkedChunks(handle, name, options, close),
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** The first `maxBytes` bytes of a file, unchecked: for telling formats apart. */
export async function readHead(path: string, maxBytes: number): Promise<Buffer> {
  const name = basename(path);
  const handle = await openRegular(path, name);
  try {
    if (!(await handle.stat()).isFile())
      throw new TallyError('file.unreadable', `${name}: want a regular file`);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(maxBytes), 0, maxBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function openRegular(path: string, name: string): Promise<FileHandle> {
  try {
    // Without O_NONBLOCK (absent on Windows) a named pipe without a writer would block here for ever.
    return await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (thrown) {
    const errno = (thrown as NodeJS.ErrnoException).code;
    if (errno === 'ENOENT' || errno === 'ENOTDIR')
      throw new TallyError('file.missing', `${name}: no such file`);
    throw new TallyError('file.unreadable', `${name}: cannot be opened (${errno ?? 'unknown'})`);
  }
}

async function* checkedChunks(
  handle: FileHandle,
  name: string,
  options: OpenOptions,
  close: () => Promise<void>,
): AsyncGenerator<Buffer> {
  let carry: Buffer = Buffer.alloc(0);
  let offset = 0; // of the first byte not yet handed out
  let line = 1;
  let readBytes = 0;
  try {
    for (;;) {
      if (options.signal?.aborted)
        throw new TallyError('session.cancelled', `${name}: reading was cancelled`);
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, null);
      if (bytesRead === 0) break;
      if (readBytes === 0) refuseUtf16(buffer.subarray(0, bytesRead), name);
      readBytes += bytesRead;
      const joined =
        carry.length === 0
          ? buffer.subarray(0, bytesRead)
          : Buffer.concat([carry, buffer.subarray(0, bytesRead)]);
      const whole = joined.length - openTail(joined);
      const chunk = joined.subarray(0, whole);
      carry = Buffer.from(joined.subarray(whole));
      if (!isUtf8(chunk) || chunk.includes(0)) throw badByte(chunk, offset, line, name);
      const start = offset === 0 && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? 3 : 0;
      offset += whole;
      line += countLines(chunk);
      if (whole > start) yield chunk.subarray(start);
      options.onBytes?.(readBytes);
    }
    if (carry.length > 0) {
      throw new TallyError(
        'list.truncated',
        `${name}: ends within a character at byte ${offset}, line ${line}`,
      );
    }
  } catch (thrown) {
    if (thrown instanceof TallyError) throw thrown;
    const errno = (thrown as NodeJS.ErrnoException).code;
    throw new TallyError('file.unreadable', `${name}: reading failed (${errno ?? 'unknown'})`);
  } finally {
    await close();
  }
}

function refuseUtf16(head: Buffer, name: string): void {
  const mark = head.length >= 2 ? head.readUInt16BE(0) : 0;
  if (mark === 0xfffe || mark === 0xfeff) {
    throw new TallyError(
      'list.encoding',
      `${name}: want UTF-8, got a UTF-16 byte order mark at byte 0, line 1`,
    );
  }
}

/** Number of bytes at the end that may be the beginning of a character still to be completed: 0 to 3. */
function openTail(bytes: Buffer): number {
  const last = bytes.length - 1;
  for (let back = 0; back < 3 && back <= last; back++) {
    const byte = bytes[last - back] as number;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const width = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return back + 1 < width ? back + 1 : 0;
    }
  }
  return 0;
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) lines++;
  return lines;
}

/** Finds the first wrong byte of a chunk known to hold one. */
function badByte(chunk: Buffer, offset: number, line: number, name: string): TallyError {
  let low = 0; // chunk[0..low) is good
  let high = chunk.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    const part = chunk.subarray(0, middle);
    if (isUtf8(part.subarray(0, middle - openTail(part))) && !part.includes(0)) low = middle;
    else high = middle;
  }
  low -= openTail(chunk.subarray(0, low)); // the beginning of the character that goes wrong
  const at = offset + low;
  const onLine = line + countLines(chunk.subarray(0, low));
  return new TallyError(
    'list.encoding',
    `${name}: want UTF-8, got another byte at offset ${at}, line ${onLine}`,
  );
}
