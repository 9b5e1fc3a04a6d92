/**
 * Sealed results: which own records matched, by which identifiers.
 *
 * Purpose: the answer of a session as one array of bytes that only the vault opens, and its export as a file for
 * the owner.
 * Assumes: records are known by their number in the sealed list. Does not know: sessions, tags.
 */
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { TallyError } from '@tallystick/protocol/errors';
import { type Correction, isTagged } from '@tallystick/protocol/redress';
import { fileError, privateFileMode } from '@tallystick/host/files';
import type { HandlingMarks } from '../control/handling.ts';
import { PieceReader, PieceWriter } from './pieces.ts';
import type { Sealer } from './sealing.ts';
import { type StoredRecord, unpackRecord } from './stored-record.ts';

/** First line of a result. */
export interface ResultHead {
  readonly listId: string;
  readonly identifiers: number;
  readonly records: number;
}

/** Every further line: a record's number in its list and the identifiers that matched. */
export interface ResultRow {
  readonly record: number;
  readonly identifiers: readonly string[];
  /** By identifier: ids of the other lists that hold it, where the agreement says that the receiver learns it. */
  readonly lists?: readonly (readonly string[])[];
}

const resultName = 'result';
const lengthBytes = 4;

/** Pieces behind their lengths (4 bytes, big-endian), as one array. */
export class ResultWriter {
  readonly #pieces: Uint8Array[] = [];
  readonly #writer: PieceWriter;

  constructor(sealer: Sealer, head: ResultHead) {
    this.#writer = new PieceWriter(sealer, resultName);
    this.#keep(this.#writer.add(head));
  }

  add(row: ResultRow): void {
    this.#keep(this.#writer.add(row));
  }

  end(): Uint8Array {
    this.#keep(this.#writer.end());
    let size = 0;
    for (const piece of this.#pieces) size += lengthBytes + piece.length;
    const out = new Uint8Array(size);
    let at = 0;
    for (const piece of this.#pieces) {
      new DataView(out.buffer).setUint32(at, piece.length);
      out.set(piece, at + lengthBytes);
      at += lengthBytes + piece.length;
    }
    return out;
  }

  #keep(piece: Uint8Array | undefined): void {
    if (piece !== undefined) this.#pieces.push(piece);
  }
}

function* piecesOf(sealedResult: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(sealedResult.buffer, sealedResult.byteOffset, sealedResult.length);
  for (let at = 0; at < sealedResult.length; ) {
    if (at + lengthBytes > sealedResult.length)
      throw new TallyError('store.corrupt', 'result: ends in a length');
    const end = at + lengthBytes + view.getUint32(at);
    if (end > sealedResult.length)
      throw new TallyError('store.corrupt', 'result: ends in the middle of a piece');
    yield sealedResult.subarray(at + lengthBytes, end);
    at = end;
  }
}

/** Opens a sealed result; throws `store.corrupt`. */
export function readResult(
  sealer: Sealer,
  sealedResult: Uint8Array,
): { head: ResultHead; rows: ResultRow[] } {
  const values: unknown[] = [];
  const reader = new PieceReader(sealer, resultName, (value) => values.push(value));
  for (const piece of piecesOf(sealedResult)) reader.push(piece);
  reader.end();
  const [head, ...rows] = values as [ResultHead, ...ResultRow[]]; // sealed by this vault: it has this shape
  return { head, rows };
}

export interface ExportTarget {
  readonly outPath: string;
  /** Random: names the temporary file. */
  readonly suffix: string;
  /** In every line, because lines are cut out and joined; null: none. */
  readonly handling: HandlingMarks | null;
  /** Only the records that a correction means; null: all. */
  readonly only: Correction | null;
}

/** Writes the matching records of one list while its pieces come by: push each, then end. */
export class ResultExport {
  readonly #rows: Map<number, ResultRow>;
  readonly #outPath: string;
  readonly #temporary: string;
  readonly #reader: PieceReader;
  #file: FileHandle | undefined;
  #lines: string[] = [];
  #written = 0;

  constructor(sealer: Sealer, sealedResult: Uint8Array, { outPath, suffix, handling, only }: ExportTarget) {
    const { head, rows } = readResult(sealer, sealedResult);
    const wanted = only === null ? rows : rows.filter(({ identifiers }) => isTagged(only, identifiers));
    this.#rows = new Map(wanted.map((row) => [row.record, row]));
    this.#outPath = outPath;
    this.#temporary = `${outPath}.${suffix}.tmp`;
    this.#reader = new PieceReader(sealer, `list/${head.listId}`, (value, number) => {
      const row = this.#rows.get(number);
      if (row === undefined) return;
      const on = row.lists === undefined ? {} : { matchedOn: row.lists };
      const marks = handling === null ? {} : { handling };
      const line = { ...unpackRecord(value as StoredRecord), matched: row.identifiers, ...on, ...marks };
      this.#lines.push(`${JSON.stringify(line)}\n`);
      this.#written += 1;
    });
  }

  async push(piece: Uint8Array): Promise<void> {
    this.#reader.push(piece);
    await this.#flush();
  }

  /** The file is whole or not there. Throws `store.corrupt`, `file.*`, `store.write`. */
  async end(): Promise<void> {
    this.#reader.end();
    await this.#flush();
    if (this.#written !== this.#rows.size) {
      throw new TallyError(
        'store.corrupt',
        `result: want ${this.#rows.size} records in the list, got ${this.#written}`,
      );
    }
    await this.#guarded(async (file) => {
      await file.sync();
      await rename(this.#temporary, this.#outPath);
      this.#file = undefined;
      await file.close();
    });
  }

  /** Leaves nothing behind; harmless after `end`. */
  async abort(): Promise<void> {
    this.#lines = [];
    if (this.#file === undefined) return;
    await this.#file.close().catch(() => undefined);
    this.#file = undefined;
    await unlink(this.#temporary).catch(() => undefined);
  }

  async #flush(): Promise<void> {
    const text = this.#lines.join('');
    this.#lines = [];
    await this.#guarded(async (file) => {
      if (text !== '') await file.writeFile(text);
    });
  }

  async #guarded(work: (file: FileHandle) => Promise<void>): Promise<void> {
    try {
      this.#file ??= await open(this.#temporary, 'wx', privateFileMode);
      await work(this.#file);
    } catch (thrown) {
      throw fileError(thrown, this.#outPath);
    }
  }
}
