/**
 * Verification of Merkle proofs.
 *
 * Purpose: RFC 9162 §2.1.3.2 (an entry is in a log) and §2.1.4.2 (a later head continues an earlier one), by whoever
 * holds heads and no tree.
 * Assumes: the heads come from checkpoints whose signatures were verified. Does not know: signatures.
 */
import { equalBytes } from '../bytes/index.ts';
import { hashBytes, nodeHash, type TreeHead } from './tree.ts';

const isWhole = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
const isProof = (path: readonly Uint8Array[]): boolean =>
  path.length <= 64 && path.every((hash) => hash.length === hashBytes);
const isOdd = (n: number): boolean => n % 2 === 1;
const half = (n: number): number => Math.floor(n / 2);

/** Whether the leaf (its hash) stands at the index of the tree with this head. Never throws. */
export function isIncluded(
  hash: Uint8Array,
  index: number,
  { size, root }: TreeHead,
  path: readonly Uint8Array[],
): boolean {
  if (!isWhole(index) || !isWhole(size) || index >= size || !isProof(path)) return false;
  if (hash.length !== hashBytes) return false;
  let at = index;
  let last = size - 1;
  let node = hash;
  for (const sibling of path) {
    if (last === 0) return false;
    if (isOdd(at) || at === last) {
      node = nodeHash(sibling, node);
      while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      node = nodeHash(node, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && equalBytes(node, root);
}

/** Whether the second head's tree begins with the whole of the first's. Never throws. */
export function isConsistent(first: TreeHead, second: TreeHead, path: readonly Uint8Array[]): boolean {
  if (!isWhole(first.size) || !isWhole(second.size) || first.size > second.size || !isProof(path))
    return false;
  if (first.size === second.size) return path.length === 0 && equalBytes(first.root, second.root);
  if (first.size === 0) return path.length === 0;
  let at = first.size - 1;
  let last = second.size - 1;
  while (isOdd(at)) [at, last] = [half(at), half(last)];
  // A whole power of two is a node of both trees: then the proof leaves the first head out.
  const [seed, ...rest] = at === 0 ? [first.root, ...path] : path;
  if (seed === undefined) return false;
  let before = seed;
  let after = seed;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (isOdd(at) || at === last) {
      before = nodeHash(sibling, before);
      after = nodeHash(sibling, after);
      while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      after = nodeHash(after, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && equalBytes(before, first.root) && equalBytes(after, second.root);
}
