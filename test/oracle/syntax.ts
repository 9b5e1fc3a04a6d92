/**
 * The oracle's readers of bytes: UTF-8, CSV and XML, written for these tests.
 *
 * Purpose: section A2 of docs/recipes.md with the least machinery; whole files in memory.
 * Assumes: inputs are small enough to hold as one string.
 * Does not know: the product, any parser library, or what the fields mean.
 */

/** A list that is refused as a whole, with the code of docs/recipes.md A2. */
export class OracleRefusal extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** UTF-8 bytes to text; a byte order mark at the start is dropped. Refuses with `list.encoding`. */
export function decodeText(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (text.includes('\0')) throw new OracleRefusal('list.encoding');
    return text.startsWith('\ufeff') ? text.slice(1) : text;
  } catch {
    throw new OracleRefusal('list.encoding');
  }
}

/** One row of a CSV file; `broken` where the quoting is. */
export interface CsvRow {
  line: number;
  fields: string[];
  broken: boolean;
}

/** A file's CSV rows; `unended` where the last line has no line end. Refuses with `list.truncated`. */
export function splitCsv(whole: string, delimiter: string): { rows: CsvRow[]; unended: boolean } {
  let text = whole;
  // Ctrl-Z (A2): cut at every U+001A that only white space follows
  while (text.trimEnd().endsWith('\u001a')) text = text.trimEnd().slice(0, -1);
  const rows: CsvRow[] = [];
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const row: CsvRow = { line, fields: [], broken: false };
    const start = at;
    // a blank line is no row
    const end = text.indexOf('\n', at);
    const rest = end < 0 ? text.slice(at) : text.slice(at, end);
    if (rest.trim() === '') {
      at = end < 0 ? text.length : end + 1;
      line += 1;
      continue;
    }
    for (let more = true; more; ) {
      let field = '';
      if (text[at] === '"') {
        at += 1;
        for (;;) {
          const quote = text.indexOf('"', at);
          if (quote < 0) throw new OracleRefusal('list.truncated');
          field += text.slice(at, quote);
          at = quote + 1;
          if (text[at] !== '"') break;
          field += '"';
          at += 1;
        }
        while (at < text.length && text[at] !== delimiter && text[at] !== '\n') {
          if (!/\s/u.test(text[at] as string)) row.broken = true;
          at += 1;
          if (row.broken) {
            while (at < text.length && text[at] !== '\n') at += 1;
          }
        }
      } else {
        while (at < text.length && text[at] !== delimiter && text[at] !== '\n') field += text[at++];
      }
      row.fields.push(field);
      more = text[at] === delimiter;
      at += 1;
    }

    line += text.slice(start, at).split('\n').length - 1;
    rows.push(row);
  }
  return { rows, unended: !whole.endsWith('\n') };
}

/** One XML element: name, the line of its start tag, children, and its own character content. */
export interface XmlElement {
  name: string;
  line: number;
  children: XmlElement[];
  text: string;
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function resolveEntities(text: string): string {
  return text.replace(/&([^;&]*);?/g, (whole, name: string) => {
    if (!whole.endsWith(';')) throw new OracleRefusal('list.format');
    const number = /^#(?:x([0-9a-fA-F]+)|([0-9]+))$/.exec(name);
    if (number)
      return String.fromCodePoint(Number.parseInt(number[1] ?? number[2] ?? '', number[1] ? 16 : 10));
    const known = entities[name];
    if (known === undefined) throw new OracleRefusal('list.format');
    return known;
  });
}

/** An XML document's root. Refuses with `list.truncated` or `list.format`. */
export function readXml(text: string): XmlElement {
  let line = 1;
  let at = 0;
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  const skip = (to: number): void => {
    for (let i = at; i < to; i++) if (text[i] === '\n') line += 1;
    at = to;
  };
  const upTo = (mark: string): number => {
    const i = text.indexOf(mark, at);
    if (i < 0) throw new OracleRefusal('list.truncated');
    return i + mark.length;
  };
  while (at < text.length) {
    const top = open.at(-1);
    if (text[at] !== '<') {
      const next = text.indexOf('<', at);
      const stop = next < 0 ? text.length : next;
      const piece = text.slice(at, stop);
      if (top) top.text += resolveEntities(piece);
      else if (piece.trim() !== '') throw new OracleRefusal('list.format');
      skip(stop);
    } else if (text.startsWith('<!--', at)) skip(upTo('-->'));
    else if (text.startsWith('<![CDATA[', at)) {
      const stop = upTo(']]>');
      if (!top) throw new OracleRefusal('list.format');
      top.text += text.slice(at + 9, stop - 3);
      skip(stop);
    } else if (text.startsWith('<?', at)) skip(upTo('?>'));
    else if (text.startsWith('<!', at)) skip(upTo('>'));
    else {
      const stop = upTo('>');
      const tag = text.slice(at + 1, stop - 1);
      if (tag.startsWith('/')) {
        if (!top || top.name !== tag.slice(1).trim()) throw new OracleRefusal('list.format');
        open.pop();
      } else {
        const empty = tag.endsWith('/');
        const name = /^[^\s/]+/.exec(tag)?.[0];
        if (name === undefined || (root && !top)) throw new OracleRefusal('list.format');
        const element: XmlElement = { name, line, children: [], text: '' };
        if (top) top.children.push(element);
        else root = element;
        if (!empty) open.push(element);
      }
      skip(stop);
    }
  }
  if (open.length > 0) throw new OracleRefusal('list.truncated');
  if (!root) throw new OracleRefusal('list.format');
  return root;
}
