/**
 * The oracle's reader of OFAC's legacy CSV.
 *
 * Purpose: section A5 of docs/recipes.md.
 * Assumes: the companions, where given, belong to the main file.
 * Does not know: recipes, the product.
 */
import {
  bareNumber,
  type OracleDocument,
  type OracleRecord,
  type OracleSubject,
  parseBirthDate,
  RowFault,
  settleNames,
  settleTexts,
} from './fields.ts';
import type { OracleFiles, OracleList, OracleRow } from './lists.ts';
import { type CsvRow, decodeText, OracleRefusal, splitCsv } from './syntax.ts';
import { hasForbidden, squeeze } from './text.ts';

const passportItem = /^(?:[A-Z][A-Za-z.]* ){0,4}Passport\b(?: Booklet| No\.| Number)?:? ?/;
const nationalItems = [
  /^(?:Tazkira )?National ID(?: Card)?(?: No\.)?:? /,
  /^Cedula No\.:? /,
  /^D\.N\.I\.:? /,
  /^(?:[A-Z][a-z]+ )?Personal ID(?: Card)?(?: No\.)?:? /,
  /^(?!Tax |Refugee |Voter |Military |Student )[A-Z][a-z]+ ID No\.:? /,
  /^Citizen's Card Number:? /,
  /^(?:Turkish )?Identific(?:i)?ation Number:? /,
];

const cell = (row: CsvRow, i: number): string => {
  const text = squeeze(row.fields[i] ?? '');
  return text === '-0-' ? '' : text;
};

function documentOf(item: string): OracleDocument | undefined {
  let kind: OracleDocument['kind'] = 'passport';
  let found = passportItem.exec(item);
  if (!found) {
    kind = 'national-id';
    for (const pattern of nationalItems) found ??= pattern.exec(item);
  }
  if (!found) return undefined;
  let tail = item.slice(found[0].length);
  let country: string | undefined;
  for (const group of tail.matchAll(/ \(([^()]*)\)(?=$| issued| expires| expired)/g)) {
    country = squeeze(group[1] ?? '');
    tail = item.slice(found[0].length, found[0].length + group.index);
  }
  const bare = bareNumber(tail);
  if (!bare) return undefined;
  return country ? { kind, number: bare.number, country } : { kind, number: bare.number };
}

/** Column 12 and what continues it. */
function readRemarks(record: OracleRecord, own: string, more: string): void {
  const parts = `${own}${more}`.split(';');
  if (more === '' && own.length === 1000 && !/\.\s*$/.test(own)) parts.pop();
  const items = parts.map((part) =>
    squeeze(part)
      .replace(/\.$/, '')
      .replace(/^alt\. /i, ''),
  );
  for (const item of items) {
    const aka = /^[afn]\.k\.a\. (['"])(.*)\1$/i.exec(item);
    if (aka) {
      const text = squeeze(aka[2] ?? '');
      if (text !== '') record.names.push({ text, quality: 'low' });
    }
  }
  settleNames(record);
  if (record.subject !== 'person') return;
  for (const item of items) {
    if (item.startsWith('DOB ')) {
      const date = parseBirthDate(item.slice(4));
      if (date) record.birthDates.push(date);
    }
    const document = documentOf(item);
    if (document) record.documents.push(document);
  }
}

const subjects: Record<string, OracleSubject> = {
  individual: 'person',
  vessel: 'vessel',
  aircraft: 'aircraft',
  entity: 'organisation',
  '': 'organisation',
};

/** An OFAC list with its companions. */
export function readOfacList(files: OracleFiles): OracleList {
  const rows: OracleRow[] = [];
  const records = new Map<string, OracleRecord>();
  const tell = (file: keyof OracleFiles, line: number, work: () => OracleRow['outcome']): void => {
    try {
      rows.push({ file, line, outcome: work() });
    } catch (fault) {
      if (!(fault instanceof RowFault)) throw fault;
      rows.push({ file, line, outcome: 'rejected', code: fault.code });
    }
  };
  const open = (file: keyof OracleFiles, width: number): CsvRow[] => {
    const bytes = files[file];
    if (bytes === undefined) return [];
    const { rows: all, unended } = splitCsv(decodeText(bytes), ',');
    const last = all.at(-1);
    if (last && unended && last.fields.length < width) throw new OracleRefusal('list.truncated');
    return all;
  };
  const checkRow = (row: CsvRow, width: number): string => {
    if (row.broken || row.fields.length !== width) throw new RowFault('row.columns');
    if (!/^\d+$/.test(cell(row, 0))) throw new RowFault('row.id-missing');
    return cell(row, 0);
  };

  const main = open('main', 12);
  if (main.length > 0 && !main.some((r) => r.fields.length === 12)) throw new OracleRefusal('list.format');
  // continuations first, since they are part of the remarks
  const more = new Map<string, string>();
  const comments = open('comments', 2);
  for (const row of comments) {
    if (row.fields.length !== 2 || row.broken) continue;
    more.set(
      cell(row, 0),
      (more.get(cell(row, 0)) ?? '') + (cell(row, 1) === '' ? '' : (row.fields[1] ?? '')),
    );
  }
  for (const row of main) {
    tell('main', row.line, () => {
      const id = checkRow(row, 12);
      if (records.has(id)) throw new RowFault('row.id-repeated');
      const name = cell(row, 1);
      if (name === '') throw new RowFault('row.no-name');
      const subject = subjects[cell(row, 2).toLowerCase()] ?? 'other';
      const record: OracleRecord = { id, line: row.line, subject, names: [], birthDates: [], documents: [] };
      record.names.push({ text: name, quality: 'good' });
      if (cell(row, 11) === '') readRemarks(record, '', '');
      else readRemarks(record, row.fields[11] ?? '', more.get(id) ?? '');
      const program = cell(row, 3)
        .split('[')
        .flatMap((part) => part.split(']'))
        .map((part) => part.trim())
        .filter((part) => part !== '');
      if (program.length > 0) record.labels = { program };
      settleTexts(record);
      records.set(id, record);
      return 'record';
    });
  }
  for (const [file, width, all] of [
    ['alt', 5, open('alt', 5)],
    ['add', 6, open('add', 6)],
    ['comments', 2, comments],
  ] as const) {
    for (const row of all) {
      tell(file, row.line, () => {
        const id = checkRow(row, width);
        const name = file === 'alt' ? cell(row, 3) : '';
        if (file === 'alt' && name === '') throw new RowFault('row.no-name');
        if (hasForbidden(name)) throw new RowFault('row.codepoint');
        const record = records.get(id);
        if (!record) throw new RowFault('row.orphan');
        if (file === 'alt')
          record.names.push({ text: name, quality: name.includes('\ufffd') ? 'low' : 'good' });
        return 'companion';
      });
    }
  }
  return { records: [...records.values()], rows };
}
