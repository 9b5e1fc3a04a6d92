/**
 * What the ledgers say of one standing agreement.
 *
 * Purpose: what this period and this day have cost the own lists, in all and with each partner, over every group of
 * parties that the agreement has brought together: facts for a decision.
 * Assumes: books are this station's; rows of an agreement stand in books that name it. What is reserved counts as
 * spent. Does not know: budgets.
 */
import type { PolicyState } from '@tallystick/protocol/policy';
import { addUp, type LedgerBook, ledgerPeriod, type ListCharge, takenOf } from '@tallystick/protocol/privacy';
import type { LedgerBooks } from './books.ts';

export interface StandingQuestion {
  /** Id of the standing agreement, hex. */
  readonly agreement: string;
  readonly periodDays: number;
  readonly self: string;
  readonly partners: readonly string[];
  /** The session that is decided about: what it holds itself does not count against it. */
  readonly session: string;
  readonly nowMs: number;
  /** Commitment to the version of the own list, and the series it is of; null: no list is chosen yet. */
  readonly own: { readonly series: string; readonly version: string } | null;
}

const dayMs = 86_400_000;

/** What the own list of one book was charged, or may be, since an instant. */
function takenSince(book: LedgerBook, self: string, session: string, sinceMs: number): ListCharge[] {
  const recent: LedgerBook = {
    ...book,
    charged: book.charged.filter(({ atMs }) => atMs >= sinceMs),
    open: book.open.filter(({ atMs }) => atMs >= sinceMs),
  };
  return takenOf(recent, book.scope.parties.indexOf(self), session);
}

/** The ledgers' part of what a node knows. A book that does not open makes every partner's differ. */
export function standingCosts(books: LedgerBooks, question: StandingQuestion): PolicyState['ledger'] {
  const { agreement, self, session, nowMs, own } = question;
  const stored = books.list();
  const isWhole = stored.every(({ book }) => book !== undefined);
  const ours = stored
    .flatMap(({ book }) => book ?? [])
    .filter(({ scope }) => scope.standing === agreement && scope.parties.includes(self));
  const period = ledgerPeriod(nowMs, question.periodDays);
  const current = ours.filter(({ scope }) => scope.startDay === period.startDay);
  const todayMs = Math.floor(nowMs / dayMs) * dayMs;
  const today = (of: readonly LedgerBook[]) =>
    addUp(of.flatMap((book) => takenSince(book, self, session, todayMs)));
  const all = today(ours);
  return {
    today: { sessions: all.sessions, records: all.records },
    partners: question.partners.map((partner) => {
      const mine = ours.filter(({ scope }) => scope.parties.includes(partner));
      // A version has another commitment in each series: lists are told apart within one only.
      const spent = current
        .filter(({ scope }) => scope.parties.includes(partner))
        .map((book) => ({ book, taken: takenSince(book, self, session, 0) }));
      const { microEpsilon, femtoDelta, records } = addUp(spent.flatMap(({ taken }) => taken));
      const day = today(mine);
      return {
        partner,
        microEpsilon,
        femtoDelta,
        records,
        listVersions: spent.reduce((sum, { taken }) => sum + addUp(taken).versions, 0),
        isNewListVersion:
          own !== null &&
          !spent.some(
            ({ book, taken }) =>
              book.scope.series === own.series && taken.some(({ version }) => version === own.version),
          ),
        sessionsToday: day.sessions,
        recordsToday: day.records,
        agrees: isWhole && mine.every(({ dispute }) => dispute === null),
      };
    }),
  };
}
