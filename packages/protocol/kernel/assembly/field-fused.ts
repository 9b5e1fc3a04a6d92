// Arithmetic modulo p = 2^255 − 19 with relaxed-SIMD fused multiply-add, two elements per vector.
//
// Representation: five limbs of 51 bits, balanced and signed, held as doubles: a = Σ aᵢ·2^(51i). A value is
// "tight" when |aᵢ| <= 2^50 + 2^13, which every carry below gives. Sums and differences of two tight values
// ("loose") may be multiplied by tight ones, with mulLoose and mulWide; loose times loose would reach 2^102 and
// overflow in silence, which scripts/kernel-bounds.ts rules out by running these very sources on intervals.
//
// Product of limbs: N. Emmart, "Faster modular exponentiation using double precision floating point arithmetic
// on the GPU" (ARITH 2018): with C1 = 1.5·2^103 and C2 = C1 + 1.5·2^52,
//   hi = fma(a, b, C1)        holds  round(a·b / 2^51)   in its low mantissa bits,
//   lo = fma(a, b, C2 − hi)   holds  a·b − 2^51·round(…) likewise, exactly, while |a·b| < 2^102.
// Both are added up as 64-bit integers, column by column; the bit patterns of the constants ("surplus") are
// taken off once per column, together with the bias that makes the carry's shift a logical one.
//
// Assumes: relaxed_madd rounds once (the host probes that); inputs within the bounds that the checker holds.
// Does not know: points, scalars. Every function runs the same instructions whatever the values are.
import {
  K_2P, K_2P0, K_BACK, K_BACK0, K_C1, K_C2, K_M0, K_M1, K_M2, K_MAGIC, K_MASK, K_S1, K_SCALE, K_SCALE19,
  K_SM2, K_T1, K_T2, K_TWO52,
} from './field-fused-constants';
export { writeFieldConstants } from './field-fused-constants';
import { limb51, storeCanonical, times19 } from './words';

@inline function hi(a: v128, b: v128, c1: v128): v128 {
  return f64x2.relaxed_madd(a, b, c1);
}

@inline function lo(a: v128, b: v128, h: v128, c2: v128): v128 {
  return f64x2.relaxed_madd(a, b, f64x2.sub(c2, h));
}

/** Sum of two los whose his are chained: h = hi(a, b, C1), g = hi(c, d, h). */
@inline function twoLos(a: v128, b: v128, c: v128, d: v128, h: v128, g: v128, c2: v128): v128 {
  return f64x2.add(lo(a, b, h, c2), lo(c, d, g, h));
}

/** low + 19·high: 2^255 = 19 modulo p. */
@inline function fold(low: v128, high: v128): v128 {
  return i64x2.add(low, times19(high));
}

/** r + c as a double: both non-negative, their sum below 2^52; `back` takes off 2^52 and the biases. */
@inline function limb(r: v128, c: v128, back: v128): v128 {
  return f64x2.sub(v128.or(i64x2.add(r, c), v128.load(K_TWO52)), back);
}

/** One parallel carry to tight limbs, of columns that already hold their bias and no surplus. */
@inline function carry(o: usize, y0: v128, y1: v128, y2: v128, y3: v128, y4: v128): void {
  const m = v128.load(K_MASK);
  const back = v128.load(K_BACK);
  v128.store(o, limb(v128.and(y1, m), i64x2.shr_u(y0, 51), back), 16);
  v128.store(o, limb(v128.and(y2, m), i64x2.shr_u(y1, 51), back), 32);
  v128.store(o, limb(v128.and(y3, m), i64x2.shr_u(y2, 51), back), 48);
  v128.store(o, limb(v128.and(y4, m), i64x2.shr_u(y3, 51), back), 64);
  v128.store(o, limb(v128.and(y0, m), times19(i64x2.shr_u(y4, 51)), v128.load(K_BACK0)), 0);
}

/** Column x with its bias. */
@inline function biased(x: v128, bias: usize, offset: usize): v128 {
  return i64x2.add(x, v128.load(bias + offset));
}

