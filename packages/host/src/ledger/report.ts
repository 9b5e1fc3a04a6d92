/**
 * What a node's ledgers say, for its own people.
 *
 * Purpose: budget, spent and left by list and period; what is in dispute; and taking a partner's ledger over.
 * Assumes: whoever asks is the node's owner. Does not know: sessions under way.
 */
import { TallyError } from '@tallystick/protocol/errors';
import {
  acceptDispute,
  addUp,
  type LedgerBook,
  ledgerHead,
  type LedgerLimits,
  type LedgerTotals,
  type ListCharge,
  listTotals,
  periodEndMs,
  stricter,
  takenOf,
} from '@tallystick/protocol/privacy';
import type { LedgerBooks, StoredBook } from './books.ts';
import type { LocalCaps } from './station.ts';

/** What is charged, what is held for sessions that are open, and what is left; null: no cap of this kind. */
export interface ListSpending {
  /** Id of the party whose lists these are. */
  readonly owner: string;
  readonly budget: LedgerLimits;
  readonly spent: LedgerTotals;
  readonly left: LedgerLimits;
}

export interface LedgerReport {
  /** How it is called in `ledger accept`. */
  readonly ledger: string;
  /** `suspended`: a partner's ledger cannot be explained; `broken`: it was edited, or is of another node. */
  readonly state: 'open' | 'suspended' | 'broken';
  /** ISO 8601 days, UTC: from, and the first one that is not in it. */
  readonly from: string;
  readonly until: string;
  /** None where it is broken. */
  readonly parties: readonly string[];
  /** Hash over all charged sessions; equal at every party. Null where it is broken. */
  readonly head: string | null;
  readonly dispute: { readonly station: string; readonly reason: 'unknown' | 'differs' } | null;
  readonly lists: readonly ListSpending[];
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** `series/start+days` as people write it. */
function nameOf(place: string): { ledger: string; from: string; until: string } {
  const [series = '', period = ''] = place.split('/');
  const [startDay = 0, periodDays = 0] = period.split('+').map(Number);
  const endMs = periodEndMs({ startDay, periodDays });
  const from = day(endMs - periodDays * 86_400_000);
  return { ledger: `${series.slice(0, 12)}-${from}-${periodDays}d`, from, until: day(endMs) };
}

function leftOf(budget: LedgerLimits, taken: readonly ListCharge[]): LedgerLimits {
  const total = addUp(taken);
  const left = (key: keyof LedgerLimits): number | null => {
    const most = budget[key];
    return most === null ? null : Math.max(0, most - total[key]);
  };
  return {
    sessions: left('sessions'),
    records: left('records'),
    versions: left('versions'),
    microEpsilon: left('microEpsilon'),
  };
}

function spendingOf(book: LedgerBook, self: string, local: LedgerLimits): ListSpending[] {
  return book.scope.parties.map((owner, list) => {
    // Own rules are about own lists; they count over all books, so that less may be left than this one says.
    const budget = owner === self ? stricter(book.agreed, local) : book.agreed;
    const taken = takenOf(book, owner === self ? list : -1, '');
    const charged = book.charged.map(({ row }) => row.lists[list] as ListCharge);
    return {
      owner,
      budget,
      spent: listTotals(book, list),
      left: leftOf(budget, owner === self ? taken : charged),
    };
  });
}

function reportOf({ place, book }: StoredBook, self: string, local: LedgerLimits): LedgerReport {
  const name = nameOf(place);
  if (book === undefined) {
    return { ...name, state: 'broken', parties: [], head: null, dispute: null, lists: [] };
  }
  const { dispute, scope } = book;
  return {
    ...name,
    state: dispute === null ? 'open' : 'suspended',
    parties: scope.parties,
    head: ledgerHead(book),
    dispute: dispute && { station: dispute.station, reason: dispute.reason },
    lists: spendingOf(book, self, local),
  };
}

/** All ledgers of a node, the latest period first. */
export function reportLedgers(books: LedgerBooks, self: string, localCaps: LocalCaps): LedgerReport[] {
  return books
    .list()
    .map((stored) => reportOf(stored, self, localCaps))
    .sort((a, b) => (a.until === b.until ? (a.ledger < b.ledger ? -1 : 1) : a.until < b.until ? 1 : -1));
}

/**
 * Takes over what a partner showed, or gives up a ledger that does not open, so that the partner's can be taken over
 * after the next session with it was refused. Returns how many sessions were added.
 * @throws TallyError `argument.invalid` where none, or more than one, is called so, or it is in no dispute.
 */
export function acceptLedger(books: LedgerBooks, name: string, nowMs: number): number {
  const found = books.list().filter(({ place }) => nameOf(place).ledger.startsWith(name));
  const [stored] = found;
  if (stored === undefined || found.length > 1) {
    throw new TallyError('argument.invalid', `ledger: want the name of one, got that of ${found.length}`);
  }
  const { place, book } = stored;
  if (book === undefined) {
    books.remove(place);
    return 0;
  }
  if (book.dispute === null) throw new TallyError('argument.invalid', 'ledger: is not in dispute');
  const next = acceptDispute(book, nowMs);
  books.write(next);
  return next.charged.length - book.charged.length;
}
