/**
 * FollowTheMoney JSON lines, as OpenSanctions writes them (docs/recipes.md A7).
 *
 * Purpose: entities as records, with documents that stand in rows of their own or nested.
 * Assumes: rows stand in any order, so document rows are gathered in a first pass over the file; only they are held.
 * Does not know: recipes.
 */
import { TallyError } from '@tallystick/protocol/errors';
import {
  type BirthDate,
  hasForbidden,
  type RecordDocument,
  type RecordName,
  type RecordSubject,
  type WatchlistRecord,
} from '@tallystick/protocol/records';
import type { ListFile } from './bytes.ts';
import { readBirthDate } from './dates.ts';
import { kindOfLabel } from './document-kinds.ts';
import type { RejectedEvent, RowEvent } from './events.ts';
import { textLines, type TextLine } from './lines.ts';
import {
  companion,
  readDocument,
  readLabels,
  readName,
  rejected,
  type RowPlace,
  settle,
  squeeze,
} from './rows.ts';

const subjectOf: Readonly<Record<string, RecordSubject>> = {
  Person: 'person',
  Organization: 'organisation',
  Company: 'organisation',
  PublicBody: 'organisation',
  LegalEntity: 'organisation',
  Vessel: 'vessel',
  Airplane: 'aircraft',
  Asset: 'other',
  Vehicle: 'other',
  CryptoWallet: 'other',
  Security: 'other',
  Project: 'other',
  Event: 'other',
  RealEstate: 'other',
};

/** Properties that a count may be cut by. */
const labelProperties = ['topics', 'program', 'programId'] as const;

interface Entity {
  readonly id: string;
  readonly schema: string;
  readonly target: unknown;
  readonly caption: unknown;
  readonly properties: Readonly<Record<string, unknown>>;
}

/**
 * @param open opens the file once more, for the first pass.
 * @throws TallyError list.truncated (the last line has no end and is no JSON), and what `file.chunks` throws.
 */
export async function* importFtm(file: ListFile, open: () => Promise<ListFile>): AsyncGenerator<RowEvent> {
  const papers = await gatherPapers(await open());
  const held: { readonly place: RowPlace; readonly holders: readonly string[] }[] = [];
  const seen = new Set<string>();
  for await (const line of textLines(file)) {
    const place = { line: line.line, file: file.name };
    const entity = readEntity(line, place);
    if ('type' in entity) {
      yield entity;
      continue;
    }
    if (isPaper(entity.schema)) {
      if (readPapers(entity).some(holdsForbidden)) yield rejected(place, 'row.codepoint', 'properties');
      else held.push({ place, holders: holdersOf(entity) });
      continue;
    }
    const subject = Object.hasOwn(subjectOf, entity.schema) ? subjectOf[entity.schema] : undefined;
    if (subject === undefined || entity.target === false) {
      yield companion(place);
      continue;
    }
    yield readRecord(entity, subject, place, seen, papers);
  }
  for (const { place, holders } of held) {
    yield holders.some((id) => seen.has(id)) ? companion(place) : rejected(place, 'row.orphan', 'holder');
  }
}

function readRecord(
  entity: Entity,
  subject: RecordSubject,
  place: RowPlace,
  seen: Set<string>,
  papers: ReadonlyMap<string, RecordDocument[]>,
): RowEvent {
  const birthDates: BirthDate[] = [];
  const documents: RecordDocument[] = [];
  let badDate: string | undefined;
  if (subject === 'person') {
    for (const text of textsOf(entity, 'birthDate')) {
      const date = readBirthDate(text);
      if (date === undefined) badDate = 'birthDate';
      else birthDates.push(date);
    }
    for (const [property, kind] of [
      ['passportNumber', 'passport'],
      ['idNumber', 'national-id'],
    ] as const) {
      for (const number of textsOf(entity, property)) {
        const document = readDocument(kind, number, '');
        if (document !== undefined) documents.push(document);
      }
    }
    for (const property of Object.keys(entity.properties)) {
      for (const value of valuesOf(entity, property)) {
        const nested = asEntity(value);
        if (nested !== undefined && isPaper(nested.schema)) documents.push(...readPapers(nested));
      }
    }
    documents.push(...(papers.get(entity.id) ?? []));
  }
  const labels = readLabels(
    Object.fromEntries(labelProperties.map((property) => [property, textsOf(entity, property)])),
  );
  const names = readNames(entity);
  const record: WatchlistRecord = { id: entity.id, subject, names, birthDates, documents, ...labels };
  return settle(place, record, seen, badDate);
}

