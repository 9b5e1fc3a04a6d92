/**
 * Results are deleted on time.
 *
 * Purpose: at the start, whenever a result falls due, and at least once an hour: an entry in the audit log, then the
 * deletion, then the scrubbing of the store's files. What fails is tried again.
 * Assumes: the clock is the node's. Does not know: what a result is, where it lies.
 */
import type { Clock } from '@tallystick/host/clock';
import { type Log, pub, pubError } from '@tallystick/host/log';
import type { SessionDetail } from '../control/api.ts';
import { isDue, withoutResult } from './due.ts';

/** A clock that was set forward, and a deletion that failed, are noticed within this time. */
const longestRestMs = 3_600_000;

export interface RetentionHost {
  readonly clock: Clock;
  readonly log: Log;
  /** Sessions as they are kept. */
  sessions(): readonly SessionDetail[];
  /** Hash of what is kept of a session's result, sealed as it is, hex: 32 bytes. */
  commitment(session: string): string;
  /** The entry that precedes the deletion; durable when it returns. */
  record(detail: SessionDetail, commitment: string): void;
  /** Deletes result and evidence, and keeps this in their place; durable when it returns. */
  expire(left: SessionDetail): void;
  /** What was deleted is in no file any more. */
  scrub(): void;
}

export class RetentionKeeper {
  private readonly host: RetentionHost;
  private cancel: () => void = () => undefined;
  private isStopped = false;
  /** Something was deleted, perhaps before a crash, and the files were not scrubbed since. */
  private isScrubDue = true;

  constructor(host: RetentionHost) {
    this.host = host;
  }

  /** Deletes what is due and plans the next time. To be called at the start and when a session has ended. */
  run(): void {
    if (this.isStopped) return;
    const { clock, log } = this.host;
    this.cancel();
    try {
      this.deleteDue(clock.nowMs());
    } catch (thrown) {
      log.error('retention.failed', { error: pubError(thrown) });
    }
    this.cancel = clock.setTimer(this.nextMs(clock.nowMs()), () => this.run());
  }

  stop(): void {
    this.isStopped = true;
    this.cancel();
  }

  private deleteDue(nowMs: number): void {
    const { host } = this;
    for (const detail of host.sessions()) {
      if (!isDue(detail, nowMs)) continue;
      host.record(detail, host.commitment(detail.session));
      this.isScrubDue = true;
      host.expire(withoutResult(detail, nowMs));
      host.log.info('retention.deleted', { session: pub(detail.session) });
    }
    if (!this.isScrubDue) return;
    host.scrub();
    this.isScrubDue = false;
  }

  private nextMs(nowMs: number): number {
    const open = this.host.sessions().flatMap(({ retention }) => {
      const { dueAtMs, deletedAtMs } = retention;
      return deletedAtMs === null && dueAtMs !== null && dueAtMs > nowMs ? [dueAtMs] : [];
    });
    return Math.min(nowMs + longestRestMs, ...open);
  }
}
