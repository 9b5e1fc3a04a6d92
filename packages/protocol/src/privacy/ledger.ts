/**
 * The privacy ledger: what runs on one list with one set of partners have cost in a period.
 *
 * Purpose: reserve before a run, commit when its exchange began (whatever became of it), never refund after; refuse
 * before overspending; caps on sessions, records and versions of a list; a repeat gets the stored result. Entries
 * are hash-chained, and the head covers the totals, so that an edited, copied or rolled-back ledger is found.
 * Assumes: integers; the state is written to disk before anything leaves the node; the caller names period, versions
 * (list commitments) and terms. All sides apply the same entries in the same order and compare heads.
 * Does not know: the clock, what a session is, who may raise a limit.
 */
import { z } from 'zod';
import { encodeHex, utf8 } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { canonicalBytes, domainHash } from '../wire/canonical.ts';

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const name = z.string().min(1).max(256);
const hash = z.string().regex(/^[0-9a-f]{64}$/);

const scopeSchema = z.strictObject({
  agreement: name,
  list: name,
  /** Node ids, ascending, each once. */
  partners: z
    .array(name)
    .min(1)
    .max(16)
    .refine((ids) => ids.every((id, i) => i === 0 || (ids[i - 1] as string) < id)),
  period: name,
});

const chargeSchema = z.strictObject({ microEpsilon: count, femtoDelta: count, records: count });

const entrySchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('reserve'),
    session: name,
    /** The commitment to the list as it stands: another version has another. */
    listVersion: hash,
    /** Hash over all lists' commitments, output, statistic and policy (`termsHash`). */
    terms: hash,
    charge: chargeSchema,
  }),
  /** The first element is about to leave: from here on only a commit. */
  z.strictObject({ type: z.literal('begin'), session: name }),
  /** Charged for good; `resultId` null if the run was aborted. */
  z.strictObject({ type: z.literal('commit'), session: name, resultId: hash.nullable() }),
  /** Nothing left the node. */
  z.strictObject({ type: z.literal('release'), session: name }),
]);

const rowSchema = z.strictObject({
  session: name,
  listVersion: hash,
  terms: hash,
  charge: chargeSchema,
  state: z.enum(['reserved', 'began', 'committed']),
  resultId: hash.nullable(),
});

const stateSchema = z.strictObject({
  scope: scopeSchema,
  sequence: count,
  /** Head before the last entry. */
  previous: hash,
  last: entrySchema.nullable(),
  rows: z.array(rowSchema),
  head: hash,
});

const limitsSchema = z.strictObject({
  ...chargeSchema.shape,
  sessions: count,
  /** Versions of the list. */
  versions: count,
});

/** What a ledger is about. */
export type LedgerScope = z.infer<typeof scopeSchema>;
export type LedgerCharge = z.infer<typeof chargeSchema>;
export type LedgerEntry = z.infer<typeof entrySchema>;
export type LedgerState = z.infer<typeof stateSchema>;
/** The most that a period may cost; from the agreement and, where stricter, the node's own rules. */
export type LedgerLimits = z.infer<typeof limitsSchema>;
export type LedgerTotals = LedgerLimits;

export type LedgerReason =
  | 'ledger.malformed'
  | 'limits.malformed'
  | 'entry.malformed'
  | 'session.unknown'
  | 'session.reused'
  | 'session.began'
  | 'session.committed'
  | 'budget.epsilon'
  | 'budget.delta'
  | 'cap.records'
  | 'cap.sessions'
  | 'cap.versions';

export type LedgerOutcome =
  | { readonly type: 'applied'; readonly state: LedgerState }
  /** The same question on the same lists was answered: show that result, run nothing. */
  | { readonly type: 'repeat'; readonly resultId: string }
  /** Every clause that failed. The state stays as it was. */
  | { readonly type: 'denial'; readonly reasons: readonly LedgerReason[] };

/** The name of a ledger: hash of its scope, as hex. */
export function ledgerKey(scope: LedgerScope): string {
  return encodeHex(domainHash('ledger-scope', canonicalBytes(scope)));
}

type Body = Omit<LedgerState, 'head'>;

function headOf({ scope, sequence, previous, last, rows }: Body): string {
  const body = canonicalBytes({ scope, sequence, rows });
  return encodeHex(domainHash('ledger-head', utf8(previous), canonicalBytes(last), body));
}

function seal(body: Body): LedgerState {
  return { ...body, head: headOf(body) };
}

/** A ledger without entries; throws `privacy.ledger` for a scope that is none. */
export function emptyLedger(scope: LedgerScope): LedgerState {
  const parsed = scopeSchema.safeParse(scope);
  if (!parsed.success) throw new TallyError('privacy.ledger', 'ledger scope: malformed');
  return seal({ scope: parsed.data, sequence: 0, previous: ledgerKey(scope), last: null, rows: [] });
}

/**
 * A stored ledger. Throws `privacy.ledger` unless it is the one of this scope and its head covers its contents (an
 * edit without a new head; one with a new head shows against a partner's: `compareHeads`).
 */
