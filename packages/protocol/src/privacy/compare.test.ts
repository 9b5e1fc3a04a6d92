import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acceptDispute,
  compareStatement,
  isStatement,
  settle,
  statementOf,
  versionCommitment,
  type Self,
  type StatementRow,
} from './compare.ts';
import {
  charge,
  emptyBook,
  lapse,
  ledgerHead,
  listTotals,
  mark,
  noLimits,
  reserve,
  takenOf,
  type LedgerBook,
  type LedgerLimits,
  type LedgerRow,
  type LedgerScope,
  type ListCharge,
} from './ledger.ts';

const hex = (fill: string): string => fill.repeat(64);
const sessionOf = (n: number): string => n.toString(16).padStart(32, '0');
const scope: LedgerScope = {
  standing: null,
  series: hex('5'),
  parties: ['a', 'b'],
  startDay: 21,
  periodDays: 7,
};
const ids = ['a', 'b'] as const;
const cost = (change: Partial<ListCharge> = {}): ListCharge => ({
  version: hex('1'),
  microEpsilon: 0,
  femtoDelta: 0,
  records: 10,
  ...change,
});
const rowOf = (n: number, change: Partial<LedgerRow> = {}): LedgerRow => ({
  session: sessionOf(n),
  collectors: [],
  terms: hex('a'),
  lists: [cost(), cost({ version: hex('9') })],
  ...change,
});
const me: Self = { list: 0, collects: null };
const them = { id: 'b', collects: null };
const consented = (book: LedgerBook, row: LedgerRow, list = 0, limits = noLimits): LedgerBook => {
  const { session, collectors, terms } = row;
  const own = row.lists[list] as ListCharge;
  const outcome = reserve(book, { session, collectors, terms, own, atMs: 1 }, list, limits);
  if ('denied' in outcome) throw new Error(outcome.denied.join());
  return outcome.book;
};
const charged = (...rows: LedgerRow[]): LedgerBook =>
  rows.reduce((book, row) => charge(book, row, 1), emptyBook(scope));
const shown = (...rows: LedgerRow[]): StatementRow[] => statementOf(charged(...rows));

describe('a statement', () => {
  it('that is equal fits and changes nothing', () => {
    const book = charged(rowOf(1), rowOf(2));
    const outcome = compareStatement(book, me, them, shown(rowOf(1), rowOf(2)), 1);
    expect(outcome).toEqual({ type: 'fits', book });
    expect(isStatement(shown(rowOf(1), rowOf(2)), 2)).toBe(true);
    expect(isStatement(shown(rowOf(1)), 3)).toBe(false);
    expect(isStatement([...shown(rowOf(2)), ...shown(rowOf(1))], 2)).toBe(false);
  });

  it('with a session that we consented to, but did not charge, charges it here', () => {
    for (const ended of [false, true]) {
      const open = consented(emptyBook(scope), rowOf(1));
      const book = ended ? lapse(open, sessionOf(1)) : open;
      const outcome = compareStatement(book, me, them, shown(rowOf(1)), 1);
      expect(outcome.type).toBe('fits');
      expect(ledgerHead(outcome.book)).toBe(ledgerHead(charged(rowOf(1))));
    }
  });

  it('with a session never heard of is a dispute that stays', () => {
    const outcome = compareStatement(charged(rowOf(1)), me, them, shown(rowOf(1), rowOf(2)), 1);
    expect(outcome.type).toBe('dispute');
    expect(outcome.book.dispute).toMatchObject({ station: 'b', reason: 'unknown' });
    expect(ledgerHead(outcome.book), 'nothing is charged before it is accepted').toBe(
      ledgerHead(charged(rowOf(1))),
    );
  });

  it('that is other than ours is a dispute, in any field', () => {
    const edits: LedgerRow[] = [
      rowOf(1, { terms: hex('b') }),
      rowOf(1, { collectors: ['sha256:x'] }),
      rowOf(1, { lists: [cost(), cost({ version: hex('8') })] }),
      rowOf(1, { lists: [cost({ records: 9 }), cost({ version: hex('9') })] }),
    ];
    for (const edit of edits) {
      const outcome = compareStatement(charged(rowOf(1)), me, them, shown(edit), 1);
      expect(outcome.book.dispute?.reason).toBe('differs');
    }
    // Of a session that only they charged, what we consented to ourselves must be in it.
    const open = lapse(consented(emptyBook(scope), rowOf(1)), sessionOf(1));
    const cheaper = rowOf(1, { lists: [cost({ records: 1 }), cost()] });
    expect(compareStatement(open, me, them, shown(cheaper), 1).book.dispute?.reason).toBe('differs');
  });

  it('to a collector is about what it collected; of a collector, about nothing else', () => {
    const mine = rowOf(1, { collectors: ['sha256:c'] });
    const collector: Self = { list: null, collects: 'sha256:c' };
    const book = charged(mine);
    const both = shown(mine, rowOf(2));
    expect(compareStatement(book, collector, them, both, 1)).toEqual({ type: 'fits', book });
    const peer = { id: 'c', collects: 'sha256:c' };
    expect(compareStatement(charged(mine, rowOf(2)), me, peer, shown(mine), 1).type).toBe('fits');
    const foreign = compareStatement(charged(mine, rowOf(2)), me, peer, both, 1);
    expect(foreign.book.dispute?.reason).toBe('differs');
  });
});

