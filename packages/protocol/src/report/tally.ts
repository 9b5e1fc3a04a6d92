/**
 * What happened, counted from the entries of one or more logs.
 *
 * Purpose: exact numbers, of which the report publishes bands. A session or an event that stands in several logs counts
 * once, at the earliest time that a log gives.
 * Assumes: entries were verified against their checkpoints. A log is given from its beginning: who was asked may stand in
 * an entry before the range. Does not know: bands, texts. The exact numbers leave this room in no other form.
 */
import type { AuditEntry } from '../audit/index.ts';
import { type Range, rangeOfLogged, sumOf } from './bands.ts';

/** One log, as far as the report goes. */
export interface LogEntries {
  readonly station: string;
  readonly entries: readonly AuditEntry[];
}

/** From one instant up to, not including, another. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export const outcomes = ['answered', 'endedEarly', 'refused', 'denied'] as const;
export type Outcome = (typeof outcomes)[number];

export const amountNames = ['identifiers', 'matched', 'microEpsilon'] as const;
export type AmountName = (typeof amountNames)[number];

/** Something added up over the answered sessions that have it. */
export interface Amount {
  sessions: number;
  total: Range;
}

/** Sessions among the same parties; `several`: of three or more. */
export interface GroupTally {
  readonly between: readonly [string, string] | 'several';
  readonly counts: Record<Outcome, number>;
  /** Sessions whose results were deleted. */
  deleted: number;
  readonly amounts: Readonly<Record<AmountName, Amount>>;
  /** Denied sessions in which it failed, by the first word of the clause's path. */
  readonly clauses: Map<string, number>;
}

/** Denied before anybody was asked. */
export interface UnaskedTally {
  denied: number;
  readonly clauses: Map<string, number>;
}

export const eventNames = [
  'vetoes',
  'emergencies',
  'lateReviews',
  'suspensions',
  'withdrawals',
  'keyChanges',
  'enquiries',
  'decisions',
  'lateAcknowledgements',
  'lateDecisions',
  'corrected',
  'incidents',
  'lateIncidents',
  'exports',
  'attempts',
] as const;
export type EventName = (typeof eventNames)[number];

export interface Tally {
  readonly groups: readonly GroupTally[];
  readonly unasked: UnaskedTally;
  readonly events: Readonly<Record<EventName, number>>;
}

interface SessionFacts {
  parties: readonly string[];
  /** When its outcome was first written anywhere. */
  endedMs: number;
  deletedMs: number;
  readonly outcomes: Set<Outcome>;
  readonly clauses: Set<string>;
  /** By party. */
  readonly identifiers: Map<string, Range>;
  /** By log. */
  readonly matched: Map<string, Range>;
  /** Null: nothing was charged in epsilon. */
  microEpsilon: number | null;
}

const never = Number.POSITIVE_INFINITY;
const blank = (): SessionFacts => ({
  parties: [],
  endedMs: never,
  deletedMs: never,
  outcomes: new Set(),
  clauses: new Set(),
  identifiers: new Map(),
  matched: new Map(),
  microEpsilon: null,
});

function ends(facts: SessionFacts, outcome: Outcome, atMs: number): void {
  facts.outcomes.add(outcome);
  facts.endedMs = Math.min(facts.endedMs, atMs);
}

/** What one entry says of its session. */
function learn(facts: SessionFacts, entry: AuditEntry, station: string): void {
  switch (entry.type) {
    case 'propose':
      facts.parties = entry.parties;
      break;
    case 'consent':
      if (entry.identifiers !== null) facts.identifiers.set(entry.by, rangeOfLogged(entry.identifiers));
      break;
    case 'refuse':
      ends(facts, 'refused', entry.atMs);
      break;
    case 'deny':
      ends(facts, 'denied', entry.atMs);
      for (const { clause } of entry.failed) facts.clauses.add(clause.split('.')[0] as string);
      break;
    case 'result':
      ends(facts, entry.outcome === 'aborted' ? 'endedEarly' : 'answered', entry.atMs);
      if (entry.records !== null) facts.matched.set(station, rangeOfLogged(entry.records));
      break;
    case 'ledger':
      if (entry.microEpsilon !== null)
        facts.microEpsilon = Math.max(facts.microEpsilon ?? 0, entry.microEpsilon);
      break;
    case 'expire':
      facts.deletedMs = Math.min(facts.deletedMs, entry.atMs);
      break;
    default:
  }
}

