/**
 * Entries as OFAC's legacy CSV: sdn.csv, alt.csv, add.csv.
 *
 * Purpose: files that a reader of the real list takes as they are.
 * Assumes: names hold no quotation marks. One row of sdn.csv is spoilt on purpose: it has a column too few.
 * Does not know: what was planted.
 */
import type { Entry, EntryBirth, EntryDocument } from './entries.ts';
import { familyFirst } from './pools.ts';
import type { WrittenList } from './write.ts';

const empty = '-0- ';
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const documentWords = {
  passport: 'Passport',
  'national-id': 'National ID No.',
  other: 'Tax ID No.',
} as const;

export function writeOfac(entries: readonly Entry[]): WrittenList {
  const main: string[] = [];
  const aliases: string[] = [];
  const addresses: string[] = [];
  entries.forEach((entry, n) => {
    const name = typeof entry.name === 'string' ? entry.name.toUpperCase() : familyFirst(entry.name);
    const kind = entry.subject === 'person' ? '"individual"' : empty;
    const fields = [entry.id, `"${name}"`, kind, '"DEMO"', ...Array(7).fill(empty), remarksOf(entry)];
    main.push(fields.join(','));
    if (n === Math.floor(entries.length / 2))
      main.push(`${spoiltId},"SPOILT, Row","individual","DEMO",${empty}`);
    for (const alias of entry.aliases) {
      aliases.push([entry.id, `9${aliases.length}`, '"aka"', `"${alias}"`, empty].join(','));
    }
    addresses.push([entry.id, `8${n}`, empty, empty, `"${entry.country.name}"`, empty].join(','));
  });
  const text = (rows: readonly string[]): string => rows.map((row) => `${row}\n`).join('');
  return {
    main: 'sdn.csv',
    files: [
      { name: 'sdn.csv', text: text(main) },
      { name: 'alt.csv', text: text(aliases) },
      { name: 'add.csv', text: text(addresses) },
    ],
    spoilt: { file: 'sdn.csv', line: Math.floor(entries.length / 2) + 2, reason: 'row.columns' },
  };
}

const spoiltId = '99999999';

function remarksOf(entry: Entry): string {
  const items: string[] = [];
  if (entry.birth !== undefined) items.push(`DOB ${birthText(entry.birth)}`);
  if (entry.subject === 'person') items.push(`POB ${entry.country.name}`);
  for (const document of entry.documents) items.push(documentText(document));
  for (const alias of entry.weakAliases) items.push(`a.k.a. '${alias}'`);
  return items.length === 0 ? empty : `"${items.join('; ')}."`;
}

function birthText(birth: EntryBirth): string {
  switch (birth.kind) {
    case 'day': {
      const [year, month, day] = birth.from.split('-') as [string, string, string];
      return `${day} ${months[Number(month) - 1] ?? ''} ${year}`;
    }
    case 'year':
      return birth.from;
    case 'circa':
      return `circa ${birth.from}`;
    case 'range':
      return `${birth.from} to ${birth.to ?? birth.from}`;
  }
}

function documentText(document: EntryDocument): string {
  const country = document.country === undefined ? '' : ` (${document.country.name})`;
  return `${documentWords[document.kind]} ${document.series}${document.digits}${country}`;
}
