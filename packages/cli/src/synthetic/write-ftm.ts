/**
 * Entries as FollowTheMoney JSON lines.
 *
 * Purpose: a file as OpenSanctions publishes them: entities, and documents with a country as entities of their own.
 * Assumes: one line is spoilt on purpose: it is no JSON.
 * Does not know: what was planted.
 */
import type { Entry, EntryDocument } from './entries.ts';
import { inOrder } from './pools.ts';
import type { WrittenList } from './write.ts';

export function writeFtm(entries: readonly Entry[]): WrittenList {
  const lines: string[] = [];
  let spoiltLine = 0;
  entries.forEach((entry, n) => {
    // Documents come before or after their holder: both happen in real files.
    const papers = entry.documents.filter(standsAlone).map((document, at) => paper(entry, document, at));
    const own = JSON.stringify(entity(entry));
    lines.push(...(n % 2 === 0 ? [own, ...papers] : [...papers, own]));
    if (n === Math.floor(entries.length / 2))
      spoiltLine = lines.push('{"id":"spoilt","schema":"Person","properties":');
  });
  return {
    main: 'entities.ftm.json',
    files: [{ name: 'entities.ftm.json', text: lines.map((line) => `${line}\n`).join('') }],
    spoilt: { file: 'entities.ftm.json', line: spoiltLine, reason: 'row.json' },
  };
}

function standsAlone(document: EntryDocument): boolean {
  return document.country !== undefined || document.kind === 'other';
}

function numberOf(document: EntryDocument): string {
  return document.series === '' ? document.digits : `${document.series}-${document.digits}`;
}

function entity(entry: Entry): Record<string, unknown> {
  const name = typeof entry.name === 'string' ? entry.name : inOrder(entry.name);
  const numbers = (kind: EntryDocument['kind']): string[] =>
    entry.documents.filter((document) => document.kind === kind && !standsAlone(document)).map(numberOf);
  const properties: Record<string, string[]> = {
    name: [name],
    alias: [...(entry.original === undefined ? [] : [entry.original]), ...entry.aliases],
    weakAlias: [...entry.weakAliases],
    // FollowTheMoney has no word for approximate dates: these are left out.
    birthDate: entry.birth?.kind === 'day' || entry.birth?.kind === 'year' ? [entry.birth.from] : [],
    passportNumber: numbers('passport'),
    idNumber: numbers('national-id'),
    country: [entry.country.alpha2.toLowerCase()],
  };
  return {
    id: entry.id,
    caption: name,
    schema: entry.subject === 'person' ? 'Person' : 'Organization',
    properties: Object.fromEntries(Object.entries(properties).filter(([, values]) => values.length > 0)),
    datasets: ['tallystick_demo'],
    target: true,
  };
}

function paper(entry: Entry, document: EntryDocument, at: number): string {
  const types = { passport: 'Passport', 'national-id': 'National ID', other: 'Tax ID' } as const;
  return JSON.stringify({
    id: `${entry.id}-doc-${at}`,
    schema: document.kind === 'passport' ? 'Passport' : 'Identification',
    properties: {
      holder: [entry.id],
      type: [types[document.kind]],
      number: [numberOf(document)],
      ...(document.country === undefined ? {} : { country: [document.country.alpha2.toLowerCase()] }),
    },
    datasets: ['tallystick_demo'],
    target: false,
  });
}
