/**
 * Witnesses, asked at the start and from time to time.
 *
 * Purpose: a copy that was restored from a backup shows before a session asks, the head is never long unwitnessed, and what
 * is wrong with a log is told until it was heard.
 * Assumes: who is away answers another time. Does not know: what a witness checks (witness.ts).
 */
import type { Clock } from '../clock/index.ts';
import type { LogFaults } from './faults.ts';
import type { LogWitness } from './witness.ts';

/** How often witnesses are asked without any need. */
const witnessEveryMs = 15 * 60_000;

/** Returns the way out. */
export function keepWitnessed(
  witness: Pick<LogWitness, 'refresh'>,
  faults: Pick<LogFaults, 'tell'>,
  clock: Clock,
): () => void {
  let cancel: () => void = () => undefined;
  let isOver = false; // a station that has closed its store has nobody to tell
  const next = (): void => {
    // What a witness shows us may say that our own log was taken back: then everybody is to hear of it.
    void witness.refresh().then(() => (isOver ? undefined : faults.tell()));
    cancel = clock.setTimer(clock.nowMs() + witnessEveryMs, next);
  };
  next();
  return () => {
    isOver = true;
    cancel();
  };
}
