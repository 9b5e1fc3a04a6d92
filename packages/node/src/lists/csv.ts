/**
 * Generic CSV with a header row and a mapping of its names (docs/recipes.md A8).
 *
 * Purpose: an agency's own table as records.
 * Assumes: one row is one record.
 * Does not know: publishers.
 */
import { TallyError } from '@tallystick/protocol/errors';
import {
  type BirthDate,
  foldTokens,
  type RecordDocument,
  type RecordName,
  type RecordSubject,
} from '@tallystick/protocol/records';
import type { ListFile } from './bytes.ts';
import { csvRows } from './csv-rows.ts';
import { readBirthDate } from './dates.ts';
import { kindOfLabel } from './document-kinds.ts';
import type { CsvColumns, RowEvent } from './events.ts';
import { readDocument, readLabels, readName, rejected, settle, squeeze } from './rows.ts';

const subjectWords: Readonly<Record<string, RecordSubject>> = {
  person: 'person',
  individual: 'person',
  organisation: 'organisation',
  organization: 'organisation',
  entity: 'organisation',
  company: 'organisation',
  vessel: 'vessel',
  aircraft: 'aircraft',
};

/** A column of the file, or the same text for every row. */
type Source = { readonly column: number } | { readonly literal: string };

interface Layout {
  readonly width: number;
  readonly id: number | undefined;
  readonly name: number;
  readonly aliases: number | undefined;
  readonly birthDate: number | undefined;
  readonly subject: number | undefined;
  readonly labels: readonly { readonly field: string; readonly column: number }[];
  readonly documents: readonly { readonly kind: Source; readonly country: Source; readonly number: number }[];
}

/**
 * @throws TallyError list.format (the header lacks a mapped column, or has it twice), list.truncated (the last row
 * breaks off), and what csvRows throws.
 */
export async function* importCsv(
  file: ListFile,
  delimiter: string,
  columns: CsvColumns,
  defaultSubject: RecordSubject,
): AsyncGenerator<RowEvent> {
  let layout: Layout | undefined;
  const seen = new Set<string>();
  for await (const row of csvRows(file, delimiter)) {
    if (layout === undefined) {
      layout = parseHeader(row.fields, columns, file.name);
      continue;
    }
    const place = { line: row.line, file: file.name };
    if (row.broken || row.fields.length !== layout.width) {
      if (row.open && !row.broken && row.fields.length < layout.width) {
        throw new TallyError(
          'list.truncated',
          `${file.name}: ends within a row, want ${layout.width} fields, got ${row.fields.length}, line ${row.line}`,
        );
      }
      yield rejected(place, 'row.columns', 'row');
      continue;
    }
    const cell = (column: number | undefined): string =>
      column === undefined ? '' : (row.fields[column] ?? '');
    const id = layout.id === undefined ? `line-${row.line}` : squeeze(cell(layout.id));
    if (id === '') {
      yield rejected(place, 'row.id-missing', 'id');
      continue;
    }
    const birthDates = readDates(cell(layout.birthDate));
    const record = {
      id,
      subject: readSubject(cell(layout.subject), defaultSubject),
      names: readNames(cell(layout.name), cell(layout.aliases)),
      birthDates: birthDates ?? [],
      documents: readDocuments(layout, cell),
      ...readLabels(
        Object.fromEntries(layout.labels.map(({ field, column }) => [field, cell(column).split(separator)])),
      ),
    };
    yield settle(place, record, seen, birthDates === undefined ? 'birthDate' : undefined);
  }
  if (layout === undefined)
    throw new TallyError('list.empty', `${file.name}: want a header row, got nothing`);
}

const separator = /[;|]/;

function readNames(nameCell: string, aliasesCell: string): RecordName[] {
  const name = readName(nameCell);
  const names = name === undefined ? [] : [name];
  if (aliasesCell !== '') {
    for (const text of aliasesCell.split(separator)) {
      const alias = readName(text);
      if (alias !== undefined) names.push(alias);
    }
  }
  return names;
}

/** undefined where the grammar refuses one of them. */
function readDates(cell: string): BirthDate[] | undefined {
  const dates: BirthDate[] = [];
  if (cell === '') return dates;
  for (const text of cell.split(separator)) {
    const squeezed = squeeze(text);
    if (squeezed === '') continue;
    const date = readBirthDate(squeezed);
    if (date === undefined) return undefined;
    dates.push(date);
  }
  return dates;
}

function readDocuments(layout: Layout, cell: (column: number) => string): RecordDocument[] {
  const documents: RecordDocument[] = [];
  for (const { kind, country, number } of layout.documents) {
    const numberText = cell(number);
    if (numberText === '') continue;
    const kindText = squeeze('literal' in kind ? kind.literal : cell(kind.column));
    const countryText = 'literal' in country ? country.literal : cell(country.column);
    const document = readDocument(kindText === '' ? 'other' : kindOfLabel(kindText), numberText, countryText);
    if (document !== undefined) documents.push(document);
  }
  return documents;
}

function readSubject(cell: string, defaultSubject: RecordSubject): RecordSubject {
  const word = squeeze(cell);
  if (word === '') return defaultSubject;
  return subjectWords[foldTokens(word).join(' ')] ?? 'other';
}

function parseHeader(header: readonly string[], columns: CsvColumns, name: string): Layout {
  const titleOf = (text: string): string => squeeze(text).toLowerCase();
  const titles = header.map(titleOf);
  const find = (title: string, field: string): number | undefined => {
    const wanted = titleOf(title);
    const at = titles.indexOf(wanted);
    if (at !== -1 && titles.includes(wanted, at + 1)) {
      throw new TallyError('list.format', `${name}: columns.${field}: the header has it twice`);
    }
    return at === -1 ? undefined : at;
  };
  const need = (title: string, field: string): number => {
    const at = find(title, field);
    if (at === undefined) throw new TallyError('list.format', `${name}: columns.${field}: not in the header`);
    return at;
  };
  if (columns.name === undefined && find('name', 'name') === undefined) {
    const remedy = 'rename one, or say in columns.name what it is called';
    throw new TallyError('list.format', `${name}: want a column "name" in the header, got none; ${remedy}`);
  }
  const chosen = (title: string | undefined, field: string): number | undefined =>
    title === undefined ? find(field, field) : need(title, field);
  const source = (title: string | undefined, fallback: string, field: string): Source => {
    const column = title === undefined ? undefined : find(title, field);
    return column === undefined ? { literal: title ?? fallback } : { column };
  };
  const ifPresent = (title: string): string | undefined =>
    find(title, 'documents') === undefined ? undefined : title;
  const number = ifPresent('documentNumber');
  const documents =
    number === undefined
      ? []
      : [{ kind: ifPresent('documentKind'), country: ifPresent('documentCountry'), number }];
  return {
    width: header.length,
    id: chosen(columns.id, 'id'),
    name: need(columns.name ?? 'name', 'name'),
    aliases: chosen(columns.aliases, 'aliases'),
    birthDate: chosen(columns.birthDate, 'birthDate'),
    subject: chosen(columns.subject, 'subject'),
    labels: Object.entries(columns.labels ?? {}).map(([field, title]) => ({
      field,
      column: need(title, `labels.${field}`),
    })),
    documents: (columns.documents ?? documents).map((document, n) => ({
      kind: source(document.kind, 'passport', `documents[${n}].kind`),
      country: source(document.country, '', `documents[${n}].country`),
      number: need(document.number, `documents[${n}].number`),
    })),
  };
}
