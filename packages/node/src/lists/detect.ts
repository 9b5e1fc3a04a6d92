/**
 * Which format a file is of, by its first bytes (docs/recipes.md A10).
 *
 * Purpose: `format` need not be given.
 * Assumes: the head decides; the importer then holds the whole file to it.
 * Does not know: how to read any format.
 */
import { TallyError } from '@tallystick/protocol/errors';
import { basename } from 'node:path';
import { readHead } from './bytes.ts';
import { firstRow } from './csv-rows.ts';
import type { ListFormat } from './events.ts';

const headBytes = 1 << 16;

/** @throws TallyError file.missing, file.unreadable, list.empty, list.encoding, list.format. */
export async function detectFormat(path: string): Promise<ListFormat> {
  const name = basename(path);
  const head = await headText(path);
  if (head.trim() === '') throw new TallyError('list.empty', `${name}: want a list, got no text`);
  if (head.startsWith('<')) {
    if (/<CONSOLIDATED_LIST[\s>/]/.test(head)) return 'un-consolidated';
    throw new TallyError('list.format', `${name}: is XML, but not a UN consolidated list`);
  }
  if (head.startsWith('{')) return 'ftm';
  const row = (firstRow(head, ',') ?? []).map((field) => field.trim());
  if (row.length === 12 && /^[0-9]+$/.test(row[0] ?? '') && row.includes('-0-')) return 'ofac-sdn';
  return 'csv';
}

/** The comma, unless the header row has none outside quotes: then a semicolon or a tab, if it has one. */
export async function detectDelimiter(path: string): Promise<string> {
  const head = await headText(path);
  for (const delimiter of [',', ';', '\t']) {
    if ((firstRow(head, delimiter)?.length ?? 0) > 1) return delimiter;
  }
  return ',';
}

async function headText(path: string): Promise<string> {
  const head = await readHead(path, headBytes);
  const mark = head.length >= 2 ? head.readUInt16BE(0) : 0;
  const at = mark === 0xfffe || mark === 0xfeff ? 0 : head.indexOf(0);
  if (at !== -1) {
    const line = head.subarray(0, at).toString('latin1').split('\n').length;
    throw new TallyError(
      'list.encoding',
      `${basename(path)}: want UTF-8, got UTF-16 or binary data at offset ${at}, line ${line}`,
    );
  }
  return head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
}