export function parseLedger(value: unknown, scope: LedgerScope): LedgerState {
  const parsed = stateSchema.safeParse(value);
  if (!parsed.success) throw new TallyError('privacy.ledger', 'ledger: malformed');
  if (ledgerKey(parsed.data.scope) !== ledgerKey(scope)) {
    throw new TallyError('privacy.ledger', 'ledger: of another agreement, list, partner or period');
  }
  if (headOf(parsed.data) !== parsed.data.head) {
    throw new TallyError('privacy.ledger', 'ledger: head does not cover the contents');
  }
  return parsed.data;
}

/** What is reserved or spent. */
export function ledgerTotals({ rows }: LedgerState): LedgerTotals {
  const sum = (key: keyof LedgerCharge) => rows.reduce((total, { charge }) => total + charge[key], 0);
  return {
    microEpsilon: sum('microEpsilon'),
    femtoDelta: sum('femtoDelta'),
    records: sum('records'),
    sessions: rows.length,
    versions: new Set(rows.map(({ listVersion }) => listVersion)).size,
  };
}

function next(state: LedgerState, last: LedgerEntry, rows: LedgerState['rows']): LedgerOutcome {
  const { scope, sequence, head: previous } = state;
  return { type: 'applied', state: seal({ scope, sequence: sequence + 1, previous, last, rows }) };
}

function reserve(
  state: LedgerState,
  entry: LedgerEntry & { type: 'reserve' },
  limits: LedgerLimits,
): LedgerOutcome {
  const { session, listVersion, terms, charge } = entry;
  if (state.rows.some((row) => row.session === session)) {
    return { type: 'denial', reasons: ['session.reused'] };
  }
  const answered = state.rows.find(
    (row) => row.listVersion === listVersion && row.terms === terms && row.resultId !== null,
  );
  if (answered?.resultId) return { type: 'repeat', resultId: answered.resultId };
  if (charge.microEpsilon === 0 && charge.records === 0) {
    return { type: 'denial', reasons: ['entry.malformed'] };
  }
  const spent = ledgerTotals(state);
  const isNew = state.rows.every((row) => row.listVersion !== listVersion);
  const reasons: LedgerReason[] = [];
  if (charge.microEpsilon > limits.microEpsilon - spent.microEpsilon) reasons.push('budget.epsilon');
  if (charge.femtoDelta > limits.femtoDelta - spent.femtoDelta) reasons.push('budget.delta');
  if (charge.records > limits.records - spent.records) reasons.push('cap.records');
  if (spent.sessions >= limits.sessions) reasons.push('cap.sessions');
  if (isNew && spent.versions >= limits.versions) reasons.push('cap.versions');
  if (reasons.length > 0) return { type: 'denial', reasons };
  const row = { session, listVersion, terms, charge, state: 'reserved' as const, resultId: null };
  return next(state, entry, [...state.rows, row]);
}

/** Applies one entry. Pure and total: whatever is malformed, out of order or too much is a denial. */
export function applyLedger(state: LedgerState, entry: LedgerEntry, limits: LedgerLimits): LedgerOutcome {
  const stored = stateSchema.safeParse(state);
  if (!stored.success || headOf(stored.data) !== stored.data.head) {
    return { type: 'denial', reasons: ['ledger.malformed'] };
  }
  if (!limitsSchema.safeParse(limits).success) return { type: 'denial', reasons: ['limits.malformed'] };
  const parsed = entrySchema.safeParse(entry);
  if (!parsed.success) return { type: 'denial', reasons: ['entry.malformed'] };
  const { data } = parsed;
  if (data.type === 'reserve') return reserve(stored.data, data, limits);
  const { rows } = stored.data;
  const row = rows.find(({ session }) => session === data.session);
  if (row === undefined) return { type: 'denial', reasons: ['session.unknown'] };
  if (row.state === 'committed') return { type: 'denial', reasons: ['session.committed'] };
  const replace = (changed: Partial<typeof row>) =>
    next(
      stored.data,
      data,
      rows.map((other) => (other === row ? { ...row, ...changed } : other)),
    );
  if (data.type === 'commit') return replace({ state: 'committed', resultId: data.resultId });
  if (row.state === 'began') return { type: 'denial', reasons: ['session.began'] };
  if (data.type === 'begin') return replace({ state: 'began' });
  return next(
    stored.data,
    data,
    rows.filter((other) => other !== row),
  );
}

/** `applyLedger` for callers that throw: `privacy.ledger` for a broken ledger, `privacy.budget` for any other denial. */
export function chargeLedger(
  state: LedgerState,
  entry: LedgerEntry,
  limits: LedgerLimits,
): Exclude<LedgerOutcome, { type: 'denial' }> {
  const outcome = applyLedger(state, entry, limits);
  if (outcome.type !== 'denial') return outcome;
  const code = outcome.reasons.includes('ledger.malformed') ? 'privacy.ledger' : 'privacy.budget';
  throw new TallyError(code, `ledger: refused, ${outcome.reasons.join(', ')}`);
}
