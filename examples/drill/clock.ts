/**
 * One clock for every station of the drill, which can be put forward.
 *
 * Purpose: a review that is missed needs days to pass. Between two steps forward it runs as the machine's own, so that
 * waits are real waits; the clock that a node judges it by goes forward with it, as it would if the days had passed.
 * Assumes: nothing is under way when it is put forward. Does not know: who reads it.
 */
import { type Clock, systemClock } from '@tallystick/host/clock';

export interface SteeredClock extends Clock {
  /** Never set back: what a node compares the time of day with. */
  monotonicMs(): number;
  /** Whatever falls due on the way fires at once, each timer once. */
  forward(byMs: number): void;
}

export function steeredClock(startMs: number): SteeredClock {
  let aheadMs = startMs - systemClock.nowMs();
  let forwardMs = 0;
  const armed = new Set<{ arm(): void }>();
  return {
    nowMs: () => systemClock.nowMs() + aheadMs,
    monotonicMs: () => performance.now() + forwardMs,
    setTimer(atMs, fn) {
      let stop: () => void = () => undefined;
      const timer = {
        arm() {
          stop();
          stop = systemClock.setTimer(atMs - aheadMs, () => {
            armed.delete(timer);
            fn();
          });
        },
      };
      armed.add(timer);
      timer.arm();
      return () => {
        armed.delete(timer);
        stop();
      };
    },
    forward(byMs) {
      aheadMs += byMs;
      forwardMs += byMs;
      for (const timer of armed) timer.arm();
    },
  };
}