function sessionsOf(logs: readonly LogEntries[]): SessionFacts[] {
  const sessions = new Map<string, SessionFacts>();
  for (const { station, entries } of logs) {
    for (const entry of entries) {
      // A denial before there is a session is one of its own.
      if (entry.session === null && entry.type !== 'deny') continue;
      const key = entry.session ?? `${station} ${entry.index}`;
      const facts = sessions.get(key) ?? blank();
      sessions.set(key, facts);
      learn(facts, entry, station);
    }
  }
  return [...sessions.values()];
}

/** A session has one outcome: the first of these that any log has. */
const precedence: readonly Outcome[] = ['answered', 'denied', 'refused', 'endedEarly'];

/** A session without a proposal in any log is nobody's in particular. */
function groupName(parties: readonly string[]): string {
  return parties.length === 2 ? [...parties].sort().join(' ') : 'several';
}

interface Stations {
  /** Everybody who was pinned or asked, so that who was never asked has a row like all others. */
  readonly partners: ReadonlySet<string>;
  /** Who collects or oversees, and brings no list: in no row. */
  readonly bystanders: ReadonlySet<string>;
}

function stationsOf(logs: readonly LogEntries[]): Stations {
  const partners = new Set<string>();
  const others = new Set<string>();
  const asked = new Set<string>();
  for (const entry of logs.flatMap(({ entries }) => entries)) {
    switch (entry.type) {
      case 'propose':
        for (const id of entry.parties) asked.add(id);
        for (const id of entry.collectors) others.add(id);
        break;
      case 'peer':
        if (entry.change === 'add') partners.add(entry.of);
        break;
      case 'notice':
        others.add(entry.to);
        break;
      case 'veto':
      case 'authorise':
      case 'review':
        others.add(entry.by);
        break;
      default:
    }
  }
  const bystanders = new Set([...others].filter((id) => !asked.has(id)));
  const all = [...partners, ...asked].filter((id) => !bystanders.has(id));
  return { partners: new Set(all), bystanders };
}

const nothing = (): Amount => ({ sessions: 0, total: { atLeast: 0, atMost: 0 } });
const group = (name: string): GroupTally => ({
  between: name === 'several' ? name : (name.split(' ') as [string, string]),
  counts: { answered: 0, endedEarly: 0, refused: 0, denied: 0 },
  deleted: 0,
  amounts: { identifiers: nothing(), matched: nothing(), microEpsilon: nothing() },
  clauses: new Map(),
});

function add(amount: Amount, ranges: readonly Range[]): void {
  if (ranges.length === 0) return;
  amount.sessions += 1;
  amount.total = sumOf([amount.total, ...ranges]);
}

function addAnswered({ amounts }: GroupTally, { identifiers, matched, microEpsilon }: SessionFacts): void {
  add(amounts.identifiers, [...identifiers.values()]);
  add(amounts.matched, [...matched.values()]);
  if (microEpsilon !== null) add(amounts.microEpsilon, [{ atLeast: microEpsilon, atMost: microEpsilon }]);
}

function groupsOf(
  logs: readonly LogEntries[],
  isIn: (atMs: number) => boolean,
): Pick<Tally, 'groups' | 'unasked'> {
  const groups = new Map<string, GroupTally>();
  const unasked: UnaskedTally = { denied: 0, clauses: new Map() };
  const of = (name: string): GroupTally => {
    const found = groups.get(name) ?? group(name);
    groups.set(name, found);
    return found;
  };
  const { partners, bystanders } = stationsOf(logs);
  for (const { station } of logs) {
    if (bystanders.has(station)) continue;
    for (const partner of partners) if (partner !== station) of(groupName([station, partner]));
  }
  of('several');
  for (const facts of sessionsOf(logs)) {
    const row = of(groupName(facts.parties));
    if (isIn(facts.deletedMs)) row.deleted += 1;
    const outcome = precedence.find((one) => facts.outcomes.has(one));
    if (outcome === undefined || !isIn(facts.endedMs)) continue;
    const isUnasked = outcome === 'denied' && facts.parties.length === 0;
    if (isUnasked) unasked.denied += 1;
    else row.counts[outcome] += 1;
    if (outcome === 'answered') addAnswered(row, facts);
    const { clauses } = isUnasked ? unasked : row;
    if (outcome === 'denied')
      for (const clause of facts.clauses) clauses.set(clause, (clauses.get(clause) ?? 0) + 1);
  }
  const sorted = [...groups.entries()].sort(([a], [b]) =>
    b === 'several' || (a !== 'several' && a < b) ? -1 : 1,
  );
  return { groups: sorted.map(([, row]) => row), unasked };
}

