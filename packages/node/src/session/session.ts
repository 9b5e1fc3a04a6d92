/**
 * One session of this node: the machine, its pump, the vault's part, and what is told and kept of it.
 *
 * Purpose: from a proposal (ours or another's) over guard and consent to an answer or a coded end; the vault's
 * session always ends, a result is kept only when the session is done.
 * Assumes: channels are greeted and pinned. Does not know: how channels are dialled, where things are stored.
 */
import type { Channel } from '@tallystick/host/channel';
import { pub, pubError } from '@tallystick/host/log';
import { nativeSha256, type PumpOutput, SessionPump } from '@tallystick/host/pump';
import { PartyMachine } from '@tallystick/protocol/chain';
import { asTallyError, TallyError } from '@tallystick/protocol/errors';
import type { MessageOf } from '@tallystick/protocol/wire';
import type { SessionDetail, SessionEvent } from '../control/api.ts';
import { decide } from '../guard/index.ts';
import type { MatchOutcome, Progress } from '../vault/types.ts';
import { SessionChannels } from './channels.ts';
import { SessionAudit } from './audit.ts';
import { describeSession, newFacts, type SessionFacts } from './detail.ts';
import { decisionRecord } from './explain.ts';
import { runJob } from './jobs.ts';
import { failAtKeeping, keepSession } from './keeping.ts';
import { SessionLedger } from './ledger.ts';
import { type ListFacts, openOwnList } from './own-list.ts';
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
  private readonly channels: SessionChannels;
  private proposalHash = new Uint8Array(32);
  private permitted = false;
  private isOpeningList = false;
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
      accept: (peer, channel) => this.accept(peer, channel),
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
  attach(peer: string, channel: Channel): void {
    this.pump.attach(peer, channel);
  }

  /** A station that dialled us. */
  accept(peer: string, channel: Channel): void {
    this.attach(peer, channel);
    this.pump.listen(peer);
    if (this.permitted) this.checkChannels();
  }

  /**
   * Our consent, with a list: sent once every channel is up. Resolves when the list is open.
   * @throws TallyError `session.state`, `list.*`: the session stays offered, another list may be tried.
   */
  async consent(listName: string): Promise<void> {
    if (this.facts.state !== 'offered' || !this.permitted || this.isOpeningList || this.ready !== undefined) {
      throw new TallyError('session.state', `consent: not possible in ${this.facts.state}`);
    }
    const list = this.host.list(listName);
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
    const { identity, rules, clock, log } = this.host;
    if (proposal.session !== this.id) {
      return this.cancel(new TallyError('wire.message', 'proposal: names another session than its channel'));
    }
    this.facts.proposal = proposal;
    this.facts.proposer = proposal.proposer;
    this.facts.state = 'offered';
    this.proposalHash = new Uint8Array(proposalHash);
    if (proposal.proposer !== identity.id) this.audit.proposed(proposal);
    const peers = this.host.peers();
    const ledger = this.ledger.findings(proposal);
    const nowMs = clock.nowMs();
    const decision = decide(proposal, { self: identity, peers, rules, nowMs, ledger });
    const phase = proposal.proposer === identity.id ? 'propose' : 'consent';
    this.facts.decisions = [decisionRecord(phase, proposal, rules, decision, nowMs)];
    if (decision.kind === 'denial') {
      for (const { path, reason } of decision.failed) {
        log.warn('session.denied', { session: pub(this.id), path: pub(path), reason: pub(reason) });
      }
      this.audit.denied(
        proposal,
        'consent',
        decision.failed.map(({ path, reason }) => ({ clause: path, code: reason })),
      );
      return this.sayNo([...new Set(decision.failed.map((clause) => clause.reason))].slice(0, 32));
    }
    this.permitted = true;
    void this.keep();
    this.channels.await('channels: not all open');
    this.checkChannels();
    void this.channels.dialOthers();
    if (this.host.consent === 'auto' && proposal.proposer !== identity.id) void this.consentAutomatically();
  }

  /** Whoever takes no part has no channel here; when everybody has one, consent may go out. */
  private checkChannels(): void {
    const { stranger } = this.channels;
    if (stranger !== undefined) {
      return this.cancel(new TallyError('wire.order', `${stranger}: takes no part in this session`));
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
    this.audit.consented(proposal, this.host.identity.id, ready.identifiers);
    const ledger = this.ledger.statement(proposal);
    const facts = { ...ready, ledger, channels: this.pump.bindings() };
    this.pump.act((machine, nowMs) => machine.consent(facts, nowMs));
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
      onBlinded: (progress: Progress) => this.tellBlinded(progress),
      onMatches: (outcome: MatchOutcome) => {
        this.matches = outcome;
      },
    };
  }

  private tellBlinded(progress: Progress): void {
    const parties = this.facts.proposal?.agreement.parties ?? [];
    const list = parties.findIndex((party) => party.id === this.host.identity.id);
    this.watchers.tellBlinded(list, progress);
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
    const { failure } = facts;
    host.log.info('session.over', {
      session: pub(this.id),
      state: pub(facts.state),
      code: pub(failure?.error.code ?? null),
    });
    this.watchers.tell({ type: 'state', state: facts.state });
    this.watchers.tell(
      failure
        ? { type: 'aborted', code: failure.error.code, message: failure.error.message, by: failure.by }
        : { type: 'finished' },
    );
    this.watchers.clear();
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
    const result = matches && listId ? { sealed: matches.sealedResult, listId } : undefined;
    const wasDone = facts.state === 'done';
    await keepSession({ host, facts, pump, detail: () => this.detail() }, result);
    if (wasDone && facts.state !== 'done') this.audit.lost(facts);
  }
}
