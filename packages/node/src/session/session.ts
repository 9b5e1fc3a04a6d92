/**
 * One session of this node: the machine, its pump, the vault's part, and what is told and kept of it.
 *
 * Purpose: from a proposal (ours or another's) over guard and consent to an answer or a coded end; the vault's
 * session always ends, a result is kept only when the session is done.
 * Assumes: channels are greeted and pinned. Does not know: how channels are dialled, where things are stored.
 */
import { pub, pubError } from '@tallystick/host/log';
import { nativeSha256, type PumpOutput, SessionPump } from '@tallystick/host/pump';
import { notedHead, PartyMachine } from '@tallystick/protocol/chain';
import { asTallyError, TallyError } from '@tallystick/protocol/errors';
import type { Approval, PolicyRequest } from '@tallystick/protocol/policy';
import type { MessageOf } from '@tallystick/protocol/wire';
import type { SessionDetail, SessionEvent } from '../control/api.ts';
import type { MatchOutcome, Progress } from '../vault/types.ts';
import { type Called, SessionChannels } from './channels.ts';
import { SessionAudit } from './audit.ts';
import { describeSession, newFacts, type SessionFacts } from './detail.ts';
import { runJob } from './jobs.ts';
import { failAtKeeping, keepSession } from './keeping.ts';
import { SessionLedger } from './ledger.ts';
import { type ListFacts, openOwnList } from './own-list.ts';
import { SessionPermission } from './permission.ts';
import type { OwnProposal } from './proposal.ts';
import type { SessionHost, StoredList } from './types.ts';
import { Watchers } from './watchers.ts';

export class NodeSession {
  readonly id: string;
  /** Resolves when the session is over, kept, and has left nothing behind. Never rejects. */
  readonly ended: Promise<void>;
  private readonly host: SessionHost;
  private readonly pump: SessionPump<PartyMachine>;
  private readonly facts: SessionFacts;
  private readonly watchers = new Watchers();
  private readonly ledger: SessionLedger;
  private readonly audit: SessionAudit;
  private readonly permission: SessionPermission;
  private readonly channels: SessionChannels;
  private proposalHash = new Uint8Array(32);
  private permitted = false;
  /** The members of the agreement were asked whether our log is the one that they know. */
  private isConfirmed = false;
  private isOpeningList = false;
  /** One proposal of a peer too many: it is counted, and nothing of it is written or kept. */
  private isUnheard = false;
  private ready: ListFacts | undefined;
  private listId: string | undefined;
  private matches: MatchOutcome | undefined;
  private settled: SessionDetail | undefined;
  private resolveEnded: () => void = () => undefined;

  /** @param proposer who is to propose, as far as is known */
  constructor(host: SessionHost, id: string, proposer: string) {
    this.host = host;
    this.id = id;
    this.ledger = new SessionLedger(host);
    this.audit = new SessionAudit(host, id);
    const nowMs = host.clock.nowMs();
    this.facts = newFacts(id, proposer, nowMs, host.retentionDays);
    this.permission = new SessionPermission({
      host,
      ledger: this.ledger,
      audit: this.audit,
      facts: this.facts,
    });
    this.ended = new Promise((resolve) => {
      this.resolveEnded = resolve;
    });
    const { identity, random, limits, ledger } = host;
    const sign = (message: Uint8Array): Uint8Array => identity.sign(message);
    this.pump = new SessionPump({
      machine: new PartyMachine({
        id: identity.id,
        sign,
        random,
        limits,
        nowMs,
        ledger: this.audit.around(ledger),
        deniesStart: (proposal, consents) => this.deniesStart(proposal, consents),
        sha256: nativeSha256,
      }),
      clock: host.clock,
      runJob: (job) => runJob(this.jobs(), job),
      onOutput: (output) => this.take(output),
      onRest: () => this.tellState(),
    });
    this.channels = new SessionChannels({
      host,
      facts: this.facts,
      pump: this.pump,
      accept: (peer, called) => this.accept(peer, called),
      cancel: (error) => this.cancel(error),
    });
    this.channels.await('proposal: none');
  }

