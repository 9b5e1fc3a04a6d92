/**
 * The privacy ledger that a station keeps: a node's, or a collector's.
 *
 * Purpose: every step of a session that the ledger has a word in, each durable when it returns: reserve before our
 * consent, compare with what others' consents state, charge before our freeze, and what is known afterwards.
 * Assumes: one process owns the books; calls of one session come in its order. Does not know: lists' contents, who is
 * asked for consent.
 */
import {
  ledgerLimitsOf,
  ledgerRowOf,
  ledgerScopeOf,
  ledgerTermsOf,
  listChargeOf,
  type StationLedger,
} from '@tallystick/protocol/chain';
import { TallyError } from '@tallystick/protocol/errors';
import {
  type CapReason,
  compareStatement,
  lapse,
  type LedgerBook,
  type LedgerCaps,
  ledgerPeriod,
  type ListCharge,
  mark,
  parseCaps,
  reserve,
  type Self,
  settle,
  statementOf,
  type StatementRow,
  takenOf,
} from '@tallystick/protocol/privacy';
import type { MessageOf } from '@tallystick/protocol/wire';
import type { Clock } from '../clock/index.ts';
import type { LedgerBooks } from './books.ts';
import { overWithPartners } from './spending.ts';

type Proposal = MessageOf<'proposal'>;
type Consent = MessageOf<'consent'>;

/** Why a ledger stands against a session; as a refusal carries it. */
export type LedgerReason = CapReason | 'ledger.suspended' | 'ledger.broken';

/** What the own lists may cost with one partner, over all agreements and groups of parties. */
export type LocalCaps = Readonly<LedgerCaps>;

/** Far above what people do by hand. */
export const defaultLocalCaps: LocalCaps = {
  periodDays: 7,
  sessions: 200,
  records: null,
  versions: 100,
  microEpsilon: 100_000_000,
};

/** Own caps from settings; what they do not name is as generous as without them. Throws `privacy.caps`. */
export function localCapsOf(settings: Readonly<Record<string, unknown>>): LocalCaps {
  const { periodDays, ...caps } = parseCaps(settings);
  const given = Object.fromEntries(Object.entries(caps).filter(([, most]) => most !== null));
  return { ...defaultLocalCaps, ...given, periodDays };
}

export interface KeptLedgerOptions {
  readonly books: LedgerBooks;
  readonly self: { readonly id: string; readonly fingerprint: string };
  readonly clock: Clock;
  readonly localCaps?: LocalCaps;
}

/** What a session brings of the own list. */
export interface OwnList {
  /** Commitment to its version, hex. */
  readonly version: string;
  /** Announced size. */
  readonly identifiers: number;
}

export class KeptLedger implements StationLedger {
  private readonly options: KeptLedgerOptions;
  /** By live session: what every station had charged when we first heard of it. */
  private readonly confirmed = new Map<string, ReadonlySet<string>>();
  /** Sessions whose end here could not be written: what they held is free all the same. */
  private readonly unwritten = new Set<string>();

  constructor(options: KeptLedgerOptions) {
    this.options = options;
  }

  /** What stands against a proposal, as far as is known: without a list its size and version are left out. */
  findings(proposal: Proposal, version?: string): LedgerReason[] {
    const stored = this.options.books.list(ledgerScopeOf(proposal).series);
    if (stored.some(({ book }) => book === undefined)) return ['ledger.broken'];
    if (stored.some(({ book }) => book?.dispute != null)) return ['ledger.suspended'];
    const book = this.open(proposal);
    const { list } = this.selfIn(proposal);
    if (list === null) return [];
    const taken = takenOf(book, list, proposal.session);
    const known = version ?? taken[0]?.version;
    const own = listChargeOf(proposal.agreement, list, { version: known ?? '', identifiers: 1 });
    const outcome = reserve(book, this.reservation(proposal, own), list, ledgerLimitsOf(proposal.agreement));
    const agreed = 'denied' in outcome ? outcome.denied : [];
    const reasons = new Set([...agreed, ...this.ownReasons(proposal, own)]);
    // A version that is not known yet may be one that was seen before.
    if (version === undefined) reasons.delete('cap.versions');
    return [...reasons];
  }

