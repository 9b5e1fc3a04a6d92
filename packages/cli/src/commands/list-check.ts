/**
 * `tallystick list check FILE`: what is in a list before anybody relies on it.
 *
 * Purpose: every row accounted for: record, companion, or rejected with line and reason.
 * Assumes: the list is the caller's own. Does not know: nodes, sessions; nothing is kept.
 */
import { resolve } from 'node:path';
import { type ImportEvent, importList, type ListReport, reportList } from '@tallystick/node/lists';
import { isRecordOf, labelsOf, recipeNames, type Subject } from '@tallystick/protocol/records';
import type { Run } from '../args/types.ts';
import { count, numberText, safe, styleFor, type Style, table } from '../render/text.ts';
import { parseColumnsOption } from '../scenario/index.ts';
import { formatOf, recipesOf, subjectOf } from './common.ts';

export const run: Run = async ({ args, options, io }) => {
  const path = resolve(io.cwd, args[0] as string);
  const [format, columns, subject] = [formatOf(options), options.text('columns'), subjectOf(options)];
  const recipes = recipesOf(options);
  const events = importList(path, {
    ...(format === undefined ? {} : { format }),
    ...(columns === undefined ? {} : { columns: parseColumnsOption(columns) }),
    signal: io.signal,
  });
  const field = options.text('label');
  const labels = new Map<string, number>();
  const taken = field === undefined ? events : countingLabels(events, field, subject ?? 'any', labels);
  const report = await reportList(taken, {
    recipes: recipes.length === 0 ? recipeNames : recipes,
    subject: subject ?? 'any',
    nowMs: Date.now(),
  });
  const style = styleFor(io.out.colour);
  const told = field === undefined ? report : { ...report, labels: { [field]: Object.fromEntries(labels) } };
  if (options.on('json')) io.out.write(`${JSON.stringify(told)}\n`);
  else io.out.write(render(report, style, options.on('all')) + labelText(field, labels, style));
  return 0;
};

/** Passes events on; counts the records of the subject under each label of a field. */
async function* countingLabels(
  events: AsyncIterable<ImportEvent>,
  field: string,
  subject: Subject,
  labels: Map<string, number>,
): AsyncGenerator<ImportEvent> {
  for await (const event of events) {
    if (event.type === 'record' && isRecordOf(event.record, subject)) {
      for (const label of new Set(labelsOf(event.record, field)))
        labels.set(label, (labels.get(label) ?? 0) + 1);
    }
    yield event;
  }
}

/** Every label that an agreement has to declare, the most frequent first; contents, for the owner's eyes. */
function labelText(field: string | undefined, labels: ReadonlyMap<string, number>, style: Style): string {
  if (field === undefined) return '';
  const rows = [...labels].toSorted((a, b) => b[1] - a[1]).map(([label, n]) => [safe(label), numberText(n)]);
  const lines = table(['label', 'records'], rows, ['left', 'right'], style);
  return `\n${[style.bold(`Labels in ${safe(field)}`), ...lines].join('\n')}\n`;
}

const rejectedShown = 20;

function render(report: ListReport, style: Style, all: boolean): string {
  const subjects = Object.entries(report.bySubject).filter(([, number]) => number > 0);
  const facts = [
    ['file', report.files.map((name) => safe(name)).join(', ')],
    ['format', report.format ?? 'unknown'],
    ['date of the list', dateText(report)],
    ['rows', numberText(report.rows)],
    ['records', `${numberText(report.records)} (${subjects.map(([name, n]) => `${n} ${name}`).join(', ')})`],
    ['companion rows', numberText(report.companions)],
    ['rejected rows', numberText(report.rejected)],
  ];
  const lines = facts.map(([name, value]) => `${(name as string).padEnd(18)}${value}`);
  if (report.stale) {
    lines.push(
      '',
      style.bad(`warning: this list is ${numberText(report.ageDays ?? 0)} days old; fetch it again`),
    );
  }
  const kinds = Object.entries(report.identifiersByKind).map(([kind, n]) => [kind, numberText(n)]);
  lines.push(
    '',
    style.bold(`Identifiers of ${count(report.considered, 'record')} (${report.recipes.join(', ')})`),
  );
  lines.push(
    ...table(
      ['kind', 'identifiers'],
      [...kinds, ['all', numberText(report.identifiers)]],
      ['left', 'right'],
      style,
    ),
  );
  lines.push(`  duplicates within the list: ${numberText(report.duplicates)}`);
  lines.push(`  records without identifiers: ${numberText(report.withoutIdentifiers)}`);
  const notes = Object.entries(report.notes).map(([reason, n]) => [reason, numberText(n)]);
  if (notes.length > 0) {
    lines.push('', style.bold('Fields that gave no identifier'));
    lines.push(...table(['reason', 'fields'], notes, ['left', 'right'], style));
  }
  if (report.rejected > 0) lines.push('', ...rejectedLines(report, style, all));
  return `${lines.join('\n')}\n`;
}

function rejectedLines(report: ListReport, style: Style, all: boolean): string[] {
  const shown = all ? report.rejectedRows : report.rejectedRows.slice(0, rejectedShown);
  const rows = shown.map((row) => [safe(row.file), numberText(row.line), row.reason, safe(row.field)]);
  const lines = [
    style.bold('Rejected rows'),
    ...table(['file', 'line', 'reason', 'field'], rows, ['left', 'right', 'left', 'left'], style),
  ];
  const rest = report.rejectedRows.length - shown.length;
  if (rest > 0) lines.push(`  and ${count(rest, 'more row')}: --all names every one`);
  return lines;
}

function dateText(report: ListReport): string {
  if (report.listDate === null) return 'unknown';
  const from = report.listDateFrom === 'list' ? 'the list says so' : "the file's; the list has none";
  return `${report.listDate.slice(0, 10)}, ${count(report.ageDays ?? 0, 'day')} ago (${from})`;
}
