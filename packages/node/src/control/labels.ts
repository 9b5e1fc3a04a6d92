/**
 * Counts by label, as the control API shows them.
 *
 * Purpose: which lists are cut by which labels, and the cells. Does not know: who has which label.
 */
import type { WithheldReason } from '@tallystick/protocol/privacy';

/** A label, or several that were merged because they were small. */
export interface LabelFacts {
  /** As it is called: by itself; `other` or `all` where several were merged. */
  readonly label: string;
  /** What was merged into it; itself alone otherwise. */
  readonly of: readonly string[];
  /** The announced number of identifiers under it. */
  readonly identifiers: number;
}

/** By what a party's list is cut. */
export interface LabelledList {
  readonly id: string;
  readonly field: string;
  /** Every label that the agreement declares. */
  readonly declared: readonly string[];
  /** Labels with fewer identifiers are merged. */
  readonly minSize: number;
  /** Known once every consent is in. */
  readonly labels: readonly LabelFacts[] | null;
}

/** Exactly these lists, under these labels. */
export interface LabelCell {
  readonly in: readonly string[];
  /** By party, of the lists in it that have labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** Null: withheld. */
  readonly exactly: number | null;
  readonly reason?: WithheldReason;
}

export interface SessionLabels {
  readonly lists: readonly LabelledList[];
  /** Every combination of lists and labels; null until there are counts. */
  readonly cells: readonly LabelCell[] | null;
}
