/**
 * Ledger books on the store.
 *
 * Purpose: each book is one sealed document, bound to its place: a byte that was edited, or a book of another node,
 * period or partner, does not open.
 * Assumes: one process owns the store. Does not know: what a book permits. A store that was taken back as a whole
 * opens; partners notice it (protocol/privacy/compare.ts).
 */
import { TallyError } from '@tallystick/protocol/errors';
import {
  emptyBook,
  type LedgerBook,
  ledgerKey,
  type LedgerScope,
  parseBook,
} from '@tallystick/protocol/privacy';
import type { Sealer } from '../seal/index.ts';
import type { Store } from '../store/index.ts';

/** A book, or what is known of one that does not open. */
export type StoredBook =
  | { readonly place: string; readonly book: LedgerBook }
  | { readonly place: string; readonly book: undefined };

export interface LedgerBooks {
  /** The book of a scope; empty where there is none. @throws TallyError `privacy.ledger` where it does not open. */
  read(scope: LedgerScope): LedgerBook;
  /** Durable when it returns. @throws TallyError `store.write`. */
  write(book: LedgerBook): void;
  /** Of one series, or all. */
  list(series?: string): readonly StoredBook[];
  /** Removes one that does not open. */
  remove(place: string): void;
}

const collection = 'ledgers';
const placeOf = ({ series, startDay, periodDays }: LedgerScope): string =>
  `${series}/${startDay}+${periodDays}`;
const contextOf = (place: string): string => `ledger/${place}`;

export function createLedgerBooks(store: Store, sealer: Sealer): LedgerBooks {
  /** By place: what was opened last, and of which bytes. A period's books are read for every session after it. */
  const opened = new Map<string, { readonly sealed: string; readonly book: LedgerBook }>();
  const open = (place: string, value: unknown): LedgerBook => {
    let parsed: LedgerBook;
    const sealed = (value as { sealed?: unknown } | null)?.sealed;
    const known = opened.get(place);
    if (known !== undefined && known.sealed === sealed) return known.book;
    try {
      if (typeof sealed !== 'string') throw new TallyError('privacy.ledger', 'ledger: is no sealed document');
      const plain = sealer.unseal(Buffer.from(sealed, 'base64'), contextOf(place));
      parsed = JSON.parse(new TextDecoder().decode(plain)) as LedgerBook;
    } catch (cause) {
      throw new TallyError('privacy.ledger', 'ledger: was edited, or is of another node', { cause });
    }
    const book = parseBook(parsed, parsed.scope);
    if (placeOf(book.scope) !== place) throw new TallyError('privacy.ledger', 'ledger: is in another place');
    opened.set(place, { sealed, book });
    return book;
  };
  const tryOpen = (place: string, value: unknown): LedgerBook | undefined => {
    try {
      return open(place, value);
    } catch {
      return undefined;
    }
  };
  return {
    read(scope) {
      const place = placeOf(scope);
      const value = store.get(collection, place);
      if (value === undefined) return emptyBook(scope);
      const book = open(place, value);
      if (ledgerKey(book.scope) === ledgerKey(scope)) return book;
      throw new TallyError('privacy.ledger', 'ledger: of other parties, another agreement or another period');
    },
    write(book) {
      const place = placeOf(book.scope);
      const plain = new TextEncoder().encode(JSON.stringify(book));
      const sealed = Buffer.from(sealer.seal(plain, contextOf(place))).toString('base64');
      store.put(collection, place, { sealed });
    },
    list: (series) =>
      store
        .list(collection, series === undefined ? {} : { prefix: `${series}/` })
        .map(({ key, value }) => ({ place: key, book: tryOpen(key, value) })),
    remove: (place) => void store.delete(collection, place),
  };
}
