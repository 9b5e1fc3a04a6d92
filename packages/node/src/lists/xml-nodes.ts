/**
 * Chosen elements of an XML file, one small tree at a time.
 *
 * Purpose: stream an XML list through saxes and hand out each entry as a tree with its line.
 * Assumes: entries are of modest size and do not nest. Entities of a DTD are not expanded (saxes knows only XML's five).
 * Does not know: what elements mean.
 */
import { TallyError } from '@tallystick/protocol/errors';
import { type SaxesAttributePlain, SaxesParser } from 'saxes';
import type { ListFile } from './bytes.ts';

const maxEntryUnits = 1 << 22;
const maxDepth = 32;

export interface XmlNode {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
  /** The element's own text, children's excluded, as written. */
  readonly text: string;
  /** Line of the element's start, counted from 1. */
  readonly line: number;
}

interface OpenNode {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: XmlNode[];
  text: string;
  readonly line: number;
}

export type XmlItem =
  | { readonly type: 'root'; readonly name: string; readonly attributes: Readonly<Record<string, string>> }
  | { readonly type: 'entry'; readonly node: XmlNode }
  /** An element where an entry may stand that is none. */
  | { readonly type: 'odd'; readonly line: number };

/** What an element is to the caller: an entry, around entries, passed over, or amiss where entries stand. */
export type XmlPlace = 'entry' | 'inside' | 'foreign' | 'odd';

/**
 * @param placeOf of the element with this path, root first; asked for no element within an entry or a foreign one.
 * @throws TallyError list.empty, list.truncated, list.format, list.encoding, and what `file.chunks` throws.
 */
export async function* xmlEntries(
  file: ListFile,
  placeOf: (path: readonly string[]) => XmlPlace,
): AsyncGenerator<XmlItem> {
  const items: XmlItem[] = [];
  const path: string[] = [];
  const stack: OpenNode[] = [];
  let passedDepth = 0;
  let units = 0;
  let startLine = 1;
  let seenRoot = false;
  let closedRoot = false;
  const parser = new SaxesParser({ position: true });
  const fail = (message: string): never => {
    throw new TallyError('list.format', `${file.name}: ${message}, line ${parser.line}`);
  };
  parser.on('error', () => fail('is not well-formed XML'));
  parser.on('xmldecl', (declaration) => {
    const encoding = declaration.encoding?.toUpperCase() ?? 'UTF-8';
    if (encoding !== 'UTF-8' && encoding !== 'US-ASCII') {
      throw new TallyError(
        'list.encoding',
        `${file.name}: want UTF-8, the declaration names another encoding, line 1`,
      );
    }
  });
  parser.on('opentagstart', () => {
    startLine = parser.line;
  });
  parser.on('opentag', (tag) => {
    path.push(tag.name);
    if (path.length > maxDepth) fail(`want at most ${maxDepth} levels of elements`);
    const attributes = { ...(tag.attributes as Record<string, SaxesAttributePlain | string>) } as Record<
      string,
      string
    >;
    if (!seenRoot) {
      seenRoot = true;
      items.push({ type: 'root', name: tag.name, attributes });
    }
    if (stack.length === 0 && passedDepth === 0) {
      const kind = placeOf(path);
      if (kind === 'odd') items.push({ type: 'odd', line: startLine });
      if (kind === 'odd' || kind === 'foreign') {
        passedDepth = path.length;
        return;
      }
      if (kind === 'inside') return;
      units = 0;
    }
    if (passedDepth === 0)
      stack.push({ name: tag.name, attributes, children: [], text: '', line: startLine });
  });
  const text = (piece: string): void => {
    const top = stack[stack.length - 1];
    if (top === undefined) return;
    units += piece.length;
    if (units > maxEntryUnits) fail(`want entries of at most ${maxEntryUnits} characters`);
    top.text += piece;
  };
  parser.on('text', text);
  parser.on('cdata', text);
  parser.on('closetag', () => {
    if (passedDepth === path.length) passedDepth = 0;
    path.pop();
    if (path.length === 0) closedRoot = true;
    const node = stack.pop();
    if (node === undefined) return;
    const parent = stack[stack.length - 1];
    if (parent !== undefined) parent.children.push(node);
    else items.push({ type: 'entry', node });
  });
  let seenText = false;
  for await (const chunk of file.chunks) {
    const piece = chunk.toString('utf8');
    seenText ||= piece.trim() !== '';
    parser.write(piece);
    yield* items.splice(0);
  }
  if (!seenText) throw new TallyError('list.empty', `${file.name}: want XML, got no text`);
  if (!closedRoot)
    throw new TallyError('list.truncated', `${file.name}: ends in the middle, line ${parser.line}`);
  parser.close();
  yield* items.splice(0);
}
