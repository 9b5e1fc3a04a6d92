/**
 * Waiting for the end of a service.
 *
 * Purpose: a service ends at a signal, or by itself. Assumes: nothing. Does not know: which service.
 */
export function untilStopped(signal: AbortSignal, ended?: Promise<void>): Promise<void> {
  const stopped = new Promise<void>((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
  return ended === undefined ? stopped : Promise.race([stopped, ended]);
}
