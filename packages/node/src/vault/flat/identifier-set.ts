/**
 * The different identifiers of a list and the records they came from, in flat memory.
 *
 * Purpose: 2^20 identifiers in some 50 bytes each: their UTF-8 texts one behind another, where each ends, and
 * (identifier, record) pairs; while it is filled, an open-addressing hash table over them.
 * Assumes: fewer than 2^31 identifiers; one record's identifiers differ from each other.
 * Does not know: recipes, scalars, elements.
 */
import { TextEncoder } from 'node:util';
import type { IdentifierBatch } from '../../compute/types.ts';
import { giveBack } from '../../compute/give-back.ts';
import { GrowingBytes, GrowingNumbers } from './growing.ts';
import { hashRange, sameRange } from './hash-range.ts';

const encoder = new TextEncoder();

/** Writes a text as UTF-8 and gives its length in bytes; short ASCII, the usual, by hand: a call costs more. */
function writeText(text: string, room: Uint8Array, start: number): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return encoder.encodeInto(text, room.subarray(start)).written;
    room[start + i] = unit;
  }
  return text.length;
}

export class IdentifierSet {
  readonly #text = new GrowingBytes();
  readonly #ends = new GrowingNumbers();
  readonly #pairIdentifier = new GrowingNumbers();
  readonly #pairRecord = new GrowingNumbers();
  readonly #seed: number;
  /** Slots hold an identifier's number + 1; 0 is free. The length is a power of two. */
  #slots = new Uint32Array(1 << 11);

  /** @param seed random 32 bits: texts chosen to collide must not know the hash. */
  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Different identifiers. */
  get count(): number {
    return this.#ends.length;
  }

  /** (identifier, record) pairs: how often a record named an identifier. */
  get pairs(): number {
    return this.#pairRecord.length;
  }

  /** Adds an identifier of a record; gives the identifier's number. */
  add(identifier: string, record: number): number {
    const start = this.#text.length;
    const room = this.#text.reserve(3 * identifier.length); // UTF-16 unit → at most 3 bytes of UTF-8
    const end = start + writeText(identifier, room, start);
    let slot = hashRange(room, start, end, this.#seed) & (this.#slots.length - 1);
    for (;;) {
      const found = this.#slots[slot] as number;
      if (found === 0) break;
      if (sameRange(room, start, end, this.#startOf(found - 1), this.#endOf(found - 1))) {
        this.#pair(found - 1, record);
        room.fill(0, start, end);
        return found - 1;
      }
      slot = (slot + 1) & (this.#slots.length - 1);
    }
    this.#text.length = end;
    this.#ends.push(end);
    this.#slots[slot] = this.count;
    this.#pair(this.count - 1, record);
    if (2 * this.count > this.#slots.length) this.#rehash();
    return this.count - 1;
  }

  /** Drops the hash table: nothing is added after this. */
  seal(): void {
    giveBack(this.#slots.buffer);
    this.#slots = new Uint32Array(0);
  }

  /** Identifiers `from` to `to` as a batch; the text is a view, the ends are a copy. */
  batch(from: number, to: number): IdentifierBatch {
    const start = this.#startOf(from);
    const text = this.#text.view().subarray(start, to > from ? this.#endOf(to - 1) : start);
    const ends = this.#ends.view().slice(from, to);
    for (let i = 0; i < ends.length; i++) ends[i] = (ends[i] as number) - start;
    return { text, ends };
  }

  textOf(identifier: number): string {
    const { buffer } = this.#text.view();
    return Buffer.from(buffer).toString('utf8', this.#startOf(identifier), this.#endOf(identifier));
  }

  /** Calls back with every record that has one of the marked identifiers, in order, and with those identifiers. */
  eachMarked(marked: Uint8Array, onRecord: (record: number, identifiers: number[]) => void): void {
    const records = this.#pairRecord.view();
    const identifiers = this.#pairIdentifier.view();
    // pairs were added record by record
    let current = -1;
    let own: number[] = [];
    for (const [i, record] of records.entries()) {
      const identifier = identifiers[i] as number;
      if (marked[identifier] !== 1) continue;
      if (record !== current && own.length > 0) {
        onRecord(current, own);
        own = [];
      }
      current = record;
      own.push(identifier);
    }
    if (own.length > 0) onRecord(current, own);
  }

  wipe(): void {
    this.seal();
    for (const part of [this.#text, this.#ends, this.#pairIdentifier, this.#pairRecord]) part.wipe();
  }

  #startOf(identifier: number): number {
    return identifier === 0 ? 0 : this.#endOf(identifier - 1);
  }

  #endOf(identifier: number): number {
    return this.#ends.at(identifier);
  }

  #pair(identifier: number, record: number): void {
    this.#pairIdentifier.push(identifier);
    this.#pairRecord.push(record);
  }

  #rehash(): void {
    const text = this.#text.view();
    const ends = this.#ends.view();
    const slots = new Uint32Array(2 * this.#slots.length);
    for (let i = 0, start = 0; i < ends.length; i++) {
      const end = ends[i] as number;
      let slot = hashRange(text, start, end, this.#seed) & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = i + 1;
      start = end;
    }
    giveBack(this.#slots.buffer);
    this.#slots = slots;
  }
}
