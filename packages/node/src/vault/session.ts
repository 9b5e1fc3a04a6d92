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
  checkTagTerms,
  commitScalar,
  createPossession,
  drawScalar,
  elementBytes,
  elementDst,
  invertScalar,
  multiplyScalars,
  possessionRandomBytes,
  type RandomBytes,
} from '@tallystick/protocol/suite';
import type { Compute } from '../compute/types.ts';
import { Cursor, wholeElements } from './cursor.ts';
import type { IdentifierSet } from './flat/identifier-set.ts';
import { compareItems, isStrictlyIncreasing } from './flat/order.ts';
import { TagTable } from './flat/tag-table.ts';
import { type ListExtras, OwnList, sentinel } from './own-list.ts';
import { Proving } from './proving.ts';
import { SealedTags } from './sealed-tags.ts';
import type { Sealer } from './sealing.ts';
import type { FreezeSession, GiveBack, MatchOutcome, OpenSession, Progress } from './types.ts';

export interface SessionTools {
  readonly compute: Compute;
  readonly random: RandomBytes;
  readonly sealer: () => Sealer;
}

/** What the freeze fixed, and what is kept under it. */
interface Frozen extends FreezeSession {
  /** Units of the own list's streams. */
  readonly own: number;
  /** Direct form: units of the peer's. */
  readonly peer: number;
  readonly proving: Proving;
  /** Sealed form. */
  readonly tags: SealedTags;
}

export class VaultSession {
  readonly #request: OpenSession;
  readonly #tools: SessionTools;
  readonly #dst: Uint8Array;
  readonly #list: OwnList;
  readonly #k: Uint8Array;
  /** Sealed form: blinds the own list alone. */
  readonly #r: Uint8Array | undefined;
  /** Sealed form: k·r^-1. */
  readonly #finish: Uint8Array | undefined;
  #frozen: Frozen | undefined;
  #isEnded = false;
  #isBlinding = false;
  /** Direct form, receiver: tags of the own list by position, and of the peer's. */
  #ownTags = new Uint8Array(0);
  #peerTags = new Uint8Array(0);
  #peerLast = new Uint8Array(0);
  readonly #peer = new Cursor();
  readonly #own = new Cursor();
  readonly #marks = new Cursor();
  readonly #hops = new Map<number, Cursor>();

