/**
 * Places in ordered streams.
 *
 * Purpose: every position of a stream is taken once, in order, and none beyond the announced number.
 * Assumes: a call takes its positions before it waits for anything. Does not know: what a stream holds.
 */
import { TallyError } from '@tallystick/protocol/errors';
import { elementBytes } from '@tallystick/protocol/suite';

/** A place in an ordered stream: what comes next, what is done, and the answer given last. */
export class Cursor {
  next = 0;
  done = 0;
  #tail: Promise<unknown> = Promise.resolve();

  /** Takes `count` positions from `start`. Throws `chain.position`, `chain.count`. */
  advance(field: string, start: number, count: number, total: number): void {
    if (start !== this.next) {
      throw new TallyError('chain.position', `${field}: want position ${this.next}, got ${start}`);
    }
    if (start + count > total) {
      throw new TallyError('chain.count', `${field}: want ${total} positions, got ${start + count}`);
    }
    this.next += count;
  }

  /** Waits for the work, and for every answer before it: answers leave in the order of the calls. */
  async inOrder<T>(work: Promise<T>): Promise<T> {
    const before = this.#tail;
    const mine = work.finally(() => before);
    this.#tail = mine.catch(() => undefined);
    return await mine;
  }

  /** Throws `chain.incomplete` unless every position is done. */
  needWhole(field: string, total: number): void {
    if (this.done !== total) {
      throw new TallyError('chain.incomplete', `${field}: want ${total} positions, got ${this.done}`);
    }
  }
}

/** How many elements; throws `element.length`. */
export function wholeElements(elements: Uint8Array): number {
  if (elements.length % elementBytes !== 0) {
    throw new TallyError(
      'element.length',
      `elements: want whole ${elementBytes} bytes, got ${elements.length}`,
    );
  }
  return elements.length / elementBytes;
}

/** A copy of `count` items from `start`; throws `chain.position`. */
export function sliceItems(
  field: string,
  items: Uint8Array,
  width: number,
  start: number,
  count: number,
): Uint8Array {
  const total = items.length / width;
  const isRange = Number.isInteger(start) && Number.isInteger(count) && start >= 0 && count >= 0;
  if (!isRange || start + count > total) {
    throw new TallyError('chain.position', `${field}: want a range within ${total} positions`);
  }
  return items.slice(start * width, (start + count) * width);
}
