/**
 * Labels of a record: what a list may be cut by when it is counted (docs/recipes.md A11).
 *
 * Purpose: one way to read them for the vault and for whoever declares them.
 * Assumes: importers squeezed the values. Does not know: agreements, which labels are declared.
 */
import type { WatchlistRecord } from './types.ts';

/** The label of a record that has none; it is declared like any other. */
export const unlabelled = 'unlabelled';

/** Longest label; what is longer is cut there. */
const maxLabelLength = 80;

/**
 * A record's labels in a field, at least one. `subject` is a field of every format, unless the list brings its own of
 * that name.
 */
export function labelsOf(record: WatchlistRecord, field: string): readonly string[] {
  const own = record.labels !== undefined && Object.hasOwn(record.labels, field) ? record.labels[field] : [];
  const values = own?.length === 0 && field === 'subject' ? [record.subject] : (own ?? []);
  const labels = values.map(cleanLabel).filter((label) => label !== '');
  return labels.length === 0 ? [unlabelled] : labels;
}

/** A text as a label may be written in an agreement: nothing that moves a cursor, no longer than the longest. */
function cleanLabel(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ').trim();
  return [...plain].slice(0, maxLabelLength).join('').trim();
}
