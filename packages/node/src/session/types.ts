/**
 * What a session needs from its node, and what is kept of it.
 *
 * Purpose: the ports between sessions and the rest of the node, so that a session can be run in a test without a
 * daemon.
 * Assumes: nothing. Does not know: sockets, SQLite, the control API's transport.
 */
import type { Attempts, AuditLog, ShownLogs } from '@tallystick/host/audit';
import type { Channel } from '@tallystick/host/channel';
import type { Clock } from '@tallystick/host/clock';
import type { Fingerprint, SigningIdentity } from '@tallystick/host/identity';
import type { KeptLedger } from '@tallystick/host/ledger';
import type { Log } from '@tallystick/host/log';
import type { Random } from '@tallystick/host/random';
import type { Evidence } from '@tallystick/protocol/evidence';
import type { Limits } from '@tallystick/protocol/wire';
import type { CaseReference, SessionDetail } from '../control/api.ts';
import type { LocalRules, StandingGuard } from '../guard/index.ts';
import type { SealedSource, Vault } from '../vault/types.ts';
import type { Arrivals } from './arrivals.ts';

/** An imported list, as the store knows it. */
export interface StoredList {
  readonly name: string;
  /** Random, hex; the vault sealed the chunks under it. */
  readonly listId: string;
  readonly chunks: number;
  readonly format: string;
  readonly records: number;
  readonly rejected: number;
  /** ISO 8601. */
  readonly listDate: string;
  readonly importedAtMs: number;
  /** Hex, 32 bytes: equal for equal contents. Goes out under a commitment only. */
  readonly version: string;
}

/** The own matches, sealed by the vault, and the list they are of. */
export interface SealedResult {
  readonly sealed: Uint8Array;
  readonly listId: string;
}

/** `ask`: a person consents over the control API. `auto`: for `run` and `demo` alone, where all parties are one person's. */
export type ConsentPolicy = 'ask' | 'auto';

export interface SessionHost {
  readonly identity: SigningIdentity;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly limits: Limits;
  readonly rules: LocalRules;
  /** Of sessions under a standing agreement. */
  readonly guard: StandingGuard;
  readonly ledger: KeptLedger;
  readonly audit: AuditLog;
  /** What consents show of logs. */
  readonly shownLogs: ShownLogs;
  /** Days that results are kept without a standing agreement, and the most under one; undefined: the default. */
  readonly retentionDays: number | undefined;
  readonly attempts: Attempts;
  readonly arrivals: Arrivals;
  readonly consent: ConsentPolicy;
  /** Longest wait until the proposal and every channel are there, and for a hello; in milliseconds. */
  readonly openMs: number;
  peers(): ReadonlyMap<string, Fingerprint>;
  dial(peer: string, expected: Fingerprint, session: string): Promise<Channel>;
  /** @throws TallyError `list.unknown`. */
  list(name: string): StoredList;
  lists(): readonly StoredList[];
  /** What opens the case commitment of a request that was drafted here. */
  caseReference(request: string): CaseReference | undefined;
  chunks(list: StoredList): SealedSource;
  /** The record of a session that was offered: if it is not live, nobody may open it again. */
  kept(session: string): SessionDetail | undefined;
  /** Durable when it returns; first when a session is offered, last when it is over. `result`: of a session that is done and had matches; `evidence`: of one that is over and had begun. @throws TallyError `store.write`. */
  save(
    detail: SessionDetail,
    result: SealedResult | undefined,
    evidence: Evidence | undefined,
  ): void | Promise<void>;
}
