/**
 * The oracle's labels: section A11 of docs/recipes.md, and counts by label.
 *
 * Purpose: which label an identifier is counted under, and every cell that is not empty.
 * Assumes: lists that fit in memory. Does not know: the product, the order of its cells.
 */
import type { OracleRecord } from './fields.ts';

/** A record's labels in a field: at least one. */
export function oracleLabels(record: Pick<OracleRecord, 'labels' | 'subject'>, field: string): string[] {
  const texts = record.labels?.[field] ?? (field === 'subject' ? [record.subject] : []);
  const clean = texts
    .map((text) => text.replaceAll(/\p{Cc}|\p{Cf}|\p{Cs}|\p{Zl}|\p{Zp}/gu, ' ').trim())
    .map((text) => Array.from(text).slice(0, 80).join('').trim())
    .filter((text) => text !== '');
  return clean.length > 0 ? clean : ['unlabelled'];
}

/** A list as a session with labels sees it. */
export interface LabelledParty {
  id: string;
  records: { identifiers: ReadonlySet<string>; labels: readonly string[] }[];
  /** What is declared, in its order; null: the list is not cut. */
  declared: readonly string[] | null;
}

/** Identifier → the first declared label of all its records. */
export function labelOfEach({ records, declared }: LabelledParty): Map<string, string | null> {
  const all = new Map<string, string[]>();
  for (const { identifiers, labels } of records) {
    for (const one of identifiers) all.set(one, [...(all.get(one) ?? []), ...labels]);
  }
  return new Map(
    [...all].map(([one, labels]) => [one, declared?.find((label) => labels.includes(label)) ?? null]),
  );
}

/**
 * How many identifiers there are for each `north high + south`: exactly these lists, these labels.
 * @param merged by party: what a label is called, where it was merged into another
 */
export function oracleCells(
  parties: readonly LabelledParty[],
  merged: (party: string, label: string) => string = (_, label) => label,
): Map<string, number> {
  const names = new Map<string, string[]>();
  for (const party of parties) {
    for (const [one, label] of labelOfEach(party)) {
      const here = label === null ? party.id : `${party.id} ${merged(party.id, label)}`;
      names.set(one, [...(names.get(one) ?? []), here]);
    }
  }
  const cells = new Map<string, number>();
  for (const parts of names.values()) {
    const key = parts.join(' + ');
    cells.set(key, (cells.get(key) ?? 0) + 1);
  }
  return cells;
}
