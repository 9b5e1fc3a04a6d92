/**
 * The guard of sessions under a standing agreement: what this node knows, put before decide().
 *
 * Purpose: one decision in each of the three phases, on the asking and on the asked side alike: the terms are what the
 * request and the agreement say, and the agreement, the own rules and everything known permit it. A fact whose port
 * is absent is a field that is missing, and denies.
 * Assumes: ports verified what they give. Does not know: channels, who is told of a denial.
 */
import type { AgreementShelf } from '@tallystick/host/agreements';
import type { SingleUse } from '@tallystick/host/approvals';
import { type LedgerBooks, standingCosts } from '@tallystick/host/ledger';
import type { Greeting } from '@tallystick/host/pump';
import type { StandingAgreement } from '@tallystick/protocol/agreement';
import { ledgerScopeOf } from '@tallystick/protocol/chain';
import {
  type Approval,
  checkTerms,
  decide,
  type FailedClause,
  type LocalRule,
  type PolicyRequest,
  type PolicyState,
  requestId,
} from '@tallystick/protocol/policy';
import type { MessageOf } from '@tallystick/protocol/wire';
import { partnersLogs } from './partners-logs.ts';

type Proposal = MessageOf<'proposal'>;
type Phase = PolicyState['phase'];

/** Where facts come from; each by the id of the agreement where it depends on one. */
export interface GuardPorts {
  readonly agreements: Pick<AgreementShelf, 'get' | 'list' | 'versions'>;
  readonly rules: readonly LocalRule[];
  readonly singleUse: SingleUse;
  readonly books: LedgerBooks;
  /** Whether the own clock may be believed. */
  readonly isClockTrusted: () => boolean;
  /** Version of the own software. */
  readonly version: string;
  readonly membership?: ((agreement: string) => PolicyState['membership'] | undefined) | undefined;
  /** Who vetoed a request, by its id. */
  readonly vetoes?: ((request: string) => PolicyState['vetoes']) | undefined;
  /** What oversight said yes with, beside what the request brings. */
  readonly authorisations?: ((request: string) => readonly Approval[]) | undefined;
  /** Tells oversight of a request, before anything is decided on it. */
  readonly tell?: ((request: PolicyRequest) => void) | undefined;
  readonly emergencies?: ((agreement: string) => PolicyState['emergencies']) | undefined;
  /** As these partners have witnessed it, and the members of the agreement have confirmed it. */
  readonly log?:
    | ((partners: readonly string[], agreement: string) => Omit<PolicyState['log'], 'partners'>)
    | undefined;
  /** Asks partners and members whose cosignature is old or missing to witness the log; never rejects. */
  readonly witness?: ((partners: readonly string[], agreement: string) => Promise<void>) | undefined;
}

/** What a session knows at the moment of a decision. */
export interface SessionKnowledge {
  readonly proposal: Proposal;
  readonly nowMs: number;
  /** What the stations with a channel here said of themselves. */
  readonly greetings: ReadonlyMap<string, Greeting>;
  /** Beside those of the request. */
  readonly approvals: readonly Approval[];
  readonly announced: PolicyState['announced'];
  /** Commitment to the version of the own list; null: none is chosen yet. */
  readonly listVersion: string | null;
  /** Before the start: everybody's. */
  readonly consents?: ReadonlyMap<string, MessageOf<'consent'>>;
}

export class StandingGuard {
  private readonly self: string;
  private readonly ports: GuardPorts;

  constructor(self: string, ports: GuardPorts) {
    this.self = self;
    this.ports = ports;
  }

  /** The agreement that a request names, if this node holds it. */
  agreementOf({ agreement }: PolicyRequest): StandingAgreement | undefined {
    return this.ports.agreements.get(agreement)?.signed.agreement;
  }

  /** Keys that members rotated to since. */
  keysOf({ agreement }: PolicyRequest): PolicyState['membership']['keys'] {
    return this.ports.membership?.(agreement)?.keys ?? [];
  }

  /** A proposal under an agreement that this node does not hold, or under none where it holds some. */
  unheld({ request }: Proposal): FailedClause[] {
    const { agreements } = this.ports;
    if (request === null) {
      const none = { clause: 'agreement', code: 'agreement.required', at: 'proposal.request' } as const;
      return agreements.list().length > 0 ? [none] : [];
    }
    if (agreements.get(request.agreement) !== undefined) return [];
    return [{ clause: 'agreement', code: 'agreement.unknown', at: 'request.agreement' }];
  }

