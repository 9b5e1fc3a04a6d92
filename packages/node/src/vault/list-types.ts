/**
 * What is said about a list before it is stored, and how a record of it is chosen.
 *
 * Purpose: the plain, cloneable shapes of `checkList`, `importList` and `explainRecord`.
 * Assumes: nothing here holds contents of a list but its file names, dates and the reasons of rejections.
 * Does not know: formats, recipes.
 */
import type { CsvColumns, ListFormat } from '../lists/events.ts';

export interface ListOptions {
  /** Detected where absent. */
  readonly format?: ListFormat;
  /** Required for `csv` whose headers are not the default ones. */
  readonly columns?: CsvColumns;
}

/** A record by the publisher's id, or by the line on which it begins. */
export type RecordChoice = { readonly id: string } | { readonly line: number };
