/**
 * A running node.
 *
 * Purpose: wires store, vault, link, sessions and control socket; takes them down again in reverse order, leaving
 * nothing behind.
 * Assumes: one node to a data directory: the control socket is the lock. Does not know: the command line.
 */
import { createAgreementShelf } from '@tallystick/host/agreements';
import { Attempts, type AuditLog, openAuditLog, ShownLogs, tellInterrupted } from '@tallystick/host/audit';
import { type CoordinatorLink, connectCoordinator } from '@tallystick/host/channel';
import { type Clock, systemClock } from '@tallystick/host/clock';
import { serveLate } from '@tallystick/host/control';
import { controlDirectory, openPlace, type Place } from '@tallystick/host/directory';
import { type Identity, publicIdentity, type SigningIdentity } from '@tallystick/host/identity';
import { createLedgerBooks, defaultLocalCaps, KeptLedger, type LocalCaps } from '@tallystick/host/ledger';
import { type Log, pub, silentLog } from '@tallystick/host/log';
import { createMail, mailTag } from '@tallystick/host/mail';
import type { Members } from '@tallystick/host/membership';
import { type Random, systemRandom } from '@tallystick/host/random';
import { createSealer } from '@tallystick/host/seal';
import { type Unwinding, unwindOnFailure } from '@tallystick/host/undo';
import { TallyError } from '@tallystick/protocol/errors';
import { defaultLimits, type Limits } from '@tallystick/protocol/wire';
import {
  type ControlCall,
  type ControlMethod,
  type ControlParams,
  type ControlResults,
  controlParams,
  createMethods,
} from '../control/index.ts';
import type { LocalRule } from '@tallystick/protocol/policy';
import type { GuardPorts, LocalRules } from '../guard/index.ts';
import { retentionOf } from '../retention/index.ts';
import { Arrivals, type ConsentPolicy, SessionRegistry } from '../session/index.ts';
import { openVault, type Vault, type VaultOptions } from '../vault/index.ts';
import { keepEmergencies } from './emergencies.ts';
import { keepGuard } from './guarding.ts';
import { keepMembers } from './members.ts';
import { keepOversight } from './oversight.ts';
import { type BodyPin, bodyPins, pinsOf } from './pins.ts';
import { keepRedress } from './redress.ts';
import { keepRetention } from './retention.ts';
import { createNodeStore, type NodeStore } from './store.ts';
import { keepWitnesses } from './witnessing.ts';

export interface NodeOptions {
  readonly place: Place;
  readonly coordinatorUrl: string;
  /** Default `ask`. `auto` is for `run` and `demo`: consents with the only list that was imported. */
  readonly consent?: ConsentPolicy;
  /** Who collects where a proposal names nobody; default `coordinator`. Must be pinned like every peer. */
  readonly collector?: string;
  readonly rules?: LocalRules;
  /** What this node forbids beyond its agreements. */
  readonly agreementRules?: readonly LocalRule[];
  /** What the own lists may cost with one partner in a period, whatever was agreed; generous where absent. */
  readonly localCaps?: LocalCaps;
  /** Days that results are kept; under a standing agreement it can only shorten. Absent: 30, or as agreed. */
  readonly retentionDays?: number;
  /** An officer may decide to tell a person whether something was held. Absent: never. */
  readonly redressDisclose?: boolean;
  readonly limits?: Partial<Limits>;
  /** Live sessions at most; default 16. */
  readonly maxSessions?: number;
  /** Longest wait until a proposal and every channel of a session are there; default 30 s. */
  readonly openMs?: number;
  readonly compute?: VaultOptions;
  /** Instead of connecting to `coordinatorUrl`: for tests. The node closes it. */
  readonly connect?: (identity: SigningIdentity) => Promise<CoordinatorLink>;
  /** Instead of starting one: for tests. The node closes it. */
  readonly openVault?: () => Promise<Vault>;
  /** Where facts of decisions come from instead: for tests. */
  readonly guardPorts?: Partial<GuardPorts>;
  /** A clock that is never set, to judge the other by: for tests. */
  readonly monotonicMs?: () => number;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Log;
}

