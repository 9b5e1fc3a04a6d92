/**
 * The guard of a running node, wired to what knows its facts.
 *
 * Purpose: the ports of guard/standing.ts over this node's store, ledger, members, log and clock.
 * Assumes: one process owns the store. Does not know: sessions.
 */
import type { AgreementShelf } from '@tallystick/host/agreements';
import { createSingleUse } from '@tallystick/host/approvals';
import { type Clock, ClockTrust } from '@tallystick/host/clock';
import type { LedgerBooks } from '@tallystick/host/ledger';
import { type Log, pub, pubError } from '@tallystick/host/log';
import type { Emergencies } from '@tallystick/host/emergencies';
import type { Members } from '@tallystick/host/membership';
import { softwareName } from '@tallystick/host/pump';
import type { Sealer } from '@tallystick/host/seal';
import type { Store } from '@tallystick/host/store';
import type { LocalRule } from '@tallystick/protocol/policy';
import { type GuardPorts, StandingGuard } from '../guard/index.ts';
import type { OversightDesk } from '../oversight/index.ts';
import { createRequestShelf, type RequestShelf } from './requests.ts';
import type { NodeWitness } from './witnessing.ts';

export interface GuardingOptions {
  readonly self: string;
  readonly store: Store;
  readonly sealer: Sealer;
  readonly agreements: AgreementShelf;
  readonly books: LedgerBooks;
  readonly clock: Clock;
  readonly log: Log;
  readonly rules: readonly LocalRule[];
  /** These are made after the guard. */
  readonly members: () => Pick<Members, 'facts'>;
  readonly emergencies: () => Pick<Emergencies, 'facts'>;
  readonly oversight: () => OversightDesk;
  readonly witness: Pick<NodeWitness, 'statusFor' | 'refresh'>;
  readonly monotonicMs?: () => number;
  /** Instead of this node's own: for tests. */
  readonly ports?: Partial<GuardPorts>;
}

export interface Guarding {
  readonly guard: StandingGuard;
  readonly requests: RequestShelf;
  readonly clockTrust: ClockTrust;
}

export function keepGuard(options: GuardingOptions): Guarding {
  const { self, store, sealer, agreements, books, clock, log, rules, members, monotonicMs } = options;
  const clockTrust = new ClockTrust({
    clock,
    store,
    ...(monotonicMs && { monotonicMs }),
    onJump: (byMs) => log.warn('clock.jumped', { byMs: pub(Math.round(byMs)) }),
    onFailure: (error) => log.error('clock.unkept', { error: pubError(error) }),
  });
  const guard = new StandingGuard(self, {
    agreements,
    rules,
    singleUse: createSingleUse(store, clock),
    books,
    isClockTrusted: () => clockTrust.jumpMs === null,
    version: softwareName.slice(softwareName.indexOf('/') + 1),
    membership: (id) => members().facts(id),
    log: (partners, id) => options.witness.statusFor(partners, id),
    witness: (partners, id) => options.witness.refresh(partners, id),
    emergencies: (id) => options.emergencies().facts(id),
    vetoes: (request) => options.oversight().vetoes(request),
    authorisations: (request) => options.oversight().authorisations(request),
    tell: (request) => options.oversight().tell(request),
    ...options.ports,
  });
  return { guard, requests: createRequestShelf(store, sealer, clock), clockTrust };
}
