import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chargeFor, compareHeads, ledgerHead, replayLedger, termsHash } from './compare.ts';
import {
  applyLedger,
  chargeLedger,
  emptyLedger,
  ledgerTotals,
  parseLedger,
  type LedgerEntry,
  type LedgerLimits,
  type LedgerScope,
  type LedgerState,
} from './ledger.ts';

const scope: LedgerScope = {
  agreement: 'ab',
  list: 'sanctions',
  partners: ['north', 'south'],
  period: '2025-06',
};
const limits: LedgerLimits = {
  microEpsilon: 2_000_000,
  femtoDelta: 0,
  records: 100,
  sessions: 4,
  versions: 2,
};
const hex = (fill: string) => fill.repeat(64);

type Reserve = LedgerEntry & { type: 'reserve' };
const reserve = (session: string, change: Partial<Reserve> = {}): Reserve => ({
  type: 'reserve',
  session,
  listVersion: hex('1'),
  terms: hex('a'),
  charge: { microEpsilon: 1_000_000, femtoDelta: 0, records: 0 },
  ...change,
});

/** Applies entries that must all be taken. */
function run(entries: readonly LedgerEntry[], start = emptyLedger(scope)): LedgerState {
  return entries.reduce((state, entry) => {
    const outcome = applyLedger(state, entry, limits);
    if (outcome.type !== 'applied') throw new Error(`not applied: ${JSON.stringify(outcome)}`);
    return outcome.state;
  }, start);
}

const denied = (state: LedgerState, entry: unknown, wanted = limits) => {
  const outcome = applyLedger(state, entry as LedgerEntry, wanted);
  return outcome.type === 'denial' ? outcome.reasons : outcome.type;
};

