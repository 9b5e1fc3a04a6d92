/**
 * One session as its own node knows it, for people.
 *
 * Purpose: `session show` and `session watch`.
 * Assumes: the detail comes from this person's node. Does not know: others' lists.
 */
import type { SessionDetail } from '@tallystick/node/control';
import { predicateText, whoLearned } from './learned.ts';
import { renderVerification } from './result.ts';
import { bytesText, count, durationText, numberText, safe, type Style, table, wrap } from './text.ts';

export function renderDetail(detail: SessionDetail, style: Style, columns: number): string {
  const facts: [string, string][] = [
    ['session', detail.session],
    ['state', detail.state],
    ['proposed by', detail.proposer],
    ['purpose', safe(detail.purpose, 200)],
    ['agreement', detail.agreementId ?? 'none yet'],
    ['compared', `${detail.subject ?? ''}: ${detail.recipes.join(', ')}`],
    ['form', formText(detail)],
    ['output', outputText(detail)],
    ['parties', detail.parties.map(partyText).join(', ')],
  ];
  if (detail.expiresAtMs !== null && detail.state === 'offered') {
    facts.push(['consent until', new Date(detail.expiresAtMs).toISOString()]);
  }
  if (detail.own !== null) {
    const { list, records, identifiers, withoutIdentifiers } = detail.own;
    facts.push([
      'my list',
      `${list}: ${count(records, 'record')}, ${count(identifiers, 'identifier')}, ${numberText(withoutIdentifiers)} without`,
    ]);
  }
  if (detail.transcript !== null) facts.push(['transcript', detail.transcript]);
  const lines = facts.map(([name, value]) => `${style.dim(name.padEnd(14))}${value}`);
  if (detail.error !== null) {
    lines.push(
      '',
      style.bad(`ended by ${detail.error.by}: ${safe(detail.error.message, 200)} (${detail.error.code})`),
    );
  }
  lines.push(...answerLines(detail, style));
  if (detail.state === 'done' && detail.form !== null) {
    const verified = detail.verification === 'verified';
    lines.push('', ...renderVerification({ form: detail.form, verified }, columns));
  }
  if (detail.state === 'done')
    lines.push('', style.bold('Who learned what'), ...learnedLines(detail, style, columns));
  lines.push(
    '',
    `${bytesText(detail.bytes.sent)} sent · ${bytesText(detail.bytes.received)} received · ${durationText(detail.elapsedMs)}`,
  );
  return `${lines.join('\n')}\n`;
}

/** Whether it is verified, is known at the end only. */
function formText({ form, state, verification }: SessionDetail): string {
  if (form === null) return 'none yet';
  return state === 'done' ? `${form}, ${verification}` : form;
}

function partyText(party: SessionDetail['parties'][number]): string {
  return party.identifiers === null ? party.id : `${party.id} (${count(party.identifiers, 'identifier')})`;
}

function outputText(detail: SessionDetail): string {
  if (detail.output === null) return 'none yet';
  if (detail.output.kind === 'counts') return `counts, collected by ${detail.collector ?? 'nobody'}`;
  const { to, predicate, which } = detail.output;
  const matches = `matches to ${to.join(' and ')}`;
  if (predicate === null) return matches;
  const where = `${predicateText(predicate, detail.parties.length)}${which ? ', and which' : ''}`;
  return `${matches}: ${where}; collected by ${detail.collector ?? 'nobody'}`;
}

function answerLines(detail: SessionDetail, style: Style): string[] {
  if (detail.matches !== null) {
    const { records, identifiers } = detail.matches;
    return [
      '',
      style.good(`${count(records, 'record')} of mine match, through ${count(identifiers, 'identifier')}`),
    ];
  }
  if (detail.counts === null) return [];
  const rows = detail.counts
    .toSorted((a, b) => a.in.length - b.in.length)
    .map((row) => [row.in.join(' + '), numberText(row.exactly), numberText(row.atLeast)]);
  const head = ['on the lists of', 'identifiers on these and no others', 'on these and maybe more'];
  return ['', ...table(head, rows, ['left', 'right', 'right'], style)];
}

function learnedLines(detail: SessionDetail, style: Style, columns: number): string[] {
  if (detail.output === null || detail.form === null) return [];
  const { to } = detail.output.kind === 'matches' ? detail.output : { to: [] as readonly string[] };
  const rows = whoLearned({
    form: detail.form,
    parties: detail.parties.map(({ id, identifiers }) => ({ id, identifiers: identifiers ?? 0 })),
    collector: detail.collector,
    output: detail.output,
    // What another receiver learned is not known here; only that it is a receiver.
    matches: Object.fromEntries(
      detail.parties.map(({ id }) => [id, to.includes(id) ? detail.matches : null]),
    ),
    relay: { id: 'coordinator', bytes: null },
  });
  const width = Math.max(...rows.map(([who]) => who.length)) + 2;
  return rows.flatMap(([who, what]) =>
    wrap(what, Math.max(30, Math.min(columns, 110) - width - 4)).map(
      (line, i) =>
        `  ${i === 0 ? style.bold(who) + ' '.repeat(width - who.length) : ' '.repeat(width)}${line}`,
    ),
  );
}