/** Ends a product: folded columns as they are (`wide`), or carried to tight limbs. */
@inline function finish(o: usize, x0: v128, x1: v128, x2: v128, x3: v128, x4: v128, bias: usize, wide: bool): void {
  if (wide) {
    v128.store(o, x0, 0);
    v128.store(o, x1, 16);
    v128.store(o, x2, 32);
    v128.store(o, x3, 48);
    v128.store(o, x4, 64);
  } else {
    carry(o, biased(x0, bias, 0), biased(x1, bias, 16), biased(x2, bias, 32), biased(x3, bias, 48), biased(x4, bias, 64));
  }
}

@inline function product(o: usize, a: usize, b: usize, wide: bool): void {
  const k1 = v128.load(K_C1), k2 = v128.load(K_C2);
  const a0 = v128.load(a, 0), a1 = v128.load(a, 16), a2 = v128.load(a, 32), a3 = v128.load(a, 48), a4 = v128.load(a, 64);
  const b0 = v128.load(b, 0), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48), b4 = v128.load(b, 64);
  let h: v128, c0: v128, c1: v128, c2: v128, c3: v128, c4: v128, c5: v128, c6: v128, c7: v128, c8: v128, c9: v128;
  h = hi(a0, b0, k1); c1 = h; c0 = lo(a0, b0, h, k2);
  h = hi(a0, b1, k1); c2 = h; c1 = i64x2.add(c1, lo(a0, b1, h, k2));
  h = hi(a1, b0, k1); c2 = i64x2.add(c2, h); c1 = i64x2.add(c1, lo(a1, b0, h, k2));
  h = hi(a0, b2, k1); c3 = h; c2 = i64x2.add(c2, lo(a0, b2, h, k2));
  h = hi(a1, b1, k1); c3 = i64x2.add(c3, h); c2 = i64x2.add(c2, lo(a1, b1, h, k2));
  h = hi(a2, b0, k1); c3 = i64x2.add(c3, h); c2 = i64x2.add(c2, lo(a2, b0, h, k2));
  h = hi(a0, b3, k1); c4 = h; c3 = i64x2.add(c3, lo(a0, b3, h, k2));
  h = hi(a1, b2, k1); c4 = i64x2.add(c4, h); c3 = i64x2.add(c3, lo(a1, b2, h, k2));
  h = hi(a2, b1, k1); c4 = i64x2.add(c4, h); c3 = i64x2.add(c3, lo(a2, b1, h, k2));
  h = hi(a3, b0, k1); c4 = i64x2.add(c4, h); c3 = i64x2.add(c3, lo(a3, b0, h, k2));
  h = hi(a0, b4, k1); c5 = h; c4 = i64x2.add(c4, lo(a0, b4, h, k2));
  h = hi(a1, b3, k1); c5 = i64x2.add(c5, h); c4 = i64x2.add(c4, lo(a1, b3, h, k2));
  h = hi(a2, b2, k1); c5 = i64x2.add(c5, h); c4 = i64x2.add(c4, lo(a2, b2, h, k2));
  h = hi(a3, b1, k1); c5 = i64x2.add(c5, h); c4 = i64x2.add(c4, lo(a3, b1, h, k2));
  h = hi(a4, b0, k1); c5 = i64x2.add(c5, h); c4 = i64x2.add(c4, lo(a4, b0, h, k2));
  h = hi(a1, b4, k1); c6 = h; c5 = i64x2.add(c5, lo(a1, b4, h, k2));
  h = hi(a2, b3, k1); c6 = i64x2.add(c6, h); c5 = i64x2.add(c5, lo(a2, b3, h, k2));
  h = hi(a3, b2, k1); c6 = i64x2.add(c6, h); c5 = i64x2.add(c5, lo(a3, b2, h, k2));
  h = hi(a4, b1, k1); c6 = i64x2.add(c6, h); c5 = i64x2.add(c5, lo(a4, b1, h, k2));
  h = hi(a2, b4, k1); c7 = h; c6 = i64x2.add(c6, lo(a2, b4, h, k2));
  h = hi(a3, b3, k1); c7 = i64x2.add(c7, h); c6 = i64x2.add(c6, lo(a3, b3, h, k2));
  h = hi(a4, b2, k1); c7 = i64x2.add(c7, h); c6 = i64x2.add(c6, lo(a4, b2, h, k2));
  h = hi(a3, b4, k1); c8 = h; c7 = i64x2.add(c7, lo(a3, b4, h, k2));
  h = hi(a4, b3, k1); c8 = i64x2.add(c8, h); c7 = i64x2.add(c7, lo(a4, b3, h, k2));
  h = hi(a4, b4, k1); c9 = h; c8 = i64x2.add(c8, lo(a4, b4, h, k2));
  finish(o, fold(c0, c5), fold(c1, c6), fold(c2, c7), fold(c3, c8), fold(c4, c9), K_M1, wide);
}

