import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCaps } from './caps.ts';
import { chargeFor } from './compare.ts';
import {
  charge,
  emptyBook,
  lapse,
  ledgerHead,
  ledgerPeriod,
  listTotals,
  mark,
  maxLedgerRows,
  noLimits,
  overLimits,
  parseBook,
  periodEndMs,
  reserve,
  stricter,
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
  parties: ['north', 'south'],
  startDay: 21,
  periodDays: 7,
};
const cost = (change: Partial<ListCharge> = {}): ListCharge => ({
  version: hex('1'),
  microEpsilon: 0,
  femtoDelta: 0,
  records: 10,
  ...change,
});
const rowOf = (n: number, change: Partial<ListCharge> = {}): LedgerRow => ({
  session: sessionOf(n),
  collectors: [],
  terms: hex('a'),
  lists: [cost(change), cost({ version: hex('9') })],
});
const reservation = (n: number, own = cost()) => ({
  session: sessionOf(n),
  collectors: [],
  terms: hex('a'),
  own,
  atMs: 1,
});
const charged = (rows: readonly LedgerRow[]): LedgerBook =>
  rows.reduce((book, row) => charge(book, row, 1), emptyBook(scope));
const reasonsOf = (book: LedgerBook, own: ListCharge, limits: LedgerLimits) => {
  const outcome = reserve(book, reservation(99, own), 0, limits);
  return 'denied' in outcome ? outcome.denied : [];
};

describe('caps', () => {
  const limits = (change: Partial<LedgerLimits>): LedgerLimits => ({ ...noLimits, ...change });

  it('take what is at the cap, and deny what is above it', () => {
    const book = charged([rowOf(1), rowOf(2)]);
    for (const [most, reasons] of [
      [4, []],
      [3, []],
      [2, ['cap.sessions']],
    ] as const) {
      expect(reasonsOf(book, cost(), limits({ sessions: most }))).toEqual(reasons);
    }
    for (const [records, reasons] of [
      [9, []],
      [10, []],
      [11, ['cap.records']],
    ] as const) {
      expect(reasonsOf(book, cost({ records }), limits({ records: 30 }))).toEqual(reasons);
    }
    const noised = charged([rowOf(1, { microEpsilon: 400_000, records: 0 })]);
    for (const [microEpsilon, reasons] of [
      [599_999, []],
      [600_000, []],
      [600_001, ['cap.epsilon']],
    ] as const) {
      const own = cost({ microEpsilon, records: 0 });
      expect(reasonsOf(noised, own, limits({ microEpsilon: 1_000_000 }))).toEqual(reasons);
    }
    const two = charged([rowOf(1), rowOf(2, { version: hex('2') })]);
    expect(reasonsOf(two, cost({ version: hex('3') }), limits({ versions: 3 }))).toEqual([]);
    expect(reasonsOf(two, cost({ version: hex('3') }), limits({ versions: 2 }))).toEqual(['cap.versions']);
    // A version that was charged before is no new one.
    expect(reasonsOf(two, cost(), limits({ versions: 2 }))).toEqual([]);
    expect(reasonsOf(two, cost(), limits({ versions: 1 })), 'nor under a lower cap').toEqual([]);
  });

  it('count what is reserved, free what lapsed, and list every clause that fails', () => {
    const held = reserve(emptyBook(scope), reservation(1), 0, noLimits);
    if (!('book' in held)) throw new Error('denied');
    const strict = { sessions: 1, records: 10, versions: 0, microEpsilon: 0 };
    expect(reasonsOf(held.book, cost({ version: hex('3') }), strict)).toEqual([
      'cap.sessions',
      'cap.records',
      'cap.versions',
    ]);
    const free = lapse(held.book, sessionOf(1));
    expect(reasonsOf(free, cost(), { ...strict, versions: 1 })).toEqual([]);
    expect(takenOf(free, 0, '')).toEqual([]);
  });

  it('of two are the stricter, one by one', () => {
    expect(
      stricter(limits({ sessions: 3, records: 5 }), limits({ sessions: 4, records: 2, versions: 1 })),
    ).toEqual({ sessions: 3, records: 2, versions: 1, microEpsilon: null });
  });

  it('end where a consent could not state more sessions', () => {
    const rows = Array.from({ length: maxLedgerRows }, (_, n) => rowOf(n));
    expect(reasonsOf(charged(rows.slice(1)), cost(), noLimits)).toEqual([]);
    expect(reasonsOf(charged(rows), cost(), noLimits)).toEqual(['cap.sessions']);
  });

  it('are read from settings, or refused by name', () => {
    expect(parseCaps({ sessions: 4, epsilon: '2.5' })).toEqual({
      periodDays: 7,
      sessions: 4,
      records: null,
      versions: null,
      microEpsilon: 2_500_000,
    });
    const refused: [Record<string, unknown>, string][] = [
      [{}, 'got none'],
      [{ periodDays: 3 }, 'got none'],
      [{ sessions: 0 }, 'caps.sessions'],
      [{ records: 1.5 }, 'caps.records'],
      [{ versions: '2' }, 'caps.versions'],
      [{ sessions: 1, periodDays: 367 }, 'caps.periodDays'],
      [{ epsilon: 0 }, 'caps.epsilon'],
      [{ epsilon: 1001 }, 'caps.epsilon'],
      [{ epsilon: -1 }, 'caps.epsilon'],
      [{ sessions: 1, session: 2 }, 'another field'],
    ];
    for (const [settings, text] of refused) {
      const code = expect.objectContaining({ code: 'privacy.caps', message: expect.stringContaining(text) });
      expect(() => parseCaps(settings), text).toThrow(code);
    }
  });
});

