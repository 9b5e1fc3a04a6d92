/**
 * Lines of a text file.
 *
 * Purpose: JSON lines, one at a time, with their numbers; blank lines are skipped.
 * Assumes: lines end with LF or CRLF. A line over the limit is not kept, only said to be long.
 * Does not know: JSON.
 */
import type { ListFile } from './bytes.ts';

/** Longest line taken, in UTF-16 units. */
const maxLineUnits = 1 << 24;

export interface TextLine {
  /** Counted from 1. */
  readonly line: number;
  /** Absent where the line is longer than the limit. */
  readonly text?: string;
  /** Whether it is the last line and no line end follows it. */
  readonly open: boolean;
}

export async function* textLines(file: ListFile): AsyncGenerator<TextLine> {
  let pieces: string[] = [];
  let units = 0;
  let line = 1;
  const finish = (open: boolean): TextLine | undefined => {
    const text = pieces.join('').replace(/\r$/, '');
    const long = units > maxLineUnits;
    pieces = [];
    units = 0;
    if (long) return { line, open };
    return text.trim() === '' ? undefined : { line, text, open };
  };
  const keep = (piece: string): void => {
    units += piece.length;
    if (units <= maxLineUnits) pieces.push(piece);
    else pieces = [];
  };
  for await (const chunk of file.chunks) {
    const text = chunk.toString('utf8');
    let start = 0;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', start)) {
      keep(text.slice(start, at));
      start = at + 1;
      const finished = finish(false);
      if (finished !== undefined) yield finished;
      line++;
    }
    if (start < text.length) keep(text.slice(start));
  }
  const finished = finish(true);
  if (finished !== undefined) yield finished;
}
