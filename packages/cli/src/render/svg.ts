/**
 * What every drawing here is made of: colours, widths of text, shapes.
 *
 * Purpose: SVG that needs nothing else (no script, no font, no address but the namespace's), light or dark as the reader
 * prefers, in which no text can be markup.
 * Assumes: widths of text are estimates that err on the wide side; a drawing has a short name of its own, which its class,
 * its ids and its variables begin with, so that several stand in one page.
 * Does not know: what is drawn.
 */
import { widthOf } from './text.ts';

/** Contrast to the background: text at least 7:1, marks at least 3:1. Empty dots and bands are ornaments. */
const colours = {
  light: ['#ffffff', '#1f2328', '#4d5661', '#2a5d8f', '#8a4600', '#c8ced6', '#f2f4f7'],
  dark: ['#0d1117', '#e6edf3', '#aab4bf', '#79b8ff', '#f0b070', '#3f4751', '#171c24'],
} as const;
const names = ['paper', 'ink', 'quiet', 'bar', 'held', 'empty', 'band'];

/** `--NAME-paper:#ffffff;…`, for the light or the dark scheme. */
export const variables = (name: string, scheme: keyof typeof colours): string =>
  colours[scheme].map((colour, i) => `--${name}-${names[i]}:${colour}`).join(';');

/** Rules that every drawing has: classes of texts, marks, axes. */
export function sheet(name: string): string {
  const rules: readonly [string, string][] = [
    ['.t', 'font-size:17px;font-weight:600'],
    ['.v', `stroke:var(--${name}-paper);stroke-width:4;stroke-linejoin:round;paint-order:stroke`],
    ['.n', 'font-size:13px'],
    ['.q', `fill:var(--${name}-quiet)`],
    ['.w', `fill:var(--${name}-held)`],
    ['.e', 'text-anchor:end'],
    ['.m', 'text-anchor:middle'],
    ['.paper', `fill:var(--${name}-paper)`],
    ['.band', `fill:var(--${name}-band)`],
    ['.bar', `fill:var(--${name}-bar)`],
    ['.held', `stroke:var(--${name}-held);stroke-width:1.5`],
    ['.empty', `fill:var(--${name}-empty)`],
    ['.grid', `stroke:var(--${name}-empty);stroke-width:1`],
    ['.axis', `stroke:var(--${name}-quiet);stroke-width:1`],
    ['.hit', 'fill:none;pointer-events:all'],
  ];
  return `
.${name}{${variables(name, 'light')};color-scheme:light dark;max-width:100%;height:auto}
@media (prefers-color-scheme:dark){.${name}{${variables(name, 'dark')}}}
.${name} text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-size:12px;fill:var(--${name}-ink);font-variant-numeric:tabular-nums}
${rules.map(([of, rule]) => `.${name} ${of}{${rule}}`).join('\n')}
`;
}

/** Slanted lines for what has no exact size; `fill="url(#NAME-hatch)"`. */
export const hatch = (name: string): string =>
  `<pattern id="${name}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" class="paper"/><line x1="3" y1="0" x2="3" y2="6" class="held"/></pattern>`;

/** Fit for XML and harmless: nothing invisible, nothing that turns the line round, no towers of accents. */
export function clean(text: string): string {
  return text
    .replace(/\s+/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Noncharacter_Code_Point}]/gu, '\u{fffd}')
    .replace(/(\p{M}{2})\p{M}+/gu, '$1')
    .trim();
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escape = (text: string): string => clean(text).replace(/[&<>"']/g, (c) => entities[c] as string);

/** Pixels that a text may take at 12px. */
export function widthPx(text: string): number {
  let px = 0;
  for (const c of text) {
    if (/[\p{Mn}]/u.test(c)) continue;
    if (/[ijlftrI.,:;'|!() /-]/.test(c)) px += 5;
    else if (/[a-z0-9_–]/.test(c)) px += /[mw]/.test(c) ? 10.5 : 7.4;
    else px += widthOf(c) > 1 || /[MW@%]/.test(c) ? 12.5 : 11;
  }
  return px;
}

/** Shortened to the width. */
export function fit(text: string, px: number): string {
  const whole = clean(text);
  if (widthPx(whole) <= px) return whole;
  const points = [...whole].slice(0, 300);
  while (points.length > 0 && widthPx(`${points.join('')}…`) > px) points.pop();
  return `${points.join('').trimEnd()}…`;
}

/** Lines of at most so many pixels; words that are longer are cut, and what is over `most` lines left out. */
export function linesOf(text: string, px: number, most: number): string[] {
  const lines: string[] = [];
  let line = '';
  const put = (): void => {
    if (line.trim() !== '') lines.push(line.trimEnd());
    line = '';
  };
  for (const word of clean(text).split(' ')) {
    if (widthPx(line) + widthPx(word) > px) put();
    for (const point of word) {
      if (widthPx(line + point) > px) put();
      line += point;
    }
    line += ' ';
    if (lines.length > most) break;
  }
  put();
  return lines.length <= most ? lines : [...lines.slice(0, most - 1), fit(`${lines[most - 1]}…`, px)];
}

/** Round numbers from 0, at most six. */
export function ticksTo(max: number): number[] {
  const rough = Math.max(1, max) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ([1, 2, 5, 10].find((m) => m * power >= rough * 0.999) as number) * power);
  return Array.from({ length: Math.floor(max / step) + 1 }, (_, i) => Math.round(i * step));
}

export const px = (value: number): string => String(Math.round(value * 10) / 10);

export function text(x: number, y: number, classes: string, words: string, more = ''): string {
  return `<text x="${px(x)}" y="${px(y)}" class="${classes}"${more}>${escape(words)}</text>`;
}

export function rect(
  x: number,
  y: number,
  width: number,
  height: number,
  classes: string,
  more = '',
): string {
  return `<rect x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}" class="${classes}"${more}/>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, classes: string): string {
  return `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" class="${classes}"/>`;
}
