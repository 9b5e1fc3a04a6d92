/**
 * Bands as bars: what is certain is filled, what is possible is hatched.
 *
 * Purpose: one SVG of one row a number, which shows that a band is a band; light or dark, told to readers of the screen in
 * full. Assumes: fewer than a hundred rows. Does not know: what is counted.
 */
import type { Range } from '@tallystick/protocol/report';
import {
  clean,
  escape,
  fit,
  hatch,
  line,
  linesOf,
  px,
  rect,
  sheet,
  text,
  ticksTo,
  widthPx,
} from '../render/svg.ts';
import { numberText } from '../render/text.ts';

export interface BarsInput {
  /** Of the drawing, unique in its page: letters. */
  readonly name: string;
  readonly title: string;
  readonly note: string;
  /** What all bars count, in the plural. */
  readonly unit: string;
  /** `powers`: equal steps are powers of ten. */
  readonly scale: 'even' | 'powers';
  readonly rows: readonly { readonly label: string; readonly range: Range; readonly words: string }[];
}

const width = 760;
const pad = 20;
const rowPx = 32;
const barPx = 16;
const lineHeightPx = 19;

/** Where numbers stand on the axis, from 0 to 1, and its ticks. */
function axisOf({ scale, rows }: BarsInput): { at(n: number): number; ticks: number[] } {
  const ends = rows.map(({ range: { atLeast, atMost } }) => atMost ?? atLeast * 1.25);
  const max = Math.max(scale === 'powers' ? 99 : 1, ...ends);
  if (scale === 'even') return { at: (n) => Math.min(1, n / max), ticks: ticksTo(max) };
  const powers = Math.ceil(Math.log10(max + 1));
  const every = Math.ceil(powers / 7);
  return {
    at: (n) => Math.min(1, Math.log10(n + 1) / powers),
    ticks: [0, ...Array.from({ length: powers }, (_, i) => 10 ** (i + 1))].filter((_, i) => i % every === 0),
  };
}

/** Short enough for an axis: `10,000`, `1 M`. */
const tickWords = (n: number): string =>
  n >= 1_000_000_000
    ? `${numberText(n / 1e9)} bn`
    : n >= 1_000_000
      ? `${numberText(n / 1e6)} M`
      : numberText(n);

export function barsChart(input: BarsInput): string {
  const { name, rows } = input;
  const axis = axisOf(input);
  const labelPx = Math.min(290, Math.max(60, ...rows.map(({ label }) => widthPx(clean(label)))));
  const wordsPx = Math.max(40, ...rows.map(({ words }) => widthPx(words)));
  const x0 = pad + labelPx + 12;
  const barsPx = width - pad - wordsPx - 10 - x0;
  const x = (n: number): number => x0 + barsPx * axis.at(n);

  const titles = linesOf(input.title, (width - 2 * pad) / 1.55, 2);
  const notes = linesOf(input.note, (width - 2 * pad) / 1.09, 4);
  const noteY = pad + 16 + titles.length * 23;
  const top = noteY + notes.length * lineHeightPx + 2;
  const bottom = top + rows.length * rowPx;
  const height = bottom + 52;

  const out: string[] = [rect(0, 0, width, height, 'paper')];
  titles.forEach((words, i) => out.push(text(pad, pad + 16 + i * 23, 't', words)));
  notes.forEach((words, i) => out.push(text(pad, noteY + i * lineHeightPx, 'n q', words)));
  rows.forEach((_, i) => {
    if (i % 2 === 0) out.push(rect(pad - 6, top + i * rowPx, width - 2 * pad + 12, rowPx, 'band'));
  });
  for (const tick of axis.ticks) {
    out.push(line(x(tick), top, x(tick), bottom, tick === 0 ? 'axis' : 'grid'));
    out.push(text(x(tick), bottom + 17, 'q m', tickWords(tick)));
  }
  out.push(text(x0, bottom + 38, 'q', fit(input.unit, width - pad - x0)));

  rows.forEach(({ label, range: { atLeast, atMost }, words }, i) => {
    const y = top + i * rowPx + rowPx / 2;
    const end = atMost === null ? x0 + barsPx : Math.max(x(atMost), x(atLeast) + 2);
    out.push(
      `<g class="row"><title>${escape(`${label}: ${words}`)}</title>`,
      rect(pad - 6, y - rowPx / 2, width - 2 * pad + 12, rowPx, 'hit'),
      text(x0 - 12, y + 4, 'e', fit(label, labelPx)),
    );
    if (atLeast > 0) out.push(rect(x0, y - barPx / 2, x(atLeast) - x0, barPx, 'bar'));
    out.push(
      rect(x(atLeast), y - barPx / 2, end - x(atLeast), barPx, 'held', ` fill="url(#${name}-hatch)"`),
      text(end + 8, y + 4, 'v', words),
      '</g>',
    );
  });

  const how = 'Filled: at least so many. Hatched: the rest of the band, in which the number is.';
  const told = rows.map(({ label, words }) => `${label}: ${words}`).join('; ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="${name}" width="${width}" height="${px(height)}" viewBox="0 0 ${width} ${px(height)}" role="img" aria-labelledby="${name}-title ${name}-desc">`,
    `<title id="${name}-title">${escape(input.title)}</title>`,
    `<desc id="${name}-desc">${escape(`Bars of ${input.unit}. ${input.note} ${how} ${told}.`)}</desc>`,
    `<style>${sheet(name)}.${name} .row:hover .hit{fill:var(--${name}-quiet);fill-opacity:.14}\n</style>`,
    `<defs>${hatch(name)}</defs>`,
    ...out,
    '</svg>',
    '',
  ].join('\n');
}