  /** A session with an answer to the same question on the same own list: the answer, unless another list has changed. */
  answered({ agreement, ...proposal }: Proposal, version: string): string | null {
    const { list } = this.selfIn({ agreement, ...proposal });
    const terms = ledgerTermsOf(agreement);
    const same = this.open({ agreement, ...proposal }).charged.find(
      ({ row, kept }) => kept && row.terms === terms && row.lists[list ?? -1]?.version === version,
    );
    return same?.row.session ?? null;
  }

  /** Holds what our consent may cost. @throws TallyError `privacy.budget`, `privacy.ledger`, `store.write`. */
  reserve(proposal: Proposal, own: OwnList | null): void {
    const book = this.open(proposal);
    const { list } = this.selfIn(proposal);
    const cost = own && list !== null ? listChargeOf(proposal.agreement, list, own) : null;
    const limits = ledgerLimitsOf(proposal.agreement);
    const outcome = reserve(book, this.reservation(proposal, cost), list, limits);
    const agreed = 'denied' in outcome ? outcome.denied : [];
    const reasons = new Set([...agreed, ...(cost === null ? [] : this.ownReasons(proposal, cost))]);
    if (reasons.size > 0) throw over(this.options.self.id, [...reasons]);
    if ('book' in outcome) this.options.books.write(outcome.book);
  }

  /** What our consent states. `isKept`: whether the answer of a session is still here. */
  statement(proposal: Proposal, isKept: (session: string) => boolean): StatementRow[] {
    return statementOf(this.open(proposal)).map((row) => ({ ...row, kept: row.kept && isKept(row.session) }));
  }

  compare(proposal: Proposal, consent: Consent): void {
    const book = this.open(proposal);
    const peer = this.peerIn(proposal, consent.from);
    const nowMs = this.options.clock.nowMs();
    const outcome = compareStatement(book, this.selfIn(proposal), peer, consent.ledger, nowMs);
    if (outcome.book !== book) this.options.books.write(outcome.book);
    if (outcome.type === 'fits') return;
    // Either was edited or taken back: which, nobody here can tell.
    const among = [this.options.self.id, consent.from].toSorted();
    throw new TallyError(
      'privacy.ledger',
      `ledger: ${consent.from} shows sessions that are not as we know them`,
      { among },
    );
  }

  charge(proposal: Proposal, consents: ReadonlyMap<string, Consent>): string | undefined {
    const book = this.open(proposal);
    const { agreement } = proposal;
    const ids = [...agreement.parties, ...agreement.collectors];
    const row = ledgerRowOf(proposal, consents);
    const outcome = settle(book, {
      row,
      self: this.selfIn(proposal),
      stations: ids.map(({ id }) => ({
        ...this.peerIn(proposal, id),
        statement: consents.get(id)?.ledger ?? [],
      })),
      confirmedBefore: this.confirmed.get(proposal.session) ?? new Set(),
      limits: ledgerLimitsOf(agreement),
      nowMs: this.options.clock.nowMs(),
    });
    switch (outcome.type) {
      case 'charged':
        for (const [list, { id }] of agreement.parties.entries()) {
          const reasons = this.agreedReasons(proposal, id, row.lists[list] as ListCharge);
          if (reasons.length > 0) throw over(id, reasons);
        }
        this.options.books.write(outcome.book);
        return undefined;
      case 'repeat':
        return outcome.of;
      case 'behind':
        throw new TallyError('privacy.ledger', `ledger: ${outcome.station} lacks a session that it signed`, {
          among: [outcome.station],
        });
      case 'denial':
        throw over(agreement.parties[outcome.list]?.id ?? '', outcome.reasons);
    }
  }

  /** Every station signed the same freeze. */
  confirm(proposal: Proposal): void {
    this.change(proposal, (book) => mark(book, proposal.session, { confirmed: true }));
  }