describe('settling', () => {
  const station = (id: string, statement: StatementRow[], collects: string | null = null) => ({
    id,
    collects,
    statement,
  });
  const settling = (change: Partial<Parameters<typeof settle>[1]> = {}) => ({
    row: rowOf(9),
    self: me,
    stations: [station('a', []), station('b', [])],
    confirmedBefore: new Set<string>(),
    limits: noLimits,
    nowMs: 1,
    ...change,
  });

  it('charges all lists', () => {
    const outcome = settle(emptyBook(scope), settling());
    if (outcome.type !== 'charged') throw new Error(outcome.type);
    expect([0, 1].map((list) => listTotals(outcome.book, list).records)).toEqual([10, 10]);
  });

  it('denies what passes a cap of any list, and names it', () => {
    const limits: LedgerLimits = { ...noLimits, versions: 1 };
    const book = charged(rowOf(1));
    const stations = [station('a', shown(rowOf(1))), station('b', shown(rowOf(1)))];
    expect(settle(book, settling({ limits, stations })).type).toBe('charged');
    const row = rowOf(9, { lists: [cost(), cost({ version: hex('8') })] });
    expect(settle(book, settling({ limits, stations, row }))).toEqual({
      type: 'denial',
      list: 1,
      reasons: ['cap.versions'],
    });
  });

  it('refuses a station that lacks what all had signed before the session was proposed', () => {
    const book = mark(charged(rowOf(1)), sessionOf(1), { confirmed: true });
    const confirmedBefore = new Set([sessionOf(1)]);
    const stations = [station('a', shown(rowOf(1))), station('b', [])];
    expect(settle(book, settling({ confirmedBefore, stations }))).toEqual({ type: 'behind', station: 'b' });
    // What was charged meanwhile may be missing.
    expect(settle(book, settling({ stations })).type).toBe('charged');
    // A collector knows only what it collected.
    const withCollector = [...stations.slice(0, 1), station('b', shown(rowOf(1))), station('c', [], 'c')];
    expect(settle(book, settling({ confirmedBefore, stations: withCollector })).type).toBe('charged');
  });

  it('finds a repeat only where terms and versions are equal and every party kept the answer', () => {
    const kept = shown(rowOf(1)).map((row) => ({ ...row, kept: true }));
    const repeat = (a: StatementRow[], b: StatementRow[], row = rowOf(9)) =>
      settle(charged(rowOf(1)), settling({ row, stations: [station('a', a), station('b', b)] })).type;
    expect(repeat(kept, kept)).toBe('repeat');
    expect(repeat(kept, shown(rowOf(1)))).toBe('charged');
    expect(repeat(kept, kept, rowOf(9, { terms: hex('b') }))).toBe('charged');
    const version = rowOf(9, { lists: [cost(), cost({ version: hex('8') })] });
    expect(repeat(kept, kept, version)).toBe('charged');
    // The announced size alone is no new question.
    expect(
      repeat(kept, kept, rowOf(9, { lists: [cost({ records: 11 }), cost({ version: hex('9') })] })),
    ).toBe('repeat');
  });

  it('a collector that lost its book takes back what all parties show, and no more', () => {
    const [one, two] = [rowOf(1, { collectors: ['c'] }), rowOf(2, { collectors: ['c'] })];
    const stations = [station('a', shown(one, two)), station('b', shown(one)), station('c', [], 'c')];
    const outcome = settle(emptyBook(scope), settling({ self: { list: null, collects: 'c' }, stations }));
    if (outcome.type !== 'charged') throw new Error(outcome.type);
    expect(statementOf(outcome.book).map(({ session }) => session)).toEqual([sessionOf(1), sessionOf(9)]);
  });
});

