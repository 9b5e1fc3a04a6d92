/**
 * One session inside the vault: its list, its scalars, its streams.
 *
 * Purpose: everything that is secret in a session, and the only code that puts it together with what comes from
 * outside.
 * Assumes: calls arrive in the order of the streams; they overlap, and each is checked against its position
 * before it waits for anything.
 * Does not know: threads, messages, files, what is permitted.
 */
import { TallyError } from '@tallystick/protocol/errors';
import {
  commitScalar,
  createPossession,
  drawScalar,
  elementBytes,
  invertScalar,
  multiplyScalars,
  possessionRandomBytes,
  type RandomBytes,
} from '@tallystick/protocol/suite';
import type { Compute } from '../compute/types.ts';
import type { IdentifierSet } from './flat/identifier-set.ts';
import { applyOrder, compareItems, isStrictlyIncreasing, sortedOrder } from './flat/order.ts';
import { TagTable } from './flat/tag-table.ts';
import { ResultWriter } from './result.ts';
import type { Sealer } from './sealing.ts';
import type { FreezeSession, MatchOutcome, OpenSession, Progress } from './types.ts';

/** Elements to a step of blinding: progress is told between steps, two are under way at once. */
const blindStep = 8192;

export interface SessionTools {
  readonly compute: Compute;
  readonly random: RandomBytes;
  readonly sealer: () => Sealer;
}

/** A place in an ordered stream: what comes next, what is done, and the answer given last. */
class Cursor {
  next = 0;
  done = 0;
  #tail: Promise<unknown> = Promise.resolve();

  /** Waits for the work, and for every answer before it: answers leave in the order of the calls. */
  async inOrder<T>(work: Promise<T>): Promise<T> {
    const before = this.#tail;
    const mine = work.finally(() => before);
    this.#tail = mine.catch(() => undefined);
    return await mine;
  }
}

export class VaultSession {
  readonly progress: { done: number; total: number };
  readonly #request: OpenSession;
  readonly #tools: SessionTools;
  readonly #set: IdentifierSet;
  readonly #k: Uint8Array;
  /** Sealed form: blinds the own list alone. */
  readonly #r: Uint8Array | undefined;
  /** Sealed form: k·r^-1. */
  readonly #finish: Uint8Array | undefined;
  #terms: FreezeSession | undefined;
  #isEnded = false;
  #isBlinding = false;
  /** The own first stream, increasing; empty until blinded. */
  #stream = new Uint8Array(0);
  /** Position in the first stream → identifier. */
  #order = new Uint32Array(0);
  /** Tags of the own list by position; after `sortTags`, increasing. */
  #ownTags = new Uint8Array(0);
  /** Sealed: number among the sorted tags → position. */
  #tagOrder: Uint32Array | undefined;
  #peerTags = new Uint8Array(0);
  #peerLast = new Uint8Array(0);
  readonly #peer = new Cursor();
  readonly #own = new Cursor();
  readonly #hops = new Map<number, Cursor>();

