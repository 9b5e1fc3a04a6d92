/**
 * Randomness as an argument.
 *
 * Purpose: the one source of random bytes for the process, handed to whoever needs it.
 * Assumes: node:crypto is seeded by the operating system.
 * Does not know: what the bytes become.
 */
import { randomBytes } from 'node:crypto';

/** `n` fresh random bytes in an array of their own. */
export type Random = (n: number) => Uint8Array;

/** Copied out of Node's shared pool, so that the caller may zero or transfer them. */
export const systemRandom: Random = (n) => Uint8Array.from(randomBytes(n));
