/**
 * The oracle's reader of the United Nations' consolidated list.
 *
 * Purpose: section A6 of docs/recipes.md.
 * Assumes: the whole document fits in memory.
 * Does not know: recipes, the product.
 */
import {
  bareNumber,
  documentKind,
  type OracleDate,
  type OracleDocument,
  type OracleRecord,
  parseBirthDate,
  RowFault,
  settleNames,
  settleTexts,
  yearRange,
} from './fields.ts';
import type { OracleList, OracleRow } from './lists.ts';
import { decodeText, OracleRefusal, readXml, type XmlElement } from './syntax.ts';
import { squeeze, tokensOf } from './text.ts';

const all = (e: XmlElement, name: string): XmlElement[] => e.children.filter((c) => c.name === name);
const textOf = (e: XmlElement, name: string): string => squeeze(all(e, name)[0]?.text ?? '');

const notNational =
  'birth;ration;driv;voter;student;social security;fiscal;certificate;military;fardc;resident;serviceman;other id;alien;laissez;travel document'.split(
    ';',
  );

function dateOf(e: XmlElement): OracleDate | undefined {
  const from = textOf(e, 'FROM_YEAR');
  const to = textOf(e, 'TO_YEAR');
  const year = (text: string): number => {
    const date = parseBirthDate(text);
    if (date?.type !== 'year' || !/^\d{4}$/.test(text)) throw new RowFault('row.date');
    return date.year;
  };
  if (from !== '' && to !== '') return yearRange(year(from), year(to));
  if (from !== '' || to !== '') return { type: 'circa', year: year(from + to) };
  const date = parseBirthDate(textOf(e, 'DATE')) ?? parseBirthDate(textOf(e, 'YEAR'));
  if (date && textOf(e, 'TYPE_OF_DATE').toLowerCase() === 'approximately') {
    if (date.type === 'day') return { type: 'circa', year: Number(date.date.slice(0, 4)) };
    if (date.type === 'year') return { type: 'circa', year: date.year };
  }
  return date;
}

function documentOf(e: XmlElement): OracleDocument | undefined {
  const text = textOf(e, 'NUMBER');
  const bare = bareNumber(text);
  if (!bare) return undefined;
  const type = textOf(e, 'TYPE_OF_DOCUMENT');
  let kind = documentKind(type);
  if (documentKind(textOf(e, 'TYPE_OF_DOCUMENT2')) === 'passport') kind = 'passport';
  if (kind !== 'passport' && tokensOf(type).join(' ').startsWith('national identification'))
    kind = 'national-id';
  const doubts = `${textOf(e, 'TYPE_OF_DOCUMENT2')}\n${bare.before}`.toLowerCase();
  if (notNational.some((word) => doubts.includes(word))) kind = 'other';
  const bracket = / \(([^()]*)\)$/.exec(text)?.[1] ?? '';
  const country = textOf(e, 'ISSUING_COUNTRY') || textOf(e, 'COUNTRY_OF_ISSUE') || squeeze(bracket);
  return country ? { kind, number: bare.number, country } : { kind, number: bare.number };
}

function readEntry(e: XmlElement, subject: 'person' | 'organisation', seen: Set<string>): OracleRecord {
  const id = textOf(e, 'DATAID');
  if (id === '') throw new RowFault('row.id-missing');
  if (seen.has(id)) throw new RowFault('row.id-repeated');
  const record: OracleRecord = { id, line: e.line, subject, names: [], birthDates: [], documents: [] };
  const name = (text: string, quality: 'good' | 'low'): void => {
    if (squeeze(text) !== '') record.names.push({ text: squeeze(text), quality });
  };
  name(['FIRST_NAME', 'SECOND_NAME', 'THIRD_NAME', 'FOURTH_NAME'].map((n) => textOf(e, n)).join(' '), 'good');
  name(textOf(e, 'NAME_ORIGINAL_SCRIPT'), 'good');
  for (const alias of [...all(e, 'INDIVIDUAL_ALIAS'), ...all(e, 'ENTITY_ALIAS')]) {
    const quality = textOf(alias, 'QUALITY').toLowerCase() === 'low' ? 'low' : 'good';
    for (const part of textOf(alias, 'ALIAS_NAME').split(';')) name(part, quality);
  }
  settleNames(record);
  for (const birth of all(e, 'INDIVIDUAL_DATE_OF_BIRTH')) {
    const date = dateOf(birth);
    if (date) record.birthDates.push(date);
  }
  for (const d of all(e, 'INDIVIDUAL_DOCUMENT')) {
    const document = documentOf(d);
    if (document) record.documents.push(document);
  }
  const list = textOf(e, 'UN_LIST_TYPE');
  if (list !== '') record.labels = { list: [list] };
  settleTexts(record);
  return record;
}

/** A UN consolidated list. */
export function readUnList(bytes: Uint8Array): OracleList {
  const root = readXml(decodeText(bytes));
  if (root.name !== 'CONSOLIDATED_LIST') throw new OracleRefusal('list.format');
  const rows: OracleRow[] = [];
  const records: OracleRecord[] = [];
  const seen = new Set<string>();
  const groups = [
    ['INDIVIDUALS', 'INDIVIDUAL', 'person'],
    ['ENTITIES', 'ENTITY', 'organisation'],
  ] as const;
  const entries = groups
    .flatMap(([group, name, subject]) =>
      all(root, group).flatMap((g) => all(g, name).map((e) => ({ e, subject }))),
    )
    .sort((a, b) => a.e.line - b.e.line);
  for (const { e, subject } of entries) {
    try {
      const record = readEntry(e, subject, seen);
      seen.add(record.id);
      records.push(record);
      rows.push({ file: 'main', line: e.line, outcome: 'record' });
    } catch (fault) {
      if (!(fault instanceof RowFault)) throw fault;
      rows.push({ file: 'main', line: e.line, outcome: 'rejected', code: fault.code });
    }
  }
  return { records, rows };
}
