/**
 * A flat hash table over tags.
 *
 * Purpose: find a tag among a million: 4 to 8 bytes a tag beside the tags themselves.
 * Assumes: tags are truncated hashes, but a peer may choose which it sends: so the table's hash is seeded.
 * Does not know: whose tags they are.
 */
import { hashRange } from './hash-range.ts';

export class TagTable {
  readonly #tags: Uint8Array;
  readonly #width: number;
  readonly #seed: number;
  readonly #slots: Uint32Array;

  /** Looks at `tags` in place: they must not change while the table is used. */
  constructor(tags: Uint8Array, width: number, seed: number) {
    this.#tags = tags;
    this.#width = width;
    this.#seed = seed;
    const count = tags.length / width;
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(2, 1.5 * count))));
    for (let i = 0; i < count; i++) {
      let slot = hashRange(tags, i * width, (i + 1) * width, seed) & (this.#slots.length - 1);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (this.#slots.length - 1);
      this.#slots[slot] = i + 1;
    }
  }

  /** The number of the tag equal to `others[at·width … (at+1)·width)`, or −1. */
  find(others: Uint8Array, at: number): number {
    const start = at * this.#width;
    let slot = hashRange(others, start, start + this.#width, this.#seed) & (this.#slots.length - 1);
    for (;;) {
      const found = this.#slots[slot] as number;
      if (found === 0) return -1;
      if (this.#isEqual(found - 1, others, start)) return found - 1;
      slot = (slot + 1) & (this.#slots.length - 1);
    }
  }

  #isEqual(tag: number, others: Uint8Array, start: number): boolean {
    for (let i = tag * this.#width, j = start, k = 0; k < this.#width; k++, i++, j++) {
      if (this.#tags[i] !== others[j]) return false;
    }
    return true;
  }
}
