/**
 * What importers say, one event at a time.
 *
 * Purpose: the shapes between importers, the report and whoever stores records.
 * Assumes: every row of every file of a list becomes exactly one `record` or `rejected`, or is part of a record.
 * Does not know: recipes.
 */
import type { WatchlistRecord } from '@tallystick/protocol/records';

export type ListFormat = 'ofac-sdn' | 'un-consolidated' | 'ftm' | 'csv';

export const listFormats: readonly ListFormat[] = ['ofac-sdn', 'un-consolidated', 'ftm', 'csv'];

/**
 * Why a row was left out (docs/recipes.md A9), in the order of precedence. Codes only: a reason never holds what
 * stood there.
 */
export type RejectReason =
  | 'row.columns'
  | 'row.json'
  | 'row.encoding'
  | 'row.id-missing'
  | 'row.schema'
  | 'row.id-repeated'
  | 'row.no-name'
  | 'row.date'
  | 'row.codepoint'
  | 'row.orphan';

export interface RecordEvent {
  readonly type: 'record';
  /** First line of the row in the list file, counted from 1. */
  readonly line: number;
  readonly record: WatchlistRecord;
}

/** A row whose data went into the record of another row, or that describes no subject. */
export interface CompanionEvent {
  readonly type: 'companion';
  readonly line: number;
  readonly file: string;
}

export interface RejectedEvent {
  readonly type: 'rejected';
  readonly line: number;
  /** File name: the list's own or a companion's. */
  readonly file: string;
  readonly reason: RejectReason;
  /** Column, element or property, by the format's own name. */
  readonly field: string;
}

/** What becomes of one row. */
export type RowEvent = RecordEvent | CompanionEvent | RejectedEvent;

export interface MetaEvent {
  readonly type: 'meta';
  readonly format: ListFormat;
  /** Files that were read, the list first. */
  readonly files: readonly string[];
  /** The list's date, ISO 8601. */
  readonly listDate: string;
  /** Whether the publisher says so in the list, or only the file system does. */
  readonly listDateFrom: 'list' | 'file';
}

/** Rows as they are read; `meta` comes once, last. */
export type ImportEvent = RowEvent | MetaEvent;

/** Header names of a generic CSV (docs/recipes.md A8). What is left out is looked for under its own name. */
export interface CsvColumns {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  /** Several values in one cell are separated by `;` or `|`. */
  readonly aliases?: string | undefined;
  readonly birthDate?: string | undefined;
  readonly subject?: string | undefined;
  /** Fields that give labels, by the names they get: `{ "tier": "Risk tier" }`. Several values as in `aliases`. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** `kind` and `country` that are no headers are taken literally for every row. */
  readonly documents?:
    | readonly {
        readonly kind?: string | undefined;
        readonly country?: string | undefined;
        readonly number: string;
      }[]
    | undefined;
}

export interface ImportProgress {
  readonly readBytes: number;
  readonly totalBytes: number;
  readonly records: number;
}

export interface ImportOptions {
  /** Detected where absent. */
  readonly format?: ListFormat;
  /** For `csv` whose headers are not the default ones. */
  readonly columns?: CsvColumns;
  /** For `csv`: what a row without a subject is; `person` where absent. */
  readonly defaultSubject?: 'person' | 'organisation';
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
}
