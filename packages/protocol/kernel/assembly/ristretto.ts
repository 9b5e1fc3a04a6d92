// ristretto255 (RFC 9496): decoding and the one-way map, for a pair at a time.
//
// Assumes: words as they come off the wire. Every lane runs the same instructions, valid or not; masks say which
// were not. Does not know: scalars, batches.
import { MAPPED, TEMPS, TEMPS_WORDS } from './layout';
import {
  D, D_MINUS_ONE_SQ, MINUS_ONE, ONE, ONE_MINUS_D_SQ, SQRT_AD_MINUS_ONE, SQRT_M1, ZERO,
} from './constants';
import {
  add, addTight, copy, fromWords, mul, negateWhere, select, sqr, sub, subTight, toWords,
} from './field';
import { addCached, toCached } from './point';
import { invSqrt, sqrtRatio } from './power';
import { equal, odd, zero } from './words';

const S: usize = TEMPS + 16 * 80;
const U1: usize = TEMPS + 17 * 80;
const U2: usize = TEMPS + 18 * 80;
const V: usize = TEMPS + 19 * 80;
const ROOT: usize = TEMPS + 20 * 80;
const A: usize = TEMPS + 21 * 80;
const B: usize = TEMPS + 22 * 80;
const R: usize = TEMPS + 23 * 80;
const N: usize = TEMPS + 24 * 80;
const CACHED: usize = TEMPS + 25 * 80; // four field elements
const W: usize = TEMPS_WORDS + 2 * 64;

/** p = the point of the encodings at w (RFC 9496 §4.3.1); answers which lanes hold a canonical encoding. */
export function decode(p: usize, w: usize): v128 {
  fromWords(S, w);
  // 1. canonical (bit 255 included) and non-negative
  toWords(W, S);
  let valid = v128.andnot(equal(W, w), odd(w));
  // 2. ss = s², u1 = 1 − ss, u2 = 1 + ss, v = −(D·u1²) − u2²
  sqr(A, S);
  subTight(U1, ONE, A);
  addTight(U2, ONE, A);
  sqr(B, U2);
  sqr(V, U1);
  mul(V, V, D);
  addTight(A, V, B);
  subTight(V, ZERO, A);
  // (was_square, invsqrt) = SQRT_RATIO_M1(1, v·u2²)
  mul(A, V, B);
  valid = v128.and(valid, invSqrt(ROOT, A));
  // den_x = invsqrt·u2, den_y = invsqrt·den_x·v
  mul(A, ROOT, U2);
  mul(B, ROOT, A);
  mul(B, B, V);
  // x = |2·s·den_x|, y = u1·den_y, t = x·y
  add(S, S, S);
  mul(S, A, S);
  toWords(W, S);
  negateWhere(p, S, odd(W));
  mul(p + 80, U1, B);
  copy(p + 160, ONE);
  mul(p + 240, p, p + 80);
  // fail where t is negative or y = 0
  toWords(W, p + 240);
  valid = v128.andnot(valid, odd(W));
  toWords(W, p + 80);
  return v128.andnot(valid, zero(W));
}

/** p = MAP(t) for the 32 bytes of words at w, bit 255 ignored (RFC 9496 §4.3.4). */
function map(p: usize, w: usize): void {
  fromWords(S, w); // t
  // r = SQRT_M1·t², u = (r + 1)·ONE_MINUS_D_SQ, v = (−1 − r·D)·(r + D)
  sqr(R, S);
  mul(R, R, SQRT_M1);
  add(A, R, ONE);
  mul(U1, A, ONE_MINUS_D_SQ);
  mul(A, R, D);
  subTight(A, MINUS_ONE, A);
  add(B, R, D);
  mul(V, B, A);
  // (was_square, s) = SQRT_RATIO_M1(u, v), s' = −|s·t|, s = s' and c = r where not square, else c = −1
  const square = sqrtRatio(ROOT, U1, V);
  mul(A, ROOT, S);
  toWords(W, A);
  negateWhere(A, A, v128.not(odd(W)));
  select(S, ROOT, A, square);
  select(B, MINUS_ONE, R, square);
  // N = c·(r − 1)·D_MINUS_ONE_SQ − v
  sub(A, R, ONE);
  mul(N, A, B);
  mul(N, N, D_MINUS_ONE_SQ);
  sub(N, N, V);
  // w0 = 2·s·v, w1 = N·SQRT_AD_MINUS_ONE, w2 = 1 − s², w3 = 1 + s²
  mul(U1, S, V);
  add(U1, U1, U1);
  mul(U2, N, SQRT_AD_MINUS_ONE);
  sqr(S, S);
  subTight(A, ONE, S);
  addTight(B, ONE, S);
  // (w0·w3, w2·w1, w1·w3, w0·w2)
  mul(p, U1, B);
  mul(p + 80, A, U2);
  mul(p + 160, U2, B);
  mul(p + 240, U1, A);
}

/** p = MAP(first half) + MAP(second half) of the words at u and v (RFC 9496 §4.3.4); answers which lanes are the identity. */
export function mapUniform(p: usize, u: usize, v: usize): v128 {
  map(MAPPED, u);
  toCached(CACHED, MAPPED);
  map(p, v);
  addCached(p, p, CACHED, true);
  // The result stands for the identity exactly when x·y = 0 (RFC 9496 §4.3.3 with the neutral element).
  toWords(W, p + 240);
  return zero(W);
}
