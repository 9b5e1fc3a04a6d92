/**
 * Rows of a CSV file with the lines they stand on (docs/recipes.md A2).
 *
 * Purpose: RFC 4180 rows out of checked chunks, one at a time; a row with broken quoting is handed out as such and
 * reading resumes after the next line end. (csv-parse resumes only where quotes happen to pair again, which may be
 * rows later; hence our own cutter, tried against it in the tests.)
 * Assumes: LF or CR LF; the delimiter is one character.
 * Does not know: headers, columns, what a field means.
 */
import { TallyError } from '@tallystick/protocol/errors';
import type { ListFile } from './bytes.ts';

/** Longest row, in UTF-16 units; a quote left open would otherwise pull the file into memory. */
const maxRowUnits = 1 << 22;

export interface CsvRow {
  /** First line of the row, counted from 1. */
  readonly line: number;
  /** As they stand, white space and all; empty where the quoting is broken. */
  readonly fields: readonly string[];
  readonly broken: boolean;
  /** Whether it is the file's last row and no line end follows it. */
  readonly open: boolean;
}

/**
 * @throws TallyError list.truncated (ends within quotes), list.format (a row over 4 Mi characters), and what
 * `file.chunks` throws.
 */
export async function* csvRows(file: ListFile, delimiter = ','): AsyncGenerator<CsvRow> {
  let buffer = '';
  let line = 1;
  for await (const text of withoutCtrlZ(file)) {
    buffer += text;
    let from = 0;
    for (let cut = cutRow(buffer, from, delimiter, false); cut !== undefined; ) {
      if (!cut.blank) yield { line, fields: cut.fields, broken: cut.broken, open: false };
      line += cut.lines;
      from = cut.end;
      cut = cutRow(buffer, from, delimiter, false);
    }
    buffer = buffer.slice(from);
    if (buffer.length > maxRowUnits) {
      throw new TallyError(
        'list.format',
        `${file.name}: want rows of at most ${maxRowUnits} characters, got a longer one, line ${line}`,
      );
    }
  }
  const last = buffer === '' ? undefined : cutRow(buffer, 0, delimiter, true);
  if (last === 'unclosed')
    throw new TallyError('list.truncated', `${file.name}: ends within quotes, line ${line}`);
  if (last !== undefined && !last.blank) yield { line, fields: last.fields, broken: last.broken, open: true };
}

/** The fields of the first row of a text that begins a CSV file; undefined where there is none. */
export function firstRow(text: string, delimiter: string): readonly string[] | undefined {
  let from = 0;
  for (;;) {
    const cut = from < text.length ? cutRow(text, from, delimiter, true) : undefined;
    if (cut === undefined || cut === 'unclosed') return undefined;
    if (!cut.blank) return cut.fields;
    from = cut.end;
  }
}

interface Cut {
  readonly fields: string[];
  readonly broken: boolean;
  readonly blank: boolean;
  /** Index after the row and its line end. */
  readonly end: number;
  /** Line ends within the row, its own included. */
  readonly lines: number;
}

/** @returns undefined where more text is needed; `unclosed` where the text ends (atEnd) within quotes. */
function cutRow(text: string, from: number, delimiter: string, atEnd: false): Cut | undefined;
function cutRow(text: string, from: number, delimiter: string, atEnd: boolean): Cut | undefined | 'unclosed';
function cutRow(text: string, from: number, delimiter: string, atEnd: boolean): Cut | undefined | 'unclosed' {
  const newline = text.indexOf('\n', from);
  if (newline === -1 && !atEnd) return undefined;
  const row = text.slice(from, newline === -1 ? text.length : newline);
  const end = newline === -1 ? text.length : newline + 1;
  if (!row.includes('"')) {
    return { fields: row.split(delimiter), broken: false, blank: row.trim() === '', end, lines: 1 };
  }
  return cutQuotedRow(text, from, delimiter, atEnd);
}

function cutQuotedRow(
  text: string,
  from: number,
  delimiter: string,
  atEnd: boolean,
): Cut | undefined | 'unclosed' {
  const fields: string[] = [];
  const done = (end: number, broken = false): Cut => {
    let lines = 0;
    for (let nl = text.indexOf('\n', from); nl !== -1 && nl < end; nl = text.indexOf('\n', nl + 1)) lines++;
    return { fields: broken ? [] : fields, broken, blank: false, end, lines };
  };
  let at = from;
  for (;;) {
    if (text[at] === '"') {
      let value = '';
      let start = at + 1;
      for (;;) {
        const quote = text.indexOf('"', start);
        if (quote === -1) return atEnd ? 'unclosed' : undefined;
        if (quote + 1 === text.length && !atEnd) return undefined;
        value += text.slice(start, quote);
        at = quote + 1;
        if (text[at] !== '"') break;
        value += '"';
        start = at + 1;
      }
      fields.push(value);
      while (at < text.length && text[at] !== '\n' && text[at] !== delimiter && text[at]?.trim() === '') at++;
      if (at === text.length) return atEnd ? done(at) : undefined;
      if (text[at] === '\n') return done(at + 1);
      if (text[at] !== delimiter) {
        const newline = text.indexOf('\n', at);
        if (newline === -1) return atEnd ? done(text.length, true) : undefined;
        return done(newline + 1, true);
      }
      at++;
    } else {
      const newline = text.indexOf('\n', at);
      if (newline === -1 && !atEnd) return undefined;
      const end = newline === -1 ? text.length : newline;
      const comma = text.indexOf(delimiter, at);
      if (comma === -1 || comma >= end) {
        fields.push(text.slice(at, end));
        return done(newline === -1 ? end : end + 1);
      }
      fields.push(text.slice(at, comma));
      at = comma + 1;
    }
  }
}

const ctrlZ = '\u001A';

/** A U+001A after which nothing but white space and further ones come ends a CSV file of old. */
async function* withoutCtrlZ(file: ListFile): AsyncGenerator<string> {
  let held = '';
  for await (const chunk of file.chunks) {
    const text = held + chunk.toString('utf8');
    let tailAt = text.length;
    if (text.includes(ctrlZ)) {
      while (tailAt > 0 && (text[tailAt - 1] === ctrlZ || text[tailAt - 1]?.trim() === '')) tailAt--;
    }
    const mark = text.indexOf(ctrlZ, tailAt);
    held = mark === -1 ? '' : text.slice(mark);
    yield mark === -1 ? text : text.slice(0, mark);
  }
}
