/**
 * The own list in a session: its identifiers and the sentinels among them, as one increasing first stream.
 *
 * Purpose: which position of the stream is which identifier, and from marked identifiers to a sealed result.
 * Sentinels, and the random elements that fill a padded list, are positions like any others outside; here they are no
 * identifiers: never counted, never matched. Nobody keeps what the random elements were made of.
 * Assumes: the scalar is the one that the session's form wants. Does not know: what comes back.
 */
import { sentinelLabel } from '@tallystick/protocol/chain';
import { TallyError } from '@tallystick/protocol/errors';
import {
  elementBytes,
  fillerDst,
  type RandomBytes,
  sentinelDst,
  sentinelMessage,
  uniformBytes,
} from '@tallystick/protocol/suite';
import { giveBack } from '../compute/give-back.ts';
import type { Compute, IdentifierBatch } from '../compute/types.ts';
import { sliceItems } from './cursor.ts';
import type { IdentifierSet } from './flat/identifier-set.ts';
import { applyOrder, sortedOrder } from './flat/order.ts';
import { type ResultRow, ResultWriter } from './result.ts';
import type { ListLabels } from './labels.ts';
import type { Sealer } from './sealing.ts';
import type { FreezeSession, MatchOutcome, OpenSession } from './types.ts';

/** Elements to a step of blinding: progress is told between steps, two are under way at once. */
const blindStep = 8192;

/** A position that is a sentinel. */
export const sentinel = -1;
/** A position that is a random element. */
export const filler = -2;

/** What stands in a list beside its identifiers. */
export interface ListExtras {
  readonly fillers: number;
  readonly labels: ListLabels | null;
}

export class OwnList {
  readonly progress: { done: number; total: number };
  readonly #set: IdentifierSet;
  readonly #fillers: number;
  readonly #labels: ListLabels | null;
  readonly #compute: Compute;
  readonly #random: RandomBytes;
  readonly #checkAlive: () => void;
  /** The first stream, increasing; undefined before it is blinded and after it was dropped. */
  #stream: Uint8Array<ArrayBuffer> | undefined;
  /** Position in the first stream → identifier, or beyond their number: a filler, then a sentinel. */
  #order = new Uint32Array(0);

  /** Takes the filled set over. */
  constructor(
    set: IdentifierSet,
    { fillers, labels }: ListExtras,
    { compute, random }: { readonly compute: Compute; readonly random: RandomBytes },
    checkAlive: () => void,
  ) {
    this.#set = set;
    this.#fillers = fillers;
    this.#labels = labels;
    this.#compute = compute;
    this.#random = random;
    this.#checkAlive = checkAlive;
    this.progress = { done: 0, total: set.count };
  }

  /** Identifiers alone. */
  get count(): number {
    return this.#set.count;
  }

  /** What is announced: identifiers and fillers; sentinels are not among them. */
  get size(): number {
    return this.#set.count + this.#fillers;
  }

  /** Blinds identifiers, fillers and sentinels with one scalar, and sorts. */
  async blind(
    scalar: Uint8Array,
    dst: Uint8Array,
    agreementId: Uint8Array,
    { tagContext, sentinels }: Pick<FreezeSession, 'tagContext' | 'sentinels'>,
  ): Promise<void> {
    const { count, size } = this;
    const stream = new Uint8Array((size + sentinels) * elementBytes);
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < count) {
        const from = next;
        const to = Math.min(count, from + blindStep);
        next = to;
        const blinded = await this.#compute.blind(this.#set.batch(from, to), dst, scalar);
        this.#checkAlive();
        stream.set(blinded, from * elementBytes);
        this.progress.done += to - from;
      }
    };
    await Promise.all([lane(), lane()]);
    for (let from = count; from < size; from += blindStep) {
      const batch = fillerBatch(this.#random, Math.min(blindStep, size - from));
      const blinding = this.#compute.blind(batch, fillerDst(agreementId), scalar);
      stream.set(await blinding.finally(() => batch.text.fill(0)), from * elementBytes);
      this.#checkAlive();
    }
    if (sentinels > 0) {
      const batch = sentinelBatch(tagContext, sentinels);
      stream.set(await this.#compute.blind(batch, sentinelDst(agreementId), scalar), size * elementBytes);
      this.#checkAlive();
    }
    this.#order = sortedOrder(stream, elementBytes);
    applyOrder(stream, elementBytes, this.#order);
    this.#stream = stream;
  }

  /** The first stream; throws `session.state` where there is none (any more). */
  stream(): Uint8Array {
    if (this.#stream === undefined) {
      throw new TallyError(
        'session.state',
        'first stream: the list is not blinded, or it was dropped already',
      );
    }
    return this.#stream;
  }

  read(start: number, count: number): Uint8Array {
    return sliceItems('first stream', this.stream(), elementBytes, start, count);
  }

  /** Nothing needs the first stream any more. */
  dropStream(): void {
    if (this.#stream !== undefined) giveBack(this.#stream.buffer);
    this.#stream = undefined;
  }

  /** The identifier at a position of the first stream, or `filler`, or `sentinel`. */
  identifierAt(position: number): number {
    const item = this.#order[position] as number;
    if (item < this.count) return item;
    return item < this.size ? filler : sentinel;
  }

  /** The label byte of a position. Throws `session.state` where the list has no labels. */
  labelAt(position: number): number {
    if (this.#labels === null) throw new TallyError('session.state', 'labels: the agreement names none');
    const item = this.#order[position] as number;
    if (item < this.count) return this.#labels.of(item);
    return item < this.size ? this.#labels.ofFiller(item - this.count) : sentinelLabel;
  }

  /**
   * Own records with a marked identifier, sealed.
   * @param listsOf by identifier: ids of the other lists that hold it, where that was agreed
   */
  outcome(
    marked: Uint8Array,
    sealer: Sealer,
    listId: OpenSession['listId'],
    listsOf?: (identifier: number) => readonly string[],
  ): MatchOutcome {
    let identifiers = 0;
    for (const mark of marked) identifiers += mark;
    let records = 0;
    this.#set.eachMarked(marked, () => {
      records += 1;
    });
    const writer = new ResultWriter(sealer, { listId, identifiers, records });
    this.#set.eachMarked(marked, (record, own) => {
      const row: ResultRow = { record, identifiers: own.map((one) => this.#set.textOf(one)) };
      writer.add(listsOf === undefined ? row : { ...row, lists: own.map(listsOf) });
    });
    return { identifiers, records, sealedResult: writer.end() };
  }

  wipe(): void {
    this.#stream?.fill(0); // and no more: a fold may be under way
    this.#stream = undefined;
    this.#order.fill(0);
    this.#labels?.wipe();
    this.#set.wipe();
  }
}

/** Uniform bytes, 64 to an element: different from all others but with negligible probability. */
function fillerBatch(random: RandomBytes, count: number): IdentifierBatch {
  const text = new Uint8Array(count * uniformBytes);
  for (let i = 0; i < count; i++) text.set(random(uniformBytes), i * uniformBytes);
  return { text, ends: Uint32Array.from({ length: count }, (_, i) => (i + 1) * uniformBytes) };
}

function sentinelBatch(consentsHash: Uint8Array, sentinels: number): IdentifierBatch {
  const messages = Array.from({ length: sentinels }, (_, i) => sentinelMessage(consentsHash, i));
  const ends = new Uint32Array(sentinels);
  let end = 0;
  for (const [i, message] of messages.entries()) ends[i] = end += message.length;
  return { text: new Uint8Array(Buffer.concat(messages)), ends };
}
