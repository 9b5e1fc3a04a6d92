/**
 * An export of an audit log: one text file.
 *
 * Purpose: what a station hands to an auditor, a partner, an oversight body. Line 1 is the header; every further line
 * is one entry with its leaf hash, in canonical JSON, so that a change anywhere is found in the line where it is.
 * Assumes: the whole log from its first entry. Does not know: whether any of it is true (verify.ts).
 */
import { z } from 'zod';
import { encodeHex, utf8 } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { canonicalBytes } from '../wire/canonical.ts';
import { type AuditEntry, parseEntry } from './entry.ts';
import { hex32, stationId } from './fields.ts';
import { leafHash } from './tree.ts';

/** Longest export that is read, in bytes: some hundred thousand entries. */
export const maxExportBytes = 256 * 1024 * 1024;
const maxLineLength = 256 * 1024;

const note = z.string().max(64 * 1024);
const headerSchema = z.strictObject({
  format: z.literal('tallystick-audit-export'),
  version: z.literal(1),
  station: stationId,
  /** Of the station: signs its checkpoints. Compare its fingerprint by another way. */
  publicKey: hex32,
  /** Signed notes of this log, the last one over all entries; with the witnesses' cosignatures. */
  checkpoints: z.array(note).min(1).max(1024),
  /** Keys of the witnesses whose cosignatures are there. */
  witnesses: z.array(z.strictObject({ station: stationId, publicKey: hex32 })).max(64),
  /** Newest checkpoint of each other log that this station has cosigned, with the key that signed it. */
  witnessed: z.array(z.strictObject({ station: stationId, publicKey: hex32, checkpoint: note })).max(64),
});

export type ExportHeader = z.infer<typeof headerSchema>;

/** One line after the header. */
export interface ExportLine {
  readonly entry: AuditEntry;
  /** What the line says the leaf's hash is, hex. */
  readonly leaf: string;
}

export interface LogExport {
  readonly header: ExportHeader;
  /** As they stand in the file; nothing is checked but the header. */
  readonly lines: readonly string[];
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const textOf = (value: unknown): string => decoder.decode(canonicalBytes(value));

/** @param leaves of the whole log, in order */
export function encodeExport(header: ExportHeader, leaves: Iterable<Uint8Array>): Uint8Array {
  const lines = [textOf(headerSchema.parse(header))];
  for (const bytes of leaves)
    lines.push(textOf({ entry: parseEntry(bytes), leaf: encodeHex(leafHash(bytes)) }));
  return utf8(`${lines.join('\n')}\n`);
}

/** Throws `log.export` where the file or its header is none; entries are looked at by `verifyExport`. */
export function parseExport(bytes: Uint8Array): LogExport {
  const bad = (what: string): TallyError => new TallyError('log.export', `export: ${what}`);
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    // A byte that was changed can break the encoding of one line alone.
    text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  }
  const [head = '', ...lines] = text.split('\n');
  let value: unknown;
  try {
    value = JSON.parse(head);
  } catch {
    throw bad('line 1 is no JSON');
  }
  const header = headerSchema.safeParse(value);
  if (!header.success) throw bad(`header.${header.error.issues[0]?.path.join('.') ?? ''}: not of version 1`);
  if (textOf(header.data) !== head) throw bad('header: want canonical JSON');
  // A whole file ends with a line break; what stands behind the last one is looked at as a line.
  if (lines.at(-1) === '') lines.pop();
  return { header: header.data, lines };
}

/** Throws `log.entry` for a line that is no entry in its one spelling. */
export function parseExportLine(line: string): ExportLine {
  const bad = (): TallyError => new TallyError('log.entry', 'line: want an entry and its leaf hash');
  if (line.length > maxLineLength) throw bad();
  let value: { entry?: unknown; leaf?: unknown };
  try {
    value = JSON.parse(line) as typeof value;
  } catch {
    throw bad();
  }
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 2) throw bad();
  const { entry: claimed, leaf } = value;
  if (!hex32.safeParse(leaf).success || claimed === undefined) throw bad();
  const entry = parseEntry(canonicalBytes(claimed));
  if (textOf({ entry, leaf }) !== line) throw bad();
  return { entry, leaf: leaf as string };
}
