/**
 * Sorting flat items of one width by their bytes.
 *
 * Purpose: bring a million blinded elements or tags into increasing byte order with a number each, no object each.
 * Assumes: items are close to uniformly random (blinded elements, hashes): the sort looks at their first bits and
 * compares whole items only where those are equal, so that items alike in their first bits cost time.
 * Does not know: what the items are.
 */

import { giveBack } from '../../compute/give-back.ts';

/** Compares items `a` and `b` of a flat array by their bytes: negative, zero or positive. */
export function compareItems(items: Uint8Array, width: number, a: number, b: number): number {
  for (let i = a * width, j = b * width, k = 0; k < width; k++, i++, j++) {
    const difference = (items[i] as number) - (items[j] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `order[i]` is the number of the item that comes i-th in increasing byte order. At most 2^32 items. */
export function sortedOrder(items: Uint8Array, width: number): Uint32Array<ArrayBuffer> {
  const count = items.length / width;
  // A double holds 53 bits exactly: an item's number below, as many first bits as fit above. Sorting doubles
  // without a comparator is V8's native sort.
  const numberBits = Math.max(1, Math.ceil(Math.log2(Math.max(2, count))));
  const prefixBits = Math.min(32, 53 - numberBits, 8 * width);
  const step = 2 ** numberBits;
  const keys = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let prefix = 0;
    for (let k = 0; k < 4; k++) prefix = prefix * 256 + (k < width ? (items[i * width + k] as number) : 0);
    keys[i] = Math.floor(prefix / 2 ** (32 - prefixBits)) * step + i;
  }
  keys.sort();
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = (keys[i] as number) % step;

  // runs of equal first bits, by insertion
  for (let i = 1; i < count; i++) {
    const prefix = Math.floor((keys[i] as number) / step);
    let at = i;
    while (at > 0 && Math.floor((keys[at - 1] as number) / step) === prefix) {
      const before = order[at - 1] as number;
      const here = order[at] as number;
      if (compareItems(items, width, before, here) <= 0) break;
      order[at - 1] = here;
      order[at] = before;
      at -= 1;
    }
  }
  giveBack(keys.buffer);
  return order;
}

/** Moves items so that item i is the one that was at `order[i]`; in place, with one bit an item beside it. */
export function applyOrder(items: Uint8Array, width: number, order: Uint32Array): void {
  const moved = new Uint8Array(Math.ceil(order.length / 8));
  const held = new Uint8Array(width);
  for (let first = 0; first < order.length; first++) {
    if (((moved[first >> 3] as number) >> (first & 7)) & 1) continue;
    held.set(items.subarray(first * width, (first + 1) * width));
    let at = first;
    for (;;) {
      moved[at >> 3] = (moved[at >> 3] as number) | (1 << (at & 7));
      const from = order[at] as number;
      if (from === first) break;
      items.copyWithin(at * width, from * width, (from + 1) * width);
      at = from;
    }
    items.set(held, at * width);
  }
  held.fill(0);
}

/** Whether every item is greater than the one before it. */
export function isStrictlyIncreasing(items: Uint8Array, width: number): boolean {
  const count = items.length / width;
  for (let i = 1; i < count; i++) if (compareItems(items, width, i - 1, i) >= 0) return false;
  return true;
}
