// Arithmetic modulo p = 2^255 − 19 in integers only (128-bit vectors of baseline WebAssembly SIMD), two elements
// per vector.
//
// Representation: ten signed limbs of 26 and 25 bits in turn (radix 2^25.5), a = Σ aᵢ·2^⌈25.5i⌉, as in D. J.
// Bernstein, "Curve25519: new Diffie-Hellman speed records" (PKC 2006) and the ref10 code of SUPERCOP. Vector v holds
// limbs 2v and 2v + 1 of both elements as i32: [aᵉ₂ᵥ, aᶠ₂ᵥ, aᵉ₂ᵥ₊₁, aᶠ₂ᵥ₊₁]. "Tight": even limbs |aᵢ| <= 2^25 + 2^15,
// odd ones 2^24 + 2^16, which every carry below gives.
//
// Assumes: inputs within the bounds that scripts/kernel-bounds.ts holds by running these sources on intervals.
// Does not know: points, scalars. Every function runs the same instructions whatever the values are.
import { COLUMNS, FIELD } from './layout';
import { limb51, storeCanonical, times19 } from './words';

const K_MASK26: usize = FIELD;
const K_MASK25: usize = FIELD + 16;
const K_19: usize = FIELD + 32; // i32x4
const K_FIRST_EVEN: usize = FIELD + 64; // 2^62 + 2^25
const K_FIRST_ODD: usize = FIELD + 80; // 2^62 + 2^24
const K_SECOND0: usize = FIELD + 96; // biases of the second pass, less what the first one left
const K_SECOND_EVEN: usize = FIELD + 112;
const K_SECOND_ODD: usize = FIELD + 128;
const K_SMALL_EVEN: usize = FIELD + 144; // biases of a second pass alone
const K_SMALL_ODD: usize = FIELD + 160;
const K_BACK0: usize = FIELD + 176; // i32x4: biases of the second pass
const K_BACK: usize = FIELD + 192;
const K_2P0: usize = FIELD + 208; // limbs of 4p: 0, odd, even
const K_2P_ODD: usize = FIELD + 224;
const K_2P_EVEN: usize = FIELD + 240;

/** Writes the constants of this module; called once by init(). */
export function writeFieldConstants(): void {
  v128.store(K_MASK26, i64x2.splat(0x3ffffff));
  v128.store(K_MASK25, i64x2.splat(0x1ffffff));
  v128.store(K_19, i32x4.splat(19));
  v128.store(K_FIRST_EVEN, i64x2.splat(0x4000000002000000)); // 2^62 + 2^25
  v128.store(K_FIRST_ODD, i64x2.splat(0x4000000001000000)); // 2^62 + 2^24
  // what the first pass leaves: 2^25 + 2^37 on even columns (2^25 + 19·2^37 on the lowest), 2^24 + 2^36 on odd ones
  v128.store(K_SECOND0, i64x2.splat(0x200000000000 - 19 * 0x2000000000));
  v128.store(K_SECOND_EVEN, i64x2.splat(0x200000000000 - 0x2000000000));
  v128.store(K_SECOND_ODD, i64x2.splat(0x200000000000 - 0x1000000000));
  v128.store(K_SMALL_EVEN, i64x2.splat(0x200000000000 + 0x2000000)); // 2^45 + 2^25
  v128.store(K_SMALL_ODD, i64x2.splat(0x200000000000 + 0x1000000)); // 2^45 + 2^24
  v128.store(K_BACK0, i32x4(0x2000000 + 19 * 0x100000, 0x2000000 + 19 * 0x100000, 0x1000000 + 0x80000, 0x1000000 + 0x80000));
  v128.store(K_BACK, i32x4(0x2000000 + 0x100000, 0x2000000 + 0x100000, 0x1000000 + 0x80000, 0x1000000 + 0x80000));
  v128.store(K_2P0, i64x2.splat(2 * 0x3ffffed));
  v128.store(K_2P_ODD, i64x2.splat(2 * 0x1ffffff));
  v128.store(K_2P_EVEN, i64x2.splat(2 * 0x3ffffff));
}

@inline function plus(a: v128, b: v128): v128 {
  return i64x2.add(a, b);
}

