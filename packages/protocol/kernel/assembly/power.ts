// Powers in the field: inverse and square root of a ratio.
//
// A root is a chain of 254 squarings, each waiting for the one before. So roots are taken two at a time: value and
// twin (at +TWIN) step by step together, and the processor works on one while it waits for the other.
// Assumes: tight inputs. Exponents are public, so the chains are plain loops.
// Does not know: points.
import { TEMPS, TEMPS_WORDS, TWIN } from './layout';
import { MINUS_ONE, MINUS_SQRT_M1, ONE, SQRT_M1, wordsOf } from './constants';
import { mul, negateWhere, select, sqr, toWords } from './field';
import { equal, odd } from './words';

const T0: usize = TEMPS;
const T1: usize = TEMPS + 80;
const T2: usize = TEMPS + 2 * 80;
const T3: usize = TEMPS + 3 * 80;
const CHECK: usize = TEMPS + 4 * 80;
const V3: usize = TEMPS + 5 * 80;
const ROOT: usize = TEMPS + 6 * 80;
const OTHER: usize = TEMPS + 7 * 80;
const W0: usize = TEMPS_WORDS;
const W1: usize = TEMPS_WORDS + 64;

/** o = a·b, and the same for their twins. */
function mulBoth(o: usize, a: usize, b: usize): void {
  mul(o, a, b);
  mul(o + TWIN, a + TWIN, b + TWIN);
}

/** o = a^(2^n), n >= 1, and the same for their twins. */
function sqrTimes(o: usize, a: usize, n: i32): void {
  sqr(o, a);
  sqr(o + TWIN, a + TWIN);
  for (let i = 1; i < n; i++) {
    sqr(o, o);
    sqr(o + TWIN, o + TWIN);
  }
}

/** T1 = a^(2^250 − 1), T0 = a^11: the common part of both chains (ref10, SUPERCOP). */
function common(a: usize): void {
  sqrTimes(T0, a, 1); // 2
  sqrTimes(T1, T0, 2); // 8
  mulBoth(T1, a, T1); // 9
  mulBoth(T0, T0, T1); // 11
  sqrTimes(T2, T0, 1); // 22
  mulBoth(T1, T1, T2); // 2^5 − 1
  sqrTimes(T2, T1, 5);
  mulBoth(T1, T2, T1); // 2^10 − 1
  sqrTimes(T2, T1, 10);
  mulBoth(T2, T2, T1); // 2^20 − 1
  sqrTimes(T3, T2, 20);
  mulBoth(T2, T3, T2); // 2^40 − 1
  sqrTimes(T2, T2, 10);
  mulBoth(T1, T2, T1); // 2^50 − 1
  sqrTimes(T2, T1, 50);
  mulBoth(T2, T2, T1); // 2^100 − 1
  sqrTimes(T3, T2, 100);
  mulBoth(T2, T3, T2); // 2^200 − 1
  sqrTimes(T2, T2, 50);
  mulBoth(T1, T2, T1); // 2^250 − 1
}

/** o = a^(p − 2) = 1/a, and the same for their twins; 0 gives 0. `o` may be `a`. */
export function invert(o: usize, a: usize): void {
  common(a);
  sqrTimes(T1, T1, 5);
  mulBoth(o, T1, T0); // 2^255 − 21
}

/** The roots' common middle: ROOT = CHECK^((p − 5)/8) = CHECK^(2^252 − 3), and the same for the twins. */
export function powP58(): void {
  common(CHECK);
  sqrTimes(T1, T1, 2);
  mulBoth(ROOT, T1, CHECK);
}

/** First part of a root: V3 = v^3, CHECK = v^7. `t`: 0, or TWIN for the twin (v being that of the twin then). */
@inline function cubeAndSeventh(v: usize, t: usize): void {
  sqr(CHECK + t, v);
  mul(V3 + t, CHECK + t, v);
  sqr(CHECK + t, V3 + t);
  mul(CHECK + t, CHECK + t, v);
}

/** Ends a root: o = candidate times √−1 where `flipped`, made non-negative (CT_ABS). */
@inline function finishRoot(o: usize, flipped: v128, t: usize): void {
  mul(OTHER, ROOT + t, SQRT_M1);
  select(OTHER, OTHER, ROOT + t, flipped);
  toWords(W0, OTHER);
  negateWhere(o, OTHER, odd(W0));
}

/** SQRT_RATIO_M1(1, v) of RFC 9496 §4.2, first part; then powP58(), then endInvSqrt(). */
export function startInvSqrt(v: usize, t: usize): void {
  cubeAndSeventh(v, t);
}

/** o = 1/√v, or 1/√(i·v) where v is no square; answers whether v is a square other than zero. */
export function endInvSqrt(o: usize, v: usize, t: usize): v128 {
  mul(ROOT + t, ROOT + t, V3 + t); // v^3 · (v^7)^((p − 5)/8)
  sqr(CHECK + t, ROOT + t);
  mul(CHECK + t, CHECK + t, v);
  toWords(W0, CHECK + t);
  const correct = equal(W0, wordsOf(ONE));
  const flipped = equal(W0, wordsOf(MINUS_ONE));
  const flippedI = equal(W0, wordsOf(MINUS_SQRT_M1));
  finishRoot(o, v128.or(flipped, flippedI), t);
  return v128.or(correct, flipped);
}

/** SQRT_RATIO_M1(u, v) of RFC 9496 §4.2, first part; then powP58(), then endSqrtRatio(). */
export function startSqrtRatio(u: usize, v: usize, t: usize): void {
  cubeAndSeventh(v, t);
  mul(CHECK + t, CHECK + t, u);
}

/** o = √(u/v), or √(i·u/v) where u/v is no square; answers whether it is. */
export function endSqrtRatio(o: usize, u: usize, v: usize, t: usize): v128 {
  mul(V3 + t, V3 + t, u);
  mul(ROOT + t, ROOT + t, V3 + t); // u·v^3 · (u·v^7)^((p − 5)/8)
  sqr(CHECK + t, ROOT + t);
  mul(CHECK + t, CHECK + t, v);
  toWords(W0, CHECK + t);
  toWords(W1, u);
  const correct = equal(W0, W1);
  mul(OTHER, u, MINUS_ONE);
  toWords(W1, OTHER);
  const flipped = equal(W0, W1);
  mul(OTHER, u, MINUS_SQRT_M1);
  toWords(W1, OTHER);
  const flippedI = equal(W0, W1);
  finishRoot(o, v128.or(flipped, flippedI), t);
  return v128.or(correct, flipped);
}
