/**
 * OFAC's Specially Designated Nationals in the legacy CSV form, with its companions (docs/recipes.md A5).
 *
 * Purpose: rows of sdn.csv joined with names of alt.csv and remarks continued in sdn_comments.csv.
 * Assumes: no header; `-0-` is empty. The list itself streams; the companions' names and continued remarks are held
 * by entry, because nothing says that the files are in the same order.
 * Does not know: recipes.
 */
import { TallyError } from '@tallystick/protocol/errors';
import { hasForbidden, type RecordName, type RecordSubject } from '@tallystick/protocol/records';
import { access } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ListFile } from './bytes.ts';
import { type CsvRow, csvRows } from './csv-rows.ts';
import type { RejectedEvent, RowEvent } from './events.ts';
import { dropCutItem, readRemarks } from './ofac-remarks.ts';
import { companion, readLabels, readName, rejected, settle, squeeze } from './rows.ts';

const mainColumns = 12;
const companionColumns = { alt: 5, add: 6, sdn_comments: 2 } as const;
type CompanionKind = keyof typeof companionColumns;

const subjectOf: Readonly<Record<string, RecordSubject>> = {
  individual: 'person',
  vessel: 'vessel',
  aircraft: 'aircraft',
  entity: 'organisation',
  '': 'organisation',
};

/** Paths of the companions that lie beside the list, by the list's own name with `sdn` replaced. */
export async function findCompanions(path: string): Promise<Partial<Record<CompanionKind, string>>> {
  const found: Partial<Record<CompanionKind, string>> = {};
  const name = basename(path);
  const stem = /sdn/i.exec(name);
  if (stem === null) return found;
  const [text] = stem;
  for (const kind of Object.keys(companionColumns) as CompanionKind[]) {
    const cased =
      text === text.toUpperCase() ? kind.toUpperCase() : text === 'Sdn' ? capitalised(kind) : kind;
    const other = join(
      dirname(path),
      name.slice(0, stem.index) + cased + name.slice(stem.index + text.length),
    );
    try {
      await access(other);
      found[kind] = other;
    } catch {
      // absent, which is allowed
    }
  }
  return found;
}

function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

export type CompanionFiles = Partial<Record<CompanionKind, string>>;

/**
 * @param open opens a companion; called twice for `alt` and `sdn_comments`.
 * @throws TallyError list.truncated (a last row that breaks off), list.format (no row of a file has its number of
 * columns), and what csvRows and `open` throw.
 */
export async function* importOfac(
  file: ListFile,
  companions: CompanionFiles,
  open: (path: string) => Promise<ListFile>,
): AsyncGenerator<RowEvent> {
  const aliases = new Map<string, RecordName[]>();
  const continued = new Map<string, string>();
  for await (const row of companionRows('alt', companions.alt, open)) {
    if (row.name !== undefined) append(aliases, row.id, row.name);
  }
  for await (const row of companionRows('sdn_comments', companions.sdn_comments, open)) {
    if (row.text !== undefined) continued.set(row.id, (continued.get(row.id) ?? '') + row.text);
  }
  const seen = new Set<string>();
  for await (const row of fixedRows(file, mainColumns)) {
    const place = { line: row.line, file: file.name };
    if (row.broken) {
      yield rejected(place, 'row.columns', 'row');
      continue;
    }
    const id = valueOf(row, 0);
    if (!/^[0-9]+$/.test(id)) {
      yield rejected(place, 'row.id-missing', 'ent_num');
      continue;
    }
    const subject = subjectOf[valueOf(row, 2).toLowerCase()] ?? 'other';
    const read = readRemarks(remarksOf(row, continued.get(id)), subject === 'person');
    const name = readName(valueOf(row, 1));
    const own = name === undefined ? [] : [name, ...(aliases.get(id) ?? []), ...read.names];
    const { birthDates, documents } = read;
    const labels = readLabels({ program: valueOf(row, 3).split(/[\][]/) });
    yield settle(
      place,
      { id, subject, names: own, birthDates, documents, ...labels },
      seen,
      read.badDate ? 'remarks' : undefined,
    );
  }
  for (const kind of ['alt', 'add', 'sdn_comments'] as const) {
    for await (const { place, id, fault } of companionRows(kind, companions[kind], open)) {
      if (fault !== undefined) yield fault;
      else yield seen.has(id) ? companion(place) : rejected(place, 'row.orphan', 'ent_num');
    }
  }
}

interface CompanionRow {
  readonly place: { readonly line: number; readonly file: string };
  readonly id: string;
  readonly name?: RecordName;
  readonly text?: string;
  readonly fault?: RejectedEvent;
}

async function* companionRows(
  kind: CompanionKind,
  path: string | undefined,
  open: (path: string) => Promise<ListFile>,
): AsyncGenerator<CompanionRow> {
  if (path === undefined) return;
  const file = await open(path);
  for await (const row of fixedRows(file, companionColumns[kind])) {
    const place = { line: row.line, file: file.name };
    const id = valueOf(row, 0);
    if (row.broken) yield { place, id, fault: rejected(place, 'row.columns', 'row') };
    else if (!/^[0-9]+$/.test(id)) yield { place, id, fault: rejected(place, 'row.id-missing', 'ent_num') };
    else if (kind === 'add') yield { place, id };
    else if (kind === 'sdn_comments') {
      yield valueOf(row, 1) === '' ? { place, id } : { place, id, text: row.fields[1] ?? '' };
    } else {
      const name = readName(valueOf(row, 3));
      if (name === undefined) yield { place, id, fault: rejected(place, 'row.no-name', 'alt_name') };
      else if (hasForbidden(name.text))
        yield { place, id, fault: rejected(place, 'row.codepoint', 'alt_name') };
      else yield { place, id, name };
    }
  }
}

/** Rows of a file whose number of columns is fixed; a row with another number comes out as broken. */
async function* fixedRows(file: ListFile, columns: number): AsyncGenerator<CsvRow> {
  let rows = 0;
  let fitting = 0;
  for await (const row of csvRows(file)) {
    rows++;
    const fits = !row.broken && row.fields.length === columns;
    if (fits) fitting++;
    else if (row.open && !row.broken && row.fields.length < columns) {
      throw new TallyError(
        'list.truncated',
        `${file.name}: ends within a row, want ${columns} fields, got ${row.fields.length}, line ${row.line}`,
      );
    }
    yield fits ? row : { ...row, broken: true };
  }
  if (rows > 0 && fitting === 0) {
    throw new TallyError('list.format', `${file.name}: want rows of ${columns} fields, got none`);
  }
}

function valueOf(row: CsvRow, column: number): string {
  const value = squeeze(row.fields[column] ?? '');
  return value === '-0-' ? '' : value;
}

/** @param more what continues them, where something does. */
function remarksOf(row: CsvRow, more: string | undefined): string {
  if (valueOf(row, 11) === '') return '';
  const own = row.fields[11] ?? '';
  return more === undefined ? dropCutItem(own) : own + more;
}

function append(names: Map<string, RecordName[]>, id: string, name: RecordName): void {
  const before = names.get(id);
  if (before === undefined) names.set(id, [name]);
  else before.push(name);
}
