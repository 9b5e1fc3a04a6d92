/**
 * The privacy ledger: what sessions on a set of lists have cost in a period.
 *
 * Purpose: reserve before a run, charge before anything leaves, never refund after; refuse before overspending; caps
 * on sessions, records and versions of each list. One book holds the ledgers of all lists that the same parties
 * compare in one period, because a session charges all its lists at once. Its head covers every charged row and
 * nothing that only one side knows, whatever the order of charges was: two sides compare heads, or rows.
 * Assumes: integers; the state is written to disk before the call that follows. Does not know: the clock, agreements,
 * partners' statements (compare.ts), who may raise a limit.
 */
import { z } from 'zod';
import { encodeHex } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { canonicalBytes, domainHash } from '../wire/canonical.ts';
import { maxParties, minParties } from '../wire/limits.ts';

/** Sessions that a book takes: every consent states all of them, and has to fit in a message. */
export const maxLedgerRows = 256;
/** Reservations that ended without a charge are remembered, the newest so many. */
const maxLapsed = 4 * maxLedgerRows;

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const sessionId = z.string().regex(/^[0-9a-f]{32}$/);
const station = z.string().min(1).max(128);

const scopeSchema = z.strictObject({
  /** Id of the standing agreement; null: sessions without one. */
  standing: hash.nullable(),
  /** Hash of what the ledgers are about: the parties, and the standing agreement. */
  series: hash,
  /** Ids, in the session's order: list i is party i's. */
  parties: z.array(station).min(minParties).max(maxParties),
  /** First day of the period, counted from 1970-01-01 UTC, and how many days it has. */
  startDay: count,
  periodDays: z.number().int().min(1).max(366),
});

const chargeSchema = z.strictObject({ microEpsilon: count, femtoDelta: count, records: count });
/** What a session cost one list, and which version of it. */
const listChargeSchema = z.strictObject({ version: hash, ...chargeSchema.shape });

/** One charged session, as every side keeps it. */
export const ledgerRowSchema = z.strictObject({
  session: sessionId,
  /** Fingerprints of whoever collected; none in the direct form. */
  collectors: z.array(station).max(4),
  /** Hash of all that decides the answer but the lists. */
  terms: hash,
  /** By party. */
  lists: z.array(listChargeSchema).min(minParties).max(maxParties),
});

const openSchema = z.strictObject({
  session: sessionId,
  collectors: z.array(station).max(4),
  terms: hash,
  /** What was consented to of the own list; null for a collector. */
  own: listChargeSchema.nullable(),
  /** `lapsed`: the session ended here before a charge; a partner may still show that it charged. */
  state: z.enum(['reserved', 'lapsed']),
  atMs: count,
});

const chargedSchema = z.strictObject({
  row: ledgerRowSchema,
  atMs: count,
  /** Every station signed that it bound the same consents: so every station has charged it. */
  confirmed: z.boolean(),
  /** The answer is kept here. */
  kept: z.boolean(),
});

const disputeSchema = z.strictObject({
  station,
  reason: z.enum(['unknown', 'differs']),
  rows: z.array(ledgerRowSchema).max(maxLedgerRows),
});

const limit = z.number().int().min(0).nullable();
const limitsSchema = z.strictObject({
  sessions: limit,
  records: limit,
  versions: limit,
  microEpsilon: limit,
});

const bookSchema = z.strictObject({
  scope: scopeSchema,
  /** Agreed for the session that was charged last; what holds is what the next one agrees on. */
  agreed: limitsSchema,
  open: z.array(openSchema),
  charged: z.array(chargedSchema).max(maxLedgerRows),
  /** What a partner showed and we cannot explain: nothing runs until an operator accepts it. */
  dispute: disputeSchema.nullable(),
});

export type LedgerScope = z.infer<typeof scopeSchema>;
export type LedgerCharge = z.infer<typeof chargeSchema>;
export type ListCharge = z.infer<typeof listChargeSchema>;
export type LedgerRow = z.infer<typeof ledgerRowSchema>;
export type LedgerBook = z.infer<typeof bookSchema>;

