/**
 * A coordinator process: the server, and the collector that lives beside it.
 *
 * Purpose: one call for `tallystick coordinator`, `run`, `demo` and tests.
 * Assumes: the collector is a node like others, over loopback, with the coordinator's identity.
 * Does not know: the command line, where the identity is kept.
 */
import { type Clock, systemClock } from '@tallystick/host/clock';
import {
  createIdentity,
  type Identity,
  publicIdentity,
  type SigningIdentity,
} from '@tallystick/host/identity';
import type { AuditLog, WitnessStore } from '@tallystick/host/audit';
import type { LedgerBooks } from '@tallystick/host/ledger';
import { type Random, systemRandom } from '@tallystick/host/random';
import type { StandingAgreement } from '@tallystick/protocol/agreement';
import type { Limits } from '@tallystick/protocol/wire';
import { type Collector, startCollector } from '../collector/index.ts';
import {
  type Coordinator,
  type CoordinatorOptions,
  type CoordinatorStats,
  startCoordinator,
} from '../server/index.ts';

export interface CoordinatorProcessOptions extends CoordinatorOptions {
  /** What parties pin as collector; default a fresh identity of the id `coordinator`, gone with the process. */
  readonly identity?: SigningIdentity;
  /** Relay only: no collector. */
  readonly withoutCollector?: boolean;
  readonly maxSessions?: number;
  readonly openMs?: number;
  readonly sessionLimits?: Partial<Limits>;
  /** The collector's audit log; absent: none is kept. */
  readonly audit?: AuditLog;
  /** Its witnesses; absent: in memory. */
  readonly witnesses?: WitnessStore;
  /** Standing agreements that the collector holds; absent: none. */
  readonly agreements?: readonly StandingAgreement[];
  /** Where the collector keeps its ledger; absent: in memory, gone with the process. */
  readonly books?: LedgerBooks;
}

export interface CoordinatorProcess {
  /** What parties pin: `peer add ID FINGERPRINT`. */
  readonly identity: Identity;
  readonly url: string;
  readonly port: number;
  readonly stats: CoordinatorStats & { readonly collecting: number };
  /** Idempotent. */
  close(): Promise<void>;
}

/** The identity of a coordinator that keeps none. */
export const defaultCoordinatorId = 'coordinator';

/** @throws TallyError `channel.listen` where the port is taken. */
export async function startCoordinatorProcess(
  options: CoordinatorProcessOptions = {},
): Promise<CoordinatorProcess> {
  const { clock = systemClock, random = systemRandom }: { clock?: Clock; random?: Random } = options;
  const identity = options.identity ?? (await createIdentity(defaultCoordinatorId, clock, random));
  const { allow } = options;
  const server = await startCoordinator({
    ...options,
    ...(allow === undefined ? {} : { allow: [...allow, identity.fingerprint] }),
  });
  const collector = options.withoutCollector === true ? undefined : await collect(server, identity, options);
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await collector?.close();
    await server.close();
  };
  return {
    identity: publicIdentity(identity),
    url: server.url,
    port: server.port,
    get stats() {
      return { ...server.stats, collecting: collector?.sessions ?? 0 };
    },
    close: () => (closing ??= close()),
  };
}

async function collect(
  server: Coordinator,
  identity: SigningIdentity,
  {
    sessionLimits,
    books,
    audit,
    witnesses,
    agreements,
    maxSessions,
    openMs,
    clock,
    random,
    log,
  }: CoordinatorProcessOptions,
): Promise<Collector> {
  try {
    return await startCollector({
      identity,
      url: server.url,
      ...(sessionLimits && { limits: sessionLimits }),
      ...(books && { books }),
      ...(audit && { audit }),
      ...(witnesses && { witnesses }),
      ...(agreements && { agreements }),
      ...(maxSessions !== undefined && { maxSessions }),
      ...(openMs !== undefined && { openMs }),
      ...(clock && { clock }),
      ...(random && { random }),
      ...(log && { log }),
    });
  } catch (thrown) {
    await server.close();
    throw thrown;
  }
}