/** Product of the even limbs of two vectors. */
@inline function low(a: v128, b: v128): v128 {
  return i64x2.extmul_low_i32x4_s(a, b);
}

/** Product of the odd limbs of two vectors. */
@inline function high(a: v128, b: v128): v128 {
  return i64x2.extmul_high_i32x4_s(a, b);
}

@inline function swapped(a: v128): v128 {
  return v128.shuffle<i64>(a, a, 1, 0);
}

/** z = remainder of this column's first pass + carry of the one before; `second`: bias of the second pass. */
@inline function pass(y: v128, mask: usize, carried: v128, second: usize): v128 {
  return plus(plus(v128.and(y, v128.load(mask)), carried), v128.load(second));
}

/** Second pass for two columns, packed as one vector of limbs. */
@inline function pack(even: v128, odd: v128, intoEven: v128, intoOdd: v128, back: usize): v128 {
  const x = plus(v128.and(even, v128.load(K_MASK26)), intoEven);
  const y = plus(v128.and(odd, v128.load(K_MASK25)), intoOdd);
  return i32x4.sub(v128.shuffle<i32>(x, y, 0, 2, 4, 6), v128.load(back));
}

/** The second pass: biased columns below 2^46 to tight limbs. */
@inline function settle(
  o: usize,
  z0: v128, z1: v128, z2: v128, z3: v128, z4: v128, z5: v128, z6: v128, z7: v128, z8: v128, z9: v128,
): void {
  v128.store(o, pack(z0, z1, times19(i64x2.shr_u(z9, 25)), i64x2.shr_u(z0, 26), K_BACK0), 0);
  v128.store(o, pack(z2, z3, i64x2.shr_u(z1, 25), i64x2.shr_u(z2, 26), K_BACK), 16);
  v128.store(o, pack(z4, z5, i64x2.shr_u(z3, 25), i64x2.shr_u(z4, 26), K_BACK), 32);
  v128.store(o, pack(z6, z7, i64x2.shr_u(z5, 25), i64x2.shr_u(z6, 26), K_BACK), 48);
  v128.store(o, pack(z8, z9, i64x2.shr_u(z7, 25), i64x2.shr_u(z8, 26), K_BACK), 64);
}

@inline function twice(x: v128): v128 {
  return plus(x, x);
}

/** What a carry takes: combinations of the columns at u, v, w. */
const AS_IS = 0; // u
const DOUBLED = 1; // 2u
const SUM = 2; // u + v
const DIFFERENCE = 3; // u − v
const NEGATED_SUM = 4; // −u − v
const DIFFERENCE_MINUS_TWICE = 5; // u − v − 2w

@inline function column(kind: i32, u: usize, v: usize, w: usize, i: usize, bias: v128): v128 {
  const x = v128.load(u + i);
  if (kind == AS_IS) return plus(x, bias);
  if (kind == DOUBLED) return plus(twice(x), bias);
  if (kind == SUM) return plus(plus(x, v128.load(v + i)), bias);
  if (kind == DIFFERENCE) return plus(i64x2.sub(x, v128.load(v + i)), bias);
  if (kind == NEGATED_SUM) return i64x2.sub(i64x2.sub(bias, x), v128.load(v + i));
  return plus(i64x2.sub(i64x2.sub(x, v128.load(v + i)), twice(v128.load(w + i))), bias);
}