describe('an accepted dispute', () => {
  const row = fc.record({
    n: fc.integer({ min: 1, max: 6 }),
    records: fc.integer({ min: 0, max: 20 }),
    version: fc.constantFrom(hex('1'), hex('2')),
    terms: fc.constantFrom(hex('a'), hex('b')),
  });
  const rows = fc
    .uniqueArray(row, { selector: ({ n }) => n, maxLength: 6 })
    .map((all) =>
      all.map(({ n, records, version, terms }) =>
        rowOf(n, { terms, lists: [cost({ records, version }), cost()] }),
      ),
    );

  it('raises only, and both sides come to the same', () => {
    fc.assert(
      fc.property(rows, rows, (ours, theirs) => {
        const disputed = (own: LedgerRow[], other: LedgerRow[]): LedgerBook => ({
          ...charged(...own),
          dispute: { station: 'b', reason: 'differs', rows: other },
        });
        const a = acceptDispute(disputed(ours, theirs), 1);
        const b = acceptDispute(disputed(theirs, ours), 1);
        expect(ledgerHead(a)).toBe(ledgerHead(b));
        expect(a.dispute).toBeNull();
        for (const side of [ours, theirs]) {
          const before = listTotals(charged(...side), 0);
          const after = listTotals(a, 0);
          for (const key of ['sessions', 'records', 'microEpsilon'] as const) {
            expect(after[key]).toBeGreaterThanOrEqual(before[key]);
          }
        }
      }),
      { endOnFailure: true },
    );
  });
});

it('a version is told apart by contents, owner and series', () => {
  const secret = new Uint8Array(32).fill(1);
  const all = [
    versionCommitment(secret, hex('5'), 'a'),
    versionCommitment(new Uint8Array(32), hex('5'), 'a'),
    versionCommitment(secret, hex('6'), 'a'),
    versionCommitment(secret, hex('5'), 'b'),
  ];
  expect(new Set(all).size).toBe(4);
  expect(versionCommitment(secret, hex('5'), 'a')).toBe(all[0]);
});

