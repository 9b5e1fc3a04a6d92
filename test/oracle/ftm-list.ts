/**
 * The oracle's reader of FollowTheMoney JSON lines.
 *
 * Purpose: section A7 of docs/recipes.md, nested and flat.
 * Assumes: the whole file fits in memory.
 * Does not know: recipes, the product.
 */
import {
  documentKind,
  type OracleDocument,
  type OracleRecord,
  type OracleSubject,
  parseBirthDate,
  RowFault,
  settleNames,
  settleTexts,
  undamaged,
} from './fields.ts';
import type { OracleList, OracleRow } from './lists.ts';
import { decodeText, OracleRefusal } from './syntax.ts';
import { hasForbidden, squeeze } from './text.ts';

type Json = Record<string, unknown>;

const isObject = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v);

const subjects: Record<string, OracleSubject> = {
  Person: 'person',
  Organization: 'organisation',
  Company: 'organisation',
  PublicBody: 'organisation',
  LegalEntity: 'organisation',
  Vessel: 'vessel',
  Airplane: 'aircraft',
};
for (const s of 'Asset Vehicle CryptoWallet Security Project Event RealEstate'.split(' '))
  subjects[s] = 'other';

function values(entity: Json, property: string): unknown[] {
  const properties = isObject(entity['properties']) ? entity['properties'] : {};
  const value = Object.hasOwn(properties, property) ? properties[property] : [];
  return Array.isArray(value) ? value : [value];
}

const texts = (entity: Json, property: string): string[] =>
  values(entity, property)
    .filter((v) => typeof v === 'string')
    .map(squeeze)
    .filter((v) => v !== '');

function documentsOf(entity: Json): OracleDocument[] {
  const type = texts(entity, 'type')[0];
  const kind =
    entity['schema'] === 'Passport' ? 'passport' : type === undefined ? 'national-id' : documentKind(type);
  const country = texts(entity, 'country')[0];
  return texts(entity, 'number').map((number) => (country ? { kind, number, country } : { kind, number }));
}

const isDocument = (v: Json): boolean => v['schema'] === 'Passport' || v['schema'] === 'Identification';

function readEntity(entity: Json, id: string, line: number, subject: OracleSubject): OracleRecord {
  const record: OracleRecord = { id, line, subject, names: [], birthDates: [], documents: [] };
  const add = (property: string, quality: 'good' | 'low'): void => {
    for (const text of texts(entity, property)) record.names.push({ text, quality });
  };
  add('name', 'good');
  const caption = entity['caption'];
  if (record.names.length === 0 && typeof caption === 'string' && squeeze(caption) !== '') {
    record.names.push({ text: squeeze(caption), quality: 'good' });
  }
  add('alias', 'good');
  add('previousName', 'good');
  add('weakAlias', 'low');
  add('abbreviation', 'low');
  settleNames(record);
  if (subject === 'person') {
    for (const text of texts(entity, 'birthDate')) {
      const date = parseBirthDate(text);
      if (date) record.birthDates.push(date);
    }
    for (const number of texts(entity, 'passportNumber')) record.documents.push({ kind: 'passport', number });
    for (const number of texts(entity, 'idNumber')) record.documents.push({ kind: 'national-id', number });
    const properties = isObject(entity['properties']) ? Object.keys(entity['properties']) : [];
    for (const nested of properties.flatMap((p) => values(entity, p))) {
      if (isObject(nested) && isDocument(nested)) record.documents.push(...documentsOf(nested));
    }
  }
  for (const field of ['topics', 'program', 'programId']) {
    const values = texts(entity, field);
    if (values.length > 0) record.labels = { ...record.labels, [field]: values };
  }
  settleTexts(record);
  return record;
}

/** A list of FollowTheMoney entities. */
export function readFtmList(bytes: Uint8Array): OracleList {
  const lines = decodeText(bytes).split('\n');
  const outcomes = new Map<number, OracleRow>();
  const records = new Map<string, OracleRecord>();
  const papers: { line: number; entity: Json }[] = [];
  const attempt = (line: number, work: () => OracleRow['outcome']): void => {
    try {
      outcomes.set(line, { file: 'main', line, outcome: work() });
    } catch (fault) {
      if (!(fault instanceof RowFault)) throw fault;
      outcomes.set(line, { file: 'main', line, outcome: 'rejected', code: fault.code });
    }
  };
  lines.forEach((text, i) => {
    const line = i + 1;
    if (text.trim() === '') return;
    attempt(line, () => {
      let entity: unknown;
      try {
        entity = JSON.parse(text);
      } catch {
        if (line === lines.length) throw new OracleRefusal('list.truncated');
        throw new RowFault('row.json');
      }
      if (!isObject(entity)) throw new RowFault('row.json');
      const id = typeof entity['id'] === 'string' ? squeeze(entity['id']) : '';
      if (id === '') throw new RowFault('row.id-missing');
      const schema = entity['schema'];
      if (typeof schema !== 'string' || squeeze(schema) === '') throw new RowFault('row.schema');
      if (isDocument(entity)) papers.push({ line, entity });
      const subject = Object.hasOwn(subjects, schema) ? subjects[schema] : undefined;
      if (subject === undefined || entity['target'] === false) return 'companion';
      if (records.has(id)) throw new RowFault('row.id-repeated');
      records.set(id, readEntity(entity, id, line, subject));
      return 'record';
    });
  });
  for (const { line, entity } of papers) {
    attempt(line, () => {
      const documents = undamaged(documentsOf(entity));
      if (documents.some((d) => hasForbidden(d.number) || hasForbidden(d.country ?? ''))) {
        throw new RowFault('row.codepoint');
      }
      const holders = values(entity, 'holder')
        .map((h) => (isObject(h) ? h['id'] : h))
        .filter((h) => typeof h === 'string')
        .flatMap((h) => records.get(squeeze(h)) ?? []);
      if (holders.length === 0) throw new RowFault('row.orphan');
      for (const holder of new Set(holders))
        if (holder.subject === 'person') holder.documents.push(...documents);
      return 'companion';
    });
  }
  return { records: [...records.values()], rows: [...outcomes.values()].sort((a, b) => a.line - b.line) };
}