/** o = columns, |column| < 2^62, carried to tight limbs in two parallel passes. */
@inline function carry(o: usize, kind: i32, u: usize, v: usize, w: usize): void {
  const even = v128.load(K_FIRST_EVEN), odd = v128.load(K_FIRST_ODD);
  const y0 = column(kind, u, v, w, 0, even), y1 = column(kind, u, v, w, 16, odd);
  const y2 = column(kind, u, v, w, 32, even), y3 = column(kind, u, v, w, 48, odd);
  const y4 = column(kind, u, v, w, 64, even), y5 = column(kind, u, v, w, 80, odd);
  const y6 = column(kind, u, v, w, 96, even), y7 = column(kind, u, v, w, 112, odd);
  const y8 = column(kind, u, v, w, 128, even), y9 = column(kind, u, v, w, 144, odd);
  settle(
    o,
    pass(y0, K_MASK26, times19(i64x2.shr_u(y9, 25)), K_SECOND0),
    pass(y1, K_MASK25, i64x2.shr_u(y0, 26), K_SECOND_ODD),
    pass(y2, K_MASK26, i64x2.shr_u(y1, 25), K_SECOND_EVEN),
    pass(y3, K_MASK25, i64x2.shr_u(y2, 26), K_SECOND_ODD),
    pass(y4, K_MASK26, i64x2.shr_u(y3, 25), K_SECOND_EVEN),
    pass(y5, K_MASK25, i64x2.shr_u(y4, 26), K_SECOND_ODD),
    pass(y6, K_MASK26, i64x2.shr_u(y5, 25), K_SECOND_EVEN),
    pass(y7, K_MASK25, i64x2.shr_u(y6, 26), K_SECOND_ODD),
    pass(y8, K_MASK26, i64x2.shr_u(y7, 25), K_SECOND_EVEN),
    pass(y9, K_MASK25, i64x2.shr_u(y8, 26), K_SECOND_ODD),
  );
}

/** Sum of the even and the odd limb of a vector, in both places. */
@inline function limbSum(a: v128): v128 {
  return i32x4.add(a, swapped(a));
}

/**
 * Columns of a·b by Karatsuba's step between even and odd limbs. With vectors aᵥ = (eᵥ, oᵥ) of weight 2^(51v)·(1, 2^26)
 * and L, H, X the sums over v + w = m of eᵥe'w, oᵥo'w, (eᵥ + oᵥ)(e'w + o'w), a factor 19 where v + w reaches 5:
 *   column 2m = Lₘ + 2Hₘ₋₁ (with 19·H₄ for m = 0),   column 2m + 1 = Xₘ − Lₘ − Hₘ.
 */
@inline function product(w: usize, a: usize, b: usize): void {
  const k19 = v128.load(K_19);
  const a0 = v128.load(a, 0), a1 = v128.load(a, 16), a2 = v128.load(a, 32), a3 = v128.load(a, 48), a4 = v128.load(a, 64);
  const b0 = v128.load(b, 0), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48), b4 = v128.load(b, 64);
  const n1 = i32x4.mul(b1, k19), n2 = i32x4.mul(b2, k19), n3 = i32x4.mul(b3, k19), n4 = i32x4.mul(b4, k19);
  const s0 = limbSum(a0), s1 = limbSum(a1), s2 = limbSum(a2), s3 = limbSum(a3), s4 = limbSum(a4);
  const t0 = limbSum(b0), t1 = limbSum(b1), t2 = limbSum(b2), t3 = limbSum(b3), t4 = limbSum(b4);
  const u1 = limbSum(n1), u2 = limbSum(n2), u3 = limbSum(n3), u4 = limbSum(n4);
  let x: v128, y: v128;
  x = plus(plus(plus(plus(low(a0, b0), low(a1, n4)), low(a2, n3)), low(a3, n2)), low(a4, n1));
  v128.store(w, x, 0);
  y = plus(plus(plus(plus(high(a0, b0), high(a1, n4)), high(a2, n3)), high(a3, n2)), high(a4, n1));
  v128.store(w, i64x2.sub(plus(plus(plus(plus(low(s0, t0), low(s1, u4)), low(s2, u3)), low(s3, u2)), low(s4, u1)), plus(x, y)), 16);
  x = plus(plus(plus(plus(low(a0, b1), low(a1, b0)), low(a2, n4)), low(a3, n3)), low(a4, n2));
  v128.store(w, plus(x, twice(y)), 32);
  y = plus(plus(plus(plus(high(a0, b1), high(a1, b0)), high(a2, n4)), high(a3, n3)), high(a4, n2));
  v128.store(w, i64x2.sub(plus(plus(plus(plus(low(s0, t1), low(s1, t0)), low(s2, u4)), low(s3, u3)), low(s4, u2)), plus(x, y)), 48);
  x = plus(plus(plus(plus(low(a0, b2), low(a1, b1)), low(a2, b0)), low(a3, n4)), low(a4, n3));
  v128.store(w, plus(x, twice(y)), 64);
  y = plus(plus(plus(plus(high(a0, b2), high(a1, b1)), high(a2, b0)), high(a3, n4)), high(a4, n3));
  v128.store(w, i64x2.sub(plus(plus(plus(plus(low(s0, t2), low(s1, t1)), low(s2, t0)), low(s3, u4)), low(s4, u3)), plus(x, y)), 80);
  x = plus(plus(plus(plus(low(a0, b3), low(a1, b2)), low(a2, b1)), low(a3, b0)), low(a4, n4));
  v128.store(w, plus(x, twice(y)), 96);
  y = plus(plus(plus(plus(high(a0, b3), high(a1, b2)), high(a2, b1)), high(a3, b0)), high(a4, n4));
  v128.store(w, i64x2.sub(plus(plus(plus(plus(low(s0, t3), low(s1, t2)), low(s2, t1)), low(s3, t0)), low(s4, u4)), plus(x, y)), 112);
  x = plus(plus(plus(plus(low(a0, b4), low(a1, b3)), low(a2, b2)), low(a3, b1)), low(a4, b0));
  v128.store(w, plus(x, twice(y)), 128);
  y = plus(plus(plus(plus(high(a0, b4), high(a1, b3)), high(a2, b2)), high(a3, b1)), high(a4, b0));
  v128.store(w, i64x2.sub(plus(plus(plus(plus(low(s0, t4), low(s1, t3)), low(s2, t2)), low(s3, t1)), low(s4, t0)), plus(x, y)), 144);
  y = times19(y);
  v128.store(w, plus(v128.load(w), twice(y)));
}

