/** What the ledgers say of one standing agreement, against a recount row by row. */
import { type LedgerBook, ledgerPeriod } from '@tallystick/protocol/privacy';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LedgerBooks, StoredBook } from './books.ts';
import { type StandingQuestion, standingCosts } from './standing.ts';

const dayMs = 86_400_000;
const nowMs = 1_000 * dayMs + 5 * 3_600_000;
const periodDays = 7;
const hex = (text: string | number): string => Buffer.from(String(text)).toString('hex').padStart(64, '0');
const [ours, theirs] = [hex('ours'), hex('theirs')];

/** One session in one book, in words of this test. */
interface Row {
  readonly kind: 'charged' | 'reserved' | 'lapsed';
  readonly session: number;
  readonly daysAgo: number;
  readonly version: number;
  readonly cost: number;
}

interface Book {
  readonly standing: string | null;
  readonly series: string;
  readonly parties: readonly string[];
  readonly periodsAgo: number;
  readonly isDisputed: boolean;
  readonly rows: readonly Row[];
}

const costOf = ({ cost }: Row) => ({ microEpsilon: cost, femtoDelta: 2 * cost, records: 3 * cost });
const atMsOf = ({ daysAgo }: Row): number => nowMs - daysAgo * dayMs;
const sessionOf = (n: number): string => hex(n).slice(32);

function bookOf({ standing, series, parties, periodsAgo, isDisputed, rows }: Book): LedgerBook {
  const period = ledgerPeriod(nowMs - periodsAgo * periodDays * dayMs, periodDays);
  const common = { collectors: [], terms: hex('terms') };
  const own = parties.indexOf('alpha');
  return {
    scope: { standing, series: hex(series), parties: [...parties], ...period },
    agreed: { sessions: null, records: null, versions: null, microEpsilon: null },
    open: rows
      .filter(({ kind }) => kind !== 'charged')
      .map((row) => ({
        ...common,
        session: sessionOf(row.session),
        own: own < 0 ? null : { version: hex(row.version), ...costOf(row) },
        state: row.kind as 'reserved' | 'lapsed',
        atMs: atMsOf(row),
      })),
    charged: rows
      .filter(({ kind }) => kind === 'charged')
      .map((row) => ({
        // Of others' lists another cost: whoever counts those is found out.
        row: {
          ...common,
          session: sessionOf(row.session),
          lists: parties.map((_, i) =>
            i === own
              ? { version: hex(row.version), ...costOf(row) }
              : { version: hex(99), microEpsilon: 1e6, femtoDelta: 1e6, records: 1e6 },
          ),
        },
        atMs: atMsOf(row),
        confirmed: true,
        kept: false,
      })),
    dispute: isDisputed ? { station: parties.at(-1) as string, reason: 'differs', rows: [] } : null,
  };
}

const stored = (books: readonly Book[]): StoredBook[] =>
  books.map((one, i) => ({ place: String(i), book: bookOf(one) }));
const booksOf = (all: readonly StoredBook[]): LedgerBooks =>
  ({ list: () => all }) as Partial<LedgerBooks> as LedgerBooks;

const question: StandingQuestion = {
  agreement: ours,
  periodDays,
  self: 'alpha',
  partners: ['beta', 'gamma'],
  session: sessionOf(0),
  nowMs,
  own: { series: hex('ab'), version: hex(1) },
};
const costs = (books: readonly Book[], change: Partial<StandingQuestion> = {}) =>
  standingCosts(booksOf(stored(books)), { ...question, ...change });

const row = (change: Partial<Row> = {}): Row => ({
  kind: 'charged',
  session: 1,
  daysAgo: 0,
  version: 1,
  cost: 10,
  ...change,
});
const book = (change: Partial<Book> = {}): Book => ({
  standing: ours,
  series: 'ab',
  parties: ['alpha', 'beta'],
  periodsAgo: 0,
  isDisputed: false,
  rows: [row()],
  ...change,
});
const nothing = {
  microEpsilon: 0,
  femtoDelta: 0,
  records: 0,
  listVersions: 0,
  isNewListVersion: true,
  sessionsToday: 0,
  recordsToday: 0,
  agrees: true,
};
const ten = {
  ...nothing,
  microEpsilon: 10,
  femtoDelta: 20,
  records: 30,
  listVersions: 1,
  isNewListVersion: false,
  sessionsToday: 1,
  recordsToday: 30,
};

