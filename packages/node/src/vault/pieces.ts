/**
 * JSON values in sealed pieces, written and read one piece at a time.
 *
 * Purpose: the one format of what the vault gives out for keeping: stored lists and stored results. A piece is a
 * JSON array: one parse a piece is twice as fast as one a value.
 * Assumes: a piece fits in memory several times over. Does not know: what the values mean, where pieces are kept.
 */
import { TextEncoder } from 'node:util';
import { TallyError } from '@tallystick/protocol/errors';
import { openPiece, type Sealer, sealPiece } from './sealing.ts';

/** Plain bytes to a piece, about; a longer value makes a longer piece. Its values are garbage before V8 thinks them old. */
export const pieceBytes = 64 * 1024;

/** Collects values and gives sealed pieces; one piece is held back, because the last is sealed as the last. */
export class PieceWriter {
  readonly #sealer: Sealer;
  readonly #of: string;
  readonly #limit: number;
  readonly #onText: (text: string) => void;
  #values: string[] = [];
  #size = 0;
  #index = 0;

  /** @param onText told each value as it is written. */
  constructor(sealer: Sealer, of: string, limit = pieceBytes, onText: (text: string) => void = () => {}) {
    this.#sealer = sealer;
    this.#of = of;
    this.#limit = limit;
    this.#onText = onText;
  }

  /** Number of pieces given so far. */
  get pieces(): number {
    return this.#index;
  }

  /** Takes a value; gives a piece whenever one is full and is not the last. */
  add(value: unknown): Uint8Array | undefined {
    const piece = this.#size >= this.#limit ? this.#seal(false) : undefined;
    const text = JSON.stringify(value);
    this.#onText(text);
    this.#values.push(text);
    this.#size += text.length;
    return piece;
  }

  /** The last piece; there is one even when nothing was added. */
  end(): Uint8Array {
    return this.#seal(true);
  }

  #seal(isLast: boolean): Uint8Array {
    const bytes = new TextEncoder().encode(`[${this.#values.join(',')}]`);
    const sealed = sealPiece(this.#sealer, { of: this.#of, index: this.#index, isLast }, bytes);
    bytes.fill(0);
    this.#values = [];
    this.#size = 0;
    this.#index += 1;
    return sealed;
  }
}

/** Opens pieces in order: push each, then end. One piece is held back, because only then is it known as the last. */
export class PieceReader {
  readonly #sealer: Sealer;
  readonly #of: string;
  readonly #onValue: (value: unknown, number: number) => void;
  #held: Uint8Array | undefined;
  #index = 0;
  #values = 0;

  /** @param onValue called with every value and its number in the whole, from 0. */
  constructor(sealer: Sealer, of: string, onValue: (value: unknown, number: number) => void) {
    this.#sealer = sealer;
    this.#of = of;
    this.#onValue = onValue;
  }

  /** Throws `store.corrupt`. */
  push(piece: Uint8Array): void {
    if (this.#held !== undefined) this.#open(this.#held, false);
    this.#held = piece;
  }

  /** Throws `store.corrupt`, also when the last piece is missing. */
  end(): void {
    if (this.#held === undefined)
      throw new TallyError('store.corrupt', 'sealed pieces: want one or more, got 0');
    this.#open(this.#held, true);
    this.#held = undefined;
  }

  #open(piece: Uint8Array, isLast: boolean): void {
    const bytes = openPiece(this.#sealer, { of: this.#of, index: this.#index, isLast }, piece);
    this.#index += 1;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
    bytes.fill(0);
    for (const value of JSON.parse(text) as unknown[]) {
      this.#onValue(value, this.#values);
      this.#values += 1;
    }
  }
}