/**
 * The same for tight a and b, two limb products of a column at a time: the second is added to the hi of the first, so
 * a pair costs one addition less. |a·b + c·d| stays below 2^102 only if all four are tight. The columns'
 * surplus is that of a tight product.
 */
@inline function tightProduct(o: usize, a: usize, b: usize, wide: bool): void {
  const k1 = v128.load(K_C1), k2 = v128.load(K_C2);
  const a0 = v128.load(a, 0), a1 = v128.load(a, 16), a2 = v128.load(a, 32), a3 = v128.load(a, 48), a4 = v128.load(a, 64);
  const b0 = v128.load(b, 0), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48), b4 = v128.load(b, 64);
  let h: v128, g: v128, c0: v128, c1: v128, c2: v128, c3: v128, c4: v128, c5: v128, c6: v128, c7: v128, c8: v128, c9: v128;
  h = hi(a0, b0, k1); c1 = h; c0 = lo(a0, b0, h, k2);
  h = hi(a0, b1, k1); g = hi(a1, b0, h); c2 = g; c1 = i64x2.add(c1, twoLos(a0, b1, a1, b0, h, g, k2));
  h = hi(a0, b2, k1); g = hi(a1, b1, h); c3 = g; c2 = i64x2.add(c2, twoLos(a0, b2, a1, b1, h, g, k2));
  h = hi(a2, b0, k1); c3 = i64x2.add(c3, h); c2 = i64x2.add(c2, lo(a2, b0, h, k2));
  h = hi(a0, b3, k1); g = hi(a1, b2, h); c4 = g; c3 = i64x2.add(c3, twoLos(a0, b3, a1, b2, h, g, k2));
  h = hi(a2, b1, k1); g = hi(a3, b0, h); c4 = i64x2.add(c4, g); c3 = i64x2.add(c3, twoLos(a2, b1, a3, b0, h, g, k2));
  h = hi(a0, b4, k1); g = hi(a1, b3, h); c5 = g; c4 = i64x2.add(c4, twoLos(a0, b4, a1, b3, h, g, k2));
  h = hi(a2, b2, k1); g = hi(a3, b1, h); c5 = i64x2.add(c5, g); c4 = i64x2.add(c4, twoLos(a2, b2, a3, b1, h, g, k2));
  h = hi(a4, b0, k1); c5 = i64x2.add(c5, h); c4 = i64x2.add(c4, lo(a4, b0, h, k2));
  h = hi(a1, b4, k1); g = hi(a2, b3, h); c6 = g; c5 = i64x2.add(c5, twoLos(a1, b4, a2, b3, h, g, k2));
  h = hi(a3, b2, k1); g = hi(a4, b1, h); c6 = i64x2.add(c6, g); c5 = i64x2.add(c5, twoLos(a3, b2, a4, b1, h, g, k2));
  h = hi(a2, b4, k1); g = hi(a3, b3, h); c7 = g; c6 = i64x2.add(c6, twoLos(a2, b4, a3, b3, h, g, k2));
  h = hi(a4, b2, k1); c7 = i64x2.add(c7, h); c6 = i64x2.add(c6, lo(a4, b2, h, k2));
  h = hi(a3, b4, k1); g = hi(a4, b3, h); c8 = g; c7 = i64x2.add(c7, twoLos(a3, b4, a4, b3, h, g, k2));
  h = hi(a4, b4, k1); c9 = h; c8 = i64x2.add(c8, lo(a4, b4, h, k2));
  finish(o, fold(c0, c5), fold(c1, c6), fold(c2, c7), fold(c3, c8), fold(c4, c9), K_T1, wide);
}

