/**
 * Number arrays that grow.
 *
 * Purpose: append to flat memory without one object an entry.
 * Assumes: contents are secret until shown otherwise: memory that is left behind is zeroed.
 * Does not know: what the numbers mean.
 */

import { giveBack } from '../../compute/give-back.ts';

/** Bytes that grow; capacity doubles. */
export class GrowingBytes {
  length = 0;
  #bytes = new Uint8Array(1 << 12);

  /** Room for `extra` more bytes behind `length`; write there, then add to `length`. */
  reserve(extra: number): Uint8Array {
    if (this.length + extra > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.length + extra));
      larger.set(this.#bytes.subarray(0, this.length));
      giveBack(this.#bytes.buffer);
      this.#bytes = larger;
    }
    return this.#bytes;
  }

  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.length);
  }

  wipe(): void {
    this.#bytes.fill(0);
    this.#bytes = new Uint8Array(0);
    this.length = 0;
  }
}

/** 32-bit numbers that grow; capacity doubles. */
export class GrowingNumbers {
  length = 0;
  #numbers = new Uint32Array(1 << 10);

  push(value: number): void {
    if (this.length === this.#numbers.length) {
      const larger = new Uint32Array(Math.max(1 << 10, 2 * this.length));
      larger.set(this.#numbers);
      giveBack(this.#numbers.buffer);
      this.#numbers = larger;
    }
    this.#numbers[this.length] = value;
    this.length += 1;
  }

  at(index: number): number {
    return this.#numbers[index] as number;
  }

  view(): Uint32Array<ArrayBuffer> {
    return this.#numbers.subarray(0, this.length);
  }

  wipe(): void {
    this.#numbers.fill(0);
    this.#numbers = new Uint32Array(0);
    this.length = 0;
  }
}
