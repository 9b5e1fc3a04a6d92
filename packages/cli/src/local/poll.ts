/**
 * Waiting for another process by asking it again and again.
 *
 * Purpose: the one loop of a run that does so. Assumes: asking costs little. Does not know: what is asked.
 */
import { TallyError } from '@tallystick/protocol/errors';

export interface Poll {
  readonly everyMs: number;
  readonly withinMs: number;
  /** Of the error when time is over: what was waited for. */
  readonly what: string;
}

/** Resolves once `look` says yes. @throws TallyError `session.deadline`; whatever `look` throws. */
export async function poll(look: () => Promise<boolean>, { everyMs, withinMs, what }: Poll): Promise<void> {
  const deadlineMs = Date.now() + withinMs;
  while (!(await look())) {
    if (Date.now() > deadlineMs) throw new TallyError('session.deadline', what);
    await new Promise((done) => setTimeout(done, everyMs));
  }
}
