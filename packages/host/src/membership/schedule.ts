/**
 * When a station speaks of its own accord.
 *
 * Purpose: often enough that a word that is lost twice is still replaced in time; sooner where somebody was not
 * reached, or the list changed.
 * Does not know: what is said.
 */
import type { SignedAgreement } from '@tallystick/protocol/agreement';
import type { Clock } from '../clock/index.ts';

/** After a change, in milliseconds: changes that come together are one. */
const soonMs = 1_000;
const firstRetryMs = 5_000;

export class Schedule {
  /** Milliseconds between two words. */
  readonly everyMs: number;
  private readonly clock: Clock;
  private readonly act: () => Promise<boolean>;
  private dueMs = Number.POSITIVE_INFINITY;
  private cancel: () => void = () => undefined;
  private failures = 0;
  private isStopped = false;

  /** @param act true: everybody was reached. Never rejects. */
  constructor(
    { notSuspendedMinutes, membershipHours }: SignedAgreement['agreement']['freshness'],
    clock: Clock,
    act: () => Promise<boolean>,
  ) {
    this.everyMs = Math.min(notSuspendedMinutes * 60_000, membershipHours * 3_600_000) / 3;
    this.clock = clock;
    this.act = act;
  }

  soon(): void {
    this.at(this.clock.nowMs() + soonMs);
  }

  stop(): void {
    this.isStopped = true;
    this.cancel();
  }

  /** The earliest wins. */
  private at(dueMs: number): void {
    if (this.isStopped || dueMs >= this.dueMs) return;
    this.cancel();
    this.dueMs = dueMs;
    this.cancel = this.clock.setTimer(dueMs, () => {
      this.dueMs = Number.POSITIVE_INFINITY;
      this.at(this.clock.nowMs() + this.everyMs);
      void this.run();
    });
  }

  private async run(): Promise<void> {
    const isReached = await this.act();
    this.failures = isReached ? 0 : this.failures + 1;
    if (!isReached) {
      const retryMs = firstRetryMs * 2 ** Math.min(this.failures - 1, 12);
      this.at(this.clock.nowMs() + Math.min(retryMs, this.everyMs));
    }
  }
}
