/**
 * The oracle's importers: a list file becomes records, and every row has an outcome.
 *
 * Purpose: sections A2 and A5 to A9 of docs/recipes.md, for the four formats.
 * Assumes: whole files as bytes; the caller names the format.
 * Does not know: the product's importers.
 */
import { readCsvList } from './csv-list.ts';
import type { OracleRecord } from './fields.ts';
import { readFtmList } from './ftm-list.ts';
import { readOfacList } from './ofac-list.ts';
import { OracleRefusal } from './syntax.ts';
import { readUnList } from './un-list.ts';

export type OracleFormat = 'ofac-sdn' | 'un-consolidated' | 'ftm' | 'csv';

/** Bytes of a list; the companions exist for `ofac-sdn` only. */
export interface OracleFiles {
  main: Uint8Array;
  alt?: Uint8Array;
  add?: Uint8Array;
  comments?: Uint8Array;
}

/** What became of one row of one file. */
export interface OracleRow {
  file: keyof OracleFiles;
  line: number;
  outcome: 'record' | 'companion' | 'rejected';
  code?: string;
}

/** The mapping of a CSV list (docs/recipes.md A8). */
export interface OracleColumns {
  id?: string;
  name?: string;
  aliases?: string;
  birthDate?: string;
  subject?: string;
  labels?: Record<string, string>;
  documents?: { kind?: string; country?: string; number: string }[];
}

export interface OracleOptions {
  columns?: OracleColumns;
  /** Subject of a CSV row that states none. */
  subject?: 'person' | 'organisation';
}

export interface OracleList {
  records: OracleRecord[];
  rows: OracleRow[];
}

/**
 * Read a list by docs/recipes.md part A.
 *
 * @returns the records (all subjects) and the outcome of every row of every file.
 * @throws OracleRefusal with `list.encoding`, `list.truncated`, `list.format` or `list.empty`.
 */
export function oracleRecords(
  format: OracleFormat,
  files: OracleFiles,
  options: OracleOptions = {},
): OracleList {
  const list =
    format === 'ofac-sdn'
      ? readOfacList(files)
      : format === 'un-consolidated'
        ? readUnList(files.main)
        : format === 'ftm'
          ? readFtmList(files.main)
          : readCsvList(files.main, options);
  if (list.records.length === 0) throw new OracleRefusal('list.empty');
  return list;
}