/** Columns of a²: the same with each mixed product once, doubled. */
@inline function square(w: usize, a: usize): void {
  const k19 = v128.load(K_19);
  const a0 = v128.load(a, 0), a1 = v128.load(a, 16), a2 = v128.load(a, 32), a3 = v128.load(a, 48), a4 = v128.load(a, 64);
  const n3 = i32x4.mul(a3, k19), n4 = i32x4.mul(a4, k19);
  const s0 = limbSum(a0), s1 = limbSum(a1), s2 = limbSum(a2), s3 = limbSum(a3), s4 = limbSum(a4);
  const u3 = limbSum(n3), u4 = limbSum(n4);
  let x: v128, y: v128;
  x = plus(low(a0, a0), twice(plus(low(a1, n4), low(a2, n3))));
  v128.store(w, x, 0);
  y = plus(high(a0, a0), twice(plus(high(a1, n4), high(a2, n3))));
  v128.store(w, i64x2.sub(plus(low(s0, s0), twice(plus(low(s1, u4), low(s2, u3)))), plus(x, y)), 16);
  x = plus(low(a3, n3), twice(plus(low(a0, a1), low(a2, n4))));
  v128.store(w, plus(x, twice(y)), 32);
  y = plus(high(a3, n3), twice(plus(high(a0, a1), high(a2, n4))));
  v128.store(w, i64x2.sub(plus(low(s3, u3), twice(plus(low(s0, s1), low(s2, u4)))), plus(x, y)), 48);
  x = plus(low(a1, a1), twice(plus(low(a0, a2), low(a3, n4))));
  v128.store(w, plus(x, twice(y)), 64);
  y = plus(high(a1, a1), twice(plus(high(a0, a2), high(a3, n4))));
  v128.store(w, i64x2.sub(plus(low(s1, s1), twice(plus(low(s0, s2), low(s3, u4)))), plus(x, y)), 80);
  x = plus(low(a4, n4), twice(plus(low(a0, a3), low(a1, a2))));
  v128.store(w, plus(x, twice(y)), 96);
  y = plus(high(a4, n4), twice(plus(high(a0, a3), high(a1, a2))));
  v128.store(w, i64x2.sub(plus(low(s4, u4), twice(plus(low(s0, s3), low(s1, s2)))), plus(x, y)), 112);
  x = plus(low(a2, a2), twice(plus(low(a0, a4), low(a1, a3))));
  v128.store(w, plus(x, twice(y)), 128);
  y = plus(high(a2, a2), twice(plus(high(a0, a4), high(a1, a3))));
  v128.store(w, i64x2.sub(plus(low(s2, s2), twice(plus(low(s0, s4), low(s1, s3)))), plus(x, y)), 144);
  v128.store(w, plus(v128.load(w), twice(times19(y))));
}

