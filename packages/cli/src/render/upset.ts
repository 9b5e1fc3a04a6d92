/**
 * Counts of several lists as an UpSet plot, one SVG that needs nothing else.
 *
 * Purpose: bars of the exact counts over a matrix that says which lists each counts, and the sizes of the lists;
 * A. Lex, N. Gehlenborg, H. Strobelt, R. Vuillemot, H. Pfister, "UpSet: Visualization of Intersecting Sets", IEEE
 * TVCG 20(12), 2014.
 * Assumes: cells are disjoint ("exactly these lists"), each combination at most once; list ids are distinct but may be
 * hostile text. Widths of text are estimates that err on the wide side.
 * Does not know: why a number is withheld; a withheld one has no size here, so neither bar nor order tells it.
 */
import { TallyError } from '@tallystick/protocol/errors';
import type { WithheldReason as Reason } from '@tallystick/protocol/privacy';
import { clean, escape, fit, hatch, line, linesOf, px, rect, sheet, text, ticksTo, widthPx } from './svg.ts';
import { numberText } from './text.ts';

export interface UpsetCell {
  readonly in: readonly string[];
  /** Null if withheld. A cell with a reason is drawn as withheld whatever stands here. */
  readonly exactly: number | null;
  readonly reason?: Reason;
}

export interface UpsetInput {
  readonly title: string;
  /** A sentence or two under the title; may be empty. */
  readonly note: string;
  readonly lists: readonly { readonly id: string; readonly size: number }[];
  readonly cells: readonly UpsetCell[];
  /** What all the numbers count, in the plural: `identifiers`. */
  readonly unit: string;
}

interface Column {
  /** Indices of lists, ascending. */
  readonly rows: readonly number[];
  readonly count: number | null;
  readonly reason: Reason | undefined;
}

const maxColumns = 40;
/** Of the columns, when the numbers do not leave more room; withheld ones all look the same. */
const maxWithheld = 15;

const why: Record<Reason, string> = {
  'below-minimum': 'the number is below the agreed minimum',
  complementary: 'with the others the number could give away one that has to stay hidden',
  padded: 'the sizes of lists are padded',
};
const whyUnknown = 'of a reason that is not given';

const css = `${sheet('upset')}.upset .dot{fill:var(--upset-bar)}
.upset .hdot{fill:var(--upset-held)}
.upset .link{stroke:var(--upset-bar);stroke-width:3}
.upset .hlink{stroke:var(--upset-held);stroke-width:3}
.upset .col:hover .hit{fill:var(--upset-quiet);fill-opacity:.14}
`;

const oneOf = (unit: string, value: number): string => (value === 1 ? unit.replace(/s$/, '') : unit);

function joined(ids: readonly string[]): string {
  if (ids.length < 2) return ids[0] ?? '';
  return `${ids.slice(0, -1).join(', ')} and ${ids.at(-1)}`;
}

/** `1 combination is`, `2 combinations are`. */
const combinationsAre = (n: number, more = ''): string =>
  `${numberText(n)} ${more}combination${n === 1 ? ' is' : 's are'}`;

/** By degree, then in the order of the lists. */
function byLists(a: Column, b: Column): number {
  const first = a.rows.findIndex((row, i) => row !== b.rows[i]);
  return a.rows.length - b.rows.length || (first < 0 ? 0 : (a.rows[first] ?? 0) - (b.rows[first] ?? 0));
}

function columnsOf(input: UpsetInput): Column[] {
  const rowOf = new Map(input.lists.map(({ id }, row) => [id, row]));
  return input.cells.map((cell) => {
    const rows = cell.in.map((id) => rowOf.get(id) ?? -1).sort((a, b) => a - b);
    if (rows[0] === -1) throw new TallyError('internal.bug', 'cells: want ids of the lists, got another');
    return { rows, count: cell.reason === undefined ? cell.exactly : null, reason: cell.reason };
  });
}

/** The columns that are drawn, and a sentence about those that are not. */
function choose(all: readonly Column[], unit: string): { shown: Column[]; rest: string } {
  const numbers = all
    .filter(({ count }) => count !== null)
    .sort((a, b) => (b.count as number) - (a.count as number) || byLists(a, b));
  const withheld = all.filter(({ count }) => count === null).sort(byLists);
  if (all.length <= maxColumns) return { shown: [...numbers, ...withheld], rest: '' };
  const counted = numbers.filter(({ count }) => count !== 0);
  const drawable = counted.length + withheld.length === 0 ? numbers : counted;
  const room = Math.max(maxWithheld, maxColumns - drawable.length);
  const held = withheld.slice(0, room);
  const drawn = drawable.slice(0, maxColumns - held.length);
  const over = counted.slice(drawn.length);
  const zeros = numbers.length - drawn.length - over.length;
  const sum = over.reduce((total, { count }) => total + (count as number), 0);
  const heldOver = withheld.length - held.length;
  const left = over.length + zeros + heldOver;
  if (left === 0) return { shown: [...drawn, ...held], rest: '' };
  const parts: string[] = [];
  if (over.length > 0) {
    const which = `${numberText(over.length)} with the smallest numbers${zeros > 0 ? ' above 0' : ''}`;
    parts.push(`${which}, ${numberText(sum)} ${oneOf(unit, sum)} in these together`);
  }
  if (zeros > 0) parts.push(`${numberText(zeros)} with 0 ${unit}`);
  if (heldOver > 0) parts.push(`${numberText(heldOver)} withheld, so that no sum of all can be given`);
  return {
    shown: [...drawn, ...held],
    rest: `${combinationsAre(left, 'more ')} not shown: ${parts.join('; ')}.`,
  };
}

