/**
 * Agreements as text: strict JSON, and drafts with comments.
 *
 * Purpose: JSON.parse keeps the last of two equal keys and says nothing; a clause that stands twice is a problem
 * here. In a draft, a line that begins with `//` is a comment; nothing else is.
 * Assumes: RFC 8259 text. A JSON text has no line break within a string, so no comment cuts one.
 * Does not know: what the keys mean.
 */
import { pathText, type Problem } from './problems.ts';

export interface ReadText {
  readonly value: unknown;
  readonly problems: readonly Problem[];
}

/** Comment lines become empty lines: line numbers stay. */
export function stripComments(draft: string): string {
  return draft.replace(/^[ \t]*\/\/.*$/gm, '');
}

/** Parses JSON and finds every key that stands twice in one object. */
export function readStrictJson(text: string): ReadText {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { value: undefined, problems: [{ path: '', code: 'text.not-json' }] };
  }
  return { value, problems: repeatedKeys(text) };
}

interface Open {
  /** Keys so far; undefined in an array. */
  readonly keys: Set<string> | undefined;
  /** Index in an array, key in an object. */
  at: string | number;
}

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/** Assumes that JSON.parse took the text. */
function repeatedKeys(text: string): Problem[] {
  const problems: Problem[] = [];
  const open: Open[] = [];
  let key = '';
  let isKey = false;
  for (const [word] of text.matchAll(token)) {
    const top = open.at(-1);
    if (word === '{' || word === '[') {
      open.push({ keys: word === '{' ? new Set() : undefined, at: 0 });
      isKey = word === '{';
    } else if (word === '}' || word === ']') {
      open.pop();
      isKey = false;
    } else if (word === ',') {
      isKey = top?.keys !== undefined;
      if (typeof top?.at === 'number') top.at++;
    } else if (word === ':') {
      if (top?.keys?.has(key))
        problems.push({ path: pathText(open.map(({ at }) => at)), code: 'key.repeated-field' });
      top?.keys?.add(key);
      isKey = false;
    } else if (isKey && top !== undefined) {
      key = JSON.parse(word) as string;
      top.at = key;
    }
  }
  return problems;
}
