/**
 * Words, numbers and columns for people.
 *
 * Purpose: tables that align, numbers with thousands, colours only where they are wanted.
 * Assumes: a monospaced terminal; wide characters are counted as two columns.
 * Does not know: what it prints.
 */

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
}

const sgr = (open: number, close: number) => (text: string) => `\u001B[${open}m${text}\u001B[${close}m`;
const plain = (text: string): string => text;

export function styleFor(colour: boolean): Style {
  if (!colour) return { bold: plain, dim: plain, good: plain, bad: plain };
  return { bold: sgr(1, 22), dim: sgr(2, 22), good: sgr(32, 39), bad: sgr(31, 39) };
}

/** Text of a list made fit for a terminal: nothing in it can move the cursor or turn the line round. */
export function safe(text: string, maxLength = 60): string {
  const clean = text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\u{fffd}')
    .replace(/\s+/gu, ' ')
    .trim();
  return clean.length > maxLength ? `${clean.slice(0, maxLength - 1)}…` : clean;
}

export function numberText(value: number): string {
  return value.toLocaleString('en-US');
}

export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(value < 10 ? 2 : 1)} ${units[unit]}`;
}

export function durationText(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** `1 record`, `2 records`. */
export function count(value: number, noun: string): string {
  return `${numberText(value)} ${noun}${value === 1 ? '' : 's'}`;
}

const wide = /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE4F\uFF00-\uFF60\uFFE0-\uFFE6]/u;

export function widthOf(text: string): number {
  let width = 0;
  // oxlint-disable-next-line no-control-regex -- colour codes have no width
  for (const point of text.replace(/\u001B\[\d+m/g, '')) {
    if (/\p{Mn}/u.test(point)) continue;
    width += wide.test(point) ? 2 : 1;
  }
  return width;
}

/** Breaks at spaces; words longer than the width stay whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

export type Align = 'left' | 'right';

/** Rows under a dim head; numbers to the right. Two spaces between columns, `indent` before. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly Align[],
  style: Style,
  indent = '  ',
): string[] {
  const widths = head.map((title, c) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[c] ?? ''))),
  );
  const line = (cells: readonly string[]): string =>
    `${indent}${cells
      .map((cell, c) => {
        const gap = ' '.repeat(Math.max(0, (widths[c] ?? 0) - widthOf(cell)));
        return align[c] === 'right' ? gap + cell : cell + gap;
      })
      .join('  ')}`.trimEnd();
  return [style.dim(line(head)), ...rows.map(line)];
}