  /** The session is over here; `kept`: with an answer that is on disk. */
  end(proposal: Proposal, kept: boolean): void {
    try {
      this.change(proposal, (book) => {
        const lapsed = lapse(book, proposal.session);
        return kept ? mark(lapsed, proposal.session, { kept: true }) : lapsed;
      });
    } catch (thrown) {
      this.unwritten.add(proposal.session);
      throw thrown;
    } finally {
      this.confirmed.delete(proposal.session);
    }
  }

  /** A proposal of ours that came to nothing. */
  forget(session: string): void {
    this.confirmed.delete(session);
  }

  /** After a start: no session is live, so what was reserved has lapsed. */
  recover(): void {
    for (const { book } of this.options.books.list()) {
      const reserved = book?.open.filter(({ state }) => state === 'reserved') ?? [];
      if (book === undefined || reserved.length === 0) continue;
      this.options.books.write(reserved.reduce((next, { session }) => lapse(next, session), book));
    }
  }

  private change(proposal: Proposal, step: (book: LedgerBook) => LedgerBook): void {
    const book = this.open(proposal);
    const next = step(book);
    if (JSON.stringify(next) !== JSON.stringify(book)) this.options.books.write(next);
  }

  /** The session's book; from the first call on it is known what had been confirmed before the session. */
  private open(proposal: Proposal): LedgerBook {
    const book = this.lapsed(this.options.books.read(ledgerScopeOf(proposal)));
    if (!this.confirmed.has(proposal.session)) {
      const sessions = book.charged.filter(({ confirmed }) => confirmed).map(({ row }) => row.session);
      this.confirmed.set(proposal.session, new Set(sessions));
    }
    return book;
  }

  private selfIn({ agreement }: Proposal): Self {
    const { id, fingerprint } = this.options.self;
    const list = agreement.parties.findIndex((party) => party.id === id);
    return list >= 0 ? { list, collects: null } : { list: null, collects: fingerprint };
  }

  private peerIn({ agreement }: Proposal, id: string): { id: string; collects: string | null } {
    return { id, collects: agreement.collectors.find((one) => one.id === id)?.fingerprint ?? null };
  }

  private reservation({ agreement, session, proposedAtMs }: Proposal, own: ListCharge | null) {
    const collectors = agreement.collectors.map(({ fingerprint }) => fingerprint);
    return { session, collectors, terms: ledgerTermsOf(agreement), own, atMs: proposedAtMs };
  }

  private ownReasons(proposal: Proposal, own: ListCharge): CapReason[] {
    return [...this.agreedReasons(proposal, this.options.self.id, own), ...this.localReasons(proposal, own)];
  }

  /**
   * What is agreed holds for a list and each partner, over all sets of parties in which it met that partner under the
   * same agreement, or under none: a third at the table begins no new budget. Of others' lists with each other we see
   * the sessions that we were in.
   */
  private agreedReasons(proposal: Proposal, owner: string, cost: ListCharge): CapReason[] {
    const { standing, startDay } = ledgerScopeOf(proposal);
    const books = this.allBooks().filter(({ scope }) => scope.standing === standing);
    const limits = ledgerLimitsOf(proposal.agreement);
    return overWithPartners(proposal, this.options.self.id, { owner, cost, startDay, books, limits });
  }

  /** Own rules: what the own lists have cost with any one of these partners, under whatever agreement. */
  private localReasons(proposal: Proposal, cost: ListCharge): CapReason[] {
    const { self, localCaps: limits = defaultLocalCaps } = this.options;
    const { startDay } = ledgerPeriod(proposal.proposedAtMs, limits.periodDays);
    const spending = { owner: self.id, cost, startDay, books: this.allBooks(), limits };
    return overWithPartners(proposal, self.id, spending);
  }

  private allBooks(): readonly LedgerBook[] {
    return this.options.books.list().flatMap(({ book }) => (book === undefined ? [] : [this.lapsed(book)]));
  }

  private lapsed(book: LedgerBook): LedgerBook {
    const over = book.open.filter(
      ({ session, state }) => state === 'reserved' && this.unwritten.has(session),
    );
    return over.reduce((next, { session }) => lapse(next, session), book);
  }
}

function over(owner: string, reasons: readonly string[]): TallyError {
  return new TallyError('privacy.budget', `ledger: the list of ${owner} would pass ${reasons.join(', ')}`);
}
