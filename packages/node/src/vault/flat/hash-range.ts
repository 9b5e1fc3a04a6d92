/**
 * Hashing and comparing ranges of a byte array, for the vault's hash tables.
 *
 * Purpose: a seeded, fast, non-cryptographic hash.
 * Assumes: the seed is random and stays inside the vault. Does not know: what is hashed.
 */

/** MurmurHash3 (x86, 32 bits; A. Appleby, public domain) over `bytes[start … end)`. */
export function hashRange(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let h = seed | 0;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    let k =
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24);
    k = Math.imul(k, 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    h ^= Math.imul(k, 0x1b873593);
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let shift = 0; i < end; i++, shift += 8) tail |= (bytes[i] as number) << shift;
  tail = Math.imul(tail, 0xcc9e2d51);
  tail = (tail << 15) | (tail >>> 17);
  h ^= Math.imul(tail, 0x1b873593);
  h ^= end - start;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Whether two ranges of one array hold the same bytes. */
export function sameRange(
  bytes: Uint8Array,
  start: number,
  end: number,
  start2: number,
  end2: number,
): boolean {
  if (end - start !== end2 - start2) return false;
  for (let i = start, j = start2; i < end; i++, j++) if (bytes[i] !== bytes[j]) return false;
  return true;
}
