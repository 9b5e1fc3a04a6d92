/**
 * Requests as a supervisor reads them.
 *
 * Purpose: the list, and one request with who told of it and what was said. Assumes: texts of others are shown safely.
 * Does not know: where requests come from.
 */
import type { AskedRequest } from '@tallystick/oversight/desk';
import type { OversightStatus, RequestRow } from '@tallystick/oversight/control';
import type { StandingAgreement } from '@tallystick/protocol/agreement';
import { vetoReasonTexts } from '@tallystick/protocol/policy';
import { instantText, requestLines } from '../approve/words.ts';
import { count, safe, type Style, table } from '../render/text.ts';

const verdictText = ({ verdicts, expiresAtMs }: RequestRow, nowMs: number): string => {
  const vetoes = verdicts.filter(({ kind }) => kind === 'veto').map(({ by }) => by);
  if (vetoes.length > 0) return `VETO by ${vetoes.join(', ')}`;
  if (verdicts.length > 0) return `authorised by ${verdicts.map(({ by }) => by).join(', ')}`;
  return expiresAtMs <= nowMs ? 'over' : 'open';
};

export function requestTable(rows: readonly RequestRow[], nowMs: number, style: Style): string[] {
  return table(
    ['request', 'asks', 'purpose', 'tier', 'told by', 'until', ''],
    rows.map((row) => [
      row.id.slice(0, 12),
      row.isSigned ? row.proposer : `${row.proposer}, not signed`,
      safe(row.purpose),
      row.tier,
      row.toldBy.join(', '),
      instantText(row.expiresAtMs),
      verdictText(row, nowMs),
    ]),
    ['left', 'left', 'left', 'left', 'left', 'left', 'left'],
    style,
    '',
  );
}

/** What the agreement asks of oversight for this request. */
function needText({ request }: AskedRequest, { tiers }: StandingAgreement): string {
  if (request.tier === 'imminent') return 'imminent: nothing now; the emergency is reviewed afterwards';
  return tiers.routine.oversight === 'asked'
    ? 'routine: it runs only with an authorisation'
    : 'routine: nothing; you are told, and may veto';
}

export function askedLines(asked: AskedRequest, agreement: StandingAgreement): string[] {
  const { proposer } = asked.request;
  const told = asked.toldBy.map(({ by, atMs }) => `${by} at ${instantText(atMs)}`);
  const isSigned = asked.toldBy.some(({ by }) => by === proposer);
  const silent = [proposer, ...asked.request.lists.map(({ party }) => party)].filter(
    (id, i, all) => all.indexOf(id) === i && !asked.toldBy.some(({ by }) => by === id),
  );
  return [
    ...requestLines(asked.request, agreement),
    `  asked by    ${isSigned ? `signed by ${proposer}` : `NOT signed by ${proposer}: others say that it asked`}`,
    `  told by     ${told.join('; ')}${silent.length === 0 ? '' : `; not yet by ${silent.join(', ')}`}`,
    `  needs       ${needText(asked, agreement)}`,
    ...asked.verdicts.map((verdict) =>
      verdict.kind === 'veto'
        ? `  VETO        by ${verdict.veto.by} at ${instantText(verdict.veto.atMs)}: ${vetoReasonTexts[verdict.veto.reason]}`
        : `  authorised  by ${verdict.approval.of}, until ${instantText(verdict.approval.expiresAtMs)}`,
    ),
  ];
}

export function statusLines({
  id,
  fingerprint,
  coordinator,
  agreements,
  ...rest
}: OversightStatus): string[] {
  return [
    `${id} ${fingerprint}`,
    `coordinator ${coordinator.url}: ${coordinator.state}`,
    ...agreements.map(
      (one) => `agreement ${one.name}, version ${one.version}: may ${one.powers.join(', ')}; id ${one.id}`,
    ),
    ...(agreements.length === 0 ? ['no agreement yet; tallystick oversight install FILE'] : []),
    count(rest.open, 'open request'),
    ...rest.waiting.map(({ to, kind }) => `not answered yet: ${to}, ${kind}`),
  ];
}
