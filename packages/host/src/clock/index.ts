/**
 * Time as an argument.
 *
 * Purpose: one port for "now" and "wake me at", with the machine's clock and a fake one for tests.
 * Assumes: deadlines are instants in milliseconds since the epoch.
 * Does not know: what the deadlines are for.
 */
export { ClockTrust, type ClockTrustOptions } from './trust.ts';

export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  nowMs(): number;
  /** Calls `fn` once at or after `atMs`; the returned function cancels and may be called any time. */
  setTimer(atMs: number, fn: () => void): () => void;
}

/** Node's timers overflow above this and would fire at once. */
const maxTimeoutMs = 0x7fffffff;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  setTimer(atMs, fn) {
    let handle: NodeJS.Timeout;
    const arm = (): void => {
      const leftMs = Math.max(0, atMs - Date.now());
      handle = leftMs > maxTimeoutMs ? setTimeout(arm, maxTimeoutMs) : setTimeout(fn, leftMs);
    };
    arm();
    return () => clearTimeout(handle);
  },
};

export interface FakeClock extends Clock {
  /** Moves time forward and fires what falls due, in order of time, then of setting. */
  advance(byMs: number): void;
  /** It is later at once: each timer that was armed and is due by then fires once, in the same order. */
  jump(byMs: number): void;
  /** How many timers are armed: a test of clean-up asserts 0. */
  readonly pending: number;
}

export function fakeClock(startMs = 1_000_000): FakeClock {
  let now = startMs;
  let sequence = 0;
  const timers = new Map<number, { atMs: number; fn: () => void }>();
  const nextDue = (limitMs: number): number | undefined => {
    let best: number | undefined;
    for (const [id, timer] of timers) {
      if (timer.atMs > limitMs) continue;
      const bestMs = best === undefined ? Number.POSITIVE_INFINITY : (timers.get(best)?.atMs ?? 0);
      if (timer.atMs < bestMs) best = id;
    }
    return best;
  };
  const fire = (id: number): void => {
    const timer = timers.get(id);
    timers.delete(id);
    if (timer === undefined) return;
    now = Math.max(now, timer.atMs);
    timer.fn();
  };
  return {
    nowMs: () => now,
    setTimer(atMs, fn) {
      const id = sequence++;
      timers.set(id, { atMs, fn });
      return () => void timers.delete(id);
    },
    advance(byMs) {
      const target = now + byMs;
      for (let id = nextDue(target); id !== undefined; id = nextDue(target)) fire(id);
      now = target;
    },
    jump(byMs) {
      now += byMs;
      const due = [...timers].filter(([, { atMs }]) => atMs <= now);
      for (const [id] of due.toSorted(([, a], [, b]) => a.atMs - b.atMs)) fire(id);
    },
    get pending() {
      return timers.size;
    },
  };
}