/** Two limb products share their hi where only one of them is doubled. */
@inline function square(o: usize, a: usize, wide: bool): void {
  const k1 = v128.load(K_C1), k2 = v128.load(K_C2);
  const a0 = v128.load(a, 0), a1 = v128.load(a, 16), a2 = v128.load(a, 32), a3 = v128.load(a, 48), a4 = v128.load(a, 64);
  const d0 = f64x2.add(a0, a0), d1 = f64x2.add(a1, a1), d2 = f64x2.add(a2, a2), d3 = f64x2.add(a3, a3);
  let h: v128, g: v128, c0: v128, c1: v128, c2: v128, c3: v128, c4: v128, c5: v128, c6: v128, c7: v128, c8: v128, c9: v128;
  h = hi(a0, a0, k1); c1 = h; c0 = lo(a0, a0, h, k2);
  h = hi(d0, a1, k1); c2 = h; c1 = i64x2.add(c1, lo(d0, a1, h, k2));
  h = hi(d0, a2, k1); g = hi(a1, a1, h); c3 = g; c2 = i64x2.add(c2, twoLos(d0, a2, a1, a1, h, g, k2));
  h = hi(d0, a3, k1); c4 = h; c3 = i64x2.add(c3, lo(d0, a3, h, k2));
  h = hi(d1, a2, k1); c4 = i64x2.add(c4, h); c3 = i64x2.add(c3, lo(d1, a2, h, k2));
  h = hi(d0, a4, k1); c5 = h; c4 = i64x2.add(c4, lo(d0, a4, h, k2));
  h = hi(d1, a3, k1); g = hi(a2, a2, h); c5 = i64x2.add(c5, g); c4 = i64x2.add(c4, twoLos(d1, a3, a2, a2, h, g, k2));
  h = hi(d1, a4, k1); c6 = h; c5 = i64x2.add(c5, lo(d1, a4, h, k2));
  h = hi(d2, a3, k1); c6 = i64x2.add(c6, h); c5 = i64x2.add(c5, lo(d2, a3, h, k2));
  h = hi(d2, a4, k1); g = hi(a3, a3, h); c7 = g; c6 = i64x2.add(c6, twoLos(d2, a4, a3, a3, h, g, k2));
  h = hi(d3, a4, k1); c8 = h; c7 = i64x2.add(c7, lo(d3, a4, h, k2));
  h = hi(a4, a4, k1); c9 = h; c8 = i64x2.add(c8, lo(a4, a4, h, k2));
  finish(o, fold(c0, c5), fold(c1, c6), fold(c2, c7), fold(c3, c8), fold(c4, c9), K_S1, wide);
}

/** o = a·b, tight, for tight a and b. */
export function mul(o: usize, a: usize, b: usize): void {
  tightProduct(o, a, b, false);
}

/** o = a·b, tight; one of a and b may be loose. */
export function mulLoose(o: usize, a: usize, b: usize): void {
  product(o, a, b, false);
}

/** w = columns of a·b for tight a and b, folded, not carried; their surplus is one tight product's. */
export function mulWideTight(w: usize, a: usize, b: usize): void {
  tightProduct(w, a, b, true);
}

/** w = columns of a·b, one of which may be loose, folded, not carried; their surplus is one product's. */
export function mulWide(w: usize, a: usize, b: usize): void {
  product(w, a, b, true);
}

/** o = a², tight. */
export function sqr(o: usize, a: usize): void {
  square(o, a, false);
}

/** w = columns of a², folded, not carried; their surplus is one square's. */
export function sqrWide(w: usize, a: usize): void {
  square(w, a, true);
}

@inline function twice(w: usize, i: usize): v128 {
  const x = v128.load(w + i);
  return biased(i64x2.add(x, x), K_T2, i);
}

/** o = 2w, for the columns of a tight product. */
export function carryDoubled(o: usize, w: usize): void {
  carry(o, twice(w, 0), twice(w, 16), twice(w, 32), twice(w, 48), twice(w, 64));
}

@inline function minus(u: usize, w: usize, i: usize): v128 {
  return biased(i64x2.sub(v128.load(u + i), v128.load(w + i)), K_M0, i);
}

