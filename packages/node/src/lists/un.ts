/**
 * The UN Security Council's consolidated list, XML (docs/recipes.md A6).
 *
 * Purpose: INDIVIDUAL and ENTITY elements as records.
 * Assumes: the published schema (sc-sanctions.xsd). Elements beside the entries are passed over; a foreign element
 * among the entries is a row that makes no sense.
 * Does not know: recipes.
 */
import { TallyError } from '@tallystick/protocol/errors';
import type { BirthDate, RecordDocument, RecordName, WatchlistRecord } from '@tallystick/protocol/records';
import type { ListFile } from './bytes.ts';
import { readBirthDate, readYear, yearRange } from './dates.ts';
import { bareNumber, kindOfUnDocument } from './document-kinds.ts';
import type { RowEvent } from './events.ts';
import { readDocument, readLabels, readName, rejected, settle, squeeze } from './rows.ts';
import { type XmlNode, type XmlPlace, xmlEntries } from './xml-nodes.ts';

const root = 'CONSOLIDATED_LIST';
const entryOf: Readonly<Record<string, string>> = { INDIVIDUALS: 'INDIVIDUAL', ENTITIES: 'ENTITY' };

function placeOf(path: readonly string[]): XmlPlace {
  if (path.length === 1) return 'inside';
  const entry = entryOf[path[1] as string];
  if (entry === undefined) return 'foreign';
  if (path.length === 2) return 'inside';
  return path[2] === entry ? 'entry' : 'odd';
}

/**
 * @param onDate called with `dateGenerated` where the list states it.
 * @throws TallyError list.format (another root, not well-formed), list.truncated, list.empty, list.encoding.
 */
export async function* importUn(file: ListFile, onDate: (date: string) => void): AsyncGenerator<RowEvent> {
  const seen = new Set<string>();
  for await (const item of xmlEntries(file, placeOf)) {
    if (item.type === 'root') {
      if (item.name !== root) {
        throw new TallyError('list.format', `${file.name}: want the root ${root}, got another, line 1`);
      }
      const date = item.attributes['dateGenerated']?.trim();
      if (date !== undefined && readYear(date) !== undefined) onDate(date);
    } else if (item.type === 'odd') {
      yield rejected({ line: item.line, file: file.name }, 'row.schema', 'entry');
    } else {
      yield readEntry(item.node, file.name, seen);
    }
  }
}

function readEntry(node: XmlNode, file: string, seen: Set<string>): RowEvent {
  const place = { line: node.line, file };
  const person = node.name === 'INDIVIDUAL';
  const id = textOf(node, 'DATAID');
  if (id === '') return rejected(place, 'row.id-missing', 'DATAID');
  let badDate: string | undefined;
  const birthDates: BirthDate[] = [];
  for (const element of all(node, 'INDIVIDUAL_DATE_OF_BIRTH')) {
    const date = readBirth(element);
    if (date === 'refused') badDate ??= 'INDIVIDUAL_DATE_OF_BIRTH';
    else if (date !== undefined) birthDates.push(date);
  }
  const record: WatchlistRecord = {
    id,
    subject: person ? 'person' : 'organisation',
    names: readNames(node, person ? 'INDIVIDUAL_ALIAS' : 'ENTITY_ALIAS'),
    birthDates,
    documents: all(node, 'INDIVIDUAL_DOCUMENT')
      .map(readPaper)
      .filter((document) => document !== undefined),
    ...readLabels({ list: [textOf(node, 'UN_LIST_TYPE')] }),
  };
  return settle(place, record, seen, badDate);
}

function readNames(node: XmlNode, aliasElement: string): RecordName[] {
  const primary = ['FIRST_NAME', 'SECOND_NAME', 'THIRD_NAME', 'FOURTH_NAME'].map((part) =>
    textOf(node, part),
  );
  const names = [readName(primary.join(' ')), readName(textOf(node, 'NAME_ORIGINAL_SCRIPT'))];
  for (const alias of all(node, aliasElement)) {
    const quality = textOf(alias, 'QUALITY').toLowerCase() === 'low' ? 'low' : 'good';
    for (const text of textOf(alias, 'ALIAS_NAME').split(';')) names.push(readName(text, quality));
  }
  return names.filter((name) => name !== undefined);
}

function readBirth(birth: XmlNode): BirthDate | 'refused' | undefined {
  const fromText = textOf(birth, 'FROM_YEAR');
  const toText = textOf(birth, 'TO_YEAR');
  if (fromText !== '' || toText !== '') {
    const from = readYear(fromText || toText);
    const to = readYear(toText || fromText);
    if (from === undefined || to === undefined) return 'refused';
    if (fromText === '' || toText === '') return { kind: 'circa', from };
    return yearRange(from, to) ?? 'refused';
  }
  const stated = textOf(birth, 'DATE') || textOf(birth, 'YEAR');
  if (stated === '') return undefined;
  const date = readBirthDate(stated);
  if (date === undefined) return 'refused';
  const about = textOf(birth, 'TYPE_OF_DATE').toUpperCase() === 'APPROXIMATELY';
  return about && date.kind !== 'range' ? { kind: 'circa', from: date.from.slice(0, 4) } : date;
}

function readPaper(paper: XmlNode): RecordDocument | undefined {
  const stated = textOf(paper, 'NUMBER');
  const bare = bareNumber(stated);
  if (bare === undefined) return undefined;
  const country =
    textOf(paper, 'ISSUING_COUNTRY') ||
    textOf(paper, 'COUNTRY_OF_ISSUE') ||
    (/ \(([^()]*)\)$/.exec(stated)?.[1] ?? '');
  const kind = kindOfUnDocument(
    textOf(paper, 'TYPE_OF_DOCUMENT'),
    textOf(paper, 'TYPE_OF_DOCUMENT2'),
    bare.droppedBefore,
  );
  return readDocument(kind, bare.number, country);
}

function all(node: XmlNode, name: string): XmlNode[] {
  return node.children.filter((child) => child.name === name);
}

/** The squeezed text of the first child of that name; empty where there is none. */
function textOf(node: XmlNode, name: string): string {
  const child = node.children.find((one) => one.name === name);
  return child === undefined ? '' : squeeze(child.text);
}
