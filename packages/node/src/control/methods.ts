/**
 * The methods of the control API.
 *
 * Purpose: each method of api.ts in a few lines, over the node's parts.
 * Assumes: whoever calls is the node's owner. Does not know: the transport.
 */
import { createHash } from 'node:crypto';
import { type AuditHost, auditMethods, type LogWitness } from '@tallystick/host/audit';
import type { CoordinatorLink } from '@tallystick/host/channel';
import { type Emergencies, emergencyMethods } from '@tallystick/host/emergencies';
import { type Fingerprint, parseFingerprint, type SigningIdentity } from '@tallystick/host/identity';
import { acceptLedger, type LedgerBooks, type LocalCaps, reportLedgers } from '@tallystick/host/ledger';
import type { Clock } from '@tallystick/host/clock';
import { createMembershipMethods, type Members } from '@tallystick/host/membership';
import { softwareName } from '@tallystick/host/pump';
import { TallyError } from '@tallystick/protocol/errors';
import { encodeEvidence } from '@tallystick/protocol/evidence';
import type { Redress } from '../redress/index.ts';
import type { BodyPin } from '../daemon/pins.ts';
import type { NodeStore } from '../daemon/store.ts';
import { evidenceOf, whatBecame } from './evidence.ts';
import { incidentMethods } from './incidents.ts';
import { noteOperator } from './noted.ts';
import { type NodeSession, type SessionRegistry, type StoredList, summarize } from '../session/index.ts';
import type { ListOptions, Vault } from '../vault/index.ts';
import { createReportMethods } from './report.ts';
import { findAgreement, type StandingHost, standingMethods } from './standing.ts';
import type {
  ControlEvent,
  ControlMethod,
  ControlParams,
  ControlResults,
  ImportResult,
  PeerInfo,
  SessionDetail,
} from './api.ts';

export interface MethodHost extends AuditHost, StandingHost {
  readonly identity: SigningIdentity;
  readonly coordinatorUrl: string;
  readonly link: CoordinatorLink;
  readonly store: NodeStore;
  readonly vault: Vault;
  readonly sessions: SessionRegistry;
  readonly books: LedgerBooks;
  readonly emergencies: Emergencies;
  readonly witness: LogWitness;
  readonly localCaps: LocalCaps;
  readonly redress: Redress;
  readonly members: Members;
  /** Oversight bodies whose pins follow from agreements. */
  bodies(): readonly BodyPin[];
  readonly clock: Clock;
  /** Begins the end of the node; the caller still gets its answer. */
  shutdown(): void;
}

/** Who called: hears events before the result, and may go away. */
export interface ControlCall {
  emit(event: ControlEvent): void;
  readonly signal: AbortSignal;
}

export type Methods = {
  readonly [M in ControlMethod]: (
    params: ControlParams<M>,
    call: ControlCall,
  ) => ControlResults[M] | Promise<ControlResults[M]>;
};

