/**
 * Counts by label, for people.
 *
 * Purpose: two lists as a cross table with what is on one of them alone at its edges; more lists as combinations, one
 * line for each cell that has a number. A withheld number is visibly none.
 * Assumes: cells are all of a session's, in the order of the scenario. Does not know: who asked.
 */
import { shortReason } from './counts.ts';
import type { LabelCellResult, LabelsResult } from './result.ts';
import { numberText, safe, type Style, table } from './text.ts';

/** Lines of cells that are printed; the rest stands in the JSON. */
const mostLines = 60;

export function labelTables(labels: LabelsResult, style: Style): string[] {
  const ids = [...new Set(labels.cells.flatMap((cell) => cell.in))];
  const body = ids.length === 2 ? crossTable(labels, ids, style) : cellList(labels, style);
  const sums = ids.length === 2 ? [] : pairTables(labels, style);
  return [...body, ...sums, '', ...announcedLines(labels).map((line) => `  ${line}`)];
}

/** `north by tier: high 120, low 80, other 12 (amber, green)`. */
export function announcedLines({ lists }: Pick<LabelsResult, 'lists'>): string[] {
  return lists.map(({ id, field, labels }) => {
    const parts = labels.map(({ label, of, identifiers }) => {
      const merged = of.length > 1 ? ` (${of.map((one) => safe(one)).join(', ')})` : '';
      return `${safe(label)} ${numberText(identifiers)}${merged}`;
    });
    return `${id} by ${field}: announced ${parts.join(', ')}`;
  });
}

type List = { readonly id: string; readonly field?: string; readonly labels: readonly string[] };

/** Rows are the first list's labels, columns the second's; a list without labels is one row or column. */
function crossTable({ lists, cells }: LabelsResult, ids: readonly string[], style: Style): string[] {
  const [down, across] = [...lists.map(({ id }) => id), ...ids]
    .filter((id, i, all) => all.indexOf(id) === i)
    .map((id): List => {
      const list = lists.find((one) => one.id === id);
      if (list === undefined) return { id, labels: [] };
      return { id, field: list.field, labels: list.labels.map(({ label }) => label) };
    }) as [List, List];
  const find = (one: string | null, other: string | null): string => {
    const cell = cells.find(
      (at) =>
        at.in.includes(down.id) === (one !== null) &&
        at.in.includes(across.id) === (other !== null) &&
        (at.labels[down.id] ?? '') === (one ?? '') &&
        (at.labels[across.id] ?? '') === (other ?? ''),
    );
    return cell === undefined ? '' : numberOrReason(cell, style);
  };
  const columns = across.labels.length === 0 ? [''] : across.labels;
  const rows = down.labels.map((label) => [
    safe(label),
    ...columns.map((other) => find(label, other)),
    find(label, null),
  ]);
  const alone = [
    `not on ${across.id === ids[0] ? ids[1] : ids[0]}`,
    ...columns.map((other) => find(null, other)),
    '',
  ];
  const head = [
    `${down.id} by ${down.field}`,
    ...columns.map((other) => (other === '' ? `on ${across.id}` : safe(other))),
    `not on ${across.id}`,
  ];
  const lines = table(head, [...rows, alone], ['left', ...head.slice(1).map(() => 'right' as const)], style);
  const title = across.field === undefined ? '' : ` against ${across.id} by ${across.field}`;
  return [style.dim(`  identifiers: ${down.id} by ${down.field}${title}`), ...lines];
}

/** The fewest lists first, a combination's name once. Cells of 0 and withheld ones are counted, not shown. */
function cellList({ lists, cells }: LabelsResult, style: Style): string[] {
  const labelled = cells.filter((cell) => Object.keys(cell.labels).length > 0);
  const shown = labelled
    .filter((cell) => (cell.exactly ?? 0) > 0)
    .toSorted((a, b) => a.in.length - b.in.length);
  let before = '';
  const rows = shown.slice(0, mostLines).map((cell) => {
    const name = cell.in.join(' + ');
    const first = name === before ? '' : name;
    before = name;
    return [first, ...lists.map(({ id }) => safe(cell.labels[id] ?? '')), numberOrReason(cell, style)];
  });
  const head = ['on exactly the lists of', ...lists.map(({ id, field }) => `${id}: ${field}`), 'identifiers'];
  const lines = table(head, rows, [...head.slice(1).map(() => 'left' as const), 'right'], style);
  const numbers = [
    [shown.length - rows.length, 'more'],
    [labelled.filter((cell) => cell.exactly === 0).length, 'of 0 identifiers'],
    [labelled.filter((cell) => cell.exactly === null).length, 'withheld'],
  ] as const;
  const rest = numbers.filter(([many]) => many > 0).map(([many, what]) => `${numberText(many)} ${what}`);
  return rest.length === 0 ? lines : [...lines, style.dim(`  other cells: ${rest.join(', ')}`)];
}

/** Of every two lists with labels what is on both, whatever other lists it is on; none where every such sum is withheld. */
function pairTables({ lists, cells }: LabelsResult, style: Style): string[] {
  const sumOf = (...parts: (readonly [id: string, label: string])[]): number | null =>
    cells
      .filter((cell) => parts.every(([id, label]) => cell.labels[id] === label))
      .reduce<number | null>(
        (sum, { exactly }) => (sum === null || exactly === null ? null : sum + exactly),
        0,
      );
  const pairs = lists.flatMap((one, i) => lists.slice(i + 1).map((other) => [one, other] as const));
  return pairs.flatMap(([one, other]) => {
    const sums = one.labels.map((row) =>
      other.labels.map((column) => sumOf([one.id, row.label], [other.id, column.label])),
    );
    if (sums.flat().every((sum) => sum === null)) return [];
    const head = [`${one.id} by ${one.field}`, ...other.labels.map(({ label }) => safe(label))];
    const rows = sums.map((row, at) => [
      safe(one.labels[at]?.label ?? ''),
      ...row.map((sum) => (sum === null ? style.dim('a part is') : numberText(sum))),
    ]);
    const title = style.dim(
      `  on both, and maybe more: ${one.id} by ${one.field} against ${other.id} by ${other.field}`,
    );
    return ['', title, ...table(head, rows, ['left', ...head.slice(1).map(() => 'right' as const)], style)];
  });
}

function numberOrReason({ exactly, reason }: LabelCellResult, style: Style): string {
  return exactly === null ? style.dim(shortReason(reason)) : numberText(exactly);
}
