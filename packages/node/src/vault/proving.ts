/**
 * The vault's part in the proofs of the verified form (docs/protocol.md, Proofs).
 *
 * Purpose: keeps the elements that are folded, folds them with weights, and multiplies by k with a proof, once a list.
 * Elements go as soon as their fold is known. Weights are drawn here, only when the whole list has come back, and never
 * leave: known early, a replaced element could be repaired by another.
 * Assumes: the caller checked positions. Does not know: streams' order, statements' contents, who asks.
 */
import { TallyError } from '@tallystick/protocol/errors';
import {
  dleqRandomBytes,
  elementBytes,
  proveDleq,
  type RandomBytes,
  weightSeedBytes,
} from '@tallystick/protocol/suite';
import type { Compute } from '../compute/types.ts';

/** Elements of a stream by position, until they are folded. */
class Kept {
  #elements: Uint8Array | undefined;

  constructor(count: number) {
    this.#elements = new Uint8Array(count * elementBytes);
  }

  put(start: number, elements: Uint8Array): void {
    this.#elements?.set(elements, start * elementBytes);
  }

  get elements(): Uint8Array {
    if (this.#elements === undefined) throw new TallyError('session.state', 'fold: was made already');
    return this.#elements;
  }

  drop(): void {
    this.#elements?.fill(0);
    this.#elements = undefined;
  }
}

export class Proving {
  /** The own list as it came back. */
  readonly last: Kept;
  readonly #compute: Compute;
  readonly #random: RandomBytes;
  readonly #proved = new Set<number>();
  #isFolding = false;

  /** @param lastCount elements to keep */
  constructor(compute: Compute, random: RandomBytes, lastCount: number) {
    this.#compute = compute;
    this.#random = random;
    this.last = new Kept(lastCount);
  }

  /** Both ends of the own list, whole by now, folded: 64 bytes. Once (`session.state`). */
  async foldOwn(first: Uint8Array): Promise<Uint8Array> {
    if (this.#isFolding) throw new TallyError('session.state', 'fold: was made already');
    this.#isFolding = true;
    const seed = this.#random(weightSeedBytes);
    try {
      return await this.#compute.fold([first, this.last.elements], seed);
    } finally {
      seed.fill(0);
      this.last.drop();
    }
  }

  /** k·M and its proof, joined: 96 bytes. Once a list: another element would be an evaluation for nothing. */
  prove(k: Uint8Array, list: number, element: Uint8Array, statement: Uint8Array): Uint8Array {
    if (this.#proved.has(list)) {
      throw new TallyError('chain.position', `proof of list ${list}: was given already`);
    }
    this.#proved.add(list);
    const { product, proof } = proveDleq(k, element, statement, this.#random(dleqRandomBytes));
    const out = new Uint8Array(product.length + proof.length);
    out.set(product);
    out.set(proof, product.length);
    return out;
  }

  wipe(): void {
    this.last.drop();
  }
}
