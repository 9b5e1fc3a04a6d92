/**
 * The own list in a session: its identifiers and the sentinels among them, as one increasing first stream.
 *
 * Purpose: which position of the stream is which identifier, and from marked identifiers to a sealed result.
 * Sentinels are positions like any others outside; here they are no identifiers: never counted, never matched.
 * Assumes: the scalar is the one that the session's form wants. Does not know: what comes back.
 */
import { TallyError } from '@tallystick/protocol/errors';
import { elementBytes, sentinelDst, sentinelMessage } from '@tallystick/protocol/suite';
import type { Compute, IdentifierBatch } from '../compute/types.ts';
import { sliceItems } from './cursor.ts';
import type { IdentifierSet } from './flat/identifier-set.ts';
import { applyOrder, sortedOrder } from './flat/order.ts';
import { type ResultRow, ResultWriter } from './result.ts';
import type { Sealer } from './sealing.ts';
import type { FreezeSession, MatchOutcome, OpenSession } from './types.ts';

/** Elements to a step of blinding: progress is told between steps, two are under way at once. */
const blindStep = 8192;

/** A position that is a sentinel. */
export const sentinel = -1;

export class OwnList {
  readonly progress: { done: number; total: number };
  readonly #set: IdentifierSet;
  readonly #compute: Compute;
  readonly #checkAlive: () => void;
  /** The first stream, increasing; undefined before it is blinded and after it was dropped. */
  #stream: Uint8Array | undefined;
  /** Position in the first stream → identifier, or beyond their number: a sentinel. */
  #order = new Uint32Array(0);

  /** Takes the filled set over. */
  constructor(set: IdentifierSet, compute: Compute, checkAlive: () => void) {
    this.#set = set;
    this.#compute = compute;
    this.#checkAlive = checkAlive;
    this.progress = { done: 0, total: set.count };
  }

  /** Identifiers, sentinels not among them. */
  get count(): number {
    return this.#set.count;
  }

  /** Blinds identifiers and sentinels with one scalar, and sorts. */
  async blind(
    scalar: Uint8Array,
    dst: Uint8Array,
    agreementId: Uint8Array,
    { tagContext, sentinels }: Pick<FreezeSession, 'tagContext' | 'sentinels'>,
  ): Promise<void> {
    const { count } = this;
    const stream = new Uint8Array((count + sentinels) * elementBytes);
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
    if (sentinels > 0) {
      const batch = sentinelBatch(tagContext, sentinels);
      stream.set(await this.#compute.blind(batch, sentinelDst(agreementId), scalar), count * elementBytes);
      this.#checkAlive();
    }
    this.#order = sortedOrder(stream, elementBytes);
    applyOrder(stream, elementBytes, this.#order);
    this.#stream = stream;
  }

  /** The first stream; throws `session.state` where there is none (any more). */
  stream(): Uint8Array {
    if (this.#stream === undefined) {
      throw new TallyError('session.state', 'first stream: the list is not blinded, or was folded already');
    }
    return this.#stream;
  }

  read(start: number, count: number): Uint8Array {
    return sliceItems('first stream', this.stream(), elementBytes, start, count);
  }

  /** Nothing needs the first stream any more. */
  dropStream(): void {
    this.#stream?.fill(0);
    this.#stream = undefined;
  }

  /** The identifier at a position of the first stream, or `sentinel`. */
  identifierAt(position: number): number {
    const item = this.#order[position] as number;
    return item < this.count ? item : sentinel;
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
    this.dropStream();
    this.#order.fill(0);
    this.#set.wipe();
  }
}

function sentinelBatch(consentsHash: Uint8Array, sentinels: number): IdentifierBatch {
  const messages = Array.from({ length: sentinels }, (_, i) => sentinelMessage(consentsHash, i));
  const ends = new Uint32Array(sentinels);
  let end = 0;
  for (const [i, message] of messages.entries()) ends[i] = end += message.length;
  return { text: new Uint8Array(Buffer.concat(messages)), ends };
}
