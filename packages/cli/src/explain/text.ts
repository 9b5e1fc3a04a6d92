/**
 * A session's decision in words.
 *
 * Purpose: what was looked at, what failed, who was asked and what they said, who approved, what it costs.
 * Assumes: the explanation comes from this person's node. Does not know: where it came from.
 */
import type {
  DecisionRecord,
  SessionAnswer,
  SessionDetail,
  SessionExplanation,
} from '@tallystick/node/control';
import { clauseLines } from '../agreement/show.ts';
import { clauseWords } from '../agreement/words.ts';
import { count, numberText, safe, type Style, wrap } from '../render/text.ts';
import { reasonText } from './words.ts';

type Agreement = SessionExplanation['agreement'];

const phases: Readonly<Record<DecisionRecord['phase'], string>> = {
  propose: 'before this node asked',
  consent: 'before this node could agree',
  start: 'before anything derived from a list left',
};

const timeText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

export function explainText(explanation: SessionExplanation, style: Style, columns: number): string {
  const { self, detail, agreement } = explanation;
  const last = detail.decisions.length - 1;
  const width = Math.max(40, Math.min(columns, 110));
  const blocks = [
    headLines(self, detail, agreement, style),
    ...detail.decisions.map((one, i) => decisionLines(one, explanation, i === last, style, width)),
    askedLines(self, detail, style),
    approvalLines(detail, style),
    costLines(detail, style),
    endLines(detail, style),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function headLines(self: string, detail: SessionDetail, agreement: Agreement, style: Style): string[] {
  const denied = detail.decisions.some(({ kind }) => kind === 'denial');
  const verdict =
    detail.decisions.length === 0
      ? 'not decided yet'
      : denied
        ? style.bad('denied')
        : style.good('permitted');
  const { request } = detail;
  const basis =
    request === null
      ? 'no standing agreement: pins, own rules and the ledger decide'
      : agreement === null
        ? `standing agreement ${request.agreement}, which is not installed here`
        : `standing agreement ${agreement.name}, version ${agreement.version} (${request.agreement})`;
  const asked =
    request === null
      ? []
      : [
          `request    tier ${request.tier}, by ${request.requester} of ${request.proposer}; ${request.uses.join(', ')}`,
        ];
  return [
    `${style.bold(detail.session)}: ${verdict} by ${self}`,
    `proposed   by ${detail.proposer}, for ${safe(detail.purpose, 200)}`,
    `under      ${basis}`,
    ...asked,
  ];
}

/** @param isLast the agreement's own words stand beside what holds in the last decision, and are not repeated */
function decisionLines(
  decision: DecisionRecord,
  { detail, agreement }: SessionExplanation,
  isLast: boolean,
  style: Style,
  width: number,
): string[] {
  const { phase, atMs, kind, checked, failed } = decision;
  const verdict = kind === 'permit' ? 'Permitted' : 'Denied';
  const lines = [`${style.bold(verdict)} ${phases[phase]}, ${timeText(atMs)}`];
  for (const { clause, code, at } of failed) {
    const from = at === clause ? '' : `, by ${at}`;
    lines.push(style.bad(`  failed   ${clause}: ${reasonText(code)} (${code}${from})`));
    lines.push(...quoted(clause, agreement, width));
  }
  const isFailed = (path: string): boolean =>
    failed.some(({ clause }) => clause === path || clause.startsWith(`${path}.`));
  const held = checked.filter((path) => !isFailed(path));
  if (decision.agreement !== null && !isLast) {
    return [...lines, ...wrap(`holds    ${held.join(', ')}`, width - 2).map((line) => `  ${line}`)];
  }
  for (const path of held) {
    lines.push(`  holds    ${path}${heldText(path, detail)}`);
    if (decision.agreement !== null) lines.push(...quoted(path, agreement, width));
  }
  return lines;
}

/** The words of the agreement's own clause. */
function quoted(clause: string, agreement: Agreement, width: number): string[] {
  const top = clause.split('.')[0] as string;
  if (agreement === null || !isClause(top)) return [];
  const own = agreement[top];
  const words = clauseLines(agreement, top);
  // Clauses of the page's head are a word or a number.
  const lines = words.length > 0 || typeof own === 'object' ? words : [safe(String(own), 200)];
  return lines
    .flatMap((line) => wrap(`${clauseWords[top][0]}: ${line.trim()}`, width - 13))
    .map((line) => `             ${line}`);
}

const isClause = (top: string): top is keyof typeof clauseWords => Object.hasOwn(clauseWords, top);

/** What a path of a run without a standing agreement means when it holds. */
function heldText(path: string, { parties, collectors }: SessionDetail): string {
  const [, list, index] = /^agreement\.(parties|collectors)\.(\d+)$/.exec(path) ?? [];
  if (list !== undefined) {
    const id = list === 'parties' ? parties[Number(index)]?.id : collectors[Number(index)];
    return `: ${id ?? ''} is who this node pinned, or this node`;
  }
  if (path === 'terms') return ': they say what the request and the agreement say';
  if (path === 'ledger') return ': what is left of the budgets suffices';
  if (path.startsWith('agreement.') || path === 'expiresAtMs') return ': own rules allow it';
  return '';
}

function askedLines(self: string, detail: SessionDetail, style: Style): string[] {
  const stations = [
    ...detail.parties.map(({ id }) => [id, 'party'] as const),
    ...detail.collectors.map((id) => [id, 'collector'] as const),
  ];
  if (stations.length === 0) return [];
  const rows = stations.map(([id, role]) => {
    const said = detail.answers.find((one) => one.id === id);
    const who = `${id}${id === self ? ' (this node)' : ''}, ${role}${id === detail.proposer ? ', proposed' : ''}`;
    return `  ${who}: ${answerText(said)}`;
  });
  return [style.bold('Who was asked'), ...rows];
}

function answerText(said: SessionAnswer | undefined): string {
  if (said === undefined) return 'no answer reached this node';
  if (said.answer === 'refused') {
    return `refused: ${said.reasons.map((code) => `${reasonText(code)} (${code})`).join('; ')}`;
  }
  return said.atMs === null ? 'consented' : `consented, ${timeText(said.atMs)} by its own clock`;
}

function approvalLines({ request, answers }: SessionDetail, style: Style): string[] {
  if (request === null)
    return [style.bold('Approvals'), '  none needed: that is for a standing agreement to ask'];
  const all = [...request.approvals, ...answers.flatMap(({ approvals }) => approvals)];
  const names = all.map(({ of, officer }) =>
    officer === null ? `${of}, an oversight body` : `${officer} of ${of}`,
  );
  return [
    style.bold('Approvals'),
    ...(all.length === 0 ? ['  none given'] : [...new Set(names)].map((name) => `  ${name}`)),
  ];
}

function costLines({ request, own, privacy, output, storedResultOf }: SessionDetail, style: Style): string[] {
  const epsilon = request === null ? (privacy?.microEpsilon ?? 0) : request.cost.microEpsilon;
  const charged: string[] = [];
  if (storedResultOf !== null) charged.push('nothing: a stored answer was given out again');
  else if (request !== null) {
    const { records } = request.cost;
    charged.push(`as requested: ${count(records, 'record')}, epsilon ${epsilon / 1_000_000}`);
  } else if (output === null) return [];
  else if (epsilon > 0) charged.push(`epsilon ${epsilon / 1_000_000} for each list`);
  else charged.push('the announced size of each list, as records');
  if (own !== null && storedResultOf === null) {
    charged.push(`my list announced ${numberText(own.identifiers + own.fillers)}`);
  }
  return [style.bold('What it costs in the ledger'), ...charged.map((line) => `  ${line}`)];
}

function endLines({ state, error }: SessionDetail, style: Style): string[] {
  if (error !== null) {
    return [
      style.bold('How it ended'),
      `  ended by ${error.by}: ${safe(error.message, 300)} (${error.code})`,
    ];
  }
  return [style.bold(state === 'done' ? 'It ran to its end' : `It is ${state}`)];
}