function heldText(all: readonly Column[]): string {
  const held = all.filter(({ count }) => count === null);
  if (held.length === 0) return '';
  const reasons = [...(Object.keys(why) as Reason[]), undefined].flatMap((reason) => {
    const n = held.filter((column) => column.reason === reason).length;
    if (n === 0) return [];
    return `${numberText(n)} ${reason === undefined ? whyUnknown : `because ${why[reason]}`}`;
  });
  return `${combinationsAre(held.length)} withheld (hatched; the height says nothing about the number): ${reasons.join('; ')}.`;
}

const pad = 20;
const sizeBarPx = 110;
const rowPx = 26;
const heldPx = 40;
const lineHeightPx = 19;

/**
 * One self-contained SVG (no script, no font, no address but the namespace's), light or dark as the reader prefers.
 * At most 40 combinations are drawn: the largest numbers, then withheld ones; the text says what is left out.
 *
 * @throws TallyError `internal.bug` if a cell names a list that is not among the lists.
 */
export function upsetPlot(input: UpsetInput): string {
  const { lists } = input;
  const unit = clean(input.unit);
  const all = columnsOf(input);
  const { shown, rest } = choose(all, unit);
  const numbers = shown.filter(({ count }) => count !== null).length;
  const label = ({ count }: Column): string => (count === null ? 'withheld' : numberText(count));
  const idsOf = ({ rows }: Column): string[] => rows.map((row) => clean(lists[row]?.id ?? ''));
  const says = (column: Column): string => {
    const { count, reason } = column;
    const where = `in exactly ${joined(idsOf(column))}`;
    if (count !== null) return `${numberText(count)} ${oneOf(unit, count)} ${where}`;
    return `withheld: ${unit} ${where}, ${reason === undefined ? whyUnknown : `(${reason}) because ${why[reason]}`}`;
  };

  // Across: size, size bar, id, matrix.
  const sizePx = Math.max(0, ...lists.map(({ size }) => widthPx(numberText(size))));
  const idPx = Math.min(170, Math.max(40, ...lists.map(({ id }) => widthPx(clean(id)))));
  const sizeEnd = pad + sizePx + 6 + sizeBarPx;
  const matrixX = sizeEnd + 10 + idPx + 14;
  const labelPx = Math.max(0, ...shown.slice(0, numbers).map((column) => widthPx(label(column))));
  const heldLabelPx = numbers < shown.length ? widthPx('withheld') : 0;
  const upright = shown.length <= 8;
  const roomy = Math.min(110, (720 - pad - matrixX) / Math.max(1, shown.length));
  const pitch = upright ? Math.max(64, labelPx + 10, heldLabelPx + 10, roomy) : shown.length <= 20 ? 30 : 24;
  const gap = numbers > 0 && numbers < shown.length ? 14 : 0;
  const matrixEnd = matrixX + pitch * Math.max(1, shown.length) + gap;
  const width = Math.max(720, matrixEnd + pad);
  const barPx = Math.min(40, pitch * 0.64);
  const middle = (i: number): number => matrixX + pitch * (i + 0.5) + (i >= numbers ? gap : 0);

  // Down: title, note, axis title, labels, bars, matrix, remarks.
  const titles = linesOf(input.title, (width - 2 * pad) / 1.55, 3);
  const perLine = Math.min(860, (width - 2 * pad) / 1.09);
  const notes = linesOf(input.note, perLine, 8);
  const noteY = pad + 16 + titles.length * 23;
  const axisY = noteY + notes.length * lineHeightPx + 10;
  const barsY = axisY + 12 + (upright ? 14 : labelPx) + 6;
  const barsPx = numbers > 0 ? 200 : heldPx + heldLabelPx + 6;
  const base = barsY + barsPx;
  const rowsY = base + 28;
  const rowMiddle = (row: number): number => rowsY + rowPx * (row + 0.5);
  const remarksY = rowsY + rowPx * lists.length + 26;
  const how = `Each column counts the ${unit} that are in every list with a filled dot and in no other list.`;
  const remarks = [how, heldText(all), rest].flatMap((words) => linesOf(words, perLine, 6));
  const height = remarksY + remarks.length * lineHeightPx + pad - 14;

  const max = Math.max(1, ...shown.map(({ count }) => count ?? 0));
  const up = (count: number): number => (count <= 0 ? 0 : Math.max(1, (count / max) * barsPx));
  const largest = Math.max(1, ...lists.map(({ size }) => size));
  const out: string[] = [rect(0, 0, width, height, 'paper')];
  titles.forEach((words, i) => out.push(text(pad, pad + 16 + i * 23, 't', words)));
  notes.forEach((words, i) => out.push(text(pad, noteY + i * lineHeightPx, 'n q', words)));

  const ticks = numbers > 0 ? ticksTo(max) : [0];
  const tickPx = Math.max(...ticks.map((tick) => widthPx(numberText(tick))));
  const axisX = matrixX - 8 - tickPx;
  out.push(text(axisX, axisY, 'q', fit(`${unit} in exactly the marked lists`, width - pad - axisX)));
  for (const tick of ticks) {
    const y = base - (tick / max) * barsPx;
    if (numbers > 0) out.push(text(matrixX - 8, y + 4, 'q e', numberText(tick)));
    if (numbers > 0) out.push(line(matrixX, y, matrixX + pitch * numbers, y, tick === 0 ? 'axis' : 'grid'));
  }

  out.push(text(pad, base + 18, 'q', fit(`list sizes, in ${unit}`, matrixX - pad - 14)));
  const clip = `<clipPath id="upset-ids"><rect x="${px(sizeEnd + 6)}" y="${px(rowsY)}" width="${px(matrixX - sizeEnd - 12)}" height="${px(rowPx * lists.length)}"/></clipPath>`;
  lists.forEach(({ id, size }, row) => {
    const y = rowMiddle(row);
    const bar = size <= 0 ? 0 : Math.max(1, (size / largest) * sizeBarPx);
    if (row % 2 === 0) out.push(rect(pad, y - rowPx / 2, matrixEnd - pad, rowPx, 'band'));
    out.push(
      `<g class="list"><title>${escape(`${numberText(size)} ${oneOf(unit, size)}: size of ${clean(id)}`)}</title>`,
      rect(sizeEnd - bar, y - 7, bar, 14, 'bar'),
      text(sizeEnd - bar - 6, y + 4, 'e', numberText(size)),
      text(matrixX - 14, y + 4, 'e', fit(id, idPx), ' clip-path="url(#upset-ids)"'),
      '</g>',
    );
  });

  shown.forEach((column, i) => {
    const { rows, count } = column;
    const x = middle(i);
    const held = count === null;
    const tall = held ? heldPx : up(count);
    const top = base - tall - 6;
    const turned = ` transform="rotate(-90 ${px(x + 4)} ${px(top)})"`;
    const first = rows[0] ?? 0;
    out.push(
      `<g class="col"><title>${escape(says(column))}</title>`,
      rect(x - pitch / 2, axisY + 10, pitch, rowMiddle(lists.length) - rowPx / 2 - axisY - 10, 'hit'),
      rect(
        x - barPx / 2,
        base - tall,
        barPx,
        tall,
        held ? 'held' : 'bar',
        held ? ' fill="url(#upset-hatch)"' : '',
      ),
      upright
        ? text(x, top, held ? 'm w' : 'm v', label(column))
        : text(x + 4, top, held ? 'w' : 'v', label(column), turned),
    );
    const dot = (row: number, radius: number, classes: string): string =>
      `<circle cx="${px(x)}" cy="${px(rowMiddle(row))}" r="${radius}" class="${classes}"/>`;
    lists.forEach((_, row) => {
      if (!rows.includes(row)) out.push(dot(row, 4.5, 'empty'));
    });
    const last = rows.at(-1) ?? first;
    if (last > first) out.push(line(x, rowMiddle(first), x, rowMiddle(last), held ? 'hlink' : 'link'));
    out.push(...rows.map((row) => dot(row, 7, held ? 'hdot' : 'dot')));
    out.push('</g>');
  });
  remarks.forEach((words, i) => out.push(text(pad, remarksY + i * lineHeightPx, 'n q', words)));

  const sizes = lists.map(({ id, size }) => `${numberText(size)} ${oneOf(unit, size)} in ${clean(id)}`);
  const told = [
    `UpSet plot. ${input.note}`,
    `List sizes: ${sizes.join('; ')}.`,
    `${shown.map(says).join('; ')}.`,
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="upset" width="${px(width)}" height="${px(height)}" viewBox="0 0 ${px(width)} ${px(height)}" role="img" aria-labelledby="upset-title upset-desc">`,
    `<title id="upset-title">${escape(input.title)}</title>`,
    `<desc id="upset-desc">${escape([...told, heldText(all), rest].join(' '))}</desc>`,
    `<style>${css}</style>`,
    `<defs>${hatch('upset')}${clip}</defs>`,
    ...out,
    '</svg>',
    '',
  ].join('\n');
}
