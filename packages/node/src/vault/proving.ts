/**
 * The vault's part in the proofs of the verified form (docs/protocol.md, Proofs).
 *
 * Purpose: keeps the elements that are folded, folds them with weights, and multiplies by k with a proof, once a list.
 * Elements go as soon as their fold is known. Private weights are drawn here, only when the whole list has come back,
 * and never leave: known early, a replaced element could be repaired by another.
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
  /** Direct form: the peer's first stream, where the peer is owed a proof. */
  readonly peerFirst: Kept;
  readonly #compute: Compute;
  readonly #random: RandomBytes;
  readonly #proved = new Set<number>();
  #isFolding = false;
  #foldedPeer: Uint8Array | undefined;

  /** Counts are of elements to keep. */
  constructor(compute: Compute, random: RandomBytes, lastCount: number, peerCount: number) {
    this.#compute = compute;
    this.#random = random;
    this.last = new Kept(lastCount);
    this.peerFirst = new Kept(peerCount);
  }

  /** Both ends of the own list, whole by now, folded: 64 bytes. Once (`session.state`). */
  async foldOwn(first: Uint8Array, seed: Uint8Array | null): Promise<Uint8Array> {
    if (this.#isFolding) throw new TallyError('session.state', 'fold: was made already');
    this.#isFolding = true;
    const weights = seed ?? this.#random(weightSeedBytes);
    try {
      return await this.#compute.fold([first, this.last.elements], weights);
    } finally {
      if (seed === null) weights.fill(0);
      this.last.drop();
    }
  }

  /** The peer's first stream, whole by now, folded: 32 bytes. Once (`session.state`). */
  async foldPeer(seed: Uint8Array): Promise<Uint8Array> {
    const folding = this.#compute.fold([this.peerFirst.elements], seed);
    try {
      this.#foldedPeer = await folding;
    } finally {
      this.peerFirst.drop();
    }
    return this.#foldedPeer.slice();
  }

  /** Direct form: nothing but the fold of the peer's own list is multiplied. Throws `chain.position`. */
  needFoldedPeer(element: Uint8Array): void {
    const folded = this.#foldedPeer;
    if (folded === undefined || Buffer.compare(folded, element) !== 0) {
      throw new TallyError('chain.position', 'proof: want the fold of the peer list, got another element');
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
    this.peerFirst.drop();
    this.#foldedPeer?.fill(0);
  }
}