/** o = a·b, tight. */
export function mul(o: usize, a: usize, b: usize): void {
  product(COLUMNS, a, b);
  carry(o, AS_IS, COLUMNS, COLUMNS, COLUMNS);
}

/** o = a·b, tight; one of a and b may be loose. (So they may in `mul` of this build; the fused one is stricter.) */
export function mulLoose(o: usize, a: usize, b: usize): void {
  mul(o, a, b);
}

/** w = columns of a·b for tight a and b, not carried. */
export function mulWideTight(w: usize, a: usize, b: usize): void {
  product(w, a, b);
}

/** w = columns of a·b, one of which may be loose, not carried. */
export function mulWide(w: usize, a: usize, b: usize): void {
  product(w, a, b);
}

/** o = a², tight. */
export function sqr(o: usize, a: usize): void {
  square(COLUMNS, a);
  carry(o, AS_IS, COLUMNS, COLUMNS, COLUMNS);
}

/** w = columns of a², not carried. */
export function sqrWide(w: usize, a: usize): void {
  square(w, a);
}

/** o = 2w, for the columns of a product. */
export function carryDoubled(o: usize, w: usize): void {
  carry(o, DOUBLED, w, w, w);
}

/** o = u − w, for the columns of two products or of two squares. */
export function carryDifference(o: usize, u: usize, w: usize): void {
  carry(o, DIFFERENCE, u, w, w);
}

/** o = u + w, for the columns of two products. */
export function carrySum(o: usize, u: usize, w: usize): void {
  carry(o, SUM, u, w, w);
}

/** o = −u − w, for the columns of two squares. */
export function carryNegatedSum(o: usize, u: usize, w: usize): void {
  carry(o, NEGATED_SUM, u, w, w);
}

/** o = u − v − 2w, for the columns of three squares. */
export function carryDifferenceMinusTwice(o: usize, u: usize, v: usize, w: usize): void {
  carry(o, DIFFERENCE_MINUS_TWICE, u, v, w);
}

/** o = a + b, loose. */
export function add(o: usize, a: usize, b: usize): void {
  for (let i: usize = 0; i < 80; i += 16) v128.store(o + i, i32x4.add(v128.load(a + i), v128.load(b + i)));
}

/** o = a − b, loose. */
export function sub(o: usize, a: usize, b: usize): void {
  for (let i: usize = 0; i < 80; i += 16) v128.store(o + i, i32x4.sub(v128.load(a + i), v128.load(b + i)));
}

/** The even limbs of a vector as biased columns. */
@inline function smallEven(v: v128): v128 {
  return plus(i64x2.extend_low_i32x4_s(v), v128.load(K_SMALL_EVEN));
}

/** The odd limbs of a vector as biased columns. */
@inline function smallOdd(v: v128): v128 {
  return plus(i64x2.extend_high_i32x4_s(v), v128.load(K_SMALL_ODD));
}

@inline function tighten(o: usize, v0: v128, v1: v128, v2: v128, v3: v128, v4: v128): void {
  settle(
    o,
    smallEven(v0), smallOdd(v0), smallEven(v1), smallOdd(v1), smallEven(v2),
    smallOdd(v2), smallEven(v3), smallOdd(v3), smallEven(v4), smallOdd(v4),
  );
}

@inline function sum(a: usize, b: usize, i: usize): v128 {
  return i32x4.add(v128.load(a + i), v128.load(b + i));
}

@inline function difference(a: usize, b: usize, i: usize): v128 {
  return i32x4.sub(v128.load(a + i), v128.load(b + i));
}

/** o = a + b, tight. */
export function addTight(o: usize, a: usize, b: usize): void {
  tighten(o, sum(a, b, 0), sum(a, b, 16), sum(a, b, 32), sum(a, b, 48), sum(a, b, 64));
}