  /** Opens our own proposal; every channel is attached. */
  propose({ proposal, caseReference }: OwnProposal): void {
    this.facts.caseReference = caseReference;
    this.audit.proposed(proposal);
    this.pump.act((machine, nowMs) => machine.propose(proposal, nowMs));
    for (const peer of this.pump.peers) this.pump.listen(peer);
  }

  /** Takes a greeted channel over. Throws `wire.order`, `session.unknown`. */
  attach(peer: string, called: Called): void {
    this.pump.attach(peer, called.channel);
    this.permission.heard(peer, called);
  }

  /** A station that dialled us. */
  accept(peer: string, called: Called): void {
    this.attach(peer, called);
    this.pump.listen(peer);
    if (this.facts.proposal !== undefined && !this.over) this.checkChannels();
  }

  /**
   * Our consent, with a list and what our people approved: sent once every channel is up. Resolves when the list is open.
   * @throws TallyError `session.state`, `list.*`, `agreement.denied`: the session stays offered, another list or more
   * approvals may be tried.
   */
  async consent(listName: string, approvals: readonly Approval[] = []): Promise<void> {
    if (this.facts.state !== 'offered' || !this.permitted || this.isOpeningList || this.ready !== undefined) {
      throw new TallyError('session.state', `consent: not possible in ${this.facts.state}`);
    }
    const list = this.host.list(listName);
    this.permission.approvals.splice(0, this.permission.approvals.length, ...approvals);
    this.isOpeningList = true;
    try {
      await this.openList(list);
    } finally {
      this.isOpeningList = false;
    }
    this.consentIfReady();
  }

  /** As `consent`; what fails ends the session for everybody. */
  async consentOrCancel(listName: string): Promise<void> {
    await this.consent(listName).catch((thrown: unknown) => this.cancel(asTallyError(thrown)));
  }

  /** Throws `session.state`. */
  refuse(reasons: readonly string[]): void {
    if (this.ready !== undefined || this.isOpeningList) {
      throw new TallyError('session.state', 'refuse: consent was given; cancel instead');
    }
    this.sayNo(reasons);
  }

  private sayNo(reasons: readonly string[]): void {
    const { proposal } = this.facts;
    if (proposal !== undefined) this.audit.refused(proposal, this.host.identity.id, reasons);
    this.pump.act((machine, nowMs) => machine.refuse(reasons, nowMs));
  }

  /** Ends the session here and for everybody. A session that is over stays as it is. */
  cancel(error: TallyError): void {
    if (!this.over) this.pump.act((machine, nowMs) => machine.cancel(error, nowMs));
  }

  /** What it is bound to, once it was proposed. */
  get terms(): MessageOf<'proposal'>['agreement'] | undefined {
    return this.facts.proposal?.agreement;
  }

  get over(): boolean {
    return this.pump.machine.over;
  }

  detail(): SessionDetail {
    return this.settled ?? this.describe();
  }

  private describe(): SessionDetail {
    const { facts, pump, host } = this;
    return describeSession(facts, pump.counters(), pump.machine.record.messages, host.clock.nowMs());
  }

  /** Tells of events until the session is over; the last is `finished` or `aborted`. Returns the way out. */
  watch(watcher: (event: SessionEvent) => void): () => void {
    watcher({ type: 'state', state: this.facts.state });
    return this.watchers.add(watcher);
  }

  // --- outputs of the machine --------------------------------------------------------------------------------

