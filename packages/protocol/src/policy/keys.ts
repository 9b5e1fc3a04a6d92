/**
 * The key that somebody signs with now.
 *
 * Purpose: the newest that membership messages gave, or else the agreement's. Assumes: `keys` is the fold of checked
 * messages. Does not know: what is signed.
 */
import type { PolicyState } from './state.ts';

/** @param officer null: the station's or the body's own key. @param agreed the agreement's, hex. */
export function currentKey(
  keys: PolicyState['membership']['keys'],
  of: string,
  officer: string | null,
  agreed: string,
): string {
  return keys.findLast((key) => key.of === of && key.officer === officer)?.publicKey ?? agreed;
}
