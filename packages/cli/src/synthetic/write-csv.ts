/**
 * Entries as a generic CSV with the default headers.
 *
 * Purpose: what an agency's own export looks like.
 * Assumes: a row holds one document; an entry's others are left out. One row is spoilt on purpose: its id came before.
 * Does not know: what was planted.
 */
import type { Entry, EntryBirth } from './entries.ts';
import { inOrder } from './pools.ts';
import type { WrittenList } from './write.ts';

const header = 'id,name,aliases,birthDate,subject,documentKind,documentCountry,documentNumber';
const documentWords = { passport: 'passport', 'national-id': 'national ID', other: 'tax ID' } as const;

export function writeCsv(entries: readonly Entry[]): WrittenList {
  const rows = entries.map(rowOf);
  const middle = Math.floor(rows.length / 2);
  rows.splice(
    middle,
    0,
    [entries[0]?.id ?? '', 'Spoilt Row', '', '', 'person', '', '', ''].map(quoted).join(','),
  );
  return {
    main: 'list.csv',
    files: [{ name: 'list.csv', text: [header, ...rows].map((row) => `${row}\r\n`).join('') }],
    spoilt: { file: 'list.csv', line: middle + 2, reason: 'row.id-repeated' },
  };
}

function rowOf(entry: Entry): string {
  const name = typeof entry.name === 'string' ? entry.name : inOrder(entry.name);
  const aliases = [...(entry.original === undefined ? [] : [entry.original]), ...entry.aliases];
  const [document] = entry.documents;
  return [
    entry.id,
    name,
    aliases.join('; '),
    entry.birth === undefined ? '' : birthText(entry.birth),
    entry.subject,
    document === undefined ? '' : documentWords[document.kind],
    document?.country?.alpha3 ?? '',
    document === undefined ? '' : `${document.series} ${document.digits}`.trim().toLowerCase(),
  ]
    .map(quoted)
    .join(',');
}

function birthText(birth: EntryBirth): string {
  if (birth.kind === 'circa') return `circa ${birth.from}`;
  return birth.kind === 'range' ? `${birth.from}-${birth.to ?? birth.from}` : birth.from;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
