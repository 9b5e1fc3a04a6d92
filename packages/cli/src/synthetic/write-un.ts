/**
 * Entries as the UN Security Council's consolidated XML.
 *
 * Purpose: a file that a reader of the real list takes as it is.
 * Assumes: one INDIVIDUAL is spoilt on purpose: it was born on a day that no calendar has.
 * Does not know: what was planted.
 */
import type { Entry, EntryBirth, EntryDocument } from './entries.ts';
import { inOrder } from './pools.ts';
import type { WrittenList } from './write.ts';

const documentWords = {
  passport: 'Passport',
  'national-id': 'National Identification Number',
  other: 'Driving licence',
} as const;

export function writeUn(entries: readonly Entry[], listDate: string): WrittenList {
  const people = entries.filter((entry) => entry.subject === 'person').map(individual);
  const spoilt = `    <INDIVIDUAL>
      <DATAID>99999999</DATAID>
      <FIRST_NAME>Spoilt</FIRST_NAME>
      <INDIVIDUAL_DATE_OF_BIRTH>
        <TYPE_OF_DATE>EXACT</TYPE_OF_DATE>
        <DATE>1971-02-30</DATE>
      </INDIVIDUAL_DATE_OF_BIRTH>
    </INDIVIDUAL>
`;
  const head = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<CONSOLIDATED_LIST dateGenerated="${escapeXml(listDate)}">
  <INDIVIDUALS>
`;
  const middle = Math.floor(people.length / 2);
  const before = head + people.slice(0, middle).join('');
  const text = `${before}${spoilt}${people.slice(middle).join('')}  </INDIVIDUALS>
  <ENTITIES>
${entries
  .filter((entry) => entry.subject === 'organisation')
  .map(organisation)
  .join('')}  </ENTITIES>
</CONSOLIDATED_LIST>
`;
  return {
    main: 'consolidated.xml',
    files: [{ name: 'consolidated.xml', text }],
    spoilt: { file: 'consolidated.xml', line: before.split('\n').length, reason: 'row.date' },
  };
}

function individual(entry: Entry): string {
  const name = entry.name;
  const parts = typeof name === 'string' ? [name] : [name.given, name.middle ?? '', name.family];
  const nameElements = parts
    .filter((part) => part !== '')
    .map((part, n) => element(`${['FIRST', 'SECOND', 'THIRD'][n] ?? 'FOURTH'}_NAME`, part.toUpperCase()));
  const aliases = [
    ...entry.aliases.map((alias) => aliasElement('INDIVIDUAL_ALIAS', 'Good', alias)),
    ...entry.weakAliases.map((alias) => aliasElement('INDIVIDUAL_ALIAS', 'Low', alias)),
  ];
  return `    <INDIVIDUAL>
${element('DATAID', entry.id)}${nameElements.join('')}${element('UN_LIST_TYPE', 'Demo')}${
  entry.original === undefined ? '' : element('NAME_ORIGINAL_SCRIPT', entry.original)
}      <NATIONALITY>
        <VALUE>${escapeXml(entry.country.name)}</VALUE>
      </NATIONALITY>
${aliases.length === 0 ? aliasElement('INDIVIDUAL_ALIAS', '', '') : aliases.join('')}${birthElement(entry.birth)}${
  entry.documents.length === 0
    ? '      <INDIVIDUAL_DOCUMENT/>\n'
    : entry.documents.map(documentElement).join('')
}    </INDIVIDUAL>
`;
}

function organisation(entry: Entry): string {
  const name = typeof entry.name === 'string' ? entry.name : inOrder(entry.name);
  return `    <ENTITY>
${element('DATAID', entry.id)}${element('FIRST_NAME', name.toUpperCase())}${element('UN_LIST_TYPE', 'Demo')}    </ENTITY>
`;
}

function element(name: string, text: string): string {
  return `      <${name}>${escapeXml(text)}</${name}>\n`;
}

function aliasElement(name: string, quality: string, alias: string): string {
  return `      <${name}>
        <QUALITY>${quality}</QUALITY>
        <ALIAS_NAME>${escapeXml(alias)}</ALIAS_NAME>
      </${name}>
`;
}

function birthElement(birth: EntryBirth | undefined): string {
  const inner = (type: string, elements: string): string =>
    `      <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>${type}</TYPE_OF_DATE>${elements}</INDIVIDUAL_DATE_OF_BIRTH>\n`;
  switch (birth?.kind) {
    case undefined:
      return inner('', '');
    case 'day':
      return inner('EXACT', `<DATE>${birth.from}</DATE>`);
    case 'year':
      return inner('EXACT', `<YEAR>${birth.from}</YEAR>`);
    case 'circa':
      return inner('APPROXIMATELY', `<YEAR>${birth.from}</YEAR>`);
    case 'range':
      return inner(
        'BETWEEN',
        `<FROM_YEAR>${birth.from}</FROM_YEAR><TO_YEAR>${birth.to ?? birth.from}</TO_YEAR>`,
      );
  }
}

function documentElement(document: EntryDocument): string {
  const number = document.series === '' ? document.digits : `${document.series} ${document.digits}`;
  const country =
    document.country === undefined
      ? ''
      : `<ISSUING_COUNTRY>${escapeXml(document.country.name)}</ISSUING_COUNTRY>`;
  return `      <INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>${documentWords[document.kind]}</TYPE_OF_DOCUMENT><NUMBER>${number}</NUMBER>${country}</INDIVIDUAL_DOCUMENT>\n`;
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