  /** Everything that stands against a proposal in this phase; none: permitted. */
  failures(phase: Phase, knowledge: SessionKnowledge): FailedClause[] {
    const { proposal, nowMs, approvals } = knowledge;
    const { request } = proposal;
    const held = request && this.ports.agreements.get(request.agreement);
    if (request === null || held == null) return this.unheld(proposal);
    const { agreement } = held.signed;
    const asked = this.withAll(request, approvals, nowMs);
    const state = this.stateOf(phase, knowledge, agreement, asked);
    const decision = decide(held.signed, this.ports.rules, asked, state, nowMs);
    const differs = checkTerms({ agreement, request, keys: this.keysOf(request) }, proposal);
    return [...differs, ...(decision.kind === 'permit' ? [] : decision.failed)];
  }

  /**
   * Takes the request and these approvals for this session alone; durable when it returns.
   * @throws TallyError `agreement.denied` where another session was first, `store.write`.
   */
  claim({ request, session }: Proposal, approvals: readonly Approval[], nowMs: number): void {
    if (request !== null) this.ports.singleUse.claim(session, this.withAll(request, approvals, nowMs));
  }

  /** A request is here, ours or another's. @throws TallyError `store.write`, `log.*`: then nothing goes on. */
  tell({ request }: Pick<Proposal, 'request'>): void {
    if (request !== null && this.agreementOf(request) !== undefined) this.ports.tell?.(request);
  }

  /** Before a proposal of our own: the log as its parties know it. Who does not answer has not witnessed it. */
  async witnessed(request: PolicyRequest): Promise<void> {
    await this.ports.witness?.(partnersOf(request, this.self), request.agreement);
  }

  /** Before our people are asked about another's proposal: members that have not confirmed the log yet are asked to. */
  async confirmed({ agreement }: PolicyRequest): Promise<void> {
    await this.ports.witness?.([], agreement);
  }

  /** What oversight said counts here whoever brought it; what is over by now is left out. */
  private withAll(request: PolicyRequest, approvals: readonly Approval[], nowMs: number): PolicyRequest {
    const said = this.ports.authorisations?.(requestId(request)) ?? [];
    return withApprovals(request, [...approvals, ...said.filter(({ expiresAtMs }) => nowMs < expiresAtMs)]);
  }

  private stateOf(
    phase: Phase,
    { proposal, greetings, announced, listVersion, consents }: SessionKnowledge,
    agreement: StandingAgreement,
    request: PolicyRequest,
  ): Partial<PolicyState> {
    const { ports, self } = this;
    const id = request.agreement;
    const { name, privacy } = agreement;
    const { series } = ledgerScopeOf(proposal);
    const said = [...greetings];
    const others = partnersOf(request, self);
    const log = ports.log?.(others, id);
    const state: { [K in keyof PolicyState]: PolicyState[K] | undefined } = {
      self,
      phase,
      versions: ports.agreements.versions(name),
      membership: ports.membership?.(id),
      clock: {
        trusted: ports.isClockTrusted(),
        offsets: said.map(([peer, { offsetMs }]) => ({ peer, offsetMs })),
      },
      announced,
      ...ports.singleUse.taken(proposal.session, request),
      vetoes: ports.vetoes?.(requestId(request)),
      emergencies: ports.emergencies?.(id),
      ledger: standingCosts(ports.books, {
        agreement: id,
        periodDays: privacy.budget.periodDays,
        self,
        partners: others,
        session: proposal.session,
        nowMs: proposal.proposedAtMs,
        own: listVersion === null ? null : { series, version: listVersion },
      }),
      log: log && { ...log, partners: partnersLogs(others, agreement, this.keysOf(request), consents) },
      software: [
        { station: self, version: ports.version },
        ...said.map(([station, { version }]) => ({ station, version })),
      ],
    };
    return Object.fromEntries(
      Object.entries(state).filter(([, value]) => value !== undefined),
    ) as Partial<PolicyState>;
  }
}

/** A request with more approvals; the very same one, shown by two stations, counts once. */
function withApprovals(request: PolicyRequest, more: readonly Approval[]): PolicyRequest {
  const all = [...request.approvals, ...more];
  const seen = new Set<string>();
  const approvals = all.filter((approval) => {
    const text = JSON.stringify(Object.entries(approval).sort(([a], [b]) => (a < b ? -1 : 1)));
    return !seen.has(text) && seen.add(text);
  });
  return { ...request, approvals };
}

/** The others that bring a list. */
function partnersOf({ lists }: PolicyRequest, self: string): string[] {
  return [...new Set(lists.map(({ party }) => party))].filter((party) => party !== self);
}
