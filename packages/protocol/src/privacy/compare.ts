/**
 * One side's ledger against the others': what consents state, and what follows.
 *
 * Purpose: partners' rows are compared with ours before anything runs. Sides may honestly differ around the instant of
 * a charge (one signed its freeze, the session died before another did), so they are reconciled upwards only: a
 * session that we consented to is charged when a partner shows that it charged it. A session that we have never
 * heard of, or other contents, is a dispute. A partner that lacks what it has signed is behind: refused.
 * Assumes: statements come in signed consents. Does not know: sessions, disks, operators.
 */
import { z } from 'zod';
import { encodeHex } from '../bytes/index.ts';
import { canonicalBytes, domainHash } from '../wire/canonical.ts';
import {
  charge,
  ledgerRowSchema,
  maxLedgerRows,
  overLimits,
  takenOf,
  type CapReason,
  type LedgerBook,
  type LedgerCharge,
  type LedgerLimits,
  type LedgerRow,
  type ListCharge,
} from './ledger.ts';

/** What a consent says of a charged session: the row, and whether its sender still has the answer. */
export const statementRowSchema = z.strictObject({ ...ledgerRowSchema.shape, kept: z.boolean() });
export type StatementRow = z.infer<typeof statementRowSchema>;

/** All charged rows, by session; to a session's collector a party tells what that collector collected. */
export function statementOf({ charged }: LedgerBook): StatementRow[] {
  return charged.map(({ row, kept }) => ({ ...row, kept }));
}

/** A statement as a list of rows in order, each for so many parties; null where it is none. */
export function isStatement(rows: readonly StatementRow[], parties: number): boolean {
  return (
    rows.length <= maxLedgerRows &&
    rows.every(
      ({ session, lists }, i) =>
        lists.length === parties && (i === 0 || (rows[i - 1] as StatementRow).session < session),
    )
  );
}

const text = (value: unknown): string => encodeHex(canonicalBytes(value));
const rowOf = ({ kept: _, ...row }: StatementRow): LedgerRow => row;

export interface Peer {
  readonly id: string;
  /** Fingerprint, where the station is the session's collector; it can only know what it collected. */
  readonly collects: string | null;
}

export interface Self {
  /** Number of the own list; null for a collector. */
  readonly list: number | null;
  /** Own fingerprint, where we collect: we know no other sessions. */
  readonly collects: string | null;
}

export type Comparison =
  /** Nothing stands against it; the book may have grown. */
  | { readonly type: 'fits'; readonly book: LedgerBook }
  /** Kept in the book until an operator accepts it. */
  | { readonly type: 'dispute'; readonly book: LedgerBook };

/** Compares a partner's statement with our book: reconciles upwards, or finds what cannot be explained. */
export function compareStatement(
  book: LedgerBook,
  self: Self,
  peer: Peer,
  statement: readonly StatementRow[],
  nowMs: number,
): Comparison {
  let next = book;
  const rows = statement.map(rowOf);
  const dispute = (reason: 'unknown' | 'differs'): Comparison => ({
    type: 'dispute',
    // A collector has no operator and no list of its own: what it cannot explain it takes from all parties (`settle`).
    book: self.list === null ? book : { ...book, dispute: { station: peer.id, reason, rows } },
  });
  for (const row of rows) {
    if (peer.collects !== null && !row.collectors.includes(peer.collects)) return dispute('differs');
    if (self.collects !== null && !row.collectors.includes(self.collects)) continue;
    const ours = book.charged.find((one) => one.row.session === row.session)?.row;
    if (ours !== undefined) {
      if (text(ours) !== text(row)) return dispute('differs');
      continue;
    }
    const open = book.open.find((one) => one.session === row.session);
    if (open === undefined) {
      if (self.list === null) continue;
      return dispute('unknown');
    }
    const own = self.list === null ? null : row.lists[self.list];
    const mine = { terms: open.terms, collectors: open.collectors, own: open.own };
    if (text(mine) !== text({ terms: row.terms, collectors: row.collectors, own })) return dispute('differs');
    next = charge(next, row, nowMs);
  }
  return { type: 'fits', book: next };
}

/** A session about to start: its row, and what every station states. */
export interface Settling {
  readonly row: LedgerRow;
  readonly self: Self;
  /** All stations, ourselves included, with their statements; parties in their order first. */
  readonly stations: readonly (Peer & { readonly statement: readonly StatementRow[] })[];
  /** Sessions that every station had charged before this one was proposed: whoever lacks one went back. */
  readonly confirmedBefore: ReadonlySet<string>;
  /** Agreed ones, for every list. */
  readonly limits: LedgerLimits;
  readonly nowMs: number;
}

export type Settlement =
  | { readonly type: 'charged'; readonly book: LedgerBook }
  /** The same question on the same versions, and every party still has the answer: nothing runs. */
  | { readonly type: 'repeat'; readonly of: string }
  /** A station that signed for a session does not know it any more. */
  | { readonly type: 'behind'; readonly station: string }
  | { readonly type: 'denial'; readonly list: number; readonly reasons: readonly CapReason[] };

