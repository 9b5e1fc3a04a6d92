// The secret scalar: halved modulo the group order and cut into signed digits. Constant time: 64-bit integers only.
//
// Assumes: 32 bytes at SCALAR, below the order ℓ (the host has checked). Does not know: points.
import { DIGITS, SCALAR } from './layout';

// ℓ = 2^252 + 27742317777372353535851937790883648493 (RFC 9496 §4)
const L0: u64 = 0x5812631a5cf5d3ed;
const L1: u64 = 0x14def9dea2f79cd6;
const L3: u64 = 0x1000000000000000;

/** SCALAR = SCALAR/2 modulo ℓ: (s + ℓ)/2 where s is odd. The sum stays below 2^254. */
export function halve(): void {
  const mask: u64 = 0 - (load<u64>(SCALAR) & 1);
  let add: u64 = L0 & mask;
  const s0 = load<u64>(SCALAR, 0) + add;
  let carry: u64 = s0 < add ? 1 : 0;
  add = (L1 & mask) + carry;
  const s1 = load<u64>(SCALAR, 8) + add;
  carry = s1 < add ? 1 : 0;
  const s2 = load<u64>(SCALAR, 16) + carry;
  carry = s2 < carry ? 1 : 0;
  const s3 = load<u64>(SCALAR, 24) + (L3 & mask) + carry;
  store<u64>(SCALAR, (s0 >> 1) | (s1 << 63), 0);
  store<u64>(SCALAR, (s1 >> 1) | (s2 << 63), 8);
  store<u64>(SCALAR, (s2 >> 1) | (s3 << 63), 16);
  store<u64>(SCALAR, s3 >> 1, 24);
}

/** DIGITS = SCALAR in 64 digits of base 16, each in −8 .. 7 (the last in 0 .. 2), splatted over vectors. */
export function recode(): void {
  let carry: i64 = 0;
  for (let i: usize = 0; i < 64; i++) {
    const nibble = ((load<u8>(SCALAR + (i >> 1)) as i64) >> ((i & 1) << 2)) & 15;
    const sum = nibble + carry;
    carry = (sum + 8) >> 4;
    v128.store(DIGITS + 16 * i, i64x2.splat(sum - (carry << 4)));
  }
}
