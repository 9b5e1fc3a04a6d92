/**
 * The oracle's importers against small lists written out by hand.
 *
 * Purpose: part A of docs/recipes.md, case by case, before the oracle is believed on real lists.
 * Assumes: expected-lists.ts was written from the document.
 * Does not know: the product.
 */
import { describe, expect, it } from 'vitest';
import { type ExpectedList, expectedLists } from './expected-lists.ts';
import { type OracleFiles, type OracleRecord, OracleRefusal, oracleRecords } from './index.ts';

function filesOf(list: ExpectedList): OracleFiles {
  const bytes = (text: string | Uint8Array): Uint8Array =>
    typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const files: OracleFiles = { main: bytes(list.files.main) };
  for (const name of ['alt', 'add', 'comments'] as const) {
    const text = list.files[name];
    if (text !== undefined) files[name] = bytes(text);
  }
  return files;
}

/** A record as a set of facts: order and repetition have no meaning (A1). */
function facts(record: Omit<OracleRecord, 'line'>): string[] {
  const all = [
    `id ${record.id}`,
    `subject ${record.subject}`,
    ...record.names.map((n) => `name ${n.quality} ${n.text}`),
    ...record.birthDates.map((d) => `born ${JSON.stringify(d)}`),
    ...record.documents.map((d) => `document ${d.kind} ${d.number} ${d.country ?? '(none)'}`),
  ];
  return [...new Set(all)].sort();
}

describe.each([...new Set(expectedLists.map((l) => l.format))])('%s', (format) => {
  for (const list of expectedLists.filter((l) => l.format === format)) {
    it(list.why, () => {
      const read = () =>
        oracleRecords(format, filesOf(list), {
          ...(list.columns ? { columns: list.columns } : {}),
          ...(list.defaultSubject ? { subject: list.defaultSubject } : {}),
        });
      if (list.refused !== undefined) {
        expect(read).toThrow(OracleRefusal);
        expect(read).toThrow(list.refused);
        return;
      }
      const got = read();
      expect(
        got.rows.map((r) => [r.file, r.line, r.outcome, r.code].filter((p) => p !== undefined).join(' ')),
      ).toEqual(list.rows);
      expect(got.records.map(facts)).toEqual(list.records?.map(facts));
    });
  }
});
