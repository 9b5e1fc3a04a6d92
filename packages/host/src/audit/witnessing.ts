/**
 * Witnesses, asked at the start and from time to time.
 *
 * Purpose: a copy that was restored from a backup shows before a session asks, and the head is never long unwitnessed.
 * Assumes: who is away answers another time. Does not know: what a witness checks (witness.ts).
 */
import type { Clock } from '../clock/index.ts';
import type { LogWitness } from './witness.ts';

/** How often witnesses are asked without any need. */
const witnessEveryMs = 15 * 60_000;

/** Returns the way out. */
export function keepWitnessed(witness: LogWitness, clock: Clock): () => void {
  let cancel: () => void = () => undefined;
  const next = (): void => {
    void witness.refresh();
    cancel = clock.setTimer(clock.nowMs() + witnessEveryMs, next);
  };
  next();
  return () => cancel();
}