/** The charge: after every statement was compared, before anything of a list leaves. All sides come to the same. */
export function settle(book: LedgerBook, settling: Settling): Settlement {
  const { row, self, stations, confirmedBefore, limits, nowMs } = settling;
  const parties = stations.filter(({ collects }) => collects === null);
  for (const { id, collects, statement } of stations) {
    const known = new Set(statement.map(({ session }) => session));
    const missing = book.charged.some(
      ({ row: { session, collectors } }) =>
        confirmedBefore.has(session) &&
        (collects === null || collectors.includes(collects)) &&
        !known.has(session),
    );
    if (missing) return { type: 'behind', station: id };
  }
  const of = repeated(row, parties);
  if (of !== undefined) return { type: 'repeat', of };
  let before = book;
  for (const shown of self.list === null ? shownByAll(parties, self.collects) : []) {
    before = charge(before, shown, nowMs);
  }
  const isCharged = before.charged.some((one) => one.row.session === row.session);
  for (const [list, cost] of isCharged ? [] : row.lists.entries()) {
    const taken =
      list === self.list
        ? takenOf(before, list, row.session)
        : before.charged.map((one) => one.row.lists[list] as ListCharge);
    const reasons = overLimits(taken, cost, limits);
    if (before.charged.length >= maxLedgerRows && !reasons.includes('cap.sessions')) {
      reasons.unshift('cap.sessions');
    }
    if (reasons.length > 0) return { type: 'denial', list, reasons };
  }
  return { type: 'charged', book: { ...charge(before, row, nowMs), agreed: limits } };
}

/** Of the same terms and versions, answered, and kept by all parties: they read it from the same consents. */
function repeated(
  row: LedgerRow,
  parties: readonly { readonly statement: readonly StatementRow[] }[],
): string | undefined {
  const same = ({ terms, lists }: LedgerRow): string =>
    text({ terms, versions: lists.map(({ version }) => version) });
  const kept = parties.map(
    ({ statement }) =>
      new Set(statement.flatMap((one) => (one.kept && same(one) === same(row) ? [one.session] : []))),
  );
  return [...(kept[0] ?? [])].find((session) => kept.every((sessions) => sessions.has(session)));
}

/** A collector that lost what it knew takes back what all parties say alike. */
function shownByAll(
  parties: readonly { readonly statement: readonly StatementRow[] }[],
  collects: string | null,
): LedgerRow[] {
  const [first, ...others] = parties.map(
    ({ statement }) => new Map(statement.map((one) => [one.session, rowOf(one)])),
  );
  return [...(first?.values() ?? [])].filter(
    (row) =>
      row.collectors.includes(collects ?? '') &&
      others.every((rows) => text(rows.get(row.session) ?? null) === text(row)),
  );
}

/**
 * An operator accepts what a partner showed: the union of both, and of rows that differ the larger charge, so that it
 * only raises and both sides, if both accept, come to the same. Without a dispute the book stays as it is.
 */
export function acceptDispute(book: LedgerBook, nowMs: number): LedgerBook {
  const { dispute } = book;
  if (dispute === null) return book;
  let next: LedgerBook = { ...book, dispute: null };
  for (const row of dispute.rows) {
    const ours = next.charged.find((one) => one.row.session === row.session);
    if (ours === undefined) next = charge(next, row, nowMs);
    else {
      const joined = joinRows(ours.row, row);
      // What was answered under other terms than these is no answer to them.
      const kept = ours.kept && text(joined) === text(ours.row);
      const charged = next.charged.map((one) => (one === ours ? { ...one, row: joined, kept } : one));
      next = { ...next, charged };
    }
  }
  return next;
}

function joinRows(a: LedgerRow, b: LedgerRow): LedgerRow {
  const later = (x: string, y: string): string => (x > y ? x : y);
  return {
    session: a.session,
    collectors: text(a.collectors) > text(b.collectors) ? a.collectors : b.collectors,
    terms: later(a.terms, b.terms),
    lists: a.lists.map((mine, i) => {
      const theirs = b.lists[i] as ListCharge;
      return {
        version: later(mine.version, theirs.version),
        microEpsilon: Math.max(mine.microEpsilon, theirs.microEpsilon),
        femtoDelta: Math.max(mine.femtoDelta, theirs.femtoDelta),
        records: Math.max(mine.records, theirs.records),
      };
    }),
  };
}

/** What a list has to be told apart by: the version's secret under the name of the series, as hex. */
export function versionCommitment(secret: Uint8Array, series: string, owner: string): string {
  return encodeHex(domainHash('list-version', secret, canonicalBytes({ series, owner })));
}

export interface ChargeQuery {
  readonly output: 'counts' | 'matches';
  /** Of the release; 0 without noise. */
  readonly microEpsilon: number;
  readonly femtoDelta: number;
  /** Announced size of the list. */
  readonly records: number;
}

/** Epsilon for noised counts; records for everything else (exact counts, matches). */
export function chargeFor(query: ChargeQuery): LedgerCharge {
  const { output, microEpsilon, femtoDelta, records } = query;
  const noised = output === 'counts' && microEpsilon > 0;
  return noised ? { microEpsilon, femtoDelta, records: 0 } : { microEpsilon: 0, femtoDelta: 0, records };
}
