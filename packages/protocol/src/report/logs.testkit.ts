/**
 * Logs of sessions and events, made up for the tests of the report.
 *
 * Purpose: short scripts in, entries out, numbered as a log numbers them; heads are not computed, for nobody checks them
 * here. Does not know: what a report makes of them.
 */
import type { AuditEntry, Band, EntryBody } from '../audit/index.ts';
import type { ReportLog } from './model.ts';

export const hex = (n: number, bytes: number): string => n.toString(16).padStart(2 * bytes, '0');
const nobody = { session: null, agreement: null, request: null } as const;
type Timed = readonly [atMs: number, body: EntryBody];

export function logOf(station: string, timed: readonly Timed[]): ReportLog {
  const sorted = timed.map((one, i) => ({ one, i })).sort((a, b) => a.one[0] - b.one[0] || a.i - b.i);
  const entries = sorted.map(
    ({ one: [atMs, body] }, index) => ({ ...body, index, atMs, before: hex(index, 32) }) as AuditEntry,
  );
  const size = entries.length;
  return { station, origin: `log/${station}`, size, root: hex(size, 32), checkpoint: `${size}`, entries };
}

export type End = 'answered' | 'endedEarly' | 'refused' | 'denied' | 'open' | 'deniedUnasked';

/** One session as one station's log has it. */
export interface Scripted {
  readonly id: number;
  readonly station: string;
  readonly parties: readonly string[];
  readonly atMs: number;
  readonly end: End;
  /** How many milliseconds later it ended. */
  readonly tookMs: number;
  readonly identifiers: Band;
  readonly matched: Band | null;
  readonly microEpsilon: number;
  readonly clauses: readonly string[];
  readonly deletedMs: number | null;
}

export function sessionEntriesOf(one: Scripted): Timed[] {
  const about = { session: hex(one.id, 16), agreement: null, request: null, by: one.station } as const;
  const proposal = hex(one.id, 32);
  const end = one.atMs + one.tookMs;
  const timed: Timed[] = [];
  const failed = one.clauses.map((clause) => ({ clause, code: 'time.over' }));
  if (one.end === 'deniedUnasked')
    return [[end, { ...about, ...nobody, type: 'deny', phase: 'propose', failed }]];
  timed.push([
    one.atMs,
    {
      ...about,
      type: 'propose',
      proposal,
      parties: [...one.parties],
      collectors: [],
      form: one.parties.length === 2 ? 'direct' : 'sealed',
      output: 'matches',
      purpose: null,
      tier: null,
      caseCommitment: null,
      expiresAtMs: one.atMs + 1000,
    },
  ]);
  if (one.end === 'denied') timed.push([end, { ...about, type: 'deny', phase: 'consent', failed }]);
  if (one.end === 'denied' || one.end === 'refused')
    timed.push([end, { ...about, type: 'refuse', proposal, reasons: ['agreement'] }]);
  if (one.end === 'answered' || one.end === 'endedEarly') {
    for (const by of one.parties)
      timed.push([
        one.atMs,
        { ...about, by, type: 'consent', proposal, identifiers: one.identifiers, log: null },
      ]);
    timed.push([
      one.atMs,
      { ...about, type: 'ledger', change: 'charge', partner: null, microEpsilon: one.microEpsilon },
    ]);
    timed.push([one.atMs, { ...about, type: 'start', proposal, consents: proposal }]);
    const isDone = one.end === 'answered';
    timed.push([
      end,
      {
        ...about,
        type: 'result',
        proposal,
        outcome: isDone ? 'done' : 'aborted',
        transcript: isDone ? proposal : null,
        code: isDone ? null : 'peer.left',
        records: isDone ? one.matched : null,
      },
    ]);
    if (isDone && one.deletedMs !== null)
      timed.push([one.deletedMs, { ...about, type: 'expire', commitment: proposal, reason: 'retention' }]);
  }
  return timed;
}

/** Something that is not a session, by a number that names it. */
export const eventBodies = {
  vetoes: (n: number): EntryBody => ({
    ...nobody,
    by: 'watch',
    type: 'veto',
    message: hex(n, 32),
    reason: 'unclear',
  }),
  suspensions: (n: number): EntryBody => ({
    ...nobody,
    by: 'a',
    type: 'suspend',
    message: hex(n, 32),
    reason: 'incident',
  }),
  withdrawals: (n: number): EntryBody => ({ ...nobody, by: 'b', type: 'withdraw', message: hex(n, 32) }),
  keyChanges: (n: number): EntryBody => ({
    ...nobody,
    by: 'b',
    type: 'rotate',
    message: hex(n, 32),
    of: 'b',
    officer: null,
  }),
  incidents: (n: number): EntryBody => ({
    ...nobody,
    by: 'a',
    type: 'incident',
    incident: hex(n, 16),
    kind: 'loss',
    knownAtMs: 0,
    notifyByMs: 2000,
  }),
  notified: (n: number): EntryBody => ({
    ...nobody,
    by: 'a',
    type: 'incident-notified',
    incident: hex(n, 16),
    isLate: false,
  }),
  exports: (n: number): EntryBody => ({
    ...nobody,
    by: 'a',
    type: 'export',
    what: 'evidence',
    digest: hex(n, 32),
  }),
  corrected: (n: number): EntryBody => ({
    ...nobody,
    by: 'a',
    type: 'redress-answer',
    ticket: hex(1000 + n, 16),
    answer: n % 2 === 0 ? 'corrected' : 'erased',
    isLate: false,
    isDisclosed: false,
  }),
  acknowledged: (n: number): EntryBody => ({
    ...nobody,
    by: 'a',
    type: 'redress-answer',
    ticket: hex(n, 16),
    answer: 'acknowledged',
    isLate: false,
    isDisclosed: false,
  }),
} as const;

export const emergencyEntries = (
  n: number,
  atMs: number,
  reviewByMs: number,
  reviewedMs: number | null,
): Timed[] => [
  [
    atMs,
    {
      ...nobody,
      by: 'a',
      type: 'emergency',
      emergency: hex(n, 32),
      declaredAtMs: atMs,
      lapsesAtMs: atMs + 50,
      reviewByMs,
    },
  ],
  ...(reviewedMs === null
    ? []
    : [
        [
          reviewedMs,
          { ...nobody, by: 'watch', type: 'review', emergency: hex(n, 32), finding: 'justified' },
        ] as Timed,
      ]),
];

export const enquiryEntries = (
  n: number,
  atMs: number,
  decideByMs: number,
  answeredMs: number | null,
): Timed[] => [
  [
    atMs,
    {
      ...nobody,
      by: 'a',
      type: 'redress-open',
      ticket: hex(n, 16),
      subject: hex(n, 32),
      acknowledgeByMs: decideByMs,
      decideByMs,
    },
  ],
  ...(answeredMs === null
    ? []
    : [
        [
          answeredMs,
          {
            ...nobody,
            by: 'a',
            type: 'redress-answer',
            ticket: hex(n, 16),
            answer: 'no-change',
            isLate: answeredMs > decideByMs,
            isDisclosed: false,
          },
        ] as Timed,
      ]),
];