describe('the ledger', () => {
  it('reserves, and refuses before it would overspend', () => {
    const one = run([reserve('s1')]);
    expect(ledgerTotals(one)).toEqual({
      microEpsilon: 1_000_000,
      femtoDelta: 0,
      records: 0,
      sessions: 1,
      versions: 1,
    });
    expect(
      denied(one, reserve('s2', { charge: { microEpsilon: 1_000_001, femtoDelta: 0, records: 0 } })),
    ).toEqual(['budget.epsilon']);
    expect(denied(run([reserve('s2')], one), reserve('s3'))).toEqual(['budget.epsilon']);
  });

  it('gives back what never began, and nothing after: not even of an aborted run', () => {
    expect(ledgerTotals(run([reserve('s1'), { type: 'release', session: 's1' }])).microEpsilon).toBe(0);
    const began = run([reserve('s1'), { type: 'begin', session: 's1' }]);
    expect(denied(began, { type: 'release', session: 's1' })).toEqual(['session.began']);
    const aborted = run([{ type: 'commit', session: 's1', resultId: null }], began);
    expect(ledgerTotals(aborted).microEpsilon).toBe(1_000_000);
    for (const type of ['release', 'begin'] as const) {
      expect(denied(aborted, { type, session: 's1' })).toEqual(['session.committed']);
    }
    expect(denied(aborted, { type: 'commit', session: 's1', resultId: hex('f') })).toEqual([
      'session.committed',
    ]);
  });

  it('answers the same question on the same lists with the stored result', () => {
    const state = run([
      reserve('s1'),
      { type: 'begin', session: 's1' },
      { type: 'commit', session: 's1', resultId: hex('f') },
    ]);
    expect(applyLedger(state, reserve('s2'), limits)).toEqual({ type: 'repeat', resultId: hex('f') });
    // Another question, or another version: charged in full.
    expect(ledgerTotals(run([reserve('s2', { terms: hex('b') })], state)).microEpsilon).toBe(2_000_000);
    expect(ledgerTotals(run([reserve('s2', { listVersion: hex('2') })], state)).microEpsilon).toBe(2_000_000);
  });

  it('does not take an aborted run for an answer', () => {
    const state = run([reserve('s1'), { type: 'commit', session: 's1', resultId: null }]);
    expect(applyLedger(state, reserve('s2'), limits).type).toBe('applied');
    // An aborted run before an answered one does not hide the answer.
    const answered = run([reserve('s2'), { type: 'commit', session: 's2', resultId: hex('f') }], state);
    expect(applyLedger(answered, reserve('s3'), limits).type).toBe('repeat');
  });

  it('caps sessions, records and versions, and lists every clause that fails', () => {
    const charge = { microEpsilon: 0, femtoDelta: 0, records: 30 };
    const state = run([
      reserve('s1', { charge }),
      reserve('s2', { charge, listVersion: hex('2') }),
      reserve('s3', { charge }),
    ]);
    expect(denied(state, reserve('s4', { charge: { ...charge, records: 11 } }))).toEqual(['cap.records']);
    expect(
      denied(state, reserve('s4', { charge: { ...charge, records: 10 }, listVersion: hex('3') })),
    ).toEqual(['cap.versions']);
    const full = run([reserve('s4', { charge: { ...charge, records: 10 } })], state);
    const tooMuch = { microEpsilon: 3_000_000, femtoDelta: 1, records: 1 };
    expect(denied(full, reserve('s5', { charge: tooMuch, listVersion: hex('3') }))).toEqual([
      'budget.epsilon',
      'budget.delta',
      'cap.records',
      'cap.sessions',
      'cap.versions',
    ]);
    const freed = run([{ type: 'release', session: 's2' }], full);
    expect(
      applyLedger(freed, reserve('s5', { charge, listVersion: hex('3') }), { ...limits, records: 200 }).type,
    ).toBe('applied');
  });

  it('denies what is out of order, unknown or malformed', () => {
    const state = run([reserve('s1')]);
    expect(denied(state, reserve('s1'))).toEqual(['session.reused']);
    expect(denied(state, { type: 'begin', session: 's9' })).toEqual(['session.unknown']);
    const free = { microEpsilon: 0, femtoDelta: 0, records: 0 };
    const negative = { microEpsilon: -1, femtoDelta: 0, records: 1 };
    const malformed: unknown[] = [
      null,
      {},
      { type: 'refund', session: 's1' },
      { ...reserve('s2'), note: 'x' },
      reserve('s2', { charge: free }),
      reserve('s2', { charge: negative }),
      reserve('s2', { charge: { ...free, records: 0.5 } }),
      reserve('s2', { listVersion: 'x' }),
      { type: 'commit', session: 's1' },
    ];
    for (const entry of malformed) expect(denied(state, entry)).toEqual(['entry.malformed']);
    for (const wrong of [{ ...limits, microEpsilon: Number.NaN }, { ...limits, sessions: -1 }, {}]) {
      expect(denied(state, reserve('s2'), wrong as LedgerLimits)).toEqual(['limits.malformed']);
    }
  });

  it('throws codes for callers that want them', () => {
    const budget = expect.objectContaining({ code: 'privacy.budget' });
    expect(() => chargeLedger(run([reserve('s1'), reserve('s2')]), reserve('s3'), limits)).toThrow(budget);
    const broken = { ...emptyLedger(scope), sequence: 4 };
    expect(() => chargeLedger(broken, reserve('s1'), limits)).toThrow(
      expect.objectContaining({ code: 'privacy.ledger' }),
    );
    expect(chargeLedger(emptyLedger(scope), reserve('s1'), limits).type).toBe('applied');
  });

  const entry: fc.Arbitrary<LedgerEntry> = fc.oneof(
    fc
      .record({
        session: fc.constantFrom('s1', 's2', 's3', 's4', 's5'),
        listVersion: fc.constantFrom(hex('1'), hex('2'), hex('3')),
        terms: fc.constantFrom(hex('a'), hex('b')),
        charge: fc.record({
          microEpsilon: fc.integer({ min: -1, max: 1_500_000 }),
          femtoDelta: fc.integer({ min: 0, max: 1 }),
          records: fc.integer({ min: 0, max: 60 }),
        }),
      })
      .map((fields) => ({ type: 'reserve' as const, ...fields })),
    fc
      .record({
        type: fc.constantFrom('begin' as const, 'release' as const),
        session: fc.constantFrom('s1', 's2', 's3', 's6'),
      })
      .map((fields) => fields),
    fc.record({
      type: fc.constant('commit' as const),
      session: fc.constantFrom('s1', 's2', 's3'),
      resultId: fc.option(fc.constant(hex('f'))),
    }),
  );

  it('never overspends, never refunds what began, and replays to the same head, over random entries', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), (entries) => {
        let state = emptyLedger(scope);
        const taken: LedgerEntry[] = [];
        for (const next of entries) {
          const before = JSON.stringify(state);
          const outcome = applyLedger(state, next, limits);
          expect(JSON.stringify(state)).toBe(before);
          if (outcome.type !== 'applied') continue;
          const kept = new Map(outcome.state.rows.map((row) => [row.session, row]));
          for (const row of state.rows) {
            if (row.state !== 'reserved') expect(kept.get(row.session)?.charge).toEqual(row.charge);
          }
          state = outcome.state;
          taken.push(next);
          const totals = ledgerTotals(state);
          for (const key of Object.keys(limits) as (keyof LedgerLimits)[]) {
            expect(totals[key]).toBeLessThanOrEqual(limits[key]);
          }
          expect(parseLedger(JSON.parse(JSON.stringify(state)), scope)).toEqual(state);
        }
        expect(replayLedger(scope, taken, limits)).toMatchObject({ state });
      }),
      { seed: 4, numRuns: 150 },
    );
  });
});

