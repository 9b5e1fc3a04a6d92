// ristretto255 (RFC 9496): decoding and the one-way map.
//
// Both need a square root, and roots go two at a time (power.ts): two pairs are decoded together; the two halves of
// one map's input are a natural couple. `t` below is 0 for the first, TWIN for the second: where its temporaries are.
// Assumes: words as they come off the wire. Every lane runs the same instructions, valid or not; masks say which
// were not. Does not know: scalars, batches.
import { MAPPED, POINT, TEMPS, TEMPS_WORDS, TWIN } from './layout';
import {
  D, D_MINUS_ONE_SQ, MINUS_ONE, ONE, ONE_MINUS_D_SQ, SQRT_AD_MINUS_ONE, SQRT_M1, ZERO,
} from './constants';
import {
  add, addTight, copy, fromWords, mul, mulLoose, negateWhere, select, sqr, sub, subTight, toWords,
} from './field';
import { addCached, toCached } from './point';
import { endInvSqrt, endSqrtRatio, powP58, startInvSqrt, startSqrtRatio } from './power';
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

/** Decoding (RFC 9496 §4.3.1) of the encodings at w, up to the square root of V·U2². */
function startDecode(w: usize, t: usize): void {
  // ss = s², u1 = 1 − ss, u2 = 1 + ss, v = −(D·u1²) − u2²
  fromWords(S + t, w);
  sqr(N, S + t);
  subTight(U1 + t, ONE, N);
  addTight(U2 + t, ONE, N);
  sqr(B, U2 + t);
  sqr(N, U1 + t);
  mul(N, N, D);
  addTight(N, N, B);
  subTight(V + t, ZERO, N);
  // (was_square, invsqrt) = SQRT_RATIO_M1(1, v·u2²)
  mul(A + t, V + t, B);
  startInvSqrt(A + t, t);
}

/** p = the point, from the square root on; answers which lanes hold a canonical encoding. */
function endDecode(p: usize, w: usize, t: usize): v128 {
  // canonical (bit 255 included) and non-negative
  toWords(W, S + t);
  let valid = v128.andnot(equal(W, w), odd(w));
  valid = v128.and(valid, endInvSqrt(ROOT, A + t, t));
  // den_x = invsqrt·u2, den_y = invsqrt·den_x·v
  mul(N, ROOT, U2 + t);
  mul(B, ROOT, N);
  mul(B, B, V + t);
  // x = |2·s·den_x|, y = u1·den_y, t = x·y
  add(S + t, S + t, S + t);
  mulLoose(R, N, S + t);
  toWords(W, R);
  negateWhere(p, R, odd(W));
  mul(p + 80, U1 + t, B);
  copy(p + 160, ONE);
  mul(p + 240, p, p + 80);
  // fail where t is negative or y = 0
  toWords(W, p + 240);
  valid = v128.andnot(valid, odd(W));
  toWords(W, p + 80);
  return v128.andnot(valid, zero(W));
}

/**
 * The points of two pairs of encodings: at w to p, at w + 64 to p + POINT. Where the lanes that hold a canonical
 * encoding are marked: `valid`, and 16 bytes on for the second pair.
 */
export function decodeTwo(p: usize, w: usize, valid: usize): void {
  startDecode(w, 0);
  startDecode(w + 64, TWIN);
  powP58();
  v128.store(valid, endDecode(p, w, 0), 0);
  v128.store(valid, endDecode(p + POINT, w + 64, TWIN), 16);
}

/** MAP(t) (RFC 9496 §4.3.4) for the 32 bytes of words at w, bit 255 ignored, up to the square root of U1/V. */
function startMap(w: usize, t: usize): void {
  fromWords(S + t, w); // t of the RFC
  // r = SQRT_M1·t², u = (r + 1)·ONE_MINUS_D_SQ, v = (−1 − r·D)·(r + D)
  sqr(A, S + t);
  mul(R + t, A, SQRT_M1);
  add(A, R + t, ONE);
  mulLoose(U1 + t, A, ONE_MINUS_D_SQ);
  mul(A, R + t, D);
  subTight(A, MINUS_ONE, A);
  add(B, R + t, D);
  mulLoose(V + t, B, A);
  startSqrtRatio(U1 + t, V + t, t);
}

/** p = MAP(t), from the square root on. */
function endMap(p: usize, t: usize): void {
  // (was_square, s) = SQRT_RATIO_M1(u, v), s' = −|s·t|, s = s' and c = r where not square, else c = −1
  const square = endSqrtRatio(ROOT, U1 + t, V + t, t);
  mul(A, ROOT, S + t);
  toWords(W, A);
  negateWhere(A, A, v128.not(odd(W)));
  select(S + t, ROOT, A, square);
  select(B, MINUS_ONE, R + t, square);
  // N = c·(r − 1)·D_MINUS_ONE_SQ − v
  sub(A, R + t, ONE);
  mulLoose(N, A, B);
  mul(N, N, D_MINUS_ONE_SQ);
  sub(N, N, V + t);
  // w0 = 2·s·v, w1 = N·SQRT_AD_MINUS_ONE, w2 = 1 − s², w3 = 1 + s²
  mul(U1, S + t, V + t);
  add(U1, U1, U1);
  mulLoose(U2, N, SQRT_AD_MINUS_ONE);
  sqr(S, S + t);
  subTight(A, ONE, S);
  addTight(B, ONE, S);
  // (w0·w3, w2·w1, w1·w3, w0·w2)
  mulLoose(p, U1, B);
  mul(p + 80, A, U2);
  mul(p + 160, U2, B);
  mulLoose(p + 240, U1, A);
}

/**
 * p = MAP(first half) + MAP(second half) of the words at w and w + 64 (RFC 9496 §4.3.4); answers which lanes are the
 * identity.
 */
export function mapUniform(p: usize, w: usize): v128 {
  startMap(w, 0);
  startMap(w + 64, TWIN);
  powP58();
  endMap(MAPPED, 0);
  endMap(p, TWIN);
  toCached(CACHED, MAPPED);
  addCached(p, p, CACHED, true);
  // The result stands for the identity exactly when x·y = 0 (RFC 9496 §4.3.3 with the neutral element).
  toWords(W, p + 240);
  return zero(W);
}