  /** Draws the scalars; takes the filled set over. */
  constructor(request: OpenSession, set: IdentifierSet, extras: ListExtras, tools: SessionTools) {
    this.#request = request;
    this.#tools = tools;
    this.#dst = elementDst(request.agreementId);
    this.#list = new OwnList(set, extras, tools, () => this.#checkAlive());
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
    const { nodeId, proposalHash } = this.#request;
    const random = this.#tools.random(possessionRandomBytes);
    const possession = createPossession(this.#k, { dst: this.#dst, nodeId, proposalHash }, random);
    return { commitment: commitScalar(this.#k), possession };
  }

  freeze(terms: FreezeSession): void {
    if (this.#frozen !== undefined) throw new TallyError('session.state', 'terms: are frozen already');
    const { tagContext, tagBytes, totals, self, sentinels, verified, receives } = terms;
    const { form } = this.#request;
    checkTagTerms(tagContext, tagBytes);
    const own = this.#list.size + sentinels;
    const isWhole = totals.every((total) => Number.isSafeInteger(total) && total >= 0);
    if (!isWhole || totals[self] !== own || totals.length !== terms.parties.length) {
      throw new TallyError('argument.invalid', `terms: want whole totals, ${own} of the own list`);
    }
    const isDirect = form === 'direct';
    const peer = isDirect ? (totals[1 - self] as number) : 0;
    const keepOwn = verified && (receives || !isDirect) ? own : 0;
    const { compute, random } = this.#tools;
    this.#frozen = {
      ...terms,
      tagContext: tagContext.slice(),
      own,
      peer,
      proving: new Proving(compute, random, keepOwn),
      tags: new SealedTags(isDirect ? 0 : own, tagBytes),
    };
    if (!isDirect || !receives) return;
    this.#ownTags = new Uint8Array(own * tagBytes);
    this.#peerTags = new Uint8Array(peer * tagBytes);
  }

  async blindList(): Promise<void> {
    const frozen = this.#need();
    if (this.#isBlinding) throw new TallyError('session.state', 'list: is blinded already');
    this.#isBlinding = true;
    await this.#list.blind(this.#r ?? this.#k, this.#dst, this.#request.agreementId, frozen);
  }

  readFirstStream(start: number, count: number): Uint8Array {
    const elements = this.#list.read(start, count);
    // in the light form nothing folds what was sent, so it goes with its last element
    if (this.#frozen?.verified === false && start + count === this.#frozen.own) this.#list.dropStream();
    return elements;
  }

  async evaluate(list: number, start: number, elements: Uint8Array): Promise<Uint8Array> {
    const { totals, self } = this.#need('sealed');
    const count = wholeElements(elements);
    const cursor = this.#hops.get(list) ?? new Cursor();
    this.#hops.set(list, cursor);
    cursor.advance(`list ${list}`, start, count, list === self ? 0 : (totals[list] ?? 0));
    const evaluated = await cursor.inOrder(this.#tools.compute.evaluate(elements, this.#k));
    this.#checkAlive();
    cursor.done += count;
    return evaluated;
  }

  async evaluatePeer(start: number, elements: Uint8Array, give: GiveBack): Promise<Uint8Array> {
    const { tagBytes, peer, receives, peerReceives, verified } = this.#need('direct');
    const due = peerReceives ? (verified ? 'elements' : 'tags') : 'nothing';
    if (give !== due) throw new TallyError('session.state', `peer list: want ${due} given back`);
    const count = wholeElements(elements);
    this.#peer.advance('peer list', start, count, peer);
    this.#checkIncreasing(elements, count);
    const { units, tags } = await this.#peer.inOrder(this.#evaluated(elements, give, receives));
    this.#checkAlive();
    if (receives) this.#peerTags.set(tags, start * tagBytes);
    this.#peer.done += count;
    return units;
  }

  /** Direct: k times the peer's elements: what goes back, and the tags where this party keeps them. */
  async #evaluated(
    elements: Uint8Array,
    give: GiveBack,
    receives: boolean,
  ): Promise<{ units: Uint8Array; tags: Uint8Array }> {
    const { tagContext, tagBytes } = this.#need('direct');
    const { compute } = this.#tools;
    const none = new Uint8Array(0);
    if (give === 'elements') {
      if (!receives) return { units: await compute.evaluate(elements, this.#k), tags: none };
      const both = await compute.evaluateWithTags(elements, this.#k, tagContext, tagBytes);
      return { units: both.elements, tags: both.tags };
    }
    const tags = await compute.evaluateToTags(elements, this.#k, tagContext, tagBytes);
    return { units: give === 'nothing' ? none : tags, tags };
  }

  async absorbReturned(start: number, units: Uint8Array): Promise<void> {
    const { tagContext, tagBytes, receives, verified, own, proving } = this.#need('direct');
    if (!receives) throw new TallyError('session.state', 'returned list: this party does not receive');
    const width = verified ? elementBytes : tagBytes;
    if (units.length % width !== 0) {
      const code = verified ? 'element.length' : 'chain.tag';
      throw new TallyError(code, `returned list: want whole ${width} bytes, got ${units.length}`);
    }
    const count = units.length / width;
    this.#own.advance('returned list', start, count, own);
    if (verified) proving.last.put(start, units);
    const { compute } = this.#tools;
    const tagged = verified ? compute.tag(units, tagContext, tagBytes) : Promise.resolve(units);
    const tags = await this.#own.inOrder(tagged);
    this.#checkAlive();
    this.#ownTags.set(tags, start * tagBytes);
    this.#own.done += count;
  }

  async finishChain(start: number, elements: Uint8Array): Promise<void> {
    const { tagContext, tagBytes, own, verified, proving, tags } = this.#need('sealed');
    const count = wholeElements(elements);
    this.#own.advance('own chain', start, count, own);
    if (verified) proving.last.put(start, elements);
    const finish = this.#finish as Uint8Array;
    const work = this.#tools.compute.evaluateToTags(elements, finish, tagContext, tagBytes);
    const finished = await this.#own.inOrder(work);
    this.#checkAlive();
    tags.put(start, finished);
    this.#own.done += count;
  }

  /** Both ends of the own list; only after its last element has come back (`chain.incomplete`). */
  async foldOwn(): Promise<Uint8Array> {
    const { own, receives, proving } = this.#needVerified();
    if (this.#request.form === 'direct' && !receives) {
      throw new TallyError('session.state', 'fold: nothing comes back');
    }
    this.#own.needWhole('own chain', own);
    // an end in the middle zeroes what is folded: that, and no bad element, is then the reason
    const folding = proving.foldOwn(this.#list.stream()).finally(() => this.#checkAlive());
    const folded = await folding;
    this.#list.dropStream();
    return folded;
  }

  /** Only after the whole list has passed, once a list; direct, only where it goes back to its owner. */
  prove(list: number, element: Uint8Array, statement: Uint8Array): Uint8Array {
    const { proving, totals, self, peerReceives } = this.#needVerified();
    const isDirect = this.#request.form === 'direct';
    if (list === self || totals[list] === undefined || (isDirect && !peerReceives))
      throw new TallyError('chain.position', `proof of list ${list}: not our turn`);
    const passed = isDirect ? this.#peer : (this.#hops.get(list) ?? new Cursor());
    passed.needWhole(`list ${list}`, totals[list]);
    return proving.prove(this.#k, list, element, statement);
  }

  /** Sorts the own tags; gives those of the sentinels. */
  sortTags(): Uint8Array {
    const { own, tags } = this.#need('sealed');
    this.#own.needWhole('own chain', own);
    return tags.sort((position) => this.#list.identifierAt(position) === sentinel);
  }

  readSortedTags(start: number, count: number): Uint8Array {
    return this.#need('sealed').tags.read(start, count);
  }

  readLabels(start: number, count: number): Uint8Array {
    return this.#need('sealed').tags.label(start, count, (position) => this.#list.labelAt(position));
  }

  absorbMarks(start: number, marks: Uint8Array): void {
    const { tags, own, self, parties, receives, which } = this.#need('sealed');
    if (!receives) throw new TallyError('session.state', 'marks: this party does not receive');
    const width = which ? 2 : 1;
    if (marks.length % width !== 0) {
      throw new TallyError('chain.count', `marks: want whole ${width} bytes, got ${marks.length}`);
    }
    const count = marks.length / width;
    tags.checkMarks(marks, width, self, parties.length);
    this.#marks.advance('marks', start, count, own);
    tags.mark(start, marks, width);
    this.#marks.done += count;
  }

  /** Which own identifiers matched; in the light form proved by nothing but others' word. */
  match(): MatchOutcome {
    const frozen = this.#need();
    if (!frozen.receives) throw new TallyError('session.state', 'matches: this party does not receive');
    return this.#request.form === 'direct' ? this.#matchDirect(frozen) : this.#matchSealed(frozen);
  }

  #matchDirect({ tagBytes, own, peer }: Frozen): MatchOutcome {
    this.#own.needWhole('returned list', own);
    this.#peer.needWhole('peer list', peer);
    const table = new TagTable(this.#peerTags, tagBytes, this.#seed());
    const used = new Uint8Array(peer);
    const marked = new Uint8Array(own);
    for (let position = 0; position < own; position++) {
      const found = table.find(this.#ownTags, position);
      if (found < 0) continue;
      // different identifiers have different tags: one given for two positions is a lie
      if (used[found] === 1)
        throw new TallyError('chain.position', 'returned list: one unit stands at two positions');
      used[found] = 1;
      marked[this.#list.identifierAt(position)] = 1;
    }
    return this.#list.outcome(marked, this.#tools.sealer(), this.#request.listId);
  }

  #matchSealed({ own, tags, which, parties, self }: Frozen): MatchOutcome {
    this.#marks.needWhole('marks', own);
    const marked = new Uint8Array(this.#list.count);
    const masks = new Uint16Array(which ? this.#list.count : 0);
    tags.eachMarked(which ? 2 : 1, (position, mark) => {
      const identifier = this.#list.identifierAt(position);
      if (identifier < 0) throw new TallyError('chain.sentinel', 'marks: what is no identifier is marked');
      marked[identifier] = 1;
      if (which) masks[identifier] = mark;
    });
    const listsOf = (identifier: number): string[] =>
      parties.filter((_, list) => list !== self && ((masks[identifier] as number) >> list) % 2 === 1);
    const { listId } = this.#request;
    return this.#list.outcome(marked, this.#tools.sealer(), listId, which ? listsOf : undefined);
  }

  progressNow(): Progress {
    return { ...this.#list.progress };
  }

  /** Zeroes everything; calls under way fail with `session.unknown`. */
  end(): void {
    this.#isEnded = true;
    for (const secret of [this.#k, this.#r, this.#finish]) secret?.fill(0);
    for (const part of [this.#ownTags, this.#peerTags, this.#peerLast]) part.fill(0);
    this.#frozen?.tags.wipe();
    this.#frozen?.proving.wipe();
    this.#list.wipe();
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

  #need(form = this.#request.form): Frozen {
    if (this.#request.form !== form) {
      throw new TallyError('session.state', `form: want ${form}, got ${this.#request.form}`);
    }
    if (this.#frozen === undefined) throw new TallyError('session.state', 'terms: are not frozen yet');
    return this.#frozen;
  }

  #needVerified(form = this.#request.form): Frozen {
    const frozen = this.#need(form);
    if (!frozen.verified) throw new TallyError('session.state', 'proof: the light form proves nothing');
    return frozen;
  }

  #checkAlive(): void {
    if (this.#isEnded) throw new TallyError('session.unknown', 'session: has ended');
  }

  #seed(): number {
    return new DataView(this.#tools.random(4).buffer).getUint32(0);
  }
}
