/** The report against a recount from the entries, over random logs of two stations. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AuditEntry, Band } from '../audit/index.ts';
import { bandOfCount, reportBounds } from './bands.ts';
import {
  emergencyEntries,
  type End,
  enquiryEntries,
  eventBodies,
  logOf,
  sessionEntriesOf,
} from './logs.testkit.ts';
import { type ReportLog, reportOf, type TransparencyReport } from './model.ts';
import { eventNames, outcomes } from './tally.ts';

const endMs = 10_000;
const last: [number, ReturnType<typeof eventBodies.exports>] = [endMs - 1, eventBodies.exports(0)];

/** Recounts from the entries alone, by reading all of them again for every question. */
function recount(logs: readonly ReportLog[], fromMs: number, toMs: number) {
  const all: AuditEntry[] = logs.flatMap(({ entries }) => entries);
  const isIn = (ms: number | undefined): boolean => ms !== undefined && fromMs <= ms && ms < toMs;
  const first = (some: readonly AuditEntry[]): number | undefined =>
    some.length === 0 ? undefined : Math.min(...some.map(({ atMs }) => atMs));
  const ids = [...new Set(all.flatMap(({ session: id }) => (id === null ? [] : [id])))];
  const ofSession = ids.map((id) => all.filter((entry) => entry.session === id));
  const unasked = all
    .filter(({ session: id, type }) => id === null && type === 'deny')
    .map((entry) => [entry]);
  const placed = [...ofSession, ...unasked].map((some) => {
    const asked = some.find(({ type }) => type === 'propose');
    const parties = asked?.type === 'propose' ? [...asked.parties].sort() : [];
    const between = parties.length === 0 ? 'none' : parties.length === 2 ? parties.join('+') : 'several';
    const decided = some.filter(({ type }) => type === 'result' || type === 'refuse' || type === 'deny');
    const isDone = some.some((entry) => entry.type === 'result' && entry.outcome !== 'aborted');
    const has = (type: string): boolean => some.some((entry) => entry.type === type);
    const end = isDone ? 'answered' : has('deny') ? 'denied' : has('refuse') ? 'refused' : 'endedEarly';
    return { some, between, end: isIn(first(decided)) ? end : 'not here' };
  });
  const distinct = (type: string, field: string): number => {
    const keyOf = (entry: AuditEntry): unknown => (entry as unknown as Record<string, unknown>)[field];
    const keys = new Set(all.filter((entry) => entry.type === type).map(keyOf));
    return [...keys].filter((key) =>
      isIn(first(all.filter((entry) => entry.type === type && keyOf(entry) === key))),
    ).length;
  };
  const lateReviews = new Set(
    all.flatMap((entry) => {
      if (entry.type !== 'emergency' || !isIn(entry.reviewByMs)) return [];
      const reviews = all.filter((other) => other.type === 'review' && other.emergency === entry.emergency);
      return reviews.some(({ atMs }) => atMs <= entry.reviewByMs) ? [] : [entry.emergency];
    }),
  ).size;
  const answersTo = (ticket: string, isFinal: boolean): AuditEntry[] =>
    all.filter(
      (entry) =>
        entry.type === 'redress-answer' &&
        entry.ticket === ticket &&
        (!isFinal || entry.answer !== 'acknowledged'),
    );
  const answered = (answers: readonly string[]): number =>
    [...new Set(all.flatMap((entry) => (entry.type === 'redress-answer' ? [entry.ticket] : [])))].filter(
      (ticket) =>
        isIn(
          first(
            answersTo(ticket, true).filter(
              (entry) => entry.type === 'redress-answer' && answers.includes(entry.answer),
            ),
          ),
        ),
    ).length;
  const lateAcknowledgements = new Set(
    all.flatMap((entry) => {
      if (entry.type !== 'redress-open' || !isIn(entry.acknowledgeByMs)) return [];
      const isThere = answersTo(entry.ticket, false).some(({ atMs }) => atMs <= entry.acknowledgeByMs);
      return isThere ? [] : [entry.ticket];
    }),
  ).size;
  const lateDecisions = new Set(
    all.flatMap((entry) => {
      if (entry.type !== 'redress-open' || !isIn(entry.decideByMs)) return [];
      const answers = answersTo(entry.ticket, true);
      return answers.some(({ atMs }) => atMs <= entry.decideByMs) ? [] : [entry.ticket];
    }),
  ).size;
  const lateIncidents = new Set(
    all.flatMap((entry) => {
      if (entry.type !== 'incident' || !isIn(entry.notifyByMs)) return [];
      const told = all.filter(
        (other) => other.type === 'incident-notified' && other.incident === entry.incident,
      );
      return told.some(({ atMs }) => atMs <= entry.notifyByMs) ? [] : [entry.incident];
    }),
  ).size;
  return {
    sessions: (between: string, end: string): number =>
      placed.filter((one) => one.between === between && one.end === end).length,
    deleted: (between: string): number =>
      placed.filter(
        (one) => one.between === between && isIn(first(one.some.filter(({ type }) => type === 'expire'))),
      ).length,
    epsilon: (between: string): number =>
      placed
        .filter((one) => one.between === between && one.end === 'answered')
        .map(({ some }) =>
          Math.max(0, ...some.map((entry) => (entry.type === 'ledger' ? (entry.microEpsilon ?? 0) : 0))),
        )
        .reduce((sum, n) => sum + n, 0),
    events: {
      vetoes: distinct('veto', 'message'),
      emergencies: distinct('emergency', 'emergency'),
      lateReviews,
      suspensions: distinct('suspend', 'message'),
      withdrawals: distinct('withdraw', 'message'),
      keyChanges: distinct('rotate', 'message'),
      enquiries: distinct('redress-open', 'ticket'),
      decisions: answered(['no-change', 'corrected', 'erased']),
      lateAcknowledgements,
      lateDecisions,
      corrected: answered(['corrected', 'erased']),
      incidents: distinct('incident', 'incident'),
      lateIncidents,
      exports: all.filter(({ type, atMs }) => type === 'export' && isIn(atMs)).length,
      attempts: 0,
    } satisfies Record<(typeof eventNames)[number], number>,
  };
}

