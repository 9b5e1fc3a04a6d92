/**
 * Whether this machine's clock may be believed.
 *
 * Purpose: time of day against a clock that only runs forward. Where the first jumps against the second (somebody set
 * it, the machine slept, a backup came back), it is not trusted until a person looked at it, restarts included: what
 * was jumped over, or is to be lived twice, are lives of proposals, approvals and agreements.
 * Assumes: the store is the station's own. Does not know: other stations' clocks; whether the time is right.
 */
import { asTallyError, type TallyError } from '@tallystick/protocol/errors';
import type { Store } from '../store/index.ts';
import type { Clock } from './index.ts';

/** Slewing by a time service stays far below it; a person's hand does not. */
const jumpMs = 5_000;
/** How often the two are compared where nobody asks. */
const checkMs = 10_000;

export interface ClockTrustOptions {
  readonly clock: Clock;
  readonly store: Store;
  /** Milliseconds from any instant on, never set back; default: the process's own. */
  readonly monotonicMs?: () => number;
  /** A jump was seen, by so much: positive where the time of day is ahead. */
  readonly onJump?: (byMs: number) => void;
  /** Nobody asked, and what was seen could not be kept: it is tried again. Who asks is told by the error itself. */
  readonly onFailure?: (error: TallyError) => void;
}

interface Kept {
  /** Latest time of day that was seen. */
  readonly seenMs: number;
  /** By how much the clock jumped since somebody looked at it; null: not at all. */
  readonly jumpedByMs: number | null;
}

const collection = 'meta';
const key = 'clock';

export class ClockTrust {
  private readonly options: ClockTrustOptions;
  private readonly monotonicMs: () => number;
  /** Time of day minus the monotonic clock, as it was when both were trusted. */
  private baseMs: number;
  private jumpedByMs: number | null;
  private cancelTimer: () => void = () => undefined;

  constructor(options: ClockTrustOptions) {
    this.options = options;
    this.monotonicMs = options.monotonicMs ?? (() => performance.now());
    const nowMs = options.clock.nowMs();
    const kept = options.store.get(collection, key) as unknown as Kept | undefined;
    this.baseMs = this.distanceMs();
    this.jumpedByMs = kept?.jumpedByMs ?? null;
    // Between two runs nothing measures time, but it cannot have gone back.
    if (kept !== undefined && nowMs < kept.seenMs - jumpMs) this.jumped(nowMs - kept.seenMs);
    this.arm();
  }

  /** How far the clock jumped, in milliseconds; null: not since somebody looked. Throws `store.write`. */
  get jumpMs(): number | null {
    this.check();
    return this.jumpedByMs;
  }

  /** A person says that the clock is right as it is now. Durable when it returns. */
  acknowledge(): void {
    this.baseMs = this.distanceMs();
    this.jumpedByMs = null;
    this.keep();
  }

  close(): void {
    this.cancelTimer();
  }

  private check(): void {
    const byMs = this.distanceMs() - this.baseMs;
    if (Math.abs(byMs) > jumpMs) {
      this.baseMs += byMs;
      this.jumped(byMs);
    } else this.keep();
  }

  private jumped(byMs: number): void {
    this.jumpedByMs = (this.jumpedByMs ?? 0) + byMs;
    this.options.onJump?.(byMs);
    this.keep();
  }

  private keep(): void {
    const kept: Kept = { seenMs: this.options.clock.nowMs(), jumpedByMs: this.jumpedByMs };
    this.options.store.put(collection, key, { ...kept });
  }

  /** The two are read one after the other: the shortest of three spans in which that happened counts. */
  private distanceMs(): number {
    const read = () => {
      const before = this.monotonicMs();
      const nowMs = this.options.clock.nowMs();
      return { span: this.monotonicMs() - before, distance: nowMs - before };
    };
    return [read(), read(), read()].reduce((best, one) => (one.span < best.span ? one : best)).distance;
  }

  private arm(): void {
    const { clock } = this.options;
    this.cancelTimer = clock.setTimer(clock.nowMs() + checkMs, () => {
      this.arm();
      try {
        this.check();
      } catch (thrown) {
        this.options.onFailure?.(asTallyError(thrown));
      }
    });
  }
}
