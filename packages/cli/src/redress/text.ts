/**
 * Enquiries and corrections for people.
 *
 * Purpose: the same words whether or not something was held, unless an officer disclosed it.
 * Assumes: nothing. Does not know: what was found.
 */
import type { ControlResults } from '@tallystick/node/control';
import { count, styleFor, table } from '../render/text.ts';

type Listed = ControlResults['redress.list'];
type Enquiry = Listed['enquiries'][number];
type Correction = Listed['corrections'][number];

const dayText = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function stateText({ decided, acknowledgedAtMs, overdue }: Enquiry): string {
  if (decided !== null) return `${decided.outcome} on ${dayText(decided.atMs)}`;
  if (overdue === 'decide') return 'OVERDUE: not decided';
  if (overdue === 'acknowledge') return 'OVERDUE: not acknowledged';
  return acknowledgedAtMs === null ? 'open' : `acknowledged on ${dayText(acknowledgedAtMs)}`;
}

export function enquiryText(enquiry: Enquiry): string {
  const { ticket, subject, openedAtMs, acknowledgeByMs, decideByMs, decided } = enquiry;
  const lines = [
    `ticket        ${ticket}`,
    `state         ${stateText(enquiry)}`,
    `opened        ${dayText(openedAtMs)}; acknowledge by ${dayText(acknowledgeByMs)}, decide by ${dayText(decideByMs)}`,
    `commitment    ${subject}`,
  ];
  if (decided?.disclosed != null) lines.push(`disclosed     ${heldText(decided.disclosed)}`);
  return `${lines.join('\n')}\n`;
}

const heldText = ({ held, by }: { readonly held: boolean; readonly by: string }): string =>
  `${held ? 'a record was held in results' : 'no record was held in results'}, by decision of ${by}`;

/** What a person may be told of an outcome: true of somebody who is on no list as well. */
const answers: Readonly<Record<NonNullable<Enquiry['decided']>['outcome'], string>> = {
  acknowledged: 'Your enquiry was received.',
  corrected:
    'If a record about you was held in a result, it is being corrected, and the partners that received it have been told.',
  erased:
    'If a record about you was held in a result, it is being erased, and the partners that received it have been told.',
  rejected: 'Your request was examined and rejected.',
  inadmissible: 'Your request was not admissible.',
};

export function answerText(enquiry: Enquiry): string {
  const { ticket, decided } = enquiry;
  const outcome = decided?.outcome ?? 'acknowledged';
  const lines = [`ticket ${ticket}: ${outcome}`, '', answers[outcome]];
  if (decided?.disclosed == null) {
    if (decided !== null) lines.push('This answer neither confirms nor denies that a record was held.');
  } else lines.push(`Disclosed: ${heldText(decided.disclosed)}.`);
  return `${lines.join('\n')}\n`;
}

export function correctionText({
  correction,
  from,
  session,
  action,
  receivedAtMs,
  records,
}: Correction): string {
  return [
    `correction    ${correction}`,
    `from          ${from}, ${dayText(receivedAtMs)}`,
    `session       ${session}`,
    `says          ${action} there: look at it again here`,
    `my records    ${records === null ? 'the session alone is named, or its result was not held any more' : count(records, 'record')}`,
    '',
  ].join('\n');
}

export function listText({ enquiries, corrections }: Listed, colour: boolean): string {
  const style = styleFor(colour);
  const left = (n: number): 'left'[] => Array.from({ length: n }, () => 'left');
  const blocks: string[] = [];
  if (enquiries.length === 0) blocks.push('no enquiries');
  else {
    const rows = enquiries.map((one) => [
      one.ticket,
      stateText(one),
      dayText(one.acknowledgeByMs),
      dayText(one.decideByMs),
    ]);
    blocks.push(
      table(['ticket', 'state', 'acknowledge by', 'decide by'], rows, left(4), style, '').join('\n'),
    );
  }
  if (corrections.length > 0) {
    const rows = corrections.map((one) => [
      one.correction,
      one.from,
      one.session,
      one.action,
      one.records === null ? '' : String(one.records),
    ]);
    const head = ['correction', 'from', 'session', 'says', 'my records'];
    blocks.push(table(head, rows, left(5), style, '').join('\n'));
  }
  return `${blocks.join('\n\n')}\n`;
}