function readNames(entity: Entity): RecordName[] {
  const names: (RecordName | undefined)[] = [];
  const take = (property: string, quality: RecordName['quality']): void => {
    for (const text of textsOf(entity, property)) names.push(readName(text, quality));
  };
  take('name', 'good');
  if (names.length === 0 && typeof entity.caption === 'string') names.push(readName(entity.caption));
  take('alias', 'good');
  take('previousName', 'good');
  take('weakAlias', 'low');
  take('abbreviation', 'low');
  return names.filter((name) => name !== undefined);
}

/** Document rows, by the id of each holder. */
async function gatherPapers(file: ListFile): Promise<Map<string, RecordDocument[]>> {
  const papers = new Map<string, RecordDocument[]>();
  for await (const line of textLines(file)) {
    // Escapes may hide a schema's name from the quick look.
    if (line.text === undefined || !/"Passport"|"Identification"|\\u/.test(line.text)) continue;
    const entity = readEntity(line, { line: line.line, file: file.name });
    if ('type' in entity || !isPaper(entity.schema)) continue;
    const documents = readPapers(entity);
    if (documents.some(holdsForbidden)) continue;
    for (const holder of new Set(holdersOf(entity))) {
      const before = papers.get(holder);
      if (before === undefined) papers.set(holder, [...documents]);
      else before.push(...documents);
    }
  }
  return papers;
}

function isPaper(schema: string): boolean {
  return schema === 'Passport' || schema === 'Identification';
}

function holdsForbidden(document: RecordDocument): boolean {
  return hasForbidden(document.number) || hasForbidden(document.country ?? '');
}

function readPapers(paper: Entity): RecordDocument[] {
  const type = textsOf(paper, 'type')[0];
  const kind =
    paper.schema === 'Passport' ? 'passport' : type === undefined ? 'national-id' : kindOfLabel(type);
  const country = textsOf(paper, 'country')[0] ?? '';
  return textsOf(paper, 'number')
    .map((number) => readDocument(kind, number, country))
    .filter((document) => document !== undefined);
}

function holdersOf(paper: Entity): string[] {
  return valuesOf(paper, 'holder')
    .map((value) => (typeof value === 'string' ? squeeze(value) : (asEntity(value)?.id ?? '')))
    .filter((id) => id !== '');
}

function readEntity(line: TextLine, place: RowPlace): Entity | RejectedEvent {
  let parsed: unknown;
  try {
    if (line.text === undefined) return rejected(place, 'row.json', 'row');
    parsed = JSON.parse(line.text);
  } catch {
    if (line.open) {
      throw new TallyError('list.truncated', `${place.file}: ends within a row, line ${line.line}`);
    }
    return rejected(place, 'row.json', 'row');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return rejected(place, 'row.json', 'row');
  }
  const { id, schema } = parsed as Record<string, unknown>;
  if (typeof id !== 'string' || squeeze(id) === '') return rejected(place, 'row.id-missing', 'id');
  if (typeof schema !== 'string' || squeeze(schema) === '') return rejected(place, 'row.schema', 'schema');
  return asEntity(parsed) as Entity;
}

/** An object as an entity; what it lacks is empty. */
function asEntity(value: unknown): Entity | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { id, schema, target, caption, properties } = value as Record<string, unknown>;
  return {
    id: typeof id === 'string' ? squeeze(id) : '',
    schema: typeof schema === 'string' ? squeeze(schema) : '',
    target,
    caption,
    properties:
      typeof properties === 'object' && properties !== null ? (properties as Record<string, unknown>) : {},
  };
}

function valuesOf(entity: Entity, property: string): readonly unknown[] {
  if (!Object.hasOwn(entity.properties, property)) return [];
  const value = entity.properties[property];
  return Array.isArray(value) ? value : [value];
}

/** Values that are texts, squeezed, empty ones left out. */
function textsOf(entity: Entity, property: string): string[] {
  return valuesOf(entity, property)
    .filter((value) => typeof value === 'string')
    .map(squeeze)
    .filter((text) => text !== '');
}
