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
  labelsOf,
  recipeNames,
  type WatchlistRecord,
} from '@tallystick/protocol/records';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectedIdentifiers, oracleRecordOf } from './expected.ts';
import { type ExpectedList, expectedLists } from './expected-lists.ts';
import {
  type OracleDate,
  type OracleFiles,
  type OracleRecord,
  oracleIdentifiers,
  oracleLabels,
  oracleRecords,
} from './index.ts';

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

const runs = Number(process.env['TALLYSTICK_FUZZ_RUNS'] ?? 100);

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

  /** Rows, records and identifiers, or the refusal, of both. */
  async function compare(list: ExpectedList): Promise<void> {
    const bytes = (text: string | Uint8Array | undefined) =>
      typeof text === 'string' ? new TextEncoder().encode(text) : text;
    const { main, alt, comments } = list.files;
    const files = { main: bytes(main) as Uint8Array };
    const more = { ...(alt ? { alt: bytes(alt) } : {}), ...(comments ? { comments: bytes(comments) } : {}) };
    const oracle = oracleRecords(list.format, { ...files, ...more } as OracleFiles);
    const product = await importFiles(list);
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
      const own = other.get(record.id) as WatchlistRecord;
      const got = deriveIdentifiers(own, recipeNames).identifiers;
      expect(new Set(got)).toEqual(oracleIdentifiers(record, recipeNames));
      for (const field of ['program', 'list', 'topics', 'subject'])
        expect(new Set(labelsOf(own, field))).toEqual(new Set(oracleLabels(record, field)));
    }
  }

  it('agree on CSV', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 12 }), (rows) => {
        const good = ['99', 'Somebody', '', '', '', '', ''];
        const main = [header, good, ...rows].map((r) => `${r.map(quote).join(',')}\n`).join('');
        return compare({ why: '', format: 'csv', files: { main } });
      }),
      { numRuns: runs },
    );
  });

  const scrap = fc.constantFrom(
    ...'Passport|alt. |Diplomatic |National ID No. |Cedula No. |D.N.I. |Kenyan ID No. |Tax ID No. |Personal ID Card |'.split(
      '|',
    ),
    ...'AB 123456|AB123456|CAR |RL |TR-P |No.12345|#12345|(HWI)04018|K35(4)|71 05|12/345|-|No|: |number |passport '.split(
      '|',
    ),
    ...' (Norway)| (Korea, North)| (Expired 2016)| ()| issued 01 Jan 2000| expires 2001| expired| and |, Oslo|.|;|; |  '.split(
      '|',
    ),
    ...`DOB |alt. DOB |1970|5 May 1970|circa |to |a.k.a. '|'|OWL|a.k.a. ""|""|f.k.a. |ALT. |\u00a0|Ω|ß`.split(
      '|',
    ),
  );
  const scraps = fc.array(scrap, { maxLength: 9 }).map((parts) => parts.join(''));
  const documentish = fc
    .tuple(
      fc.constantFrom(
        'Passport ',
        'alt. Passport ',
        'National ID No. ',
        'Cedula No. ',
        'D.N.I. ',
        'DOB ',
        "a.k.a. '",
        '',
      ),
      scraps,
    )
    .map((parts) => parts.join(''));
  const remarks = fc.array(documentish, { maxLength: 5 }).map((items) => items.join('; '));

  it('agree on OFAC remarks', async () => {
    const entry = fc.tuple(remarks, fc.constantFrom('individual', 'vessel', '-0- '), fc.boolean());
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 6 }), (entries) => {
        const empty = '-0- ,'.repeat(8);
        const rest = (text: string) => text.replaceAll('""', '"').replaceAll('"', '""');
        const main = [['', '-0- ', false] as const, ...entries]
          .map(([r, type], i) => `${i},"TESTOV, Omar","${type}",${empty}"${rest(r)}"\n`)
          .join('');
        const comments = entries
          .map(([r, , continued], i) => (continued ? `${i + 1},"${rest(r)}"\n` : ''))
          .join('');
        return compare({
          why: '',
          format: 'ofac-sdn',
          files: comments === '' ? { main } : { main, comments },
        });
      }),
      { numRuns: runs },
    );
  });

  it('agree on UN dates and documents', async () => {
    const xml = (name: string, value: string) =>
      `<${name}>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</${name}>`;
    const maybe = (name: string, ...values: string[]) =>
      fc.constantFrom('', ...values.map((v) => xml(name, v)));
    const document = fc.tuple(
      maybe('TYPE_OF_DOCUMENT', 'Passport', 'National Identification Number', 'Numéro de passeport', 'Other'),
      maybe('TYPE_OF_DOCUMENT2', 'Ration card no.', 'national passport', 'identity card', 'Driver’s permit'),
      scraps.map((s) => xml('NUMBER', s)),
      maybe('ISSUING_COUNTRY', 'Norway', ' ', 'Iran (Islamic Republic of)'),
      maybe('COUNTRY_OF_ISSUE', 'Türkiye'),
    );
    const birth = fc.tuple(
      maybe('TYPE_OF_DATE', 'EXACT', 'APPROXIMATELY', 'BETWEEN'),
      maybe('DATE', '1970-05-05', '', ' 1970-05-05 '),
      maybe('YEAR', '1970', '', '70'),
      maybe('FROM_YEAR', '1960', ''),
      maybe('TO_YEAR', '1962', '1960', '1950'),
    );
    const entry = fc.tuple(
      fc.array(document, { maxLength: 3 }),
      fc.array(birth, { maxLength: 2 }),
      fc.constantFrom('Good', 'Low', 'LOW', ''),
      text.map((t) => t.replace(/[^\t\n\u0020-\ud7ff\ue000-\uffef\ufffd]/g, '')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 5 }), (entries) => {
        const individuals = entries.map(
          ([documents, births, quality, alias], i) =>
            `<INDIVIDUAL><DATAID>${i}</DATAID><FIRST_NAME>Omar</FIRST_NAME>\n<INDIVIDUAL_ALIAS>${xml('QUALITY', quality)}${xml('ALIAS_NAME', alias)}</INDIVIDUAL_ALIAS>` +
            births.map((b) => `<INDIVIDUAL_DATE_OF_BIRTH>${b.join('')}</INDIVIDUAL_DATE_OF_BIRTH>`).join('') +
            documents.map((d) => `<INDIVIDUAL_DOCUMENT>${d.join('')}</INDIVIDUAL_DOCUMENT>`).join('\n') +
            '</INDIVIDUAL>',
        );
        const good = '<INDIVIDUAL><DATAID>99</DATAID><FIRST_NAME>Omar</FIRST_NAME></INDIVIDUAL>';
        const main = `<CONSOLIDATED_LIST><INDIVIDUALS>${good}${individuals.join('\n')}</INDIVIDUALS></CONSOLIDATED_LIST>`;
        return compare({ why: '', format: 'un-consolidated', files: { main } });
      }),
      { numRuns: runs },
    );
  });

  it('agree on FollowTheMoney', async () => {
    const several = <T>(value: fc.Arbitrary<T>) => fc.array(value, { maxLength: 2 });
    const paper = fc.record(
      {
        number: several(fc.oneof(text, scraps)),
        country: several(country),
        type: several(kind),
        holder: several(fc.constantFrom<unknown>('p0', 'p1', 'p2', { id: 'p1', schema: 'Person' })),
      },
      { requiredKeys: [] },
    );
    const entity = fc.record({
      id: fc.constantFrom<unknown>('p0', 'p1', 'p2', 'p3', 'd1', '', 7),
      schema: fc.constantFrom(
        'Person',
        'Person',
        'Person',
        'Company',
        'Vessel',
        'Passport',
        'Identification',
        'Family',
        '',
      ),
      target: fc.constantFrom<unknown>(true, true, false, null),
      properties: fc.record(
        {
          name: several(text),
          alias: several(text),
          weakAlias: several(text),
          birthDate: several(date),
          passportNumber: several(scraps),
          idNumber: fc.oneof(scraps, several(scraps)),
          number: several(scraps),
          holder: several(fc.constantFrom<unknown>('p0', 'p1', 'p2', { id: 'p1' })),
          type: several(kind),
          passports: several(paper.map((properties) => ({ id: 'n', schema: 'Passport', properties }))),
          other: several(paper.map((properties) => ({ id: 'n', schema: 'Identification', properties }))),
        },
        { requiredKeys: [] },
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(entity, { minLength: 1, maxLength: 8 }), (entities) => {
        const good = { id: 'p99', schema: 'Person', properties: { name: ['Omar'] } };
        const main = [good, ...entities].map((e) => `${JSON.stringify(e)}\n`).join('');
        return compare({ why: '', format: 'ftm', files: { main: main.replaceAll('\0', '') } });
      }),
      { numRuns: runs },
    );
  });
});