export function createMethods(host: MethodHost): Methods {
  const { store, sessions, vault, clock } = host;
  const noted = noteOperator(host.audit, host.identity.id);
  const detailOf = (id: string): SessionDetail => {
    const detail = sessions.get(id)?.detail() ?? store.session(id);
    if (detail === undefined) throw new TallyError('session.unknown', 'session: none of this id');
    return detail;
  };
  /** A session that can still be acted on. */
  const liveSession = (id: string): NodeSession => {
    const session = sessions.get(id);
    if (session !== undefined) return session;
    throw new TallyError('session.state', `session: is over, ${detailOf(id).state}`);
  };

  return {
    status: async () => ({
      id: host.identity.id,
      fingerprint: host.identity.fingerprint,
      publicKey: Buffer.from(host.identity.publicKey).toString('hex'),
      coordinator: { url: host.coordinatorUrl, state: host.link.state },
      engine: await vault.engine(),
      peers: store.peers().size,
      lists: store.lists().length,
      sessions: sessions.size,
      software: softwareName,
    }),

    'peer.add'({ id, fingerprint }) {
      if (id === host.identity.id) throw new TallyError('argument.invalid', 'peer.id: is this node');
      const pin = parseFingerprint(fingerprint);
      const before = store.peers().get(id);
      // A changed pin is how somebody else takes a peer's place: never in passing.
      if (before !== undefined && before !== pin) {
        throw new TallyError('peer.pinned', `${id}: pinned to another fingerprint`);
      }
      if (before === undefined) noted.pin(id, pin);
      store.putPeer(id, pin);
      // Who pins us already cosigns our log, and asks for its own: a session between us needs both.
      if (before === undefined) void host.witness.refresh([id]);
      return {};
    },
    'peer.list': () => listPeers(host),
    'peer.remove'({ id }) {
      if (!store.peers().has(id)) {
        const body = host.bodies().find((one) => one.id === id);
        if (body === undefined) throw new TallyError('peer.unknown', `${id}: not pinned`);
        throw new TallyError('argument.invalid', `${id}: follows from the agreement ${body.agreement}`);
      }
      noted.unpin(id);
      store.removePeer(id);
      return {};
    },

    'list.import': (params, call) => importList(host, params, call),
    'list.list': () =>
      store.lists().map(({ name, format, records, rejected, listDate, importedAtMs }) => ({
        name,
        format,
        records,
        rejected,
        listDate,
        importedAtMs,
      })),
    'list.remove'({ name }) {
      if (!store.removeList(name)) throw new TallyError('list.unknown', `list ${name}: not imported`);
      return {};
    },

    ...standingMethods(host),
    'session.propose': (params) => sessions.propose(params),
    async 'session.consent'({ session, list, approvals = [] }) {
      await liveSession(session).consent(list, approvals);
      return {};
    },
    'session.refuse'({ session, reasons }) {
      liveSession(session).refuse(reasons);
      return {};
    },
    'session.cancel'({ session }) {
      liveSession(session).cancel(new TallyError('session.cancelled', 'cancelled here'));
      return {};
    },
    'session.list'() {
      const live = sessions.all().map((session) => session.detail());
      const ids = new Set(live.map((detail) => detail.session));
      return [...live, ...store.sessions().filter((detail) => !ids.has(detail.session))].map(summarize);
    },
    'session.show': ({ session }) => detailOf(session),
    'session.watch': ({ session }, call) => watch(sessions.get(session), () => detailOf(session), call),
    'session.explain'({ session }) {
      const detail = detailOf(session);
      const named = detail.request === null ? undefined : host.agreements.get(detail.request.agreement);
      return { self: host.identity.id, detail, agreement: named?.signed.agreement ?? null };
    },
    async 'session.export'({ session, out }) {
      const detail = detailOf(session);
      const result = store.result(detail.storedResultOf ?? session);
      if (result === undefined) {
        throw new TallyError(
          'session.state',
          `export: no matches are kept of this session, ${whatBecame(detail)}`,
        );
      }
      noted.exported('result', session, null);
      await vault.exportResult(result.sealed, store.chunks(result.listId), out, detail.marks);
      const { records } = await vault.resultCounts(result.sealed);
      return { records };
    },
    'session.evidence'({ session, salts }) {
      const evidence = evidenceOf(store, host.identity, detailOf(session), salts);
      noted.exported('evidence', session, digestOf(encodeEvidence(evidence)));
      return evidence;
    },
    ...auditMethods(host),
    'ledger.show': () => reportLedgers(host.books, host.identity.id, host.localCaps),
    'ledger.accept'({ ledger }) {
      noted.ledgerAccepted();
      return { added: acceptLedger(host.books, ledger, clock.nowMs()) };
    },
    ...createMembershipMethods(host.members, clock),
    ...emergencyMethods(host.emergencies),
    ...incidentMethods({
      self: host.identity.id,
      audit: host.audit,
      clock,
      random: host.random,
      agreement: (text) => findAgreement(host.agreements, text, clock.nowMs()),
    }),
    ...createReportMethods(noted, host.identity),
    'redress.open': (params) => host.redress.open(params),
    'redress.answer': (params) => host.redress.answer(params),
    'redress.list': () => host.redress.list(),
    'redress.export': (params) => host.redress.export(params),
    shutdown() {
      // After the answer has left: the socket ends with the node.
      clock.setTimer(clock.nowMs() + 50, () => host.shutdown());
      return {};
    },
  };
}

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function listPeers({ store, link, bodies }: MethodHost): Promise<PeerInfo[]> {
  const directory = link.state === 'online' ? await link.directory().catch(() => []) : [];
  const isOnline = (id: string, fingerprint: Fingerprint): boolean =>
    directory.some((entry) => entry.id === id && entry.fingerprint === fingerprint && entry.online);
  const own = [...store.peers()].map(([id, fingerprint]) => ({ id, fingerprint, agreement: null }));
  const others = bodies().filter(({ id }) => !store.peers().has(id));
  return [...own, ...others].map((one) => ({ ...one, online: isOnline(one.id, one.fingerprint) }));
}

async function importList(
  { store, vault, clock }: MethodHost,
  { path, name, format, columns, replace }: ControlParams<'list.import'>,
  call: ControlCall,
): Promise<ImportResult> {
  const isTaken = (): boolean => store.lists().some((list) => list.name === name);
  const refuseTaken = (): void => {
    if (replace === true || !isTaken()) return;
    throw new TallyError('argument.invalid', `list ${name}: imported already; want replace, or another name`);
  };
  refuseTaken();
  const options = { ...(format && { format }), ...(columns && { columns }) } as ListOptions;
  const draft = store.draftList();
  try {
    const { report, meta } = await vault.importList(path, options, clock.nowMs(), (sealed, index) => {
      if (call.signal.aborted) throw new TallyError('session.cancelled', 'import: the caller went away');
      draft.put(sealed, index);
      call.emit({ type: 'progress', phase: 'import', chunks: index + 1 });
    });
    const list: StoredList = {
      name,
      listId: meta.listId,
      chunks: meta.chunks,
      format: report.format ?? 'csv',
      records: meta.records,
      rejected: report.rejected,
      listDate: report.listDate ?? '',
      importedAtMs: clock.nowMs(),
      version: meta.version,
    };
    refuseTaken();
    draft.commit(list);
    return { ...report, name };
  } catch (thrown) {
    draft.abort();
    throw thrown;
  }
}

/** Streams events until the session is over or the caller goes. */
async function watch(
  session: NodeSession | undefined,
  detail: () => SessionDetail,
  call: ControlCall,
): Promise<SessionDetail> {
  if (session === undefined || isOver(detail())) {
    call.emit({ type: 'state', state: detail().state });
    return detail();
  }
  await new Promise<void>((resolve) => {
    const stop = session.watch((event) => {
      call.emit(event);
      if (event.type === 'finished' || event.type === 'aborted') resolve();
    });
    call.signal.addEventListener('abort', () => {
      stop();
      resolve();
    });
  });
  return detail();
}

const isOver = ({ state }: SessionDetail): boolean => state === 'done' || state === 'aborted';