/** o = u − w, for the columns of two products or of two squares. */
export function carryDifference(o: usize, u: usize, w: usize): void {
  carry(o, minus(u, w, 0), minus(u, w, 16), minus(u, w, 32), minus(u, w, 48), minus(u, w, 64));
}

@inline function plus(u: usize, w: usize, i: usize): v128 {
  return biased(i64x2.add(v128.load(u + i), v128.load(w + i)), K_M2, i);
}

/** o = u + w, for the columns of two products. */
export function carrySum(o: usize, u: usize, w: usize): void {
  carry(o, plus(u, w, 0), plus(u, w, 16), plus(u, w, 32), plus(u, w, 48), plus(u, w, 64));
}

@inline function minusBoth(u: usize, w: usize, i: usize): v128 {
  return i64x2.sub(i64x2.sub(v128.load(K_SM2 + i), v128.load(u + i)), v128.load(w + i));
}

/** o = −u − w, for the columns of two squares. */
export function carryNegatedSum(o: usize, u: usize, w: usize): void {
  carry(o, minusBoth(u, w, 0), minusBoth(u, w, 16), minusBoth(u, w, 32), minusBoth(u, w, 48), minusBoth(u, w, 64));
}

@inline function minusTwice(u: usize, v: usize, w: usize, i: usize): v128 {
  const x = v128.load(w + i);
  return biased(i64x2.sub(i64x2.sub(i64x2.sub(v128.load(u + i), v128.load(v + i)), x), x), K_SM2, i);
}

/** o = u − v − 2w, for the columns of three squares. */
export function carryDifferenceMinusTwice(o: usize, u: usize, v: usize, w: usize): void {
  carry(o, minusTwice(u, v, w, 0), minusTwice(u, v, w, 16), minusTwice(u, v, w, 32), minusTwice(u, v, w, 48), minusTwice(u, v, w, 64));
}

/** o = a + b, loose. */
export function add(o: usize, a: usize, b: usize): void {
  v128.store(o, floatSum(a, b, 0), 0);
  v128.store(o, floatSum(a, b, 16), 16);
  v128.store(o, floatSum(a, b, 32), 32);
  v128.store(o, floatSum(a, b, 48), 48);
  v128.store(o, floatSum(a, b, 64), 64);
}

/** o = a − b, loose. */
export function sub(o: usize, a: usize, b: usize): void {
  v128.store(o, floatDifference(a, b, 0), 0);
  v128.store(o, floatDifference(a, b, 16), 16);
  v128.store(o, floatDifference(a, b, 32), 32);
  v128.store(o, floatDifference(a, b, 48), 48);
  v128.store(o, floatDifference(a, b, 64), 64);
}

/** Tight limbs from small sums of them: round each to a multiple of 2^51 and move that up. */
@inline function tighten(o: usize, x0: v128, x1: v128, x2: v128, x3: v128, x4: v128): void {
  const k1 = v128.load(K_C1), scale = v128.load(K_SCALE);
  const q0 = f64x2.sub(f64x2.add(x0, k1), k1);
  const q1 = f64x2.sub(f64x2.add(x1, k1), k1);
  const q2 = f64x2.sub(f64x2.add(x2, k1), k1);
  const q3 = f64x2.sub(f64x2.add(x3, k1), k1);
  const q4 = f64x2.sub(f64x2.add(x4, k1), k1);
  v128.store(o, f64x2.add(f64x2.sub(x0, q0), f64x2.mul(q4, v128.load(K_SCALE19))), 0);
  v128.store(o, f64x2.add(f64x2.sub(x1, q1), f64x2.mul(q0, scale)), 16);
  v128.store(o, f64x2.add(f64x2.sub(x2, q2), f64x2.mul(q1, scale)), 32);
  v128.store(o, f64x2.add(f64x2.sub(x3, q3), f64x2.mul(q2, scale)), 48);
  v128.store(o, f64x2.add(f64x2.sub(x4, q4), f64x2.mul(q3, scale)), 64);
}

@inline function floatSum(a: usize, b: usize, i: usize): v128 {
  return f64x2.add(v128.load(a + i), v128.load(b + i));
}

@inline function floatDifference(a: usize, b: usize, i: usize): v128 {
  return f64x2.sub(v128.load(a + i), v128.load(b + i));
}

