/**
 * The own tags of the sealed form: sorted for the collector, marked by it.
 *
 * Purpose: which sorted tag is which position, where the sentinels are, and what the collector said of each tag.
 * Assumes: tags are put whole before they are sorted. Does not know: identifiers.
 */
import { TallyError } from '@tallystick/protocol/errors';
import { sliceItems } from './cursor.ts';
import { applyOrder, isStrictlyIncreasing, sortedOrder } from './flat/order.ts';

export class SealedTags {
  readonly #tags: Uint8Array;
  readonly #width: number;
  /** Number among the sorted tags → position in the first stream. */
  #order: Uint32Array | undefined;
  #marks = new Uint8Array(0);

  constructor(count: number, width: number) {
    this.#width = width;
    this.#tags = new Uint8Array(count * width);
  }

  /** Tags of positions from `start`. */
  put(start: number, tags: Uint8Array): void {
    this.#tags.set(tags, start * this.#width);
  }

  /** Sorts, once, and gives the tags of those positions that are sentinels, joined. Throws `chain.sorted`. */
  sort(isSentinel: (position: number) => boolean): Uint8Array {
    if (this.#order === undefined) {
      this.#order = sortedOrder(this.#tags, this.#width);
      applyOrder(this.#tags, this.#width, this.#order);
      if (!isStrictlyIncreasing(this.#tags, this.#width)) {
        throw new TallyError('chain.sorted', 'own tags: two of one list are equal');
      }
    }
    const found: Uint8Array[] = [];
    for (const [i, position] of this.#order.entries()) {
      if (isSentinel(position)) found.push(this.#tags.subarray(i * this.#width, (i + 1) * this.#width));
    }
    return new Uint8Array(Buffer.concat(found));
  }

  read(start: number, count: number): Uint8Array {
    this.#sorted();
    return sliceItems('own tags', this.#tags, this.#width, start, count);
  }

  /** A byte for each sorted tag from `start`, made from its position. */
  label(start: number, count: number, byteOf: (position: number) => number): Uint8Array {
    const order = this.#sorted();
    if (start < 0 || count < 0 || start + count > order.length) {
      throw new TallyError('chain.position', `labels: want positions up to ${order.length}`);
    }
    return Uint8Array.from(order.subarray(start, start + count), byteOf);
  }

  /**
   * What the collector says of sorted tags: units of one byte (matched or not), or two (the mask of the lists that
   * hold it, the own one, bit `self`, among them). Throws `wire.message` for anything else.
   */
  checkMarks(units: Uint8Array, width: number, self: number, parties: number): void {
    this.#sorted();
    for (let i = 0; i < units.length; i += width) {
      const unit =
        width === 1 ? (units[i] as number) : ((units[i] as number) << 8) | (units[i + 1] as number);
      const isMask = (unit >> self) % 2 === 1 && unit !== 1 << self && unit < 1 << parties;
      if (unit !== 0 && !(width === 1 ? unit === 1 : isMask))
        throw new TallyError('wire.message', `marks: no such mark, unit ${i / width} of a chunk`);
    }
  }

  /** Checked marks of sorted tags from `start`. */
  mark(start: number, units: Uint8Array, width: number): void {
    const order = this.#sorted();
    if (this.#marks.length === 0) this.#marks = new Uint8Array(order.length * width);
    this.#marks.set(units, start * width);
  }

  /** Calls back with every marked position and its mark. */
  eachMarked(width: number, onMarked: (position: number, mark: number) => void): void {
    const order = this.#sorted();
    for (const [i, position] of order.entries()) {
      const at = i * width;
      const mark =
        width === 1
          ? (this.#marks[at] as number)
          : ((this.#marks[at] as number) << 8) | (this.#marks[at + 1] as number);
      if (mark !== 0) onMarked(position, mark);
    }
  }

  wipe(): void {
    this.#tags.fill(0);
    this.#marks.fill(0);
    this.#order?.fill(0);
  }

  #sorted(): Uint32Array {
    if (this.#order === undefined) throw new TallyError('session.state', 'own tags: are not sorted yet');
    return this.#order;
  }
}