/** The most that a period may cost a list; null: no limit. */
export type LedgerLimits = Readonly<z.infer<typeof limitsSchema>>;

export const noLimits: LedgerLimits = { sessions: null, records: null, versions: null, microEpsilon: null };

export interface LedgerTotals extends LedgerCharge {
  readonly sessions: number;
  readonly versions: number;
}

/** Which cap a session would pass. */
export type CapReason = 'cap.sessions' | 'cap.records' | 'cap.versions' | 'cap.epsilon';

const dayMs = 86_400_000;

/** The period that an instant is in: whole UTC days, in windows counted from 1970-01-01. */
export function ledgerPeriod(atMs: number, periodDays: number): Pick<LedgerScope, 'startDay' | 'periodDays'> {
  const day = Math.floor(atMs / dayMs);
  return { startDay: day - (day % periodDays), periodDays };
}

/** When a period is over. */
export function periodEndMs({ startDay, periodDays }: Pick<LedgerScope, 'startDay' | 'periodDays'>): number {
  return (startDay + periodDays) * dayMs;
}

/** The name of a book: hash of its scope, as hex. */
export function ledgerKey(scope: LedgerScope): string {
  return encodeHex(domainHash('ledger-scope', canonicalBytes(scope)));
}

/** A book without entries; throws `privacy.ledger` for a scope that is none. */
export function emptyBook(scope: LedgerScope): LedgerBook {
  const parsed = scopeSchema.safeParse(scope);
  if (!parsed.success) throw new TallyError('privacy.ledger', 'ledger scope: malformed');
  return { scope: parsed.data, agreed: noLimits, open: [], charged: [], dispute: null };
}

/** A stored book; throws `privacy.ledger` unless it is well formed and the one of this scope. */
export function parseBook(value: unknown, scope: LedgerScope): LedgerBook {
  const parsed = bookSchema.safeParse(value);
  if (!parsed.success) throw new TallyError('privacy.ledger', 'ledger: malformed');
  const { data } = parsed;
  if (ledgerKey(data.scope) !== ledgerKey(scope)) {
    throw new TallyError('privacy.ledger', 'ledger: of other parties, another agreement or another period');
  }
  const ids = data.charged.map(({ row }) => row.session);
  const wrong = data.charged.some(({ row }) => row.lists.length !== scope.parties.length);
  if (wrong || ids.some((id, i) => i > 0 && (ids[i - 1] as string) >= id)) {
    throw new TallyError('privacy.ledger', 'ledger: rows are malformed');
  }
  return data;
}

/** Hash over all charged rows, as hex: equal on both sides, or they are to be compared row by row. */
export function ledgerHead({ scope, charged }: LedgerBook): string {
  const rows = charged.map(({ row }) => row);
  return encodeHex(domainHash('ledger-head', canonicalBytes({ scope, rows })));
}

/** What is charged to list i. */
export function listTotals({ charged }: LedgerBook, list: number): LedgerTotals {
  return addUp(charged.map(({ row }) => row.lists[list] as ListCharge));
}

export function addUp(charges: readonly ListCharge[]): LedgerTotals {
  const sum = (key: keyof LedgerCharge): number => charges.reduce((total, charge) => total + charge[key], 0);
  return {
    microEpsilon: sum('microEpsilon'),
    femtoDelta: sum('femtoDelta'),
    records: sum('records'),
    sessions: charges.length,
    versions: new Set(charges.map(({ version }) => version)).size,
  };
}

