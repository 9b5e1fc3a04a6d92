/**
 * The oracle's reader of generic CSV.
 *
 * Purpose: section A8 of docs/recipes.md.
 * Assumes: the whole file fits in memory.
 * Does not know: recipes, the product.
 */
import {
  documentKind,
  type OracleRecord,
  type OracleSubject,
  parseBirthDate,
  RowFault,
  settleNames,
  settleTexts,
} from './fields.ts';
import type { OracleColumns, OracleList, OracleOptions, OracleRow } from './lists.ts';
import { type CsvRow, decodeText, OracleRefusal, splitCsv } from './syntax.ts';
import { squeeze, tokensOf } from './text.ts';

const subjectWords: Record<string, OracleSubject> = {
  person: 'person',
  individual: 'person',
  organisation: 'organisation',
  organization: 'organisation',
  entity: 'organisation',
  company: 'organisation',
  vessel: 'vessel',
  aircraft: 'aircraft',
};

type Pick = (row: CsvRow) => string;

/** How each field is picked from a row, from the mapping and the header. */
function picks(header: string[], columns: OracleColumns) {
  const find = (name: string): number => header.indexOf(squeeze(name).toLowerCase());
  const at =
    (i: number): Pick =>
    (row) =>
      squeeze(row.fields[i] ?? '');
  const column = (given: string | undefined, standard: string): Pick | undefined => {
    const i = find(given ?? standard);
    if (i >= 0) return at(i);
    if (given !== undefined) throw new OracleRefusal('list.format');
    return undefined;
  };
  const orLiteral = (given: string | undefined, otherwise: string): Pick => {
    if (given === undefined) return () => otherwise;
    const i = find(given);
    return i >= 0 ? at(i) : () => squeeze(given);
  };
  const name = column(columns.name, 'name');
  if (!name) throw new OracleRefusal('list.format');
  const documents = (columns.documents ?? []).map((d) => ({
    kind: orLiteral(d.kind, 'passport'),
    country: orLiteral(d.country, ''),
    number: column(d.number, '') as Pick,
  }));
  const standardNumber = column(undefined, 'documentNumber');
  if (columns.documents === undefined && standardNumber) {
    documents.push({
      kind: column(undefined, 'documentKind') ?? (() => 'passport'),
      country: column(undefined, 'documentCountry') ?? (() => ''),
      number: standardNumber,
    });
  }
  return {
    id: column(columns.id, 'id'),
    name,
    aliases: column(columns.aliases, 'aliases'),
    birthDate: column(columns.birthDate, 'birthDate'),
    subject: column(columns.subject, 'subject'),
    documents,
    labels: Object.entries(columns.labels ?? {}).map(([field, title]) => ({
      field,
      of: column(title, '') as Pick,
    })),
  };
}

/** The delimiter that a header line uses. */
function delimiterOf(text: string): string {
  const header = (text.split('\n').find((l) => l.trim() !== '') ?? '').replace(/"(?:[^"]|"")*"/g, '');
  return [',', ';', '\t'].find((d) => header.includes(d)) ?? ',';
}

/** A CSV list with a header. */
export function readCsvList(bytes: Uint8Array, options: OracleOptions): OracleList {
  const text = decodeText(bytes);
  const [head, ...body] = splitCsv(text, delimiterOf(text)).rows;
  if (!head) throw new OracleRefusal('list.empty');
  const header = head.fields.map((f) => squeeze(f).toLowerCase());
  const pick = picks(header, options.columns ?? {});
  const rows: OracleRow[] = [];
  const records = new Map<string, OracleRecord>();
  const several = (cell: string): string[] =>
    cell
      .split(/[;|]/)
      .map(squeeze)
      .filter((v) => v !== '');

  const readRow = (row: CsvRow): void => {
    if (row.broken || row.fields.length !== header.length) throw new RowFault('row.columns');
    const id = pick.id ? pick.id(row) : `line-${row.line}`;
    if (id === '') throw new RowFault('row.id-missing');
    if (records.has(id)) throw new RowFault('row.id-repeated');
    const word = pick.subject?.(row) ?? '';
    const subject =
      word === '' ? (options.subject ?? 'person') : (subjectWords[tokensOf(word).join(' ')] ?? 'other');
    const record: OracleRecord = { id, line: row.line, subject, names: [], birthDates: [], documents: [] };
    for (const text of [pick.name(row), ...several(pick.aliases?.(row) ?? '')]) {
      if (text !== '') record.names.push({ text, quality: 'good' });
    }
    settleNames(record);
    for (const text of several(pick.birthDate?.(row) ?? '')) {
      const date = parseBirthDate(text);
      if (date) record.birthDates.push(date);
    }
    for (const d of pick.documents) {
      const number = d.number(row);
      const country = d.country(row);
      if (number === '') continue;
      const kind = documentKind(d.kind(row));
      record.documents.push(country === '' ? { kind, number } : { kind, number, country });
    }
    for (const { field, of } of pick.labels) {
      const values = several(of(row));
      if (values.length > 0) record.labels = { ...record.labels, [field]: values };
    }
    settleTexts(record);
    records.set(id, record);
  };
  for (const row of body) {
    try {
      readRow(row);
      rows.push({ file: 'main', line: row.line, outcome: 'record' });
    } catch (fault) {
      if (!(fault instanceof RowFault)) throw fault;
      rows.push({ file: 'main', line: row.line, outcome: 'rejected', code: fault.code });
    }
  }
  return { records: [...records.values()], rows };
}
