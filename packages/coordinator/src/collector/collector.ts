/**
 * The collector: the coordinator as a station of sessions that name it.
 *
 * Purpose: answers rings, takes tags, merges them, tells every party the same counts. It holds no list and no pins:
 * it takes part where every channel is with exactly the stations that the signed agreement names.
 * Assumes: parties decide whom they trust to collect; the directory's word for a caller only chooses the pin, the
 * agreement decides. Does not know: elements, identifiers, lists.
 */
import {
  Attempts,
  type AuditLog,
  createWitnessStore,
  tellInterrupted,
  type WitnessStore,
} from '@tallystick/host/audit';
import { type Channel, type CoordinatorLink, connectCoordinator, type Ring } from '@tallystick/host/channel';
import { type Clock, systemClock } from '@tallystick/host/clock';
import type { Fingerprint, SigningIdentity } from '@tallystick/host/identity';
import { createLedgerBooks, KeptLedger, type LedgerBooks } from '@tallystick/host/ledger';
import { type Log, pub, pubError, silentLog } from '@tallystick/host/log';
import { greet, isUnfit } from '@tallystick/host/pump';
import { mailTag } from '@tallystick/host/mail';
import { type Random, systemRandom } from '@tallystick/host/random';
import { createSealer, dataKeyBytes } from '@tallystick/host/seal';
import { memoryStore } from '@tallystick/host/store';
import { type StandingAgreement, standingId } from '@tallystick/protocol/agreement';
import { asTallyError, TallyError } from '@tallystick/protocol/errors';
import { defaultLimits, type Limits } from '@tallystick/protocol/wire';
import { CollectorSession } from './session.ts';
import { collectorWitnesses } from './witnesses.ts';

export interface CollectorOptions {
  readonly identity: SigningIdentity;
  /** The coordinator's address. */
  readonly url: string;
  readonly limits?: Partial<Limits>;
  /** Live sessions at most; default 16. */
  readonly maxSessions?: number;
  /** Longest wait until a proposal and every channel of a session are there; default 30 s. */
  readonly openMs?: number;
  /** Instead of connecting to `url`: for tests. The collector closes it. */
  readonly connect?: (identity: SigningIdentity) => Promise<CoordinatorLink>;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Its audit log; absent: none is kept. */
  readonly audit?: AuditLog;
  /** What witnesses said of it, and it of theirs; absent: in memory. */
  readonly witnesses?: WitnessStore;
  /** Standing agreements that stand (`verifySigned`): what they do not permit to be asked, it refuses. */
  readonly agreements?: readonly StandingAgreement[];
  /** Where the ledger is kept; absent: in memory, gone with the collector. */
  readonly books?: LedgerBooks;
  readonly log?: Log;
}

export interface Collector {
  /** Live sessions. */
  readonly sessions: number;
  /** Ends every session, telling the parties. Idempotent. */
  close(): Promise<void>;
}

const sessionPattern = /^[0-9a-f]{32}$/;
/** Ids of sessions that are over, so that nobody opens one again; the oldest make room. */
const maxRemembered = 10_000;

/** Asked anew at most so often: the coordinator bounds control messages. */
const directoryAgeMs = 250;

/** Who is registered under an id, as the coordinator says. */
function callerKeys(
  link: CoordinatorLink,
  clock: Clock,
): { of(id: string): Promise<Fingerprint | undefined> } {
  let known = new Map<string, Fingerprint>();
  let untilMs = 0;
  return {
    async of(id) {
      if (clock.nowMs() >= untilMs || !known.has(id)) {
        const entries = await link.directory();
        known = new Map(entries.map((entry) => [entry.id, entry.fingerprint]));
        untilMs = clock.nowMs() + directoryAgeMs;
      }
      return known.get(id);
    },
  };
}