/** o = a − b, tight. */
export function subTight(o: usize, a: usize, b: usize): void {
  tighten(o, difference(a, b, 0), difference(a, b, 16), difference(a, b, 32), difference(a, b, 48), difference(a, b, 64));
}

/** The mask of a pair (one 64-bit lane an element) in the layout of limbs. */
@inline export function pickMask(mask: v128): v128 {
  return v128.shuffle<i32>(mask, mask, 0, 2, 0, 2);
}

/** One vector of a field element where the mask is set, else zero. */
@inline export function pick(a: usize, mask: v128): v128 {
  return v128.and(v128.load(a), mask);
}

/** o = mask ? a : b, element by element. */
export function select(o: usize, a: usize, b: usize, mask: v128): void {
  const m = pickMask(mask);
  for (let i: usize = 0; i < 80; i += 16) v128.store(o + i, v128.bitselect(v128.load(a + i), v128.load(b + i), m));
}

/** −x for one vector of a field element. */
@inline export function negated(x: v128): v128 {
  return i32x4.neg(x);
}

/** o = mask ? −a : a, element by element. */
export function negateWhere(o: usize, a: usize, mask: v128): void {
  const m = pickMask(mask);
  for (let i: usize = 0; i < 80; i += 16) {
    const x = v128.load(a + i);
    v128.store(o + i, v128.bitselect(negated(x), x, m));
  }
}

/** o = a with element `lane` (0 or 1) twice. */
export function broadcast(o: usize, a: usize, lane: i32): void {
  for (let i: usize = 0; i < 80; i += 16) {
    const x = v128.load(a + i);
    v128.store(o + i, lane == 0 ? v128.shuffle<i32>(x, x, 0, 0, 2, 2) : v128.shuffle<i32>(x, x, 1, 1, 3, 3));
  }
}

/** o = element 0 of a beside element 1 of b. */
export function blend(o: usize, a: usize, b: usize): void {
  for (let i: usize = 0; i < 80; i += 16) {
    v128.store(o + i, v128.shuffle<i32>(v128.load(a + i), v128.load(b + i), 0, 5, 2, 7));
  }
}

/** o = a with its elements exchanged. */
export function swapLanes(o: usize, a: usize): void {
  for (let i: usize = 0; i < 80; i += 16) {
    const x = v128.load(a + i);
    v128.store(o + i, v128.shuffle<i32>(x, x, 1, 0, 3, 2));
  }
}

@inline function lowPart(x: v128): v128 {
  return plus(v128.and(x, v128.load(K_MASK26)), v128.load(K_SMALL_EVEN));
}

@inline function highPart(x: v128): v128 {
  return plus(i64x2.shr_u(x, 26), v128.load(K_SMALL_ODD));
}

/** o = the value of four words, bit 255 ignored (RFC 9496 §4.3.4), tight: each 51 bits are one even and one odd limb. */
export function fromWords(o: usize, w: usize): void {
  const x0 = limb51(w, 0), x1 = limb51(w, 1), x2 = limb51(w, 2), x3 = limb51(w, 3), x4 = limb51(w, 4);
  settle(
    o,
    lowPart(x0), highPart(x0), lowPart(x1), highPart(x1), lowPart(x2),
    highPart(x2), lowPart(x3), highPart(x3), lowPart(x4), highPart(x4),
  );
}

/** Two limbs as one positive integer of radix 2^51, 2p added. */
@inline function positive(a: usize, i: usize, twoP: usize): v128 {
  const v = v128.load(a + i);
  const even = plus(i64x2.extend_low_i32x4_s(v), v128.load(twoP));
  const odd = plus(i64x2.extend_high_i32x4_s(v), v128.load(K_2P_ODD));
  return plus(even, i64x2.shl(odd, 26));
}

/** w = the canonical words of tight a, in 0 .. p − 1. */
export function toWords(w: usize, a: usize): void {
  storeCanonical(
    w,
    positive(a, 0, K_2P0),
    positive(a, 16, K_2P_EVEN),
    positive(a, 32, K_2P_EVEN),
    positive(a, 48, K_2P_EVEN),
    positive(a, 64, K_2P_EVEN),
  );
}
