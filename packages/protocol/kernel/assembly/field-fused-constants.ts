// Constants of the fused field (field-fused.ts) in memory: magic numbers of the exact product, and for every combination
// of columns that is carried the bias less the surplus of bit patterns that the combination holds.
//
// A vector constant in memory is loaded where it is used; one in the code would be built anew each time.
import { FIELD } from './layout';

const C1: f64 = 15211807202738752817960438464512.0; // 1.5 · 2^103
const C2: f64 = 15211807202738752817960438464512.0 + 6755399441055744.0; // C1 + 1.5 · 2^52
const H: i64 = 0x4668000000000000; // bit pattern of C1
const L: i64 = 0x4338000000000000; // bit pattern of 1.5 · 2^52
const TWO52: f64 = 4503599627370496.0;
const TWO52_BITS: i64 = 0x4330000000000000;
const BIAS: i64 = 0x4004000000000000; // 2^62 + 2^50: non-negative, and rounds to the nearest

// surplus of column k after folding: (his, los) of column k, plus 19 times those of column k + 5
const MUL0: i64 = 0 * H + 1 * L + 19 * (5 * H + 4 * L);
const MUL1: i64 = 1 * H + 2 * L + 19 * (4 * H + 3 * L);
const MUL2: i64 = 2 * H + 3 * L + 19 * (3 * H + 2 * L);
const MUL3: i64 = 3 * H + 4 * L + 19 * (2 * H + 1 * L);
const MUL4: i64 = 4 * H + 5 * L + 19 * (1 * H + 0 * L);
const TIGHT0: i64 = 0 * H + 1 * L + 19 * (3 * H + 2 * L);
const TIGHT1: i64 = 1 * H + 1 * L + 19 * (2 * H + 2 * L);
const TIGHT2: i64 = 1 * H + 2 * L + 19 * (2 * H + 1 * L);
const TIGHT3: i64 = 2 * H + 2 * L + 19 * (1 * H + 1 * L);
const TIGHT4: i64 = 2 * H + 3 * L + 19 * (1 * H + 0 * L);
const SQR0: i64 = 0 * H + 1 * L + 19 * (2 * H + 2 * L);
const SQR1: i64 = 1 * H + 1 * L + 19 * (2 * H + 1 * L);
const SQR2: i64 = 1 * H + 1 * L + 19 * (1 * H + 1 * L);
const SQR3: i64 = 1 * H + 2 * L + 19 * (1 * H + 1 * L);
const SQR4: i64 = 2 * H + 2 * L + 19 * (1 * H + 0 * L);

export const K_C1: usize = FIELD;
export const K_C2: usize = FIELD + 16;
export const K_MASK: usize = FIELD + 32;
export const K_TWO52: usize = FIELD + 48;
export const K_BACK: usize = FIELD + 64; // 2^52 + 2^50 + 2^11
export const K_BACK0: usize = FIELD + 80; // 2^52 + 2^50 + 19·2^11
export const K_SCALE: usize = FIELD + 112; // 2^−51
export const K_SCALE19: usize = FIELD + 128; // 19 · 2^−51
export const K_2P0: usize = FIELD + 144; // lowest limb of 2p, less L
export const K_2P: usize = FIELD + 160; // the other limbs of 2p, less L
export const K_MAGIC: usize = FIELD + 224; // 1.5 · 2^52
// biases of carry, less the surplus of a combination of m products, t tight products and s squares
export const K_M0: usize = FIELD + 240;
export const K_M1: usize = FIELD + 320;
export const K_M2: usize = FIELD + 400;
export const K_S1: usize = FIELD + 480;
export const K_SM2: usize = FIELD + 560;
export const K_T1: usize = FIELD + 640;
export const K_T2: usize = FIELD + 720;

function writeBias(p: usize, m: i64, t: i64, s: i64): void {
  v128.store(p, i64x2.splat(BIAS - m * MUL0 - t * TIGHT0 - s * SQR0), 0);
  v128.store(p, i64x2.splat(BIAS - m * MUL1 - t * TIGHT1 - s * SQR1), 16);
  v128.store(p, i64x2.splat(BIAS - m * MUL2 - t * TIGHT2 - s * SQR2), 32);
  v128.store(p, i64x2.splat(BIAS - m * MUL3 - t * TIGHT3 - s * SQR3), 48);
  v128.store(p, i64x2.splat(BIAS - m * MUL4 - t * TIGHT4 - s * SQR4), 64);
}

/** Writes the constants of this module; called once by init(). */
export function writeFieldConstants(): void {
  v128.store(K_C1, f64x2.splat(C1));
  v128.store(K_C2, f64x2.splat(C2));
  v128.store(K_MASK, i64x2.splat(0x7ffffffffffff));
  v128.store(K_TWO52, i64x2.splat(TWO52_BITS));
  v128.store(K_BACK, f64x2.splat(TWO52 + 1125899906842624.0 + 2048.0));
  v128.store(K_BACK0, f64x2.splat(TWO52 + 1125899906842624.0 + 19.0 * 2048.0));
  v128.store(K_SCALE, f64x2.splat(1.0 / 2251799813685248.0));
  v128.store(K_SCALE19, f64x2.splat(19.0 / 2251799813685248.0));
  v128.store(K_MAGIC, f64x2.splat(6755399441055744.0));
  v128.store(K_2P0, i64x2.sub(i64x2.splat(0xfffffffffffda), i64x2.splat(L)));
  v128.store(K_2P, i64x2.sub(i64x2.splat(0xffffffffffffe), i64x2.splat(L)));
  writeBias(K_M0, 0, 0, 0);
  writeBias(K_M1, 1, 0, 0);
  writeBias(K_M2, 2, 0, 0);
  writeBias(K_T1, 0, 1, 0);
  writeBias(K_T2, 0, 2, 0);
  writeBias(K_S1, 0, 0, 1);
  writeBias(K_SM2, 0, 0, -2);
}
