/**
 * The real lists: product against oracle, row by row and identifier by identifier.
 *
 * Purpose: on ../shared/data every row is accounted for, product and oracle derive the same identifiers, and the
 * lists have as much in common as they must.
 * Assumes: ../shared/data holds OFAC's legacy CSV and the UN's consolidated XML; skips, saying so, where it is absent.
 * Does not know: how the product reads lists. Failures name record ids only.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { importList } from '@tallystick/node/lists';
import {
  deriveIdentifiers,
  labelsOf,
  type RecipeName,
  recipeNames,
  type WatchlistRecord,
} from '@tallystick/protocol/records';
import { describe, expect, it } from 'vitest';
import {
  type OracleFiles,
  type OracleFormat,
  type OracleList,
  type OracleParty,
  oracleIdentifiers,
  oracleLabels,
  oracleMatches,
  oracleRecords,
} from './oracle/index.ts';

const data = new URL('../../shared/data/', import.meta.url);
const absent = !existsSync(data);
if (absent) console.warn('skipped: the real lists (../shared/data) are absent');

interface Subject {
  id: string;
  format: OracleFormat;
  file: string;
  companions: Partial<Record<'alt' | 'add', string>>;
}

const lists: Subject[] = [
  {
    id: 'ofac',
    format: 'ofac-sdn',
    file: 'ofac/sdn.csv',
    companions: { alt: 'ofac/alt.csv', add: 'ofac/add.csv' },
  },
  { id: 'un', format: 'un-consolidated', file: 'un/consolidated.xml', companions: {} },
];

const cache = new Map<string, OracleList>();

function oracleList(list: Subject): OracleList {
  const known = cache.get(list.id);
  if (known) return known;
  const files: OracleFiles = { main: readFileSync(new URL(list.file, data)) };
  for (const name of ['alt', 'add'] as const) {
    const path = list.companions[name];
    if (path !== undefined) files[name] = readFileSync(new URL(path, data));
  }
  const read = oracleRecords(list.format, files);
  cache.set(list.id, read);
  return read;
}

const persons = (list: Subject, recipe: RecipeName): OracleParty => ({
  id: list.id,
  records: oracleList(list)
    .records.filter((r) => r.subject === 'person')
    .map((r) => ({ id: r.id, identifiers: oracleIdentifiers(r, recipe) })),
});

describe.skipIf(absent)('OFAC persons against UN persons, by the oracle', () => {
  const [ofac, un] = lists as [Subject, Subject];
  const matched = new Map<RecipeName, number>();
  for (const recipe of recipeNames) {
    it(`${recipe}: what matches on one side has its counterpart on the other`, () => {
      const a = persons(ofac, recipe);
      const b = persons(un, recipe);
      const [mine, theirs] = [oracleMatches(b, a), oracleMatches(a, b)];
      // sizes only: a failure prints nobody's identifiers
      expect([...mine.identifiers].filter((i) => !theirs.identifiers.has(i)).length).toBe(0);
      expect(mine.identifiers.size).toBe(theirs.identifiers.size);
      matched.set(recipe, mine.records.size);
      console.info(
        `${recipe}: ${mine.records.size} of ${b.records.length} UN records, ${theirs.records.size} of ` +
          `${a.records.length} OFAC records, ${mine.identifiers.size} identifiers in common`,
      );
    });
  }
  it('over 100 UN persons match by document, over 450 by name', () => {
    expect(matched.get('document')).toBeGreaterThan(100);
    expect(matched.get('name')).toBeGreaterThan(450);
  });
});

interface Imported {
  records: Map<string, WatchlistRecord>;
  /** `file-name line outcome reason`, sorted. */
  rows: string[];
}

async function importAll(list: Subject): Promise<Imported> {
  const records = new Map<string, WatchlistRecord>();
  const rows: string[] = [];
  const main = list.file.split('/').at(-1);
  for await (const event of importList(fileURLToPath(new URL(list.file, data)))) {
    if (event.type === 'record') {
      records.set(event.record.id, event.record);
      rows.push(`${main} ${event.line} record`);
    } else if (event.type === 'companion') rows.push(`${event.file} ${event.line} companion`);
    else if (event.type === 'rejected') rows.push(`${event.file} ${event.line} rejected ${event.reason}`);
  }
  return { records, rows: rows.sort() };
}

describe.skipIf(absent).each(lists)('the product on $file', (list) => {
  it('accounts for every row as the oracle does', async () => {
    const product = await importAll(list);
    const names = { main: list.file, comments: '', add: '', ...list.companions } as Record<string, string>;
    const rows = oracleList(list).rows.map((r) =>
      [names[r.file]?.split('/').at(-1), r.line, r.outcome, r.code].filter((p) => p !== undefined).join(' '),
    );
    expect(product.rows).toEqual(rows.sort());
    expect([...product.records.keys()].sort()).toEqual(
      oracleList(list)
        .records.map((r) => r.id)
        .sort(),
    );
  });
  it('has the subjects and labels, and derives the identifiers, that the oracle does', async () => {
    const product = await importAll(list);
    const differing: string[] = [];
    for (const record of oracleList(list).records) {
      const other = product.records.get(record.id);
      if (!other || other.subject !== record.subject) {
        differing.push(`${record.id} subject`);
        continue;
      }
      for (const field of ['program', 'list', 'subject']) {
        const want = [...new Set(oracleLabels(record, field))].sort();
        if (want.join('\n') !== [...new Set(labelsOf(other, field))].sort().join('\n'))
          differing.push(`${record.id} ${field}`);
      }
      for (const recipe of recipeNames) {
        const want = [...oracleIdentifiers(record, recipe)].sort();
        const got = [...new Set(deriveIdentifiers(other, [recipe]).identifiers)].sort();
        if (want.join('\n') !== got.join('\n')) differing.push(`${record.id} ${recipe}`);
      }
    }
    expect(differing).toEqual([]);
  });
});