describe('one row', () => {
  test('without any book nothing was spent, and nobody differs', () => {
    expect(costs([])).toEqual({
      today: { sessions: 0, records: 0 },
      partners: [
        { partner: 'beta', ...nothing },
        { partner: 'gamma', ...nothing },
      ],
    });
  });

  test.each<[string, Book, object, object]>([
    ['is charged to the partner of its session', book(), ten, nothing],
    ['counts while it is only reserved', book({ rows: [row({ kind: 'reserved' })] }), ten, nothing],
    ['counts no more once it has lapsed', book({ rows: [row({ kind: 'lapsed' })] }), nothing, nothing],
    ['of the session itself is not held against it', book({ rows: [row({ session: 0 })] }), nothing, nothing],
    [
      'among three is charged to both; in another series it is another list',
      book({ parties: ['alpha', 'beta', 'gamma'], series: 'abc' }),
      { ...ten, isNewListVersion: true },
      { ...ten, isNewListVersion: true },
    ],
    ['of another agreement is not of this one', book({ standing: theirs }), nothing, nothing],
    ['of no agreement is not of this one', book({ standing: null }), nothing, nothing],
    [
      'that others brought lists to, and we merged, costs us nothing',
      book({ parties: ['beta', 'gamma'] }),
      nothing,
      nothing,
    ],
    ['of the period before is over', book({ periodsAgo: 1, rows: [row({ daysAgo: 7 })] }), nothing, nothing],
    [
      'of yesterday counts in the period, and not today',
      book({ rows: [row({ daysAgo: 1 })] }),
      { ...ten, sessionsToday: 0, recordsToday: 0 },
      nothing,
    ],
    [
      'of another version of the list leaves this one new',
      book({ rows: [row({ version: 2 })] }),
      { ...ten, isNewListVersion: true },
      nothing,
    ],
    ['disputed: that partner differs', book({ isDisputed: true }), { ...ten, agrees: false }, nothing],
  ])('%s', (_, one, beta, gamma) => {
    expect(costs([one]).partners).toEqual([
      { partner: 'beta', ...beta },
      { partner: 'gamma', ...gamma },
    ]);
  });
});

test('a book that does not open: every partner differs', () => {
  const all: StoredBook[] = [...stored([book()]), { place: 'x', book: undefined }];
  expect(standingCosts(booksOf(all), question).partners.map(({ agrees }) => agrees)).toEqual([false, false]);
});

test('no list is chosen yet: it is not new', () => {
  expect(costs([book()], { own: null }).partners.map(({ isNewListVersion }) => isNewListVersion)).toEqual([
    false,
    false,
  ]);
});

const anyRow = fc.record({
  kind: fc.constantFrom('charged' as const, 'reserved' as const, 'lapsed' as const),
  session: fc.nat(9),
  daysAgo: fc.nat(2),
  version: fc.nat(3),
  cost: fc.nat(50),
});
const anyBook = fc.record({
  standing: fc.constantFrom(ours, ours, ours, theirs, null),
  series: fc.constantFrom('ab', 'abc', 'ac'),
  parties: fc.constantFrom(
    ['alpha', 'beta'],
    ['alpha', 'beta', 'gamma'],
    ['alpha', 'gamma'],
    ['beta', 'gamma'],
  ),
  periodsAgo: fc.nat(1),
  isDisputed: fc.boolean(),
  rows: fc.uniqueArray(anyRow, { selector: ({ session }) => session, maxLength: 6 }),
});

/** The same figures, counted row by row. */
function recount(books: readonly Book[]): ReturnType<typeof standingCosts> {
  const mine = books.filter(({ standing, parties }) => standing === ours && parties.includes('alpha'));
  const rowsOf = (some: readonly Book[]) =>
    some.flatMap((one) =>
      one.rows
        .filter(({ kind, session }) => kind !== 'lapsed' && session !== 0)
        .map((each) => ({ ...each, series: one.series })),
    );
  const sum = (rows: readonly Row[], factor: number): number =>
    rows.reduce((total, { cost }) => total + factor * cost, 0);
  const today = rowsOf(mine).filter(({ daysAgo }) => daysAgo === 0);
  return {
    today: { sessions: today.length, records: sum(today, 3) },
    partners: question.partners.map((partner) => {
      const shared = mine.filter(({ parties }) => parties.includes(partner));
      const period = shared.filter(({ periodsAgo }) => periodsAgo === 0);
      const rows = rowsOf(period);
      const day = rowsOf(shared).filter(({ daysAgo }) => daysAgo === 0);
      const known = rows.some(({ series, version }) => series === 'ab' && version === 1);
      return {
        partner,
        microEpsilon: sum(rows, 1),
        femtoDelta: sum(rows, 2),
        records: sum(rows, 3),
        listVersions: period.reduce(
          (total, one) => total + new Set(rowsOf([one]).map(({ version }) => version)).size,
          0,
        ),
        isNewListVersion: !known,
        sessionsToday: day.length,
        recordsToday: sum(day, 3),
        agrees: shared.every(({ isDisputed }) => !isDisputed),
      };
    }),
  };
}

test('any books give what a recount gives', () => {
  fc.assert(
    fc.property(fc.array(anyBook, { maxLength: 6 }), (books) => {
      expect(costs(books)).toEqual(recount(books));
    }),
    { numRuns: 200, endOnFailure: true },
  );
});
