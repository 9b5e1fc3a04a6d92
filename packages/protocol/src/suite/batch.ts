/**
 * Checks on the arguments of a batch that every engine shares.
 *
 * Purpose: one place that says what a whole batch and a usable scalar are, so that engines refuse alike.
 * Assumes: nothing about its arguments but that they are byte arrays.
 * Does not know: which engine asks, what the bytes mean inside the group.
 */
import { TallyError } from '../errors/index.ts';
import { elementBytes, scalarBytes, uniformBytes, weightBytes } from './group.ts';

/** The group order ℓ = 2^252 + 27742317777372353535851937790883648493 as 32 little-endian bytes (RFC 9496 §4). */
const groupOrder: readonly number[] = [
  0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

function countWhole(name: string, bytes: Uint8Array, stride: number): number {
  if (bytes.length % stride !== 0) {
    throw new TallyError(
      'element.length',
      `${name}: want a multiple of ${stride} bytes, got ${bytes.length} bytes`,
    );
  }
  return bytes.length / stride;
}

/** Number of elements in a flat batch; throws `element.length`. */
export function countElements(elements: Uint8Array): number {
  return countWhole('elements', elements, elementBytes);
}

/** Number of 64-byte inputs in a flat batch; throws `element.length`. */
export function countUniform(uniform: Uint8Array): number {
  return countWhole('uniform', uniform, uniformBytes);
}

/** Number of elements, when there are as many weights as elements; throws `element.length`. */
export function countWeighted(elements: Uint8Array, weights: Uint8Array): number {
  const count = countElements(elements);
  if (weights.length !== count * weightBytes) {
    throw new TallyError(
      'element.length',
      `weights: want ${count * weightBytes} bytes for ${count} elements, got ${weights.length}`,
    );
  }
  return count;
}

/**
 * Passes a canonical scalar in 1..ℓ−1 (32 bytes little-endian); throws `scalar.range`.
 * Every byte is looked at, whatever the ones before it were: the scalar is secret.
 */
export function checkScalar(scalar: Uint8Array): void {
  if (scalar.length !== scalarBytes) {
    throw new TallyError('scalar.range', `scalar: want ${scalarBytes} bytes, got ${scalar.length}`);
  }
  let borrow = 0;
  let bits = 0;
  for (let i = 0; i < scalarBytes; i++) {
    const byte = scalar[i] ?? 0;
    borrow = ((byte - (groupOrder[i] ?? 0) - borrow) >> 8) & 1;
    bits |= byte;
  }
  if (borrow === 0 || bits === 0) {
    throw new TallyError('scalar.range', 'scalar: want a canonical one in 1..order-1');
  }
}

/** The error for the first bad element of a batch. */
export function badElement(index: number, isIdentity: boolean): TallyError {
  return isIdentity
    ? new TallyError('element.identity', `elements: the one at index ${index} is the identity`)
    : new TallyError('element.encoding', `elements: the one at index ${index} is no canonical encoding`);
}
