/**
 * The sessions of a node: which are live, who rings for which, how one begins.
 *
 * Purpose: a bounded number of live sessions; channels find their session by the tag they were dialled with.
 * Assumes: pins are the only authority on who a peer is; the coordinator's word for the caller chooses the pin.
 * Does not know: what happens inside a session.
 */
import type { Channel, Ring } from '@tallystick/host/channel';
import { pub, pubError } from '@tallystick/host/log';
import type { Station } from '@tallystick/protocol/agreement';
import { asTallyError, TallyError } from '@tallystick/protocol/errors';
import { type PolicyRequest, requestId } from '@tallystick/protocol/policy';
import type { ProposeParams } from '../control/api.ts';
import type { DecisionRecord } from '../control/explain.ts';
import { ledgerDenial } from '../guard/index.ts';
import { createProposal, type OwnProposal, resolveTerms, stationOf } from './proposal.ts';
import { SessionAudit } from './audit.ts';
import { call, type Called } from './channels.ts';
import { keepDenied } from './denied.ts';
import { decideArrival, decideStanding, deniedError } from './permission.ts';
import { NodeSession } from './session.ts';
import { createStandingProposal } from './standing-proposal.ts';
import { versionOf } from './ledger.ts';
import type { SessionHost, StoredList } from './types.ts';

export interface RegistryOptions {
  readonly host: SessionHost;
  /** Live sessions and rings being answered, each at most so many. */
  readonly maxSessions: number;
  /** Who collects where a proposal names nobody. */
  readonly defaultCollector: string;
}

/** A session on its way; `repeats`: whose stored answer may be its own. */
interface Proposed {
  readonly session: string;
  readonly repeats: string | null;
}

/** How long after a session's end a call for it may still be under way. */
const lateMs = 60_000;

const sessionPattern = /^[0-9a-f]{32}$/;

export class SessionRegistry {
  private readonly options: RegistryOptions;
  private readonly live = new Map<string, NodeSession>();
  private opening = 0;
  private isClosed = false;

  constructor(options: RegistryOptions) {
    this.options = options;
  }

  get size(): number {
    return this.live.size;
  }

  get(id: string): NodeSession | undefined {
    return this.live.get(id);
  }

  all(): readonly NodeSession[] {
    return [...this.live.values()];
  }

  /** Throws `session.unknown`. */
  need(id: string): NodeSession {
    const session = this.live.get(id);
    if (session === undefined) throw new TallyError('session.unknown', 'session: none of this id is live');
    return session;
  }

  /** Somebody dials: only who is pinned, only for a session, only while there is room. */
  ring(ring: Ring): void {
    const { host, maxSessions } = this.options;
    const pin = host.peers().get(ring.from);
    if (pin === undefined) {
      host.log.warn('ring.unknown', { from: pub(ring.from) });
      // The coordinator's word, and nobody's key: no name.
      host.attempts.note({ from: null, code: 'peer.unknown' });
      return ring.reject('peer.unknown');
    }
    if (!sessionPattern.test(ring.tag)) {
      host.attempts.note({ from: null, code: 'wire.message' });
      return ring.reject('wire.message');
    }
    const isLive = this.live.has(ring.tag);
    const kept = isLive ? undefined : host.kept(ring.tag);
    if (kept !== undefined) {
      // Who calls just after the end has not heard of it; later it is an old session's number again.
      const endedMs = kept.startedAtMs + kept.elapsedMs;
      if (host.clock.nowMs() - endedMs > lateMs) host.attempts.note({ from: null, code: 'session.unknown' });
      return ring.reject('session.unknown');
    }
    const isFull = !isLive && this.live.size >= maxSessions;
    if (this.isClosed || isFull || this.opening >= 4 * maxSessions) return ring.reject('session.busy');
    this.opening += 1;
    void this.answer(ring, () => ring.accept(pin)).finally(() => {
      this.opening -= 1;
    });
  }

  private async answer(ring: Ring, accept: () => Promise<Channel>): Promise<void> {
    const { host, maxSessions } = this.options;
    try {
      const called = await call(host, ring.from, accept);
      if (this.isClosed || (!this.live.has(ring.tag) && this.live.size >= maxSessions)) {
        return void called.channel.close('session.busy');
      }
      const session = this.live.get(ring.tag) ?? this.add(new NodeSession(host, ring.tag, ring.from));
      session.accept(ring.from, called);
    } catch (thrown) {
      host.log.warn('ring.failed', { from: pub(ring.from), error: pubError(thrown) });
    }
  }

  private add(session: NodeSession): NodeSession {
    this.live.set(session.id, session);
    void session.ended.then(() => this.live.delete(session.id));
    return session;
  }

  /**
   * Proposes a session to stations that are pinned and online, and consents to it. Resolves with its id when the
   * proposal is on its way, and with the session whose stored answer may be its own; the own list is opened meanwhile.
   * @throws TallyError `list.unknown`, `peer.unknown`, `peer.absent`, `session.busy`, `argument.invalid`,
   * `agreement.invalid`, `agreement.denied`, `privacy.budget`, `privacy.ledger`, `channel.*`, `wire.version`.
   */
  async propose(params: ProposeParams): Promise<Proposed> {
    const { host, defaultCollector } = this.options;
    const { identity, clock, random } = host;
    const list = host.list(params.list);
    const terms = resolveTerms(params, identity.id, defaultCollector);
    return this.open([...terms.with, ...terms.collectors], list, async (id, called) => {
      const stations = [...called].map(([peer, { channel }]) => stationBehind(peer, channel));
      const own = createProposal(id, terms, identity, stations, clock.nowMs(), random);
      await this.checkOwn(own, list);
      return own;
    });
  }