describe('a charge', () => {
  it('is for good: no lapse, no second charge and no mark changes it', () => {
    const book = charged([rowOf(1)]);
    expect(listTotals(lapse(book, sessionOf(1)), 0)).toMatchObject({ records: 10, sessions: 1 });
    expect(charge(book, rowOf(1, { records: 1 }), 2)).toEqual(book);
    const marked = mark(mark(book, sessionOf(1), { confirmed: true }), sessionOf(1), { kept: true });
    expect(ledgerHead(marked)).toBe(ledgerHead(book));
  });

  it('ends the reservation it was held by', () => {
    const held = reserve(emptyBook(scope), reservation(1), 0, noLimits);
    if (!('book' in held)) throw new Error('denied');
    expect(takenOf(charge(held.book, rowOf(1), 1), 0, '')).toHaveLength(1);
  });

  it('gives the same head in any order, and another for any other content', () => {
    const rows = [rowOf(1), rowOf(2, { version: hex('2') }), rowOf(3, { records: 3 })];
    fc.assert(
      fc.property(fc.shuffledSubarray(rows, { minLength: 3 }), (some) => {
        expect(ledgerHead(charged(some))).toBe(ledgerHead(charged(rows)));
      }),
      { endOnFailure: true },
    );
    const others = [
      charged(rows.slice(1)),
      charged([...rows.slice(1), rowOf(1, { records: 9 })]),
      charged([...rows.slice(1), rowOf(1, { version: hex('3') })]),
      charged([...rows.slice(1), { ...rowOf(1), terms: hex('b') }]),
      { ...charged(rows), scope: { ...scope, startDay: 28 } },
    ];
    expect(new Set([charged(rows), ...others].map(ledgerHead)).size).toBe(6);
  });

  it('is epsilon for noised counts and records for everything else', () => {
    const query = {
      output: 'counts' as const,
      microEpsilon: 500_000,
      femtoDelta: 3,
      records: 70,
    };
    const records = { microEpsilon: 0, femtoDelta: 0, records: 70 };
    expect(chargeFor(query)).toEqual({ microEpsilon: 500_000, femtoDelta: 3, records: 0 });
    expect(chargeFor({ ...query, output: 'matches' })).toEqual(records);
    expect(chargeFor({ ...query, microEpsilon: 0 })).toEqual(records);
  });
});

describe('a period', () => {
  it('is a window of whole UTC days', () => {
    const day = 86_400_000;
    expect(ledgerPeriod(21 * day, 7)).toEqual({ startDay: 21, periodDays: 7 });
    expect(ledgerPeriod(28 * day - 1, 7)).toEqual({ startDay: 21, periodDays: 7 });
    expect(ledgerPeriod(28 * day, 7)).toEqual({ startDay: 28, periodDays: 7 });
    expect(periodEndMs({ startDay: 21, periodDays: 7 })).toBe(28 * day);
  });
});

describe('a stored book', () => {
  const book = charged([rowOf(1), rowOf(2)]);
  const code = expect.objectContaining({ code: 'privacy.ledger' });

  it('is read back', () => {
    expect(parseBook(JSON.parse(JSON.stringify(book)), scope)).toEqual(book);
  });

  it('of another scope, out of order, or malformed is refused', () => {
    for (const other of [{ series: hex('6') }, { startDay: 28 }, { parties: ['north', 'west'] }]) {
      expect(() => parseBook(book, { ...scope, ...other })).toThrow(code);
    }
    const [first, second] = book.charged;
    const wrong: unknown[] = [
      null,
      { ...book, extra: 1 },
      { ...book, charged: [second, first] },
      { ...book, charged: [first, first] },
      { ...book, charged: [{ ...first, row: { ...first?.row, lists: first?.row.lists.slice(1) } }] },
      { ...book, charged: [{ ...first, row: { ...first?.row, terms: 'x' } }] },
      { ...book, open: [{ ...reservation(1), state: 'gone' }] },
    ];
    for (const value of wrong) expect(() => parseBook(value, scope)).toThrow(code);
    expect(() => emptyBook({ ...scope, parties: [] })).toThrow(code);
  });
});

it('limits of one charge do not depend on the order of those before', () => {
  const charges = [cost(), cost({ version: hex('2') }), cost({ microEpsilon: 5 })];
  const limits = { sessions: 3, records: 35, versions: 2, microEpsilon: 5 };
  const want = ['cap.sessions', 'cap.records', 'cap.versions', 'cap.epsilon'];
  fc.assert(
    fc.property(fc.shuffledSubarray(charges, { minLength: 3 }), (before) => {
      expect(overLimits(before, cost({ version: hex('3'), microEpsilon: 1 }), limits)).toEqual(want);
    }),
    { endOnFailure: true },
  );
});
