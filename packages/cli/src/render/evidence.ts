/**
 * What verification found, for people.
 *
 * Purpose: each check with what it proves and what it does not; problems by message and field; one verdict.
 * Assumes: the file may be anybody's: texts are made safe. Does not know: how a check is made.
 */
import type { CheckReport, EvidenceReport } from '@tallystick/protocol/evidence';
import { count, safe, type Style, wrap } from './text.ts';

const verdicts = {
  verified: 'verified: everything that was signed fits together, and every proof holds',
  unverified: 'unverified: nothing failed, but the result is not proved',
  failed: 'failed: this evidence does not stand',
} as const;

export function renderEvidence(report: EvidenceReport, style: Style, columns: number): string {
  const width = Math.max(40, Math.min(columns, 110));
  const { session, holder, form, ended, salts, agreementId, transcript } = report;
  const facts: [string, string][] = [
    ['session', session],
    ['kept by', holder],
    ['form', `${form ?? 'unknown'}, ${ended}, ${salts ? 'with salts' : 'without salts'}`],
    ['agreement', agreementId ?? 'none'],
    ['transcript', transcript ?? 'none'],
  ];
  const lines = facts.map(([name, value]) => `${style.dim(name.padEnd(12))}${value}`);
  for (const { id, fingerprint, pinned } of report.stations) {
    const word =
      pinned === null ? 'not pinned: compare it' : pinned ? 'pinned' : style.bad('pinned otherwise');
    lines.push(`${style.dim('key'.padEnd(12))}${safe(fingerprint)}  ${id}, ${word}`);
  }
  lines.push('');
  for (const check of report.checks) lines.push(...checkLines(check, style, width));
  const tone =
    report.verdict === 'verified' ? style.good : report.verdict === 'failed' ? style.bad : style.bold;
  lines.push('', tone(verdicts[report.verdict]));
  if (report.verdict === 'unverified') lines.push(`  ${whyUnproved(report)}`);
  return `${lines.join('\n')}\n`;
}

const nameWidth = 14;

function checkLines(check: CheckReport, style: Style, width: number): string[] {
  const { result, problems, proves, leaves } = check;
  const text = (head: string, body: string): string[] =>
    wrap(`${head}${body}`, width - nameWidth - 2).map((line) => ' '.repeat(nameWidth) + line);
  const word =
    result === 'passed'
      ? style.good(`passed, ${count(check.count, 'thing')} looked at`)
      : result === 'failed'
        ? style.bad(`failed, ${count(problems.length, 'problem')}`)
        : `not checked: ${check.why ?? ''}`;
  const lines = [`${style.bold(check.check.padEnd(nameWidth))}${word}`];
  for (const { message, of, text: what } of problems) {
    const where = message === null ? '' : `message ${message}${of === null ? '' : ` (${of})`}: `;
    lines.push(...text(where, safe(what, 400)).map((line) => style.bad(line)));
  }
  if (result !== 'not-checked') lines.push(...text('', proves));
  if (result === 'passed') lines.push(...text('not: ', leaves).map((line) => style.dim(line)));
  return lines;
}

function whyUnproved({ ended, checks }: EvidenceReport): string {
  if (ended === 'stored')
    return 'nothing ran: it gave the answer of an earlier session, whose evidence to verify';
  if (ended === 'aborted') return 'the session ended before its time: there is no result';
  return checks.find(({ check }) => check === 'proofs')?.why ?? 'not everything was checked';
}