  private take(output: PumpOutput): void {
    switch (output.type) {
      case 'offer':
        return this.offered(output.proposal, output.proposalHash);
      case 'frozen':
        this.facts.sizes = output.sizes;
        this.facts.groups = output.labels;
        return this.ledger.confirm(this.facts.proposal);
      case 'progress':
        return this.watchers.tellStream(output.progress);
      case 'finished':
        this.facts.outcome = output.outcome;
        this.facts.transcript = output.transcript;
        if (output.outcome.kind === 'stored') this.facts.stored = this.host.kept(output.outcome.session);
        return void this.settle('done');
      case 'aborted':
        this.facts.failure = { error: output.error, by: output.by };
        return void this.settle('aborted');
    }
  }

  private offered(proposal: MessageOf<'proposal'>, proposalHash: Uint8Array): void {
    const { identity } = this.host;
    if (proposal.session !== this.id) {
      const among = [proposal.proposer];
      return this.cancel(
        new TallyError('wire.message', 'proposal: names another session than its channel', { among }),
      );
    }
    if (!this.permission.isHeard(proposal)) {
      this.isUnheard = true;
      return this.cancel(new TallyError('session.busy', 'proposal: too many within the hour'));
    }
    this.facts.proposal = proposal;
    this.facts.proposer = proposal.proposer;
    this.facts.state = 'offered';
    this.proposalHash = new Uint8Array(proposalHash);
    if (proposal.proposer !== identity.id) this.audit.proposed(proposal);
    const reasons = this.permission.arrival(proposal);
    if (reasons.length > 0) return this.sayNo(reasons);
    this.channels.await('channels: not all open');
    // Under a standing agreement our people are asked once every station has said what it is.
    if (proposal.request === null) this.permit();
    else if (proposal.proposer === identity.id) this.isConfirmed = true;
    else void this.awaitConfirmation(proposal.request);
    this.checkChannels();
    void this.channels.dialOthers();
  }

  private async awaitConfirmation(request: PolicyRequest): Promise<void> {
    await this.host.guard.confirmed(request);
    this.isConfirmed = true;
    if (!this.over) this.checkChannels();
  }

  /** Our people, or the only list, may be asked. */
  private permit(): void {
    this.permitted = true;
    void this.keep();
    const { consent, identity } = this.host;
    if (consent === 'auto' && this.facts.proposer !== identity.id) void this.consentAutomatically();
  }

  /** Whoever takes no part has no channel here; when everybody has one, consent may go out. */
  private checkChannels(): void {
    const { stranger } = this.channels;
    if (stranger !== undefined) {
      return this.cancel(new TallyError('wire.order', `${stranger}: takes no part in this session`));
    }
    const { proposal } = this.facts;
    if (!this.permitted && this.isConfirmed && proposal !== undefined && this.channels.isConnected) {
      const reasons = this.permission.offer(proposal);
      if (reasons.length > 0) return this.sayNo(reasons);
      this.permit();
    }
    this.consentIfReady();
  }

  // --- consent -----------------------------------------------------------------------------------------------

  private async consentAutomatically(): Promise<void> {
    const lists = this.host.lists();
    const [list] = lists;
    if (list === undefined || lists.length > 1) {
      // `auto` is for runs in which every party has the one list it was started with.
      return this.sayNo(['list.unknown']);
    }
    await this.consentOrCancel(list.name);
  }

  private async openList(list: StoredList): Promise<void> {
    const { proposal } = this.facts;
    if (proposal === undefined) throw new TallyError('session.state', 'consent: no proposal yet');
    const opened = await openOwnList(this.host, this.ledger, {
      proposal,
      proposalHash: this.proposalHash,
      list,
      isOver: () => this.over,
      permit: (own) => {
        if (this.permission.consent(proposal, own).length > 0) throw this.permission.error('consent');
      },
    });
    this.facts.own = opened.own;
    this.listId = list.listId;
    this.ready = opened.facts;
  }

