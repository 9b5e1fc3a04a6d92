/**
 * What a format's writer gives back.
 *
 * Purpose: the shape between writers and the generator.
 * Assumes: nothing. Does not know: formats.
 */
import type { RejectReason } from '@tallystick/node/lists';

export interface ListFileText {
  /** File name, without folders. */
  readonly name: string;
  readonly text: string;
}

/** The row that is spoilt on purpose, so that a check has something to report. */
export interface SpoiltRow {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly reason: RejectReason;
}

export interface WrittenList {
  /** The file that an importer is given; companions lie beside it. */
  readonly main: string;
  readonly files: readonly ListFileText[];
  readonly spoilt: SpoiltRow;
}
