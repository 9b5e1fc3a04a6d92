/**
 * What is asked about a list before it is stored, and how a record of it is chosen.
 *
 * Purpose: the plain, cloneable arguments of `checkList`, `importList` and `explainRecord`.
 * Assumes: nothing here holds contents of a list.
 * Does not know: formats, recipes.
 */
import type { RecipeName, Subject } from '@tallystick/protocol/records';
import type { ImportOptions, ListReport } from '../lists/index.ts';

export interface ListOptions extends Omit<ImportOptions, 'signal' | 'onProgress'> {
  /** What the report's identifiers are about; `any` where absent. Every record is read, stored and counted. */
  readonly subject?: Subject;
}

/** Options of an import. */
export interface ImportListOptions extends ListOptions {
  /** Identifiers that the report counts; none where absent: counting a million takes memory. */
  readonly reportRecipes?: readonly RecipeName[];
}

/** What a list holds, in numbers and places, without contents. */
export type ListCheck = ListReport;

/** A record by the publisher's id, or by the line on which it begins. */
export type RecordChoice = { readonly id: string } | { readonly line: number };
