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
  /** When results that are kept fall due; undefined after a failure: everything is looked at again. */
  private dues: readonly number[] | undefined;
  /** Something was deleted, perhaps before a crash, and the files were not scrubbed since. */
  private isScrubDue = true;

  constructor(host: RetentionHost) {
    this.host = host;
  }

  /** Deletes what is due and plans the next time. To be called at the start and when a session has ended. */
  run(): void {
    if (this.isStopped) return;
    const { host } = this;
    this.dues = undefined;
    try {
      this.dues = this.deleteDue(host.clock.nowMs());
    } catch (thrown) {
      host.log.error('retention.failed', { error: pubError(thrown) });
    }
    this.rest();
  }

  stop(): void {
    this.isStopped = true;
    this.cancel();
  }

  private rest(): void {
    const { clock } = this.host;
    this.cancel();
    const nextMs = Math.min(clock.nowMs() + longestRestMs, ...(this.dues ?? []));
    this.cancel = clock.setTimer(nextMs, () => this.wake());
  }

  /** Every session is sealed: none is opened while none is due. */
  private wake(): void {
    const nowMs = this.host.clock.nowMs();
    if (this.dues?.every((dueMs) => dueMs > nowMs)) return this.rest();
    this.run();
  }

  /** When the others are due. */
  private deleteDue(nowMs: number): number[] {
    const { host } = this;
    const dues: number[] = [];
    for (const detail of host.sessions()) {
      if (!isDue(detail, nowMs)) {
        const { dueAtMs, deletedAtMs } = detail.retention;
        if (deletedAtMs === null && dueAtMs !== null) dues.push(dueAtMs);
        continue;
      }
      host.record(detail, host.commitment(detail.session));
      this.isScrubDue = true;
      host.expire(withoutResult(detail, nowMs));
      host.log.info('retention.deleted', { session: pub(detail.session) });
    }
    if (this.isScrubDue) {
      host.scrub();
      this.isScrubDue = false;
    }
    return dues;
  }
}