/** Which limits one more charge would pass; empty: none. */
export function overLimits(
  before: readonly ListCharge[],
  charge: ListCharge,
  limits: LedgerLimits,
): CapReason[] {
  const total = addUp([...before, charge]);
  const passes = (value: number, most: number | null): boolean => most !== null && value > most;
  const isNew = before.every(({ version }) => version !== charge.version);
  const reasons: CapReason[] = [];
  if (passes(total.sessions, limits.sessions)) reasons.push('cap.sessions');
  if (passes(total.records, limits.records)) reasons.push('cap.records');
  if (isNew && passes(total.versions, limits.versions)) reasons.push('cap.versions');
  if (charge.microEpsilon > 0 && passes(total.microEpsilon, limits.microEpsilon)) reasons.push('cap.epsilon');
  return reasons;
}

/** The stricter of two, cap by cap. */
export function stricter(a: LedgerLimits, b: LedgerLimits): LedgerLimits {
  const least = (key: keyof LedgerLimits): number | null => {
    const given = [a[key], b[key]].filter((value) => value !== null);
    return given.length === 0 ? null : Math.min(...given);
  };
  return {
    sessions: least('sessions'),
    records: least('records'),
    versions: least('versions'),
    microEpsilon: least('microEpsilon'),
  };
}

/** What is charged to list i, and what is held for sessions that are still open here, without one session's. */
export function takenOf({ open, charged }: LedgerBook, list: number, without: string): ListCharge[] {
  const rows = charged.filter(({ row }) => row.session !== without).map(({ row }) => row.lists[list]);
  const held = open
    .filter(({ state, session }) => state === 'reserved' && session !== without)
    .map(({ own }) => own);
  return [...rows, ...held].filter((charge) => charge != null);
}

export interface Reservation {
  readonly session: string;
  readonly collectors: string[];
  readonly terms: string;
  readonly own: ListCharge | null;
  readonly atMs: number;
}

/**
 * Holds a charge on the own list (number `list`; a collector has none) for a session that is about to be consented to.
 * A denial lists every cap that it would pass.
 */
export function reserve(
  book: LedgerBook,
  { session, ...rest }: Reservation,
  list: number | null,
  limits: LedgerLimits,
): { readonly book: LedgerBook } | { readonly denied: readonly CapReason[] } {
  const { own } = rest;
  const denied = own === null || list === null ? [] : overLimits(takenOf(book, list, session), own, limits);
  const taken = book.charged.length + book.open.filter(({ state }) => state === 'reserved').length;
  if (taken >= maxLedgerRows && !denied.includes('cap.sessions')) denied.unshift('cap.sessions');
  if (denied.length > 0) return { denied };
  const others = book.open.filter((one) => one.session !== session);
  return { book: { ...book, open: bounded([...others, { session, ...rest, state: 'reserved' }]) } };
}

function bounded(open: LedgerBook['open']): LedgerBook['open'] {
  let surplus = open.filter(({ state }) => state === 'lapsed').length - maxLapsed;
  return open.filter(({ state }) => state !== 'lapsed' || surplus-- <= 0);
}

/** The session ended here before a charge: what it held is free again. Without effect once it is charged. */
export function lapse(book: LedgerBook, session: string): LedgerBook {
  const open = book.open.map((one) => (one.session === session ? { ...one, state: 'lapsed' as const } : one));
  return { ...book, open: bounded(open) };
}

/** Charges a session for good. One that is charged already stays as it is. */
export function charge(book: LedgerBook, row: LedgerRow, atMs: number): LedgerBook {
  const open = book.open.filter(({ session }) => session !== row.session);
  if (book.charged.some((one) => one.row.session === row.session)) return { ...book, open };
  const charged = [...book.charged, { row, atMs, confirmed: false, kept: false }];
  charged.sort((a, b) => (a.row.session < b.row.session ? -1 : 1));
  return { ...book, open, charged };
}

/** Marks a charged session: every station has charged it; or its answer is kept here. */
export function mark(book: LedgerBook, session: string, what: { confirmed?: true; kept?: true }): LedgerBook {
  return {
    ...book,
    charged: book.charged.map((one) => (one.row.session === session ? { ...one, ...what } : one)),
  };
}