export interface RunningNode {
  readonly identity: Identity;
  /** The control API without its socket. Throws what the method throws. */
  call<M extends ControlMethod>(
    method: M,
    params: ControlParams<M>,
    call?: Partial<ControlCall>,
  ): Promise<ControlResults[M]>;
  /** Resolves when the node has stopped, by `close` or by the control API. */
  readonly closed: Promise<void>;
  /** Ends every session, telling the others, and everything else. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts a node: resolves when it is registered at the coordinator and answers on its control socket.
 * @throws TallyError `store.locked`, `store.key`, `store.corrupt`, `file.*`, `channel.refused`, `channel.auth`,
 * `compute.unavailable`, `vault.died`, `recipe.unicode`.
 */
export function startNode(options: NodeOptions): Promise<RunningNode> {
  return unwindOnFailure((undo) => start(options, undo));
}

async function start(options: NodeOptions, undo: Unwinding): Promise<RunningNode> {
  const { clock = systemClock, random = systemRandom, log = silentLog, place } = options;
  const late = await serveLate(controlDirectory(place), controlParams, undo);

  const { store, identity, dataKey } = await openPlace(place, clock, random);
  undo.push(() => store.close());
  const sealer = createSealer(dataKey, random);
  undo.push(() => sealer.destroy());
  const kept = createNodeStore(store, sealer, random);
  const audit = openAuditLog({ store, sealer, clock, random, identity });
  const agreements = createAgreementShelf(store, sealer, identity, audit);
  const attempts = new Attempts({ audit, clock, log, self: identity.id });
  undo.push(() => attempts.flush());
  endInterrupted(kept, audit, identity.id);
  const books = createLedgerBooks(store, sealer);
  const { localCaps = defaultLocalCaps } = options;
  const ledger = new KeptLedger({ books, self: identity, clock, localCaps });
  ledger.recover();
  const vault = await (options.openVault ?? (() => openVault(options.compute)))();
  undo.push(() => vault.close());
  await vault.unlock(dataKey);
  let membersKnown: Members | undefined;
  const { coordinatorUrl: url } = options;
  const connect =
    options.connect ??
    ((self: SigningIdentity) => connectCoordinator({ url, identity: self, clock, random, log }));
  const link = await connect(identity);
  undo.push(() => link.close());
  const bodies = (): readonly BodyPin[] =>
    bodyPins(agreements.list(), (id) => membersKnown?.facts(id)?.keys ?? []);
  /** Bodies are written to; sessions are with whom the operator pinned alone. */
  const pins = () => pinsOf(kept.peers(), bodies());
  const mail = createMail({ link, peers: pins, clock, log });
  undo.push(() => mail.close());
  const witnessing = keepWitnesses({
    audit,
    store,
    sealer,
    mail,
    identity,
    clock,
    log,
    agreements,
    peers: pins,
    withdrawn: (id) => membersKnown?.facts(id)?.withdrawn ?? [],
  });
  undo.push(witnessing.stop);
  const { witness, witnesses } = witnessing;
  const { guard, requests, clockTrust } = keepGuard({
    self: identity.id,
    store,
    sealer,
    agreements,
    books,
    clock,
    log,
    rules: options.agreementRules ?? [],
    members: () => members,
    emergencies: () => emergencies,
    oversight: () => oversight,
    witness: witnessing,
    ...(options.monotonicMs && { monotonicMs: options.monotonicMs }),
    ...(options.guardPorts && { ports: options.guardPorts }),
  });
  undo.push(() => clockTrust.close());
  const retention = keepRetention({ store: kept, audit, clock, log, self: identity.id });
  undo.push(() => retention.stop());
  retention.run();

  const sessions = new SessionRegistry({
    maxSessions: options.maxSessions ?? 16,
    defaultCollector: options.collector ?? 'coordinator',
    host: {
      identity,
      vault,
      clock,
      random,
      log,
      limits: { ...defaultLimits, ...options.limits },
      rules: options.rules ?? {},
      guard,
      ledger,
      audit,
      shownLogs: new ShownLogs({ audit, store: witnesses, identity, log, onFault: witnessing.onFault }),
      retentionDays: options.retentionDays,
      attempts,
      arrivals: new Arrivals(),
      consent: options.consent ?? 'ask',
      openMs: options.openMs ?? 30_000,
      peers: () => kept.peers(),
      dial: (peer, expected, session) => link.dial(peer, expected, session),
      list: (name) => {
        const list = kept.lists().find((one) => one.name === name);
        if (list === undefined) throw new TallyError('list.unknown', `list ${name}: not imported`);
        return list;
      },
      lists: () => kept.lists(),
      chunks: (list) => kept.chunks(list.listId),
      caseReference: (request) => requests.get(request),
      kept: (session) => kept.session(session),
      save(detail, result, evidence) {
        kept.putSession(detail, result, evidence);
        if (detail.retention.dueAtMs !== null) retention.run();
      },
    },
  });
  undo.push(() => sessions.close());
  const members = keepMembers({
    store,
    sealer,
    identity,
    agreements,
    mail,
    link,
    audit,
    attempts,
    clock,
    log,
    sessions: () => sessions.all(),
  });
  undo.push(() => members.close());
  membersKnown = members;
  const emergencies = keepEmergencies({
    store,
    sealer,
    self: identity.id,
    agreements,
    members,
    mail,
    link,
    audit,
    clock,
    log,
    attempt: (from, code) => attempts.note({ from, code }),
  });
  undo.push(() => emergencies.close());
  const oversight = keepOversight({
    attempt: (from, code) => attempts.note({ from, code }),
    identity,
    store,
    sealer,
    agreements,
    members,
    audit,
    mail,
    link,
    clock,
    log,
    sessions: () => sessions.all(),
  });
  undo.push(() => oversight.close());
  const redress = keepRedress({
    store,
    sealer,
    kept,
    agreements,
    self: identity.id,
    clock,
    random,
    log,
    audit,
    mail,
    vault,
    mayDisclose: options.redressDisclose === true,
  });
  undo.push(() => redress.stop());
  link.onRing((ring) => (ring.tag === mailTag ? mail.accept(ring) : sessions.ring(ring)));

  let announceClosed: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    announceClosed = resolve;
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= undo.run().finally(announceClosed));
  late.announce(
    createMethods({
      identity,
      coordinatorUrl: url,
      link,
      store: kept,
      vault,
      sessions,
      books,
      audit,
      emergencies,
      witnesses,
      witness,
      localCaps,
      members,
      redress,
      agreements,
      requests,
      clockTrust,
      bodies,
      onAgreement() {
        members.refresh();
        void witness.refresh(bodies().map(({ id }) => id));
      },
      keysOf: (request) => guard.keysOf(request),
      tellOversight: (request) => oversight.tell(request),
      random,
      clock,
      shutdown: () => void close().catch(() => undefined),
    }),
  );
  emergencies.wake();
  void redress.deliver();
  log.info('node.ready', { id: pub(identity.id), fingerprint: pub(identity.fingerprint) });
  const call = late.call as RunningNode['call'];
  return { identity: publicIdentity(identity), call, closed, close };
}

/** A process that restarts has ended its sessions: their scalars are gone. */
function endInterrupted(store: NodeStore, audit: AuditLog, self: string): void {
  tellInterrupted(audit, self);
  for (const detail of store.sessions()) {
    if (detail.state === 'done' || detail.state === 'aborted') continue;
    const error = { code: 'peer.left', message: 'this node stopped before the session ended', by: self };
    const { days } = detail.retention;
    const retention = retentionOf(days, detail.startedAtMs + detail.elapsedMs, undefined);
    store.putSession({ ...detail, state: 'aborted', error, retention }, undefined, undefined);
  }
}