describe('a ledger that was', () => {
  const entries: LedgerEntry[] = [
    reserve('s1'),
    { type: 'begin', session: 's1' },
    { type: 'commit', session: 's1', resultId: hex('f') },
    reserve('s2', { terms: hex('b') }),
  ];
  const replayed = replayLedger(scope, entries, limits);
  if (!('state' in replayed)) throw new Error('the entries apply');
  const { state, heads } = replayed;
  const code = expect.objectContaining({ code: 'privacy.ledger' });

  it('edited is found: in any field, alone or against a partner’s', () => {
    const edits: unknown[] = [
      { ...state, rows: state.rows.slice(1) },
      { ...state, rows: state.rows.map((row) => ({ ...row, charge: { ...row.charge, microEpsilon: 1 } })) },
      { ...state, sequence: 3 },
      { ...state, previous: hex('0') },
      { ...state, last: null },
      { ...state, head: hex('0') },
      { ...state, extra: 1 },
      null,
    ];
    for (const edit of edits) expect(() => parseLedger(edit, scope)).toThrow(code);
    // Rewritten from the start, with heads that fit: only the partner's copy shows it.
    const cheaper = { microEpsilon: 1, femtoDelta: 0, records: 0 };
    const forged = replayLedger(scope, [reserve('s1', { charge: cheaper }), ...entries.slice(1)], limits);
    if (!('state' in forged)) throw new Error('the forged entries apply');
    expect(parseLedger(forged.state, scope)).toEqual(forged.state);
    expect(compareHeads(ledgerHead(state), ledgerHead(forged.state), heads)).toBe('forked');
  });

  it('rolled back is found by the partner', () => {
    const former = run(entries.slice(0, 2));
    expect(compareHeads(ledgerHead(state), ledgerHead(former), heads)).toBe('they-are-behind');
    expect(compareHeads(ledgerHead(former), ledgerHead(state), heads.slice(0, 3))).toBe('we-are-behind');
    expect(compareHeads(ledgerHead(state), ledgerHead(state), heads)).toBe('equal');
    const edited = { ...ledgerHead(former), head: hex('0') };
    expect(compareHeads(ledgerHead(state), edited, heads)).toBe('forked');
  });

  it('copied to another period, list, agreement or partner is refused', () => {
    for (const change of [
      { period: '2025-07' },
      { list: 'x' },
      { agreement: 'x' },
      { partners: ['north'] },
    ]) {
      const other = { ...scope, ...change };
      expect(() => parseLedger(state, other)).toThrow(code);
      const head = ledgerHead(emptyLedger(other));
      expect(compareHeads(ledgerHead(state), head, heads)).toBe('other');
    }
    expect(() => emptyLedger({ ...scope, partners: ['south', 'north'] })).toThrow(code);
    expect(() => emptyLedger({ ...scope, partners: [] })).toThrow(code);
  });

  it('missing or reordering an entry does not replay to the same head', () => {
    expect(replayLedger(scope, [entries[1] as LedgerEntry, ...entries], limits)).toEqual({ failedEntry: 0 });
    const swapped = replayLedger(
      scope,
      [entries[0], entries[3], entries[1], entries[2]] as LedgerEntry[],
      limits,
    );
    expect('state' in swapped && swapped.state.head !== state.head).toBe(true);
  });
});

describe('charges and terms', () => {
  it('are epsilon for noised counts of a neutral collector, records for everything else', () => {
    const query = {
      output: 'counts' as const,
      collectedByParty: false,
      microEpsilon: 500_000,
      femtoDelta: 3,
      records: 70,
    };
    const records = { microEpsilon: 0, femtoDelta: 0, records: 70 };
    expect(chargeFor(query)).toEqual({ microEpsilon: 500_000, femtoDelta: 3, records: 0 });
    expect(chargeFor({ ...query, collectedByParty: true })).toEqual(records);
    expect(chargeFor({ ...query, output: 'matches' })).toEqual(records);
    expect(chargeFor({ ...query, microEpsilon: 0 })).toEqual(records);
  });

  it('differ for another list, question or policy', () => {
    const terms = {
      commitments: { north: hex('1'), south: hex('2') },
      output: 'counts' as const,
      question: { labels: [] },
      policy: { minCount: 5 },
    };
    const hashes = [
      terms,
      { ...terms, commitments: { north: hex('1'), south: hex('3') } },
      { ...terms, output: 'matches' as const },
      { ...terms, question: { labels: ['tier'] } },
      { ...terms, policy: null },
    ].map(termsHash);
    expect(new Set(hashes).size).toBe(5);
    expect(termsHash({ ...terms, commitments: { south: hex('2'), north: hex('1') } })).toBe(hashes[0]);
  });
});
