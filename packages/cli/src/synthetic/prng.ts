/**
 * Repeatable choices from a seed, for demonstration data only.
 *
 * Purpose: the same seed gives the same lists on every machine.
 * Assumes: nothing secret ever depends on it. This is no cryptographic generator and may be used nowhere else.
 * Does not know: what is chosen.
 */

export class SeededChoice {
  #state: [number, number, number, number];

  constructor(seed: string) {
    this.#state = [hash(seed, 1), hash(seed, 2), hash(seed, 3), 1];
    for (let n = 0; n < 12; n++) this.#next();
  }

  /** sfc32 (public domain, Chris Doty-Humphrey): an integer of 32 bits. */
  #next(): number {
    const [a, b, c, counter] = this.#state;
    const sum = (a + b + counter) | 0;
    this.#state = [
      b ^ (b >>> 9),
      (c + (c << 3)) | 0,
      (((c << 21) | (c >>> 11)) + sum) | 0,
      (counter + 1) | 0,
    ];
    return sum >>> 0;
  }

  /** An integer in 0..below-1; the small bias is of no moment here. */
  below(below: number): number {
    return this.#next() % below;
  }

  between(first: number, last: number): number {
    return first + this.below(last - first + 1);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  digits(count: number): string {
    let text = '';
    for (let n = 0; n < count; n++) text += this.below(10);
    return text;
  }

  shuffled<T>(items: readonly T[]): T[] {
    const copy = [...items];
    for (let n = copy.length - 1; n > 0; n--) {
      const other = this.below(n + 1);
      [copy[n], copy[other]] = [copy[other] as T, copy[n] as T];
    }
    return copy;
  }
}

/** FNV-1a over UTF-16 units. */
function hash(text: string, salt: number): number {
  let h = 0x811c9dc5 ^ salt;
  for (let n = 0; n < text.length; n++) h = Math.imul(h ^ text.charCodeAt(n), 0x01000193);
  return h | 0;
}
