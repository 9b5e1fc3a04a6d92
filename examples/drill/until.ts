/**
 * Waiting for something to be so.
 *
 * Purpose: stations tell each other things in their own time. Does not know: what is waited for.
 */
const lookEveryMs = 50;
const longestMs = 180_000;

/** Looks again and again until it is so. Throws, saying what was waited for, after three minutes. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = performance.now() + longestMs;
  while (!(await isSo())) {
    if (performance.now() > deadlineMs) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}