/** @throws TallyError `channel.refused`, `channel.auth`. */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const { identity, url, clock = systemClock, random = systemRandom, log = silentLog } = options;
  const { maxSessions = 16, openMs = 30_000 } = options;
  const limits: Limits = { ...defaultLimits, ...options.limits };
  const connect =
    options.connect ??
    ((self: SigningIdentity) => connectCoordinator({ url, identity: self, clock, random, log }));
  const link = await connect(identity);
  const keys = callerKeys(link, clock);
  const books = options.books ?? createLedgerBooks(memoryStore(), createSealer(random(dataKeyBytes), random));
  const ledger = new KeptLedger({ books, self: identity, clock });
  ledger.recover();
  if (options.audit !== undefined) tellInterrupted(options.audit, identity.id);
  const held = new Map((options.agreements ?? []).map((one) => [standingId(one), one]));
  const live = new Map<string, CollectorSession>();
  const over = new Set<string>();
  let opening = 0;
  let closing: Promise<void> | undefined;

  const { audit } = options;
  const store =
    options.witnesses ?? createWitnessStore(memoryStore(), createSealer(random(dataKeyBytes), random));
  const witnesses = audit && collectorWitnesses({ audit, store, link, identity, clock, log });
  const attempts = audit && new Attempts({ audit, clock, log, self: identity.id });
  /** What does not fit is in the log of both ends. */
  const greeted = async (peer: string, channel: Channel): Promise<Channel> => {
    try {
      await greet(channel, clock, openMs);
      return channel;
    } catch (thrown) {
      const { code } = asTallyError(thrown);
      if (isUnfit(code)) attempts?.note({ from: peer, code });
      throw thrown;
    }
  };
  const dial = async (peer: string, expected: Fingerprint, session: string): Promise<Channel> =>
    greeted(peer, await link.dial(peer, expected, session));

  const sessionOf = (id: string): CollectorSession => {
    const known = live.get(id);
    if (known !== undefined) return known;
    const given = { id, identity, clock, random, log, limits, openMs, ledger, audit, witnesses, held, dial };
    const session = new CollectorSession(given);
    live.set(id, session);
    void session.ended.then(() => {
      live.delete(id);
      over.add(id);
      void witnesses?.refresh(session.parties);
      for (const oldest of over) {
        if (over.size <= maxRemembered) break;
        over.delete(oldest);
      }
    });
    return session;
  };

  const answer = async (ring: Ring): Promise<void> => {
    // Who says to be this id must hold the key that registered under it; the agreement names the key it must be.
    const fingerprint = await keys.of(ring.from);
    if (fingerprint === undefined) return ring.reject('peer.unknown');
    const channel = await greeted(ring.from, await ring.accept(fingerprint));
    const isFull = !live.has(ring.tag) && live.size >= maxSessions;
    if (closing !== undefined || isFull) return void channel.close('session.busy');
    sessionOf(ring.tag).accept(ring.from, channel);
  };

  link.onRing((ring) => {
    if (ring.tag === mailTag && witnesses !== undefined) return witnesses.accept(ring);
    if (!sessionPattern.test(ring.tag)) return ring.reject('wire.message');
    if (over.has(ring.tag)) return ring.reject('session.unknown');
    const isFull = !live.has(ring.tag) && live.size >= maxSessions;
    if (closing !== undefined || isFull || opening >= 10 * maxSessions) return ring.reject('session.busy');
    opening += 1;
    void answer(ring)
      .catch((thrown: unknown) =>
        log.warn('collector.ring', { from: pub(ring.from), error: pubError(thrown) }),
      )
      .finally(() => {
        opening -= 1;
      });
  });

  const close = async (): Promise<void> => {
    const sessions = [...live.values()];
    for (const session of sessions) session.cancel(new TallyError('peer.left', 'the collector stops'));
    await Promise.all(sessions.map((session) => session.ended));
    await witnesses?.close();
    await link.close();
    attempts?.flush();
  };
  return {
    get sessions() {
      return live.size;
    },
    close: () => (closing ??= close()),
  };
}