  /**
   * Proposes what was requested and approved under a standing agreement, as `propose`.
   * @throws TallyError as `propose`; `agreement.denied` names every failed clause.
   */
  async proposeRequest(request: PolicyRequest, listName: string): Promise<Proposed> {
    const { host } = this.options;
    const { identity, clock, random, guard } = host;
    const list = host.list(listName);
    const agreement = guard.agreementOf(request);
    if (agreement === undefined) {
      host.audit.append({
        type: 'deny',
        by: identity.id,
        session: null,
        agreement: request.agreement,
        request: requestId(request),
        phase: 'propose',
        failed: [{ clause: 'agreement', code: 'agreement.unknown' }],
      });
      throw new TallyError('agreement.denied', 'proposal: denied by agreement (agreement.unknown)');
    }
    guard.tell({ request });
    await guard.witnessed(request);
    const stations = [...request.lists.map(({ party }) => party), ...request.collectors];
    const ids = [...new Set(stations)].filter((id) => id !== identity.id);
    return this.open(ids, list, async (id, called) => {
      const facts = { agreement, request, keys: guard.keysOf(request) };
      const reference = host.caseReference(requestId(request)) ?? null;
      const own = createStandingProposal(id, facts, reference, identity, clock.nowMs(), random);
      await this.checkOwn(own, list);
      const record = decideStanding(host, 'propose', {
        proposal: own.proposal,
        nowMs: clock.nowMs(),
        greetings: new Map([...called].map(([peer, { greeting }]) => [peer, greeting])),
        approvals: [],
        announced: [],
        listVersion: versionOf(own.proposal, identity.id, list),
      });
      if (record.kind === 'denial') await this.denyOwn(own, record, deniedError('proposal', record));
      return own;
    });
  }

  /** Dials everybody, then proposes what `make` gives, and consents to it. */
  private async open(
    ids: readonly string[],
    list: StoredList,
    make: (id: string, called: ReadonlyMap<string, Called>) => Promise<OwnProposal>,
  ): Promise<Proposed> {
    const { host } = this.options;
    const { identity, random } = host;
    for (const id of ids) this.pin(id);
    this.needRoom();
    const id = Buffer.from(random(16)).toString('hex');
    const called = await this.dialAll(ids, id);
    try {
      this.needRoom();
      const own = await make(id, called);
      const version = versionOf(own.proposal, identity.id, list);
      const repeats = host.ledger.answered(own.proposal, version);
      const session = this.add(new NodeSession(host, id, identity.id));
      for (const [peer, one] of called) session.attach(peer, one);
      session.propose(own);
      void session.consentOrCancel(list.name);
      return { session: id, repeats };
    } catch (thrown) {
      const error = asTallyError(thrown);
      host.ledger.forget(id);
      for (const { channel } of called.values()) void channel.close(error.code);
      throw error;
    }
  }

  private needRoom(): void {
    const { maxSessions } = this.options;
    if (this.isClosed || this.live.size >= maxSessions) {
      throw new TallyError('session.busy', `sessions: want at most ${maxSessions}, got as many`);
    }
  }

  /** Our own rules hold for our own proposals. */
  private async checkOwn(own: OwnProposal, list: StoredList): Promise<void> {
    const { host } = this.options;
    const { proposal } = own;
    const ledger = host.ledger.findings(proposal, versionOf(proposal, host.identity.id, list));
    const record = decideArrival(host, proposal, ledger);
    if (record.kind === 'permit') return;
    await this.denyOwn(
      own,
      record,
      ledger.length > 0 ? ledgerDenial(ledger) : deniedError('proposal', record),
    );
  }

  /** Logged and kept, though nothing of it has left. */
  private async denyOwn(own: OwnProposal, record: DecisionRecord, error: TallyError): Promise<never> {
    const { host } = this.options;
    const { proposal } = own;
    new SessionAudit(host, proposal.session).denied(proposal, record.phase, record.failed);
    await keepDenied(host, own, record, error);
    throw error;
  }

  private pin(id: string) {
    const pin = this.options.host.peers().get(id);
    if (pin === undefined) throw new TallyError('peer.unknown', `${id}: not pinned`);
    return pin;
  }

  /** Greeted channels to all, or none. */
  private async dialAll(ids: readonly string[], session: string): Promise<Map<string, Called>> {
    const { host } = this.options;
    const dialled = await Promise.allSettled(
      ids.map((id) => call(host, id, async () => host.dial(id, this.pin(id), session))),
    );
    const called = new Map<string, Called>();
    let failure: TallyError | undefined;
    dialled.forEach((result, index) => {
      if (result.status === 'fulfilled') called.set(ids[index] as string, result.value);
      else failure ??= asTallyError(result.reason);
    });
    if (failure === undefined) return called;
    for (const { channel } of called.values()) void channel.close(failure.code);
    throw failure;
  }

  /** Ends every session, telling the others; resolves when nothing is left. */
  async close(): Promise<void> {
    this.isClosed = true;
    const sessions = this.all();
    for (const session of sessions) session.cancel(new TallyError('peer.left', 'this node stops'));
    await Promise.all(sessions.map((session) => session.ended));
  }
}

/** The station at the other end of a pinned channel. */
function stationBehind(id: string, channel: Channel): Station {
  const { peerPublicKey: publicKey, peerFingerprint: fingerprint } = channel.facts;
  return stationOf({ id, publicKey, fingerprint });
}
