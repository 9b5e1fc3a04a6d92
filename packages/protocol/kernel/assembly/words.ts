// Field elements as four little-endian 64-bit words of two elements, the form of the wire.
//
// Purpose: what both field modules share: packing, the canonical form, and questions to it (equal, odd, zero).
// Answers are masks: all ones for yes, per 64-bit lane. Nothing branches on them.

/** 19·x by shifts; baseline machines have no 64-bit vector multiplication worth its time. */
@inline export function times19(x: v128): v128 {
  return i64x2.add(i64x2.add(i64x2.shl(x, 4), i64x2.shl(x, 1)), x);
}

@inline function mask51(x: v128): v128 {
  return v128.and(x, i64x2.splat(0x7ffffffffffff));
}

/** Bits 51k .. 51k + 50 of the value at w. */
@inline export function limb51(w: usize, k: i32): v128 {
  if (k == 0) return mask51(v128.load(w, 0));
  if (k == 1) return mask51(v128.or(i64x2.shr_u(v128.load(w, 0), 51), i64x2.shl(v128.load(w, 16), 13)));
  if (k == 2) return mask51(v128.or(i64x2.shr_u(v128.load(w, 16), 38), i64x2.shl(v128.load(w, 32), 26)));
  if (k == 3) return mask51(v128.or(i64x2.shr_u(v128.load(w, 32), 25), i64x2.shl(v128.load(w, 48), 39)));
  return mask51(i64x2.shr_u(v128.load(w, 48), 12));
}

/**
 * w = the canonical words of Σ xᵢ·2^(51i), for xᵢ in 0 .. 2^54: one parallel carry gives a value below 2p, then p is
 * taken off when value + 19 reaches 2^255 (as in the ref10 and curve25519-dalek codes).
 */
@inline export function storeCanonical(w: usize, x0: v128, x1: v128, x2: v128, x3: v128, x4: v128): void {
  let y0 = i64x2.add(mask51(x0), times19(i64x2.shr_u(x4, 51)));
  let y1 = i64x2.add(mask51(x1), i64x2.shr_u(x0, 51));
  let y2 = i64x2.add(mask51(x2), i64x2.shr_u(x1, 51));
  let y3 = i64x2.add(mask51(x3), i64x2.shr_u(x2, 51));
  let y4 = i64x2.add(mask51(x4), i64x2.shr_u(x3, 51));
  let q = i64x2.shr_u(i64x2.add(y0, i64x2.splat(19)), 51);
  q = i64x2.shr_u(i64x2.add(y1, q), 51);
  q = i64x2.shr_u(i64x2.add(y2, q), 51);
  q = i64x2.shr_u(i64x2.add(y3, q), 51);
  q = i64x2.shr_u(i64x2.add(y4, q), 51);
  y0 = i64x2.add(y0, times19(q));
  y1 = i64x2.add(y1, i64x2.shr_u(y0, 51));
  y2 = i64x2.add(y2, i64x2.shr_u(y1, 51));
  y3 = i64x2.add(y3, i64x2.shr_u(y2, 51));
  y4 = mask51(i64x2.add(y4, i64x2.shr_u(y3, 51)));
  y0 = mask51(y0);
  y1 = mask51(y1);
  y2 = mask51(y2);
  y3 = mask51(y3);
  v128.store(w, v128.or(y0, i64x2.shl(y1, 51)), 0);
  v128.store(w, v128.or(i64x2.shr_u(y1, 13), i64x2.shl(y2, 38)), 16);
  v128.store(w, v128.or(i64x2.shr_u(y2, 26), i64x2.shl(y3, 25)), 32);
  v128.store(w, v128.or(i64x2.shr_u(y3, 39), i64x2.shl(y4, 12)), 48);
}

/** The words at u equal those at w. */
@inline export function equal(u: usize, w: usize): v128 {
  return v128.and(
    v128.and(i64x2.eq(v128.load(u, 0), v128.load(w, 0)), i64x2.eq(v128.load(u, 16), v128.load(w, 16))),
    v128.and(i64x2.eq(v128.load(u, 32), v128.load(w, 32)), i64x2.eq(v128.load(u, 48), v128.load(w, 48))),
  );
}

/** The lowest bit is set: "negative" in RFC 9496 §4.1 (IS_NEGATIVE). */
@inline export function odd(w: usize): v128 {
  return i64x2.eq(v128.and(v128.load(w), i64x2.splat(1)), i64x2.splat(1));
}

/** All words are zero. */
@inline export function zero(w: usize): v128 {
  const bits = v128.or(v128.or(v128.load(w, 0), v128.load(w, 16)), v128.or(v128.load(w, 32), v128.load(w, 48)));
  return i64x2.eq(bits, i64x2.splat(0));
}

/** Words of two neighbouring 32-byte strings, `stride` bytes apart, into a pair. */
export function loadPair(w: usize, bytes: usize, stride: usize): void {
  for (let i: usize = 0; i < 4; i++) {
    const first = v128.load64_zero(bytes + 8 * i);
    v128.store(w + 16 * i, v128.load64_lane(bytes + stride + 8 * i, first, 1));
  }
}

/** A pair's words as two neighbouring 32-byte strings, each byte of a lane kept only where the mask is set. */
export function storePair(bytes: usize, w: usize, mask: v128): void {
  for (let i: usize = 0; i < 4; i++) {
    const x = v128.and(v128.load(w + 16 * i), mask);
    v128.store64_lane(bytes + 8 * i, x, 0);
    v128.store64_lane(bytes + 32 + 8 * i, x, 1);
  }
}
