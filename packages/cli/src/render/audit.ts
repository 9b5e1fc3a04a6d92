/**
 * The audit log in words: overview, verification, comparison.
 *
 * Purpose: what a person reads; every fact is in the JSON, too.
 * Assumes: times are UTC. Does not know: how a check is made.
 */
import type { AuditOverview } from '@tallystick/host/audit';
import type { AuditEntry, Comparison, LogReport } from '@tallystick/protocol/audit';
import { numberText, type Style, safe, table } from './text.ts';

const timeText = (atMs: number): string =>
  `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
export const entriesText = (n: number): string => `${numberText(n)} ${n === 1 ? 'entry' : 'entries'}`;

/** Facts that are the type's own, in one line. */
function factsOf(entry: AuditEntry): string {
  const {
    index: _,
    before: __,
    atMs: ___,
    type: ____,
    by: _____,
    session,
    agreement,
    request,
    ...own
  } = entry;
  const about = [
    session === null ? [] : [`session ${session.slice(0, 8)}`],
    agreement === null ? [] : [`agreement ${agreement.slice(0, 8)}`],
    request === null ? [] : [`request ${request.slice(0, 8)}`],
  ].flat();
  const facts = Object.entries(own)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${shortText(value)}`);
  return safe([...about, ...facts].join(', '), 110);
}

function shortText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return /^[0-9a-f]{32,}$/.test(value) ? value.slice(0, 8) : value;
}

export function renderAudit(overview: AuditOverview, style: Style): string[] {
  const { origin, verifierKey, size, root, broken, witnesses, watched, entries } = overview;
  const lines = [
    `${style.bold(origin)}  ${entriesText(size)}`,
    style.dim(`  root ${root}`),
    style.dim(`  key  ${verifierKey}`),
  ];
  if (broken !== null) lines.push(style.bad(`  ${broken.message}: no session starts`));
  for (const { station, size: seen, atMs } of witnesses) {
    lines.push(`  ${station} cosigned ${entriesText(seen)} at ${timeText(atMs)}`);
  }
  if (witnesses.length === 0) lines.push('  nobody has cosigned it yet');
  for (const { station, size: seen, broken: why } of watched) {
    const state = why === null ? 'is cosigned here' : style.bad(`is refused here: ${why}`);
    lines.push(`  the log of ${station}, ${entriesText(seen)}, ${state}`);
  }
  if (entries.length === 0) return lines;
  const rows = entries.map((entry) => [
    String(entry.index),
    timeText(entry.atMs),
    entry.type,
    entry.by,
    factsOf(entry),
  ]);
  const head = ['entry', 'time', 'type', 'by', 'facts'];
  return [...lines, ...table(head, rows, ['right', 'left', 'left', 'left', 'left'], style)];
}

export function renderLogReport(report: LogReport, style: Style): string[] {
  const {
    station,
    origin,
    fingerprint,
    earlier,
    isPinned,
    entries,
    untilMs,
    checkpoints,
    witnesses,
    findings,
  } = report;
  const lines = [
    `${style.bold(`audit log of ${station}`)}  ${origin === null ? '' : safe(origin)}`,
    `  ${entriesText(entries)} read${untilMs === null ? '' : `, the last of ${timeText(untilMs)}`}; ${checkpoints === 1 ? '1 checkpoint' : `${checkpoints} checkpoints`}`,
    `  signed with ${fingerprint}${isPinned ? ', as pinned' : ': compare it by another way, or give it with --pin'}`,
  ];
  for (const before of earlier) lines.push(`  its key before: ${before}`);
  for (const { station: witness, size, atMs } of witnesses) {
    lines.push(`  ${safe(witness)} cosigned ${entriesText(size)} at ${timeText(atMs)}`);
  }
  if (findings.length === 0) {
    return [
      ...lines,
      style.good('  nothing is altered, missing, exchanged or back-dated'),
      style.dim('  not shown: that what the station wrote is true, or that it wrote everything'),
    ];
  }
  return [...lines, ...findings.map(({ problem, text }) => style.bad(`  ${problem}: ${safe(text, 200)}`))];
}

export function renderComparison(
  { same, later, differences }: Comparison,
  [a, b]: readonly [string, string],
  style: Style,
): string[] {
  const sessions = (n: number): string => `${numberText(n)} ${n === 1 ? 'session' : 'sessions'}`;
  const lines = [`${style.bold(`${a} and ${b}`)}  ${sessions(same)} in both logs, told in the same words`];
  if (later > 0) lines.push(`  ${sessions(later)} may be told in a later export`);
  for (const { session, station, text } of differences) {
    const what = session === null ? '' : `session ${session}: `;
    lines.push(style.bad(`  log of ${safe(station)}: ${what}${text}`));
  }
  if (differences.length === 0) {
    lines.push(style.good('  nothing differs'), style.dim('  not found: what both left out together'));
  }
  return lines;
}