  /** Draws the scalars; takes the filled set over. */
  constructor(request: OpenSession, set: IdentifierSet, tools: SessionTools) {
    this.#request = request;
    this.#tools = tools;
    this.#set = set;
    this.progress = { done: 0, total: set.count };
    this.#k = drawScalar(tools.random);
    if (request.form === 'sealed') {
      this.#r = drawScalar(tools.random);
      const inverse = invertScalar(this.#r);
      this.#finish = multiplyScalars(this.#k, inverse);
      inverse.fill(0);
    }
  }

  /** K and the proof of possession of k. */
  commit(): { commitment: Uint8Array; possession: Uint8Array } {
    const { dst, nodeId, proposalHash } = this.#request;
    const random = this.#tools.random(possessionRandomBytes);
    const possession = createPossession(this.#k, { dst, nodeId, proposalHash }, random);
    return { commitment: commitScalar(this.#k), possession };
  }

  async blindList(): Promise<void> {
    if (this.#isBlinding) throw new TallyError('session.state', 'list: is blinded already');
    this.#isBlinding = true;
    const count = this.#set.count;
    const stream = new Uint8Array(count * elementBytes);
    const scalar = this.#r ?? this.#k;
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < count) {
        const from = next;
        const to = Math.min(count, from + blindStep);
        next = to;
        const blinded = await this.#tools.compute.blind(this.#set.batch(from, to), this.#request.dst, scalar);
        this.#checkAlive();
        stream.set(blinded, from * elementBytes);
        this.progress.done += to - from;
      }
    };
    await Promise.all([lane(), lane()]);
    this.#order = sortedOrder(stream, elementBytes);
    applyOrder(stream, elementBytes, this.#order);
    this.#stream = stream;
  }

  readFirstStream(start: number, count: number): Uint8Array {
    if (this.#stream.length !== this.#set.count * elementBytes) {
      throw new TallyError('session.state', 'first stream: the list is not blinded yet');
    }
    return sliceItems('first stream', this.#stream, elementBytes, start, count);
  }

  freeze(terms: FreezeSession): void {
    if (this.#terms !== undefined) throw new TallyError('session.state', 'terms: are frozen already');
    const { tagContext, tagBytes, peerCount } = terms;
    if (tagContext.length !== 32 || !Number.isInteger(tagBytes) || tagBytes < 1 || tagBytes > 64) {
      throw new TallyError(
        'argument.invalid',
        `terms: want a context of 32 bytes and tags of 1 to 64, got ${tagContext.length} and ${tagBytes}`,
      );
    }
    if (!Number.isSafeInteger(peerCount) || peerCount < 0) {
      throw new TallyError('argument.invalid', 'terms: want a peer count of 0 or more');
    }
    this.#terms = { ...terms, tagContext: tagContext.slice() };
    if (terms.receives || this.#request.form === 'sealed')
      this.#ownTags = new Uint8Array(this.#set.count * tagBytes);
    if (terms.receives) this.#peerTags = new Uint8Array(peerCount * tagBytes);
  }

  async evaluate(list: number, start: number, elements: Uint8Array): Promise<Uint8Array> {
    this.#need('sealed');
    const count = wholeElements(elements);
    const cursor = this.#hops.get(list) ?? new Cursor();
    this.#hops.set(list, cursor);
    advance(`list ${list}`, cursor, start, count, Number.MAX_SAFE_INTEGER);
    const evaluated = await cursor.inOrder(this.#tools.compute.evaluate(elements, this.#k));
    this.#checkAlive();
    return evaluated;
  }

  async evaluatePeer(start: number, elements: Uint8Array, returnTags: boolean): Promise<Uint8Array> {
    const { tagContext, tagBytes, peerCount, receives } = this.#need('direct');
    const count = wholeElements(elements);
    advance('peer list', this.#peer, start, count, peerCount);
    this.#checkIncreasing(elements, count);
    const work = this.#tools.compute.evaluateToTags(elements, this.#k, tagContext, tagBytes);
    const tags = await this.#peer.inOrder(work);
    this.#checkAlive();
    if (receives) this.#peerTags.set(tags, start * tagBytes);
    this.#peer.done += count;
    return returnTags ? tags : new Uint8Array(0);
  }

  absorbReturned(start: number, tags: Uint8Array): void {
    const { tagBytes, receives } = this.#need('direct');
    if (!receives) throw new TallyError('session.state', 'returned tags: this party does not receive');
    if (tags.length % tagBytes !== 0) {
      throw new TallyError('chain.tag', `returned tags: want whole ${tagBytes} bytes, got ${tags.length}`);
    }
    const count = tags.length / tagBytes;
    advance('returned tags', this.#own, start, count, this.#set.count);
    this.#ownTags.set(tags, start * tagBytes);
    this.#own.done += count;
  }

  /** Which own identifiers are among the peer's; in the light form proved by nothing but the peer's word. */
  matchDirect(): MatchOutcome {
    const { tagBytes, peerCount, receives } = this.#need('direct');
    if (!receives) throw new TallyError('session.state', 'matches: this party does not receive');
    this.#needWhole('returned tags', this.#own, this.#set.count);
    this.#needWhole('peer list', this.#peer, peerCount);
    const table = new TagTable(this.#peerTags, tagBytes, this.#seed());
    const used = new Uint8Array(peerCount);
    const marked = new Uint8Array(this.#set.count);
    for (let position = 0; position < this.#set.count; position++) {
      const found = table.find(this.#ownTags, position);
      if (found < 0) continue;
      // different identifiers have different tags: one given for two positions is a lie
      if (used[found] === 1)
        throw new TallyError('chain.position', 'returned tags: one stands at two positions');
      used[found] = 1;
      marked[this.#order[position] as number] = 1;
    }
    return this.#outcome(marked);
  }

  async finishChain(start: number, elements: Uint8Array): Promise<void> {
    const { tagContext, tagBytes } = this.#need('sealed');
    const count = wholeElements(elements);
    advance('own chain', this.#own, start, count, this.#set.count);
    const finish = this.#finish as Uint8Array;
    const work = this.#tools.compute.evaluateToTags(elements, finish, tagContext, tagBytes);
    const tags = await this.#own.inOrder(work);
    this.#checkAlive();
    this.#ownTags.set(tags, start * tagBytes);
    this.#own.done += count;
  }

  sortTags(): { count: number } {
    const { tagBytes } = this.#need('sealed');
    this.#needWhole('own chain', this.#own, this.#set.count);
    if (this.#tagOrder === undefined) {
      this.#tagOrder = sortedOrder(this.#ownTags, tagBytes);
      applyOrder(this.#ownTags, tagBytes, this.#tagOrder);
      if (!isStrictlyIncreasing(this.#ownTags, tagBytes)) {
        throw new TallyError('chain.sorted', 'own tags: two of one list are equal');
      }
    }
    return { count: this.#set.count };
  }

  readSortedTags(start: number, count: number): Uint8Array {
    const { tagBytes } = this.#need('sealed');
    if (this.#tagOrder === undefined) throw new TallyError('session.state', 'own tags: are not sorted yet');
    return sliceItems('own tags', this.#ownTags, tagBytes, start, count);
  }

  matchBits(bits: Uint8Array): MatchOutcome {
    this.#need('sealed');
    const count = this.#set.count;
    const tagOrder = this.#tagOrder;
    if (tagOrder === undefined) throw new TallyError('session.state', 'own tags: are not sorted yet');
    if (bits.length !== Math.ceil(count / 8)) {
      throw new TallyError(
        'chain.count',
        `match bits: want ${Math.ceil(count / 8)} bytes, got ${bits.length}`,
      );
    }
    const marked = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      if ((((bits[i >> 3] as number) >> (i & 7)) & 1) === 0) continue;
      marked[this.#order[tagOrder[i] as number] as number] = 1;
    }
    return this.#outcome(marked);
  }

  progressNow(): Progress {
    return { ...this.progress };
  }

  /** Zeroes everything; calls under way fail with `session.unknown`. */
  end(): void {
    this.#isEnded = true;
    for (const secret of [this.#k, this.#r, this.#finish]) secret?.fill(0);
    for (const part of [this.#stream, this.#order, this.#ownTags, this.#peerTags, this.#peerLast])
      part.fill(0);
    this.#tagOrder?.fill(0);
    this.#set.wipe();
  }

  #outcome(marked: Uint8Array): MatchOutcome {
    let identifiers = 0;
    for (const mark of marked) identifiers += mark;
    let records = 0;
    this.#set.eachMarked(marked, () => {
      records += 1;
    });
    const head = { listId: this.#request.listId, identifiers, records };
    const writer = new ResultWriter(this.#tools.sealer(), head);
    this.#set.eachMarked(marked, (record, own) => {
      writer.add({ record, identifiers: own.map((identifier) => this.#set.textOf(identifier)) });
    });
    return { identifiers, records, sealedResult: writer.end() };
  }

  #checkIncreasing(elements: Uint8Array, count: number): void {
    if (count === 0) return;
    const pair = new Uint8Array(2 * elementBytes);
    pair.set(this.#peerLast);
    pair.set(elements.subarray(0, elementBytes), elementBytes);
    const follows = this.#peerLast.length === 0 || compareItems(pair, elementBytes, 0, 1) < 0;
    if (!follows || !isStrictlyIncreasing(elements, elementBytes)) {
      throw new TallyError('chain.sorted', 'peer list: want a strictly increasing stream');
    }
    this.#peerLast = elements.slice(-elementBytes);
  }

  #need(form: OpenSession['form']): FreezeSession {
    if (this.#request.form !== form) {
      throw new TallyError('session.state', `form: want ${form}, got ${this.#request.form}`);
    }
    if (this.#terms === undefined) throw new TallyError('session.state', 'terms: are not frozen yet');
    return this.#terms;
  }

  #needWhole(field: string, cursor: Cursor, count: number): void {
    if (cursor.done !== count) {
      throw new TallyError('chain.incomplete', `${field}: want ${count} positions, got ${cursor.done}`);
    }
  }

  #checkAlive(): void {
    if (this.#isEnded) throw new TallyError('session.unknown', 'session: has ended');
  }

  #seed(): number {
    return new DataView(this.#tools.random(4).buffer).getUint32(0);
  }
}

function wholeElements(elements: Uint8Array): number {
  if (elements.length % elementBytes !== 0) {
    throw new TallyError(
      'element.length',
      `elements: want whole ${elementBytes} bytes, got ${elements.length}`,
    );
  }
  return elements.length / elementBytes;
}

/** Takes `count` positions from `start`: in order, each once, none beyond the announced number. */
function advance(field: string, cursor: Cursor, start: number, count: number, total: number): void {
  if (start !== cursor.next) {
    throw new TallyError('chain.position', `${field}: want position ${cursor.next}, got ${start}`);
  }
  if (start + count > total) {
    throw new TallyError('chain.count', `${field}: want ${total} positions, got ${start + count}`);
  }
  cursor.next += count;
}

/** A copy of `count` items from `start`; throws `chain.position`. */
function sliceItems(
  field: string,
  items: Uint8Array,
  width: number,
  start: number,
  count: number,
): Uint8Array {
  const total = items.length / width;
  if (
    !Number.isInteger(start) ||
    !Number.isInteger(count) ||
    start < 0 ||
    count < 0 ||
    start + count > total
  ) {
    throw new TallyError('chain.position', `${field}: want a range within ${total} positions`);
  }
  return items.slice(start * width, (start + count) * width);
}
