/**
 * The life of an agreement in words.
 *
 * Purpose: what `tallystick membership status` prints: whether anything stands against sessions, who said what, and
 * what waits for whom.
 * Assumes: facts as the node reports them. Does not know: the network.
 */
import type { MembershipStatus, Said } from '@tallystick/host/membership';
import { safe, type Style, table } from '../render/text.ts';

type Member = MembershipStatus['members'][number];
type Suspension = MembershipStatus['suspensions'][number];

const reasonWords: Readonly<Record<string, string>> = {
  incident: 'an incident',
  order: 'an order of a court or an authority',
  breach: 'a breach of the agreement',
  'review-late': 'a review that is late',
  ledger: 'privacy ledgers that differ',
  precaution: 'a precaution',
};

const listed = (ids: readonly string[]): string => ids.join(', ');
const timeText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

export function ageText(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 1) return 'less than a minute';
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`;
}

function timeLine({ time, notAfter, daysLeft, endsSoon }: MembershipStatus, style: Style): string {
  if (time === 'over') return style.bad(`ended ${notAfter}`);
  const text = `${time === 'not-yet' ? 'not yet in force; ' : ''}in force until ${notAfter}, ${daysLeft} days`;
  return endsSoon ? style.bad(`${text}: renew it now, or sessions end with it`) : text;
}

function standingLine(status: MembershipStatus, style: Style): string {
  switch (status.standing) {
    case 'open':
      return style.good('open: nothing that a member said stands against a session');
    case 'suspended':
      return style.bad('SUSPENDED: no session runs until every member has lifted it');
    case 'ended':
      return style.bad('ENDED: a party has withdrawn, and the agreement ends for all with it');
    case 'renewed':
      return style.bad('RENEWED: the next version is in force in its place (tallystick agreement install)');
    case 'unheard':
      return style.bad('WAITS: not every member has said "not suspended" lately; silence denies');
  }
}

function suspensionLines({ by, reason, atMs, liftedBy, waitsFor }: Suspension): string[] {
  const since = atMs === null ? '' : `, since ${timeText(atMs)}`;
  const lifted = liftedBy.length === 0 ? 'lifted by nobody' : `lifted by ${listed(liftedBy)}`;
  return [
    `  suspended by ${by}: ${reasonWords[reason] ?? reason}${since}`,
    `    ${lifted}; waits for ${listed(waitsFor)}`,
  ];
}

function wordOf(member: Member, nowMs: number): string {
  if (member.hasForked) return 'said different things to different members: believed no more';
  if (member.hasWithdrawn) return 'has withdrawn';
  if (member.isSelf) return 'this station';
  if (member.heardAtMs === null) return 'has not been heard';
  const age = ageText(nowMs - member.heardAtMs);
  return member.isHeard ? `not suspended, said ${age} ago` : `silent: its last word is ${age} old`;
}

function keyLines({ id, newKey }: Member): string[] {
  if (newKey === null) return [];
  const state =
    newKey.waitsFor.length === 0
      ? 'accepted by all, and not used yet'
      : `waits to be accepted by ${listed(newKey.waitsFor)}`;
  return [`  new key of ${id}: ${newKey.fingerprint}`, `    ${state}`];
}

/** One agreement, as lines. */
export function statusLines(status: MembershipStatus, nowMs: number, style: Style): string[] {
  const { members, renewal, listHeardAtMs } = status;
  const rows = members.map((member) => [member.id, safe(member.name), member.kind, wordOf(member, nowMs)]);
  const signed = members.filter(({ renews }) => renews !== null).map(({ id }) => id);
  return [
    `${style.bold(safe(status.title, 120))} (${status.name}, version ${status.version})`,
    `id ${status.agreement}`,
    timeLine(status, style),
    standingLine(status, style),
    ...status.suspensions.flatMap(suspensionLines),
    ...table(['member', 'name', 'kind', ''], rows, ['left', 'left', 'left', 'left'], style),
    `  list of members: ${
      listHeardAtMs === null
        ? 'not confirmed by everybody yet'
        : `confirmed by everybody ${ageText(nowMs - listHeardAtMs)} ago`
    }`,
    ...members.flatMap(keyLines),
    ...status.officerKeys.map(
      ({ of, officer }) => `  officer ${officer} of ${of} has another key than at signing`,
    ),
    ...(renewal !== null
      ? [`  renewed by all: from ${timeText(renewal.fromMs)} sessions run under ${renewal.next} alone`]
      : signed.length > 0
        ? [`  next version signed by ${listed(signed)}`]
        : []),
  ];
}

/** What was said, and who has it. */
export function saidText(what: string, { told, missed }: Said): string {
  const reached = told.length === 0 ? 'nobody could be told yet' : `told ${listed(told)}`;
  const waiting = missed.length === 0 ? '' : `; ${listed(missed)} will be told as soon as possible`;
  return `${what}\n${reached}${waiting}`;
}
