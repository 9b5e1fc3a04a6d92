/**
 * The product's importers and recipes against what is written out by hand, and against the oracle on random lists.
 *
 * Purpose: the one place where product and oracle meet on invented data; the real lists are in test/real-lists.test.ts.
 * Assumes: the oracle has passed its own tests.
 * Does not know: how either works inside.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importList } from '@tallystick/node/lists';
import { TallyError } from '@tallystick/protocol/errors';
import {
  type BirthDate,
  deriveIdentifiers,
  recipeNames,
  type WatchlistRecord,
} from '@tallystick/protocol/records';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectedIdentifiers, oracleRecordOf } from './expected.ts';
import { type ExpectedList, expectedLists } from './expected-lists.ts';
import { type OracleDate, type OracleRecord, oracleIdentifiers, oracleRecords } from './index.ts';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tallystick-oracle-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const dateFact = (kind: string, from: string | number, to?: string | number): string =>
  [kind, String(from), to === undefined ? '' : String(to)].join(' ').trim();

const oracleDate = (d: OracleDate): string =>
  d.type === 'day'
    ? dateFact('day', d.date)
    : d.type === 'range'
      ? dateFact('range', d.from, d.to)
      : dateFact(d.type, d.year);
const productDate = (d: BirthDate): string => dateFact(d.kind, d.from, d.to);

type Documents = readonly { kind: string; number: string; country?: string }[];

function facts(
  record: {
    id: string;
    subject: string;
    names: readonly { text: string; quality: string }[];
    documents: Documents;
  },
  dates: string[],
): string {
  const all = [
    ...record.names.map((n) => `name ${n.quality} ${n.text}`),
    ...dates.map((d) => `born ${d}`),
    // other documents make no identifier, and an importer may leave them out (A1)
    ...record.documents
      .filter((d) => d.kind !== 'other')
      .map((d) => `document ${d.kind} ${d.number} ${d.country ?? '(none)'}`),
  ];
  return [`id ${record.id}`, `subject ${record.subject}`, ...[...new Set(all)].sort()].join('\n');
}

const oracleFacts = (r: Omit<OracleRecord, 'line'>): string => facts(r, r.birthDates.map(oracleDate));

const names = { main: '', alt: 'alt.csv', add: 'add.csv', comments: 'sdn_comments.csv' };

async function importFiles(list: ExpectedList): Promise<{ records: WatchlistRecord[]; rows: string[] }> {
  const folder = mkdtempSync(join(root, 'list-'));
  const main = { 'ofac-sdn': 'sdn.csv', 'un-consolidated': 'un.xml', ftm: 'list.json', csv: 'list.csv' }[
    list.format
  ];
  for (const name of ['main', 'alt', 'add', 'comments'] as const) {
    const content = list.files[name];
    if (content !== undefined) writeFileSync(join(folder, names[name] || main), content);
  }
  const role = (file: string): string =>
    file === main ? 'main' : (Object.entries(names).find(([, n]) => n === file)?.[0] ?? file);
  const records: WatchlistRecord[] = [];
  const rows: string[] = [];
  const options = {
    format: list.format,
    ...(list.columns ? { columns: list.columns } : {}),
    ...(list.defaultSubject ? { defaultSubject: list.defaultSubject } : {}),
  };
  for await (const event of importList(join(folder, main), options)) {
    if (event.type === 'record') {
      records.push(event.record);
      rows.push(`main ${event.line} record`);
    } else if (event.type === 'companion') rows.push(`${role(event.file)} ${event.line} companion`);
    else if (event.type === 'rejected')
      rows.push(`${role(event.file)} ${event.line} rejected ${event.reason}`);
  }
  return { records, rows };
}

describe.each([...new Set(expectedLists.map((l) => l.format))])('the importer of %s', (format) => {
  for (const list of expectedLists.filter((l) => l.format === format)) {
    it(list.why, async () => {
      if (list.refused !== undefined) {
        const refusal = await importFiles(list).then(
          () => 'not refused',
          (error: unknown) => (error instanceof TallyError ? error.code : error),
        );
        expect(refusal).toBe(list.refused);
        return;
      }
      const got = await importFiles(list);
      expect([...got.rows].sort()).toEqual([...(list.rows ?? [])].sort());
      const records = got.records.map((r) => facts(r, r.birthDates.map(productDate)));
      expect(records.sort()).toEqual((list.records ?? []).map(oracleFacts).sort());
    });
  }
});

describe('the recipes on identifiers written out by hand', () => {
  for (const vector of expectedIdentifiers) {
    it(`${vector.id}: ${vector.why}`, () => {
      const source = oracleRecordOf(vector);
      const birthDates = source.birthDates.map((d): BirthDate => {
        if (d.type === 'day') return { kind: 'day', from: d.date };
        if (d.type === 'range') return { kind: 'range', from: String(d.from), to: String(d.to) };
        return { kind: d.type, from: String(d.year) };
      });
      const record: WatchlistRecord = { ...source, subject: 'person', birthDates };
      for (const recipe of recipeNames) {
        if ('fails' in vector) {
          expect(() => deriveIdentifiers(record, [recipe])).toThrow(
            expect.objectContaining({ code: vector.fails }) as Error,
          );
          continue;
        }
        expect([...deriveIdentifiers(record, [recipe]).identifiers].sort(), recipe).toEqual(
          [...(vector.expect[recipe] ?? [])].sort(),
        );
      }
    });
  }
});

describe('product and oracle on random lists', () => {
  const letters = fc.constantFrom(...'aBzÉßİıŁøñЖъёΣςώعبةאל王김やｱ한ﬁ0٣№½\u0301\u064e\u200d·’´`-.,;"|()/& ');
  const text = fc.oneof(
    fc.string({ unit: letters, minLength: 1, maxLength: 12 }),
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.constantFrom('Dr. Omar', 'GENERAL', 'Sheikh', 'عمر', 'Omar\ufffd', 'x\u0378', '-0-'),
  );
  const date = fc.constantFrom(
    '1970',
    '1970-02-29',
    '1972-02-29',
    'circa 1970',
    '1970-1972',
    '5 May 1970',
    'May 1970',
    '',
    'soon',
  );
  const kind = fc.constantFrom(
    'passport',
    'Passport No.',
    'National ID',
    'identity card',
    'D.N.I.',
    'Tax ID',
    '',
  );
  const country = fc.constantFrom(
    'NO',
    'afg',
    'Korea, North',
    'Congo',
    'The Gambia',
    'U.S.A.',
    'Turkiye',
    'XKK',
    '',
  );
  const row = fc.tuple(
    fc.nat(8).map(String),
    text,
    text,
    date,
    kind,
    country,
    fc.oneof(text, fc.constant('AB 12345')),
  );
  const header = ['id', 'name', 'aliases', 'birthDate', 'documentKind', 'documentCountry', 'documentNumber'];
  const quote = (cell: string): string => `"${cell.replaceAll('"', '""').replaceAll('\0', '')}"`;

  it('agree on rows, records and identifiers of a CSV', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 12 }), async (rows) => {
        const good = ['99', 'Somebody', '', '', '', '', ''];
        const main = [header, good, ...rows].map((r) => `${r.map(quote).join(',')}\n`).join('');
        const oracle = oracleRecords('csv', { main: new TextEncoder().encode(main) });
        const product = await importFiles({ why: '', format: 'csv', files: { main } });
        expect([...product.rows].sort()).toEqual(
          oracle.rows
            .map((r) => [r.file, r.line, r.outcome, r.code].filter((p) => p !== undefined).join(' '))
            .sort(),
        );
        expect(product.records.map((r) => facts(r, r.birthDates.map(productDate))).sort()).toEqual(
          oracle.records.map(oracleFacts).sort(),
        );
        const other = new Map(product.records.map((r) => [r.id, r]));
        for (const record of oracle.records) {
          const got = deriveIdentifiers(other.get(record.id) as WatchlistRecord, recipeNames).identifiers;
          expect(new Set(got)).toEqual(oracleIdentifiers(record, recipeNames));
        }
      }),
      { numRuns: 150 },
    );
  });
});
