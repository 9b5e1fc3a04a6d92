/** Rows, sums, spans, citations and the signature of a report. */
import { describe, expect, test } from 'vitest';
import type { AuditEntry } from '../audit/index.ts';
import type { Bounds } from './bands.ts';
import {
  emergencyEntries,
  type End,
  eventBodies,
  logOf,
  type Scripted,
  sessionEntriesOf,
} from './logs.testkit.ts';
import { isReportSigned, parseSignedReport, reportOf, signReport, type TransparencyReport } from './model.ts';
import { keyOf, signerOf } from '../policy/world-agreement.testkit.ts';

const endMs = 10_000;
const whole = { fromMs: 0, toMs: endMs };
const last: [number, ReturnType<typeof eventBodies.exports>] = [endMs - 1, eventBodies.exports(0)];

const session = (
  id: number,
  parties: readonly string[],
  end: End,
  more: Partial<Scripted> = {},
): Scripted => ({
  id,
  station: parties[0] as string,
  parties,
  atMs: 1,
  end,
  tookMs: 1,
  identifiers: 'under-1000',
  matched: 'under-10',
  microEpsilon: 500_000,
  clauses: ['tiers.routine.approvals'],
  deletedMs: null,
  ...more,
});

const nameOf = ({ between }: TransparencyReport['groups'][number]): string =>
  typeof between === 'string' ? between : between.join('+');

describe('a report', () => {
  test('names the clauses that failed often, without saying how often, and sums up what answered sessions brought', () => {
    const denied = Array.from({ length: 12 }, (_, id) =>
      session(id, ['a', 'b'], 'denied', {
        clauses: id < 10 ? ['caps.sessionsPerDay', 'rules.0'] : ['rules.1'],
      }),
    );
    const answered = Array.from({ length: 10 }, (_, i) =>
      session(100 + i, ['a', 'b'], 'answered', { identifiers: i === 0 ? 'more' : 'under-100' }),
    );
    const log = logOf('a', [...[...denied, ...answered].flatMap(sessionEntriesOf), last]);
    const row = reportOf([log], whole).groups[0];
    expect(row?.clauses).toEqual(['caps', 'rules']);
    expect(row?.amounts).toEqual({
      // Two lists of each session: 18 times 10 to 99, and twice 100,000 or more.
      identifiers: { atLeast: 100_000, atMost: null },
      matched: { atLeast: 0, atMost: 99 },
      microEpsilon: { atLeast: 1_000_000, atMost: 9_999_999 },
    });
    expect(row?.share).toEqual({ atLeast: Math.floor(1000 / 19), atMost: 100 });
  });

  test('has a row for every partner that was pinned, asked or not, and none for who only collects', () => {
    const peer = (of: string): [number, AuditEntry] => [
      0,
      {
        type: 'peer',
        by: 'a',
        of,
        change: 'add',
        fingerprint: null,
        session: null,
        agreement: null,
        request: null,
      } as AuditEntry,
    ];
    const [first, ...rest] = sessionEntriesOf(session(1, ['a', 'b', 'c'], 'answered'));
    const collected = [first?.[0], { ...first?.[1], collectors: ['hub'] }] as [number, AuditEntry];
    const log = logOf('a', [peer('b'), peer('d'), peer('hub'), collected, ...rest, last]);
    expect(reportOf([log], whole).groups.map(nameOf)).toEqual(['a+b', 'a+c', 'a+d', 'several']);
  });

  test('has no row for an oversight body, whose log is among those that it is made from', () => {
    const about = { session: null, agreement: 'a'.repeat(64), request: 'b'.repeat(64) };
    const told = { ...about, type: 'notice', by: 'a', to: 'watch' } as const;
    const pinned = {
      ...about,
      type: 'peer',
      by: 'a',
      of: 'watch',
      change: 'add',
      fingerprint: null,
    } as const;
    const log = logOf('a', [[0, pinned], [2, told], ...sessionEntriesOf(session(1, ['a', 'b'], 'answered'))]);
    const watch = logOf('watch', [[2, told]]);
    expect(reportOf([log, watch], whole).groups.map(nameOf)).toEqual(['a+b', 'several']);
  });

  test('an incident is late where its contact was told after the time, or not at all', () => {
    const { incidents, notified } = eventBodies;
    // Each is to be told by 2000: one in time, one late, one never; another is not due before the logs end.
    const log = (untilMs: number) =>
      logOf('a', [
        ...[1, 2, 3].map((n): [number, ReturnType<typeof incidents>] => [100, incidents(n)]),
        [2000, notified(1)],
        [2001, notified(2)],
        [untilMs, eventBodies.exports(0)],
      ]);
    const counted: Bounds = [1, 2, 3, 4];
    expect(reportOf([log(3000)], whole, counted).events).toMatchObject({
      incidents: { atLeast: 3 },
      lateIncidents: { atLeast: 2, atMost: 2 },
    });
    expect(reportOf([log(3000)], { fromMs: 0, toMs: 2000 }, counted).events).toMatchObject({
      lateIncidents: { atLeast: 0, atMost: 0 },
    });
  });

  test('ends where the logs end, and cites the entries within', () => {
    const log = logOf('a', [...sessionEntriesOf(session(1, ['a', 'b'], 'answered', { atMs: 500 })), last]);
    const { size, origin, root, checkpoint } = log;
    const report = reportOf([log], { fromMs: 400, toMs: 9_000_000 });
    expect(report.toMs).toBe(endMs);
    expect(report.logs).toEqual([
      { station: 'a', origin, size, root, checkpoint, entries: { first: 0, last: size - 1 } },
    ]);
    expect(reportOf([log], { fromMs: 600, toMs: 700 }).logs[0]?.entries).toBeNull();
    // A review that is due after the logs end is not called late.
    const due = logOf('a', [...emergencyEntries(1, 10, 700, null), [650, eventBodies.exports(1)]]);
    const few: Bounds = [1];
    expect(reportOf([due], whole, few).events.lateReviews.atLeast).toBe(0);
    const later = logOf('a', [...emergencyEntries(1, 10, 700, null), [701, eventBodies.exports(1)]]);
    expect(reportOf([later], whole, few).events.lateReviews.atLeast).toBe(1);
  });

  test.each([
    ['no log', [], whole],
    ['two logs of one station', [logOf('a', [last]), logOf('a', [last])], whole],
    ['an empty span', [logOf('a', [last])], { fromMs: 5, toMs: 5 }],
    ['a span after the end', [logOf('a', [last])], { fromMs: endMs, toMs: endMs + 5 }],
  ])('is refused of %s', (_, logs, span) => {
    expect(() => reportOf(logs, span)).toThrow(expect.objectContaining({ code: 'argument.invalid' }));
  });
});

