/**
 * The Merkle tree of the audit log: hashes, heads, and proofs made from it.
 *
 * Purpose: RFC 6962 §2.1 (the same as RFC 9162 §2.1): a leaf is hashed after a byte 0, two nodes after a byte 1, so
 * that no node can pass for a leaf. Whole subtrees are kept, so appending and proving cost a logarithm.
 * Assumes: fewer than 2^31 leaves. Does not know: what a leaf says.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';

export const hashBytes = 32;

/** MTH({d}) of RFC 6962 §2.1. */
export function leafHash(leaf: Uint8Array): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(0), leaf));
}

/** Hash of an inner node over its two children. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(1), left, right));
}

/** MTH({}): the head of a log without entries. */
export const emptyRoot = (): Uint8Array => sha256(new Uint8Array(0));

/** The size and head of a log at one moment. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** A tree that grows: every complete subtree's hash, level by level. Heads and proofs of any earlier size, too. */
export class MerkleTree {
  /** `levels[k][i]` is the hash over leaves i·2^k to (i+1)·2^k, where all of them are there. */
  private readonly levels: Uint8Array[][] = [[]];

  get size(): number {
    return (this.levels[0] as Uint8Array[]).length;
  }

  /** @param hash from `leafHash` */
  append(hash: Uint8Array): void {
    let node = hash;
    for (let level = 0; ; level++) {
      const row = (this.levels[level] ??= []);
      row.push(node);
      if (row.length % 2 === 1) return;
      node = nodeHash(row[row.length - 2] as Uint8Array, node);
    }
  }

  /** The head of the first `size` leaves (all of them unless said otherwise). @throws `argument.invalid`. */
  root(size = this.size): Uint8Array {
    this.need(size, this.size, 'size');
    return size === 0 ? emptyRoot() : this.range(0, size);
  }

  /** The head there would be with one more leaf. @param hash from `leafHash` */
  rootWith(hash: Uint8Array): Uint8Array {
    let node = hash;
    for (const row of this.levels) if (row.length % 2 === 1) node = nodeHash(row.at(-1) as Uint8Array, node);
    return node;
  }

  /**
   * PATH(index, D[size]) of RFC 6962 §2.1.1, from the leaf's sibling up.
   * @throws `argument.invalid` unless index < size ≤ the tree's.
   */
  inclusion(index: number, size = this.size): Uint8Array[] {
    this.need(size, this.size, 'size');
    this.need(index, size - 1, 'index');
    const path: Uint8Array[] = [];
    let start = 0;
    let end = size;
    while (end - start > 1) {
      const middle = start + splitOf(end - start);
      if (index < middle) {
        path.push(this.range(middle, end));
        end = middle;
      } else {
        path.push(this.range(start, middle));
        start = middle;
      }
    }
    return path.reverse();
  }

  /**
   * PROOF(first, D[second]) of RFC 6962 §2.1.2: that the head of `second` leaves continues the head of `first`.
   * Empty where first is 0 or equals second.
   * @throws `argument.invalid` unless first ≤ second ≤ the tree's size.
   */
  consistency(first: number, second = this.size): Uint8Array[] {
    this.need(second, this.size, 'second');
    this.need(first, second, 'first');
    if (first === 0 || first === second) return [];
    const path: Uint8Array[] = [];
    let start = 0;
    let end = second;
    let isFirstWhole = true;
    while (first !== end) {
      const middle = start + splitOf(end - start);
      if (first <= middle) {
        path.push(this.range(middle, end));
        end = middle;
      } else {
        path.push(this.range(start, middle));
        start = middle;
        isFirstWhole = false;
      }
    }
    if (!isFirstWhole) path.push(this.range(start, end));
    return path.reverse();
  }

  /** Hash over leaves start to end; start is a multiple of the least power of two that covers the range. */
  private range(start: number, end: number): Uint8Array {
    const count = end - start;
    const level = Math.log2(count);
    if (Number.isInteger(level)) return this.levels[level]?.[start / count] as Uint8Array;
    const middle = start + splitOf(count);
    return nodeHash(this.range(start, middle), this.range(middle, end));
  }

  private need(value: number, most: number, field: string): void {
    if (Number.isInteger(value) && value >= 0 && value <= most) return;
    throw new TallyError('argument.invalid', `${field}: want 0 to ${most}, got ${value}`);
  }
}

/** The largest power of two below n, for n > 1. */
function splitOf(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}