const nameOf = ({ between }: TransparencyReport['groups'][number]): string =>
  typeof between === 'string' ? between : between.join('+');

const stations = ['a', 'b', 'c', 'd'];
const time = fc.integer({ min: 0, max: endMs - 200 });
const someSession = fc.record({
  parties: fc.subarray(stations, { minLength: 2, maxLength: 4 }),
  atMs: time,
  end: fc.constantFrom<End>(
    'answered',
    'answered',
    'endedEarly',
    'refused',
    'denied',
    'open',
    'deniedUnasked',
  ),
  tookMs: fc.integer({ min: 0, max: 100 }),
  identifiers: fc.constantFrom<Band>('under-10', 'under-1000', 'more'),
  matched: fc.constantFrom<Band | null>('under-10', 'under-100', null),
  microEpsilon: fc.integer({ min: 0, max: 3_000_000 }),
  clauses: fc.subarray(['tiers.routine', 'caps.sessionsPerDay', 'rules.0', 'privacy.budget'], {
    minLength: 1,
  }),
  isDeleted: fc.boolean(),
});
const duty = fc.record({
  atMs: time,
  dueIn: fc.integer({ min: 0, max: 150 }),
  doneIn: fc.option(fc.integer({ min: 0, max: 190 })),
});
const some = {
  sessions: fc.array(someSession, { minLength: 20, maxLength: 120 }),
  events: fc.array(
    fc.record({
      kind: fc.constantFrom(...(Object.keys(eventBodies) as (keyof typeof eventBodies)[])),
      n: fc.nat(12),
      atMs: time,
      at: fc.subarray(['a', 'b'], { minLength: 1 }),
    }),
    { maxLength: 60 },
  ),
  emergencies: fc.array(duty, { maxLength: 30 }),
  enquiries: fc.array(duty, { maxLength: 30 }),
  fromMs: fc.constantFrom(0, 1500, 4000),
  toMs: fc.constantFrom(5000, endMs),
};

test('a report says of random logs what a recount from their entries gives, in bands', () => {
  fc.assert(
    fc.property(fc.record(some), ({ sessions, events, emergencies, enquiries, fromMs, toMs }) => {
      const logs = ['a', 'b'].map((station) =>
        logOf(station, [
          ...sessions.flatMap(({ isDeleted, ...one }, id) => {
            if (!one.parties.includes(station) || (one.end === 'deniedUnasked' && station === 'b')) return [];
            const late = one.atMs + one.tookMs + 60;
            // A party may lag behind the other, and may not have got its answer.
            const tookMs = one.tookMs + (station === 'b' ? 7 : 0);
            const end = station === 'b' && one.end === 'answered' && id % 5 === 0 ? 'endedEarly' : one.end;
            return sessionEntriesOf({
              ...one,
              id,
              station,
              tookMs,
              end,
              deletedMs: isDeleted ? late : null,
            });
          }),
          ...events
            .filter(({ at }) => at.includes(station))
            .map(({ kind, n, atMs }): [number, ReturnType<(typeof eventBodies)[typeof kind]>] => [
              atMs,
              eventBodies[kind](n),
            ]),
          ...emergencies.flatMap(({ atMs, dueIn, doneIn }, n) =>
            emergencyEntries(n, atMs, atMs + dueIn, doneIn === null ? null : atMs + doneIn),
          ),
          ...enquiries.flatMap(({ atMs, dueIn, doneIn }, n) =>
            enquiryEntries(n, atMs, atMs + dueIn, doneIn === null ? null : atMs + doneIn),
          ),
          last,
        ]),
      );
      const report = reportOf(logs, { fromMs, toMs });
      const naive = recount(logs, fromMs, toMs);
      const band = (n: number) => bandOfCount(n, reportBounds);
      for (const row of report.groups) {
        const between = nameOf(row);
        for (const end of outcomes)
          expect(row.sessions[end], end).toEqual(band(naive.sessions(between, end)));
        expect(row.deleted).toEqual(band(naive.deleted(between)));
        const epsilon = naive.epsilon(between);
        const { microEpsilon } = row.amounts;
        // Every answered session has its charge.
        expect(microEpsilon === null).toBe(naive.sessions(between, 'answered') < 10);
        if (microEpsilon !== null) {
          expect(microEpsilon.atLeast).toBeLessThanOrEqual(epsilon);
          expect(microEpsilon.atMost).toBeGreaterThanOrEqual(epsilon);
        }
      }
      expect(report.unasked.denied).toEqual(band(naive.sessions('none', 'denied')));
      for (const name of eventNames) expect(report.events[name], name).toEqual(band(naive.events[name]));
      // Nothing is left out of the rows.
      const names = report.groups.map(nameOf);
      expect(new Set(names).size).toBe(names.length);
      for (const between of ['a+b', 'a+c', 'a+d', 'b+c', 'b+d']) {
        const isThere = outcomes.some((end) => naive.sessions(between, end) > 0);
        if (isThere) expect(names).toContain(between);
      }
      for (const end of outcomes) {
        const total = [...names, 'none'].reduce((sum, between) => sum + naive.sessions(between, end), 0);
        expect(report.all[end].atLeast).toBeLessThanOrEqual(total);
        expect(report.all[end].atMost).toBeGreaterThanOrEqual(total);
      }
    }),
    { numRuns: 25, endOnFailure: true },
  );
});
