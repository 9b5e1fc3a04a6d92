/**
 * The oracle's fields: records, dates of birth, kinds and numbers of documents.
 *
 * Purpose: sections A1, A3 and A4 of docs/recipes.md.
 * Assumes: nothing.
 * Does not know: the formats, the product.
 */
import { hasForbidden, squeeze, tokensOf } from './text.ts';

export type OracleSubject = 'person' | 'organisation' | 'vessel' | 'aircraft' | 'other';

/** A date of birth; years are whole numbers, `date` is YYYY-MM-DD. */
export type OracleDate =
  | { type: 'day'; date: string }
  | { type: 'year'; year: number }
  | { type: 'circa'; year: number }
  | { type: 'range'; from: number; to: number };

export interface OracleDocument {
  kind: 'passport' | 'national-id' | 'other';
  number: string;
  country?: string;
}

/** One entry of a list (docs/recipes.md A1). */
export interface OracleRecord {
  id: string;
  line: number;
  subject: OracleSubject;
  names: { text: string; quality: 'good' | 'low' }[];
  birthDates: OracleDate[];
  documents: OracleDocument[];
  /** By field (A11); absent where the row has none. */
  labels?: Record<string, string[]>;
}

/** A row's only fault, with its code (A9). */
export class RowFault extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

const months = 'january february march april may june july august september october november december'.split(
  ' ',
);

const daysIn = (year: number, month: number): number => {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
};

function checkedYear(text: string): number {
  const year = Number(text);
  if (!/^\d{4}$/.test(text) || year < 1800 || year > 2100) throw new RowFault('row.date');
  return year;
}

function day(year: string, month: number, dayOfMonth: number): OracleDate {
  const y = checkedYear(year);
  if (month < 1 || month > 12 || dayOfMonth < 1 || dayOfMonth > daysIn(y, month))
    throw new RowFault('row.date');
  return {
    type: 'day',
    date: `${year}-${String(month).padStart(2, '0')}-${String(dayOfMonth).padStart(2, '0')}`,
  };
}

function monthNumber(word: string): number {
  const i = months.findIndex((m) => m === word || m.slice(0, 3) === word);
  if (i < 0) throw new RowFault('row.date');
  return i + 1;
}

/** The year of a day or a year. */
function singleYear(date: OracleDate): number {
  if (date.type === 'day') return Number(date.date.slice(0, 4));
  if (date.type === 'year' || date.type === 'circa') return date.year;
  throw new RowFault('row.date');
}

/** Days, months and years without any word around them. */
function parsePlainDate(s: string): OracleDate | undefined {
  let m = /^(\d{4})-(\d\d)-(\d\d)(?:t.*)?$/.exec(s);
  if (m) return day(m[1] ?? '', Number(m[2]), Number(m[3]));
  m = /^(\d{1,2}) ([a-z]+) (\d{4})$/.exec(s);
  if (m) return day(m[3] ?? '', monthNumber(m[2] ?? ''), Number(m[1]));
  m = /^(\d{4})-(\d\d)$/.exec(s);
  if (m) {
    if (Number(m[2]) < 1 || Number(m[2]) > 12) throw new RowFault('row.date');
    return { type: 'year', year: checkedYear(m[1] ?? '') };
  }
  m = /^([a-z]+) (\d{4})$/.exec(s);
  if (m) {
    monthNumber(m[1] ?? '');
    return { type: 'year', year: checkedYear(m[2] ?? '') };
  }
  return /^\d{4}$/.test(s) ? { type: 'year', year: checkedYear(s) } : undefined;
}

/** A range, or its year where both ends have the same. */
export function yearRange(from: number, to: number): OracleDate {
  if (from > to) throw new RowFault('row.date');
  return from === to ? { type: 'year', year: from } : { type: 'range', from, to };
}

