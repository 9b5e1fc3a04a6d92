/**
 * One session as its own node knows it, for people.
 *
 * Purpose: `session show` and `session watch`.
 * Assumes: the detail comes from this person's node. Does not know: others' lists.
 */
import type { LabelledList, SessionDetail, SessionRetention } from '@tallystick/node/control';
import { countTable, thresholdTable, worthLines } from './counts.ts';
import { marksText } from './handling.ts';
import { labelTables } from './labels.ts';
import { predicateText, whoLearned } from './learned.ts';
import { type LabelsResult, renderVerification, withheldIn } from './result.ts';
import { bytesText, count, durationText, numberText, safe, type Style, wrap } from './text.ts';

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
  if (detail.output?.kind === 'counts') facts.push(['numbers', agreedText(detail)]);
  for (const list of detail.labels?.lists ?? []) facts.push(['labels', declaredText(list)]);
  if (detail.caps !== null) facts.push(['caps', capsText(detail.caps)]);
  if (detail.storedResultOf !== null) {
    facts.push([
      'answer',
      `stored result of session ${detail.storedResultOf}: nothing ran, nothing was charged`,
    ]);
  }
  if (detail.expiresAtMs !== null && detail.state === 'offered') {
    facts.push(['consent until', new Date(detail.expiresAtMs).toISOString()]);
  }
  if (detail.own !== null) {
    const { list, records, identifiers, withoutIdentifiers, cut, fillers } = detail.own;
    const more = [
      ...(cut > 0 ? [`${numberText(cut)} left out`] : []),
      ...(fillers > 0 ? [`${numberText(fillers)} random elements added`] : []),
    ];
    facts.push([
      'my list',
      `${list}: ${count(records, 'record')}, ${count(identifiers, 'identifier')}, ${[`${numberText(withoutIdentifiers)} without`, ...more].join(', ')}`,
    ]);
  }
  if (detail.marks !== null) facts.push(['handling', marksText(detail.marks)]);
  if (detail.retention.dueAtMs !== null) facts.push(['result', retentionText(detail.retention)]);
  if (detail.transcript !== null) facts.push(['transcript', detail.transcript]);
  const lines = facts.map(([name, value]) => `${style.dim(name.padEnd(14))}${value}`);
  if (detail.error !== null) {
    lines.push(
      '',
      style.bad(`ended by ${detail.error.by}: ${safe(detail.error.message, 200)} (${detail.error.code})`),
    );
  }
  lines.push(...answerLines(detail, style, columns));
  if (detail.state === 'done' && detail.form !== null) {
    const verified = detail.verification === 'verified';
    lines.push(
      '',
      ...renderVerification({ form: detail.form, verified, collectors: detail.collectors }, columns),
    );
  }
  if (detail.state === 'done')
    lines.push('', style.bold('Who learned what'), ...learnedLines(detail, style, columns));
  lines.push(
    '',
    `${bytesText(detail.bytes.sent)} sent · ${bytesText(detail.bytes.received)} received · ${durationText(detail.elapsedMs)}`,
  );
  return `${lines.join('\n')}\n`;
}

const dayText = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function retentionText({ days, dueAtMs, deletedAtMs }: SessionRetention): string {
  if (deletedAtMs !== null) return `deleted on ${dayText(deletedAtMs)} under retention`;
  return `kept for ${count(days, 'day')}, deleted on ${dayText(dueAtMs ?? 0)}`;
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
  if (detail.output.kind === 'counts') return `counts, collected by ${detail.collectors.join(' and ')}`;
  const { to, predicate, which } = detail.output;
  const matches = `matches to ${to.join(' and ')}`;
  if (predicate === null) return matches;
  const where = `${predicateText(predicate, detail.parties.length)}${which ? ', and which' : ''}`;
  return `${matches}: ${where}; collected by ${detail.collectors.join(' and ')}`;
}

/** What the agreement does to the numbers: to be read before consenting. */
function agreedText({ privacy, padTo }: SessionDetail): string {
  const parts: string[] = [];
  if (privacy !== null && privacy.minCount > 1) parts.push(`withheld below ${numberText(privacy.minCount)}`);
  if (privacy?.microEpsilon != null) {
    const delta = privacy.mechanism === 'gaussian' ? `, delta 1e-${privacy.deltaExponent}` : '';
    parts.push(
      `${privacy.mechanism} noise with epsilon ${privacy.microEpsilon / 1e6}${delta}, at most ${count(privacy.identifiersPerRecord, 'identifier')} a record`,
    );
  }
  if (padTo !== null) parts.push(`lists padded to a multiple of ${numberText(padTo)}`);
  return parts.length === 0 ? 'exact, none withheld' : parts.join('; ');
}

/** Which label of an own record would be told to the collector, and what small ones become. */
function declaredText({ id, field, declared, minSize }: LabelledList): string {
  const merged = minSize > 1 ? `; fewer than ${count(minSize, 'identifier')}: merged` : '';
  return `${id} by ${field}: ${declared.map((one) => safe(one)).join(', ')}${merged}`;
}

function labelsOf({ labels }: SessionDetail): LabelsResult | undefined {
  if (labels?.cells == null) return undefined;
  return { lists: labels.lists.map((list) => ({ ...list, labels: list.labels ?? [] })), cells: labels.cells };
}

function answerLines(detail: SessionDetail, style: Style, columns: number): string[] {
  if (detail.matches !== null) {
    const { records, identifiers } = detail.matches;
    return [
      '',
      style.good(`${count(records, 'record')} of mine match, through ${count(identifiers, 'identifier')}`),
    ];
  }
  if (detail.counts === null) return [];
  const { release } = detail;
  const lines = ['', ...countTable(detail.counts, style)];
  const labels = labelsOf(detail);
  if (labels !== undefined) lines.push('', ...labelTables(labels, style));
  if (release === null) return lines;
  const worth = worthLines(release, detail.privacy, detail.padTo).flatMap((text) =>
    wrap(text, Math.max(30, Math.min(columns, 110) - 4)),
  );
  return [...lines, '', ...thresholdTable(release, style), '', ...worth.map((line) => `  ${line}`)];
}

function learnedLines(detail: SessionDetail, style: Style, columns: number): string[] {
  if (detail.output === null || detail.form === null) return [];
  const { to } = detail.output.kind === 'matches' ? detail.output : { to: [] as readonly string[] };
  const labels = labelsOf(detail);
  const rows = whoLearned({
    form: detail.form,
    ...(labels === undefined ? {} : { labels }),
    ...(detail.counts === null ? {} : { withheld: withheldIn(detail.counts) }),
    noised: detail.release?.noise != null,
    parties: detail.parties.map(({ id, identifiers }) => ({ id, identifiers: identifiers ?? 0 })),
    collectors: detail.collectors,
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

/** What was agreed that a period may cost each list. */
function capsText({ periodDays, ...caps }: NonNullable<SessionDetail['caps']>): string {
  const given = Object.entries(caps).flatMap(([name, most]) => {
    if (most === null) return [];
    return [name === 'microEpsilon' ? `epsilon ${most / 1_000_000}` : `${numberText(most)} ${name}`];
  });
  return `${given.join(', ')} for each list in ${count(periodDays, 'day')}`;
}