  private consentIfReady(): void {
    if (!this.channels.isConnected) return;
    this.channels.settle();
    const { ready } = this;
    const { proposal } = this.facts;
    if (ready === undefined || proposal === undefined || this.pump.machine.state !== 'offered') return;
    const { identifiers, listVersion } = ready;
    // What was permitted when the list was opened may not be any more.
    const reasons = this.permission.consent(proposal, { identifiers, listVersion });
    if (reasons.length > 0) return this.sayNo(reasons);
    const log = this.host.shownLogs.own(this.pump.peers);
    this.audit.consented(proposal, this.host.identity.id, ready.identifiers, notedHead({ log }));
    this.host.arrivals.consented(proposal.proposer);
    const ledger = this.ledger.statement(proposal);
    const { approvals } = this.permission;
    const facts = { ...ready, ledger, channels: this.pump.bindings(), approvals, log };
    this.pump.act((machine, nowMs) => machine.consent(facts, nowMs));
  }

  /** All have consented: coded reasons of ours not to start. The freeze has not left. */
  private deniesStart(...heard: Parameters<SessionPermission['start']>): readonly string[] {
    const [proposal] = heard;
    const reasons = this.permission.start(...heard);
    if (reasons.length > 0) this.audit.refused(proposal, this.host.identity.id, reasons);
    return reasons;
  }

  // --- jobs and events ---------------------------------------------------------------------------------------

  private jobs() {
    const { vault, identity } = this.host;
    return {
      vault,
      session: this.id,
      self: identity.id,
      agreement: () => {
        if (this.facts.proposal === undefined) throw new TallyError('internal.bug', 'job: before a proposal');
        return this.facts.proposal.agreement;
      },
      sizes: () => this.facts.sizes ?? [],
      onBlinded: (progress: Progress) => {
        this.watchers.tellBlinded(this.facts.proposal, identity.id, progress);
      },
      onMatches: (outcome: MatchOutcome) => {
        this.matches = outcome;
      },
    };
  }

  /** A state at which the session ends is told once everything is kept. */
  private tellState(): void {
    const { state } = this.pump.machine;
    if (this.over || state === this.facts.state) return;
    this.facts.state = state;
    this.host.log.debug('session.state', { session: pub(this.id), state: pub(state) });
    this.watchers.tell({ type: 'state', state });
  }

  // --- the end -----------------------------------------------------------------------------------------------

  private async settle(state: 'done' | 'aborted'): Promise<void> {
    const { host, facts } = this;
    this.channels.settle();
    facts.endedAtMs = host.clock.nowMs();
    // Scalars and streams are erased before anything else happens; jobs under way then fail and are dropped.
    await host.vault.endSession(this.id).catch((thrown: unknown) => {
      host.log.warn('session.erase', { session: pub(this.id), error: pubError(thrown) });
    });
    await this.pump.quiet;
    facts.state = state;
    this.tellAudit();
    await this.keep();
    this.ledger.end(facts.proposal, facts.state === 'done');
    this.matches = undefined;
    this.settled = this.detail();
    const code = pub(facts.failure?.error.code ?? null);
    host.log.info('session.over', { session: pub(this.id), state: pub(facts.state), code });
    this.watchers.tellEnd(facts);
    await this.pump.ended;
    this.resolveEnded();
  }

  /** A result that cannot be written to the log is none. */
  private tellAudit(): void {
    const { host, facts } = this;
    try {
      this.audit.ended(facts, this.pump.machine.record.messages);
    } catch (thrown) {
      failAtKeeping(host, facts, thrown);
    }
  }

  private async keep(): Promise<void> {
    const { host, facts, pump, matches, listId } = this;
    if (this.isUnheard) return;
    // A call that proposed nothing counts as a proposal that nobody consented to: so many an hour are kept.
    if (facts.proposal === undefined && !host.arrivals.take(facts.proposer, host.clock.nowMs())) return;
    const result = matches && listId ? { sealed: matches.sealedResult, listId } : undefined;
    const wasDone = facts.state === 'done';
    await keepSession({ host, facts, pump, detail: () => this.detail() }, result);
    if (wasDone && facts.state !== 'done') this.audit.lost(facts);
  }
}