/** One date of birth by the date grammar (A3); undefined for an empty text. Throws RowFault `row.date`. */
export function parseBirthDate(text: string): OracleDate | undefined {
  const s = squeeze(text).toLowerCase();
  if (s === '') return undefined;
  const circa = /^(?:circa |c\. ?|ca\. ?|approximately |~ ?)(.*)$/.exec(s);
  const body = circa ? (circa[1] ?? '') : s;
  const ends =
    /^(?:between )(.+) and (.+)$/.exec(body) ??
    /^(.+) to (.+)$/.exec(body) ??
    /^(\d{4}) ?[-/] ?(\d{4})$/.exec(body);
  if (ends) {
    const [from, to] = [ends[1] ?? '', ends[2] ?? ''].map((e) => parsePlainDate(e));
    if (!from || !to) throw new RowFault('row.date');
    const range = yearRange(singleYear(from), singleYear(to));
    return circa && range.type === 'year' ? { type: 'circa', year: range.year } : range;
  }
  const plain = parsePlainDate(body);
  if (!plain) throw new RowFault('row.date');
  return circa ? { type: 'circa', year: singleYear(plain) } : plain;
}

const damaged = (text: string): boolean => text.includes('\ufffd');

/** Names that lost a character (A1). Throws RowFault `row.no-name` or `row.encoding`. */
export function settleNames(record: OracleRecord): void {
  if (record.names.length === 0) throw new RowFault('row.no-name');
  if (damaged(record.id) || record.names.every((n) => damaged(n.text))) throw new RowFault('row.encoding');
  for (const n of record.names) if (damaged(n.text)) n.quality = 'low';
}

/** Documents that lost a character (A1), without them. */
export function undamaged(documents: readonly OracleDocument[]): OracleDocument[] {
  return documents
    .filter((d) => !damaged(d.number))
    .map((d) => (damaged(d.country ?? '') ? { kind: d.kind, number: d.number } : d));
}

/** The last look at a record: damaged documents (A1), forbidden code points (A9). Throws RowFault `row.codepoint`. */
export function settleTexts(record: OracleRecord): void {
  record.documents = undamaged(record.documents);
  const texts = [record.id, ...record.names.map((n) => n.text)];
  for (const d of record.documents) texts.push(d.number, d.country ?? '');
  if (texts.some(hasForbidden)) throw new RowFault('row.codepoint');
}

const passportWords = new Set(['passport', 'passeport', 'pasaporte', 'passaporto', 'reisepass']);
const tailWords = new Set(['no', 'number', 'nr', 'num', 'card']);
const nationalLabels = new Set(
  `national id;nationalid;national identification;national identity;identity;identification;id;personal id;personal
   identification;citizens;citizen id;cedula;cedula de ciudadania;cedula de identidad;d n i;dni;tazkira;tazkira national
   id;cnic;nic;nric`
    .replace(/\s+/g, ' ')
    .split(';'),
);

/** The kind of document that a label names (A4). */
export function documentKind(label: string): OracleDocument['kind'] {
  const tokens = tokensOf(label);
  if (tokens.some((t) => passportWords.has(t))) return 'passport';
  while (tokens.length > 0 && tailWords.has(tokens.at(-1) as string)) tokens.pop();
  return nationalLabels.has(tokens.join(' ')) ? 'national-id' : 'other';
}

const stopWords = new Set(['CAR', 'DRC', 'USA', 'UK', 'UAE']);

/** The number within a text, and the words before it (A4, bare number); undefined where there is none. */
export function bareNumber(text: string): { number: string; before: string } | undefined {
  const cut = squeeze(text).split(/ \(|,| and |(?:^| )(?:issued|expires|expired)(?=[ .]|$)/)[0] ?? '';
  const words = cut.split(' ');
  const hasDigit = words.map((w) => /\d/.test(w));
  let first = hasDigit.indexOf(true);
  if (first < 0) return undefined;
  const last = hasDigit.lastIndexOf(true);
  while (first > 0) {
    const word = words[first - 1] as string;
    if (!/^[A-Z]{1,4}(-[A-Z]*)?$/.test(word) || stopWords.has(word)) break;
    first -= 1;
  }
  const number = words
    .slice(first, last + 1)
    .join(' ')
    .replace(/^(?:No|no|Nr|nr)[.:]?(?=\d)/, '')
    .replace(/^[#:]/, '');
  return { number, before: words.slice(0, first).join(' ') };
}