/** o = a + b, tight. */
export function addTight(o: usize, a: usize, b: usize): void {
  tighten(o, floatSum(a, b, 0), floatSum(a, b, 16), floatSum(a, b, 32), floatSum(a, b, 48), floatSum(a, b, 64));
}

/** o = a − b, tight. */
export function subTight(o: usize, a: usize, b: usize): void {
  tighten(o, floatDifference(a, b, 0), floatDifference(a, b, 16), floatDifference(a, b, 32), floatDifference(a, b, 48), floatDifference(a, b, 64));
}

/** o = mask ? a : b, lane by lane. */
export function select(o: usize, a: usize, b: usize, mask: v128): void {
  for (let i: usize = 0; i < 80; i += 16) v128.store(o + i, v128.bitselect(v128.load(a + i), v128.load(b + i), mask));
}

/** −x for one vector of a field element. */
@inline export function negated(x: v128): v128 {
  return f64x2.neg(x);
}

/** o = mask ? −a : a, lane by lane. */
export function negateWhere(o: usize, a: usize, mask: v128): void {
  for (let i: usize = 0; i < 80; i += 16) {
    const x = v128.load(a + i);
    v128.store(o + i, v128.bitselect(negated(x), x, mask));
  }
}

/** One vector of a field element where the mask is set, else zero; `pickOr` joins disjoint ones. */
@inline export function pick(a: usize, mask: v128): v128 {
  return v128.and(v128.load(a), mask);
}

/** The mask of a pair in the form that `pick` wants. */
@inline export function pickMask(mask: v128): v128 {
  return mask;
}

/** o = a with lane `lane` (0 or 1) in both lanes. */
export function broadcast(o: usize, a: usize, lane: i32): void {
  for (let i: usize = 0; i < 80; i += 16) {
    const x = v128.load(a + i);
    v128.store(o + i, lane == 0 ? v128.shuffle<i64>(x, x, 0, 0) : v128.shuffle<i64>(x, x, 1, 1));
  }
}

/** o = element 0 of a beside element 1 of b. */
export function blend(o: usize, a: usize, b: usize): void {
  v128.store(o, v128.shuffle<i64>(v128.load(a, 0), v128.load(b, 0), 0, 3), 0);
  v128.store(o, v128.shuffle<i64>(v128.load(a, 16), v128.load(b, 16), 0, 3), 16);
  v128.store(o, v128.shuffle<i64>(v128.load(a, 32), v128.load(b, 32), 0, 3), 32);
  v128.store(o, v128.shuffle<i64>(v128.load(a, 48), v128.load(b, 48), 0, 3), 48);
  v128.store(o, v128.shuffle<i64>(v128.load(a, 64), v128.load(b, 64), 0, 3), 64);
}

/** o = a with its lanes exchanged. */
export function swapLanes(o: usize, a: usize): void {
  for (let i: usize = 0; i < 80; i += 16) {
    const x = v128.load(a + i);
    v128.store(o + i, v128.shuffle<i64>(x, x, 1, 0));
  }
}

/** o = the value of four words, bit 255 ignored (RFC 9496 §4.3.4), tight. */
export function fromWords(o: usize, w: usize): void {
  carry(
    o,
    biased(limb51(w, 0), K_M0, 0),
    biased(limb51(w, 1), K_M0, 16),
    biased(limb51(w, 2), K_M0, 32),
    biased(limb51(w, 3), K_M0, 48),
    biased(limb51(w, 4), K_M0, 64),
  );
}

/** Limb as a positive integer: exact while |limb| <= 2^51; 2p added. */
@inline function positive(a: usize, i: usize, twoP: usize): v128 {
  return i64x2.add(f64x2.add(v128.load(a + i), v128.load(K_MAGIC)), v128.load(twoP));
}

/** w = the canonical words of tight a, in 0 .. p − 1. */
export function toWords(w: usize, a: usize): void {
  storeCanonical(
    w,
    positive(a, 0, K_2P0),
    positive(a, 16, K_2P),
    positive(a, 32, K_2P),
    positive(a, 48, K_2P),
    positive(a, 64, K_2P),
  );
}