/** Answers to an enquiry that decide it; any other acknowledges it. */
const isDecision = (answer: string): boolean => answer !== 'acknowledged';
const putsRight = ['corrected', 'erased'];

type Named = readonly [EventName, string];

/** Events by name and what makes two entries the same one. */
function eventOf(entry: AuditEntry): readonly Named[] {
  switch (entry.type) {
    case 'veto':
      return [['vetoes', entry.message]];
    case 'emergency':
      return [['emergencies', entry.emergency]];
    case 'suspend':
      return [['suspensions', entry.message]];
    case 'withdraw':
      return [['withdrawals', entry.message]];
    case 'rotate':
      return [['keyChanges', entry.message]];
    case 'redress-open':
      return [['enquiries', entry.ticket]];
    case 'redress-answer':
      return [
        ...(isDecision(entry.answer) ? [['decisions', entry.ticket] as const] : []),
        ...(putsRight.includes(entry.answer) ? [['corrected', entry.ticket] as const] : []),
      ];
    case 'incident':
      return [['incidents', entry.incident]];
    default:
      return [];
  }
}

interface Duty {
  readonly name: 'lateReviews' | 'lateAcknowledgements' | 'lateDecisions' | 'lateIncidents';
  readonly of: string;
  readonly dueMs?: number;
  readonly doneMs?: number;
}

/** What had to be done by a time, and when it was done: reviews of emergencies, answers to enquiries, notifications. */
function dutiesOf(entry: AuditEntry): readonly Duty[] {
  switch (entry.type) {
    case 'emergency':
      return [{ name: 'lateReviews', of: entry.emergency, dueMs: entry.reviewByMs }];
    case 'review':
      return [{ name: 'lateReviews', of: entry.emergency, doneMs: entry.atMs }];
    case 'incident':
      return [{ name: 'lateIncidents', of: entry.incident, dueMs: entry.notifyByMs }];
    case 'incident-notified':
      return [{ name: 'lateIncidents', of: entry.incident, doneMs: entry.atMs }];
    case 'redress-open':
      return [
        { name: 'lateAcknowledgements', of: entry.ticket, dueMs: entry.acknowledgeByMs },
        { name: 'lateDecisions', of: entry.ticket, dueMs: entry.decideByMs },
      ];
    case 'redress-answer': {
      const done = { of: entry.ticket, doneMs: entry.atMs };
      const acknowledged: Duty = { name: 'lateAcknowledgements', ...done };
      return isDecision(entry.answer) ? [acknowledged, { name: 'lateDecisions', ...done }] : [acknowledged];
    }
    default:
      return [];
  }
}

function eventsOf(logs: readonly LogEntries[], isIn: (atMs: number) => boolean): Record<EventName, number> {
  const counts = Object.fromEntries(eventNames.map((name) => [name, 0])) as Record<EventName, number>;
  const first = new Map<string, { name: EventName; atMs: number }>();
  const duties = new Map<string, { name: EventName; dueMs: number; doneMs: number }>();
  for (const entry of logs.flatMap(({ entries }) => entries)) {
    if (isIn(entry.atMs) && entry.type === 'attempt') counts.attempts += entry.count;
    if (isIn(entry.atMs) && entry.type === 'export') counts.exports += 1;
    for (const [name, what] of eventOf(entry)) {
      const key = `${name} ${what}`;
      first.set(key, { name, atMs: Math.min(entry.atMs, first.get(key)?.atMs ?? never) });
    }
    for (const { name, of, dueMs = never, doneMs = never } of dutiesOf(entry)) {
      const known = duties.get(`${name} ${of}`) ?? { name, dueMs: never, doneMs: never };
      known.dueMs = Math.min(known.dueMs, dueMs);
      known.doneMs = Math.min(known.doneMs, doneMs);
      duties.set(`${name} ${of}`, known);
    }
  }
  for (const { name, atMs } of first.values()) if (isIn(atMs)) counts[name] += 1;
  // Late: it was due in the range, and until then it was not done.
  for (const { name, dueMs, doneMs } of duties.values()) if (isIn(dueMs) && doneMs > dueMs) counts[name] += 1;
  return counts;
}

/** Everything that ended, happened or fell due in the span. */
export function tallyOf(logs: readonly LogEntries[], { fromMs, toMs }: Span): Tally {
  const isIn = (atMs: number): boolean => atMs >= fromMs && atMs < toMs;
  return { ...groupsOf(logs, isIn), events: eventsOf(logs, isIn) };
}