describe('a signed report', () => {
  const publicKey = keyOf('a');
  const report = reportOf(
    [logOf('a', [...sessionEntriesOf(session(1, ['a', 'b'], 'answered')), last])],
    whole,
  );
  const signed = signReport(report, publicKey, signerOf('a'));

  test('comes back from its JSON, and its signature with it', () => {
    const again = parseSignedReport(JSON.parse(JSON.stringify(signed)));
    expect(again).toEqual(signed);
    expect(isReportSigned(again)).toBe(true);
  });

  test('is not signed any more when a number, the span or the citation is another', () => {
    const changes: ((of: TransparencyReport) => void)[] = [
      (of) => void (of.events.vetoes.atMost = 8),
      (of) => void (of.fromMs += 1),
      (of) => void ((of.logs[0] as TransparencyReport['logs'][number]).size += 1),
    ];
    for (const change of changes) {
      const other = structuredClone(signed);
      change(other.report);
      expect(isReportSigned(other)).toBe(false);
    }
  });

  test.each<[string, (of: Record<string, unknown>) => void, string]>([
    ['a field too many', (of) => void (of.names = []), 'report.report'],
    [
      'an exact number',
      (of) => void ((of.events as Record<string, unknown>).vetoes = 3),
      'report.report.events.vetoes',
    ],
    ['another version', (of) => void (of.format = 'tallystick-report-2'), 'report.report.format'],
  ])('with %s is refused', (_, change, at) => {
    const other = structuredClone(signed);
    change(other.report as unknown as Record<string, unknown>);
    expect(() => parseSignedReport(other)).toThrow(new RegExp(`^${at.replaceAll('.', '\\.')}`));
  });
});