/** Two sides that run sessions, lose messages, crash and go back to backups. */
describe('two sides', () => {
  const limits: LedgerLimits = { sessions: 6, records: 55, versions: 2, microEpsilon: null };
  type Book = LedgerBook;
  class Pair {
    readonly books: [Book, Book] = [emptyBook(scope), emptyBook(scope)];
    readonly backups: [Book, Book] = [emptyBook(scope), emptyBook(scope)];
    readonly reported: [boolean, boolean] = [false, false];
    hasGoneBack: [boolean, boolean] = [false, false];
    private next = 1;

    /** `reach`: how far each side gets before the line is cut: 0 consent, 1 charge, 2 all freezes. */
    run(records: number, version: string, reach: readonly [number, number]): 'ran' | 'refused' {
      if (this.books.some(({ dispute }) => dispute !== null)) return 'refused';
      const row = rowOf(this.next++, { lists: [cost({ records, version }), cost({ version: hex('9') })] });
      const before = this.books.map(
        (book) => new Set(book.charged.flatMap((one) => (one.confirmed ? [one.row.session] : []))),
      );
      for (const side of [0, 1] as const) {
        const { session, collectors, terms } = row;
        const own = row.lists[side] as ListCharge;
        const held = reserve(this.books[side], { session, collectors, terms, own, atMs: 1 }, side, limits);
        if ('denied' in held) return this.cut(row.session, 'refused');
        this.books[side] = held.book;
      }
      const statements = this.books.map(statementOf);
      const stations = ids.map((id, i) => ({ id, collects: null, statement: statements[i] ?? [] }));
      const isCharged = [false, false];
      for (const side of [0, 1] as const) {
        if (reach[side] < 1) continue;
        const other = (1 - side) as 0 | 1;
        const self = { list: side, collects: null };
        const peer = { id: ids[other], collects: null };
        const compared = compareStatement(this.books[side], self, peer, statements[other] ?? [], 1);
        this.books[side] = compared.book;
        if (compared.type === 'dispute') {
          this.reported[side] = true;
          continue;
        }
        const confirmedBefore = before[side] ?? new Set();
        const outcome = settle(compared.book, { row, self, stations, confirmedBefore, limits, nowMs: 1 });
        if (outcome.type === 'behind') this.reported[side] = true;
        if (outcome.type !== 'charged') continue;
        this.books[side] = outcome.book;
        isCharged[side] = true;
      }
      const all = isCharged.every(Boolean);
      for (const side of [0, 1] as const) {
        if (all && reach[side] === 2) {
          this.books[side] = mark(this.books[side], row.session, { confirmed: true });
        }
      }
      return this.cut(row.session, all ? 'ran' : 'refused');
    }

    private cut<T>(session: string, result: T): T {
      for (const side of [0, 1] as const) this.books[side] = lapse(this.books[side], session);
      return result;
    }

    check(): void {
      for (const [side, book] of this.books.entries()) {
        const total = listTotals(book, side);
        expect(takenOf(book, side, '')).toHaveLength(total.sessions);
        // Accepting raises, whatever it comes to; nothing else passes a cap.
        if (this.hasGoneBack.some(Boolean)) continue;
        expect(total.sessions).toBeLessThanOrEqual(6);
        expect(total.records).toBeLessThanOrEqual(55);
        expect(total.versions).toBeLessThanOrEqual(2);
      }
    }
  }

  const side = fc.constantFrom<0 | 1>(0, 1);
  const reach = fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 }));
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constant('run' as const),
        records: fc.integer({ min: 1, max: 20 }),
        version: fc.constantFrom(hex('1'), hex('2'), hex('3')),
        reach,
      }),
    },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('backup' as const), side }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('restore' as const), side }) },
  );

  it('end equal, or a mismatch is reported, and never overspend', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const pair = new Pair();
        for (const one of steps) {
          if (one.type === 'run') pair.run(one.records, one.version, one.reach);
          if (one.type === 'backup') pair.backups[one.side] = pair.books[one.side];
          if (one.type === 'restore') {
            pair.hasGoneBack[one.side] ||= pair.backups[one.side] !== pair.books[one.side];
            pair.books[one.side] = pair.backups[one.side];
          }
          pair.check();
        }
        // A last session compares what both have; it need not be permitted for that.
        const outcome = pair.run(1, hex('1'), [2, 2]);
        const [a, b] = pair.books.map(ledgerHead);
        if (a !== b) {
          const hasWord = pair.reported.some(Boolean) || pair.books.some(({ dispute }) => dispute !== null);
          const isFull = outcome === 'refused';
          expect(hasWord || isFull).toBe(true);
        }
        if (outcome === 'ran') expect(a).toBe(b);
        if (!pair.hasGoneBack.some(Boolean)) expect(pair.reported).toEqual([false, false]);
      }),
      { numRuns: 150, endOnFailure: true },
    );
  });

  it('a side that went back is found by both, starts nothing, and goes on once it accepted', () => {
    const pair = new Pair();
    pair.backups[1] = pair.books[1];
    expect(pair.run(5, hex('1'), [2, 2])).toBe('ran');
    pair.books[1] = pair.backups[1];
    expect(pair.run(5, hex('1'), [2, 2])).toBe('refused');
    expect(pair.reported).toEqual([true, true]);
    expect(pair.run(5, hex('1'), [2, 2]), 'suspended').toBe('refused');
    pair.books[1] = acceptDispute(pair.books[1], 1);
    expect(ledgerHead(pair.books[0])).toBe(ledgerHead(pair.books[1]));
    expect(pair.run(5, hex('1'), [2, 2])).toBe('ran');
  });
});
