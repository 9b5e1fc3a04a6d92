/**
 * What a list has cost with each partner, over several books.
 *
 * Purpose: caps that hold for a list and a partner, whoever else took part.
 * Assumes: books are this station's. Does not know: which caps, which books count.
 */
import {
  type CapReason,
  type LedgerBook,
  type LedgerLimits,
  type ListCharge,
  overLimits,
  takenOf,
} from '@tallystick/protocol/privacy';
import type { MessageOf } from '@tallystick/protocol/wire';

export interface Spending {
  /** Whose list. */
  readonly owner: string;
  readonly cost: ListCharge;
  /** From when on it adds up: a day counted from 1970-01-01. */
  readonly startDay: number;
  readonly books: readonly LedgerBook[];
  readonly limits: LedgerLimits;
}

const dayMs = 86_400_000;

/** Which limits a session would pass with any one of its parties; empty: none. A list under other parties is another version. */
export function overWithPartners(
  { agreement, session }: MessageOf<'proposal'>,
  self: string,
  { owner, cost, startDay, books, limits }: Spending,
): CapReason[] {
  const sinceMs = startDay * dayMs;
  const costsIn = (book: LedgerBook): ListCharge[] => {
    const recent: LedgerBook = {
      ...book,
      charged: book.charged.filter(({ atMs }) => atMs >= sinceMs),
      // What is held is of the own list.
      open: owner === self ? book.open.filter(({ atMs }) => atMs >= sinceMs) : [],
    };
    return takenOf(recent, book.scope.parties.indexOf(owner), session);
  };
  const partners = agreement.parties.map(({ id }) => id).filter((id) => id !== owner);
  const reasons = partners.flatMap((partner) => {
    const shared = books.filter(
      ({ scope }) => scope.parties.includes(owner) && scope.parties.includes(partner),
    );
    return overLimits(shared.flatMap(costsIn), cost, limits);
  });
  return [...new Set(reasons)];
}
