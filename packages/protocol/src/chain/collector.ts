/**
 * The collector's state machine: form `sealed`, a station that brings no list.
 *
 * Purpose: takes every party's sorted tags after the barrier, merges them, tells all parties the same counts and
 * waits until all of them sign what they were told. For
 * `matches` it marks each receiver's tags, for that owner alone, and tells nobody a number. Where the agreement names two, each
 * does all of this; they share a seed, for salt and noise, and nothing else.
 * Assumes: tags, and labels where lists have them, are all it ever sees; it learns the exact histogram over combinations
 * of lists and labels, always.
 * Does not know: elements, scalars, identifiers.
 */
import type { Agreement } from '../agreement/ephemeral.ts';
import { encodeHex } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { tagBytesFor } from '../suite/tag.ts';
import { encodeChunkFrame, type ChunkFrame, type StreamKind } from '../wire/frames.ts';
import type { MessageOf } from '../wire/messages.ts';
import { isCollector } from './consents.ts';
import { countsOutcome, exactlyFrom, releasesCounts } from './counts.ts';
import { MarkWriter, markBytes, matchesPredicate } from './marks.ts';
import { TagMerge } from './merge.ts';
import { commitView, openSeal, sealOutbound, viewContents } from './seals.ts';
import { type JointSeed, openJointSeed } from './joint-seed.ts';
import { LabelGate, LabelTally } from './labels.ts';
import { releaseView } from './release.ts';
import { SentinelCheck } from './sentinels.ts';
import { StationMachine } from './station.ts';
import { InboundStream, OutboundStream, type StreamShape } from './streams.ts';
import type { Phase } from './types.ts';

/** What a view says. */
type Numbers = Pick<MessageOf<'view'>, 'exactly' | 'release' | 'cells'>;

export class CollectorMachine extends StationMachine {
  private readonly tags: InboundStream[] = [];
  /** By list; only for lists with labels. */
  private readonly labels = new Map<number, InboundStream>();
  private gate: LabelGate | undefined;
  /** By list; only for receivers of `matches`. */
  private readonly marks = new Map<number, { stream: OutboundStream; writer: MarkWriter }>();
  private merge: TagMerge | undefined;
  private sentinels: SentinelCheck | undefined;
  private tally: LabelTally | undefined;
  /** What everybody is to be told, from the moment it stands. */
  private numbers: Numbers | undefined;
  private releaseAtMs: number | undefined;
  private viewCommitment = '';
  /** With a second collector. */
  private seed: JointSeed | undefined;
  private seedDueMs = Number.POSITIVE_INFINITY;

  protected override checkRole(agreement: Agreement): void {
    if (!isCollector(agreement, this.id)) {
      throw new TallyError('agreement.invalid', 'agreement.collectors: we are none');
    }
    this.role = 'collector';
  }

  protected override doing(): { phase: Phase; done: number; total: number } {
    const done = this.tags.reduce((sum, flow) => sum + flow.doneUnits, 0);
    const total = this.tags.reduce((sum, flow) => sum + flow.shape.total, 0);
    return { phase: this.merge === undefined ? 'consent' : 'merge', done, total };
  }

  protected override onFrozen(): void {
    this.state = 'barrier';
    this.seed = openJointSeed(this.agreement, this.id, this.consentsHash, this.options.random);
    if (this.seed !== undefined) {
      // The other has as long for its share as for any sign of life.
      this.seedDueMs = this.now + this.options.limits.silentMs;
      const { commitment } = this.seed;
      this.message(
        this.seed.other,
        this.signed({ type: 'seed', session: this.sessionId, from: this.id, commitment }),
      );
    }
    this.passBarrierIfReady();
  }

  /** Every owner has its chain whole: now tags may come. */
  protected override onBarriers(): void {
    const { output, sentinels, verified } = this.agreement;
    const tagBytes = tagBytesFor(this.totals);
    this.sentinels = new SentinelCheck(sentinels, tagBytes, this.partyIds, verified);
    this.tally = new LabelTally(this.lists, this.partyIds);
    this.partyIds.forEach((id, list) => {
      this.tags.push(new InboundStream(this.shape('tags', list, tagBytes), this.newHash));
      if (this.lists[list]?.labels !== undefined)
        this.labels.set(list, new InboundStream(this.shape('labels', list, 1), this.newHash));
      if (output.kind === 'matches' && output.to.includes(id)) this.openMarks(list, markBytes(output.which));
    });
    this.merge = new TagMerge(this.totals, tagBytes, {
      onTag: (tag, mask) => this.count(tag, mask),
      onConsumed: (list) => this.marks.has(list) || this.grant(list),
    });
    this.gate = new LabelGate(this.lists, (list, chunk) => this.merge?.push(list, chunk));
    this.state = 'collecting';
  }

  /** Which of the collectors we are: the hop of our streams. */
  private get index(): number {
    return this.agreement.collectors.findIndex((collector) => collector.id === this.id);
  }

  private shape(kind: StreamKind, list: number, unitBytes: number): StreamShape {
    return {
      kind,
      list,
      hop: this.index,
      peer: this.partyIds[list] ?? '',
      total: this.totals[list] ?? 0,
      unitBytes,
      chunkElements: this.agreement.chunkElements,
      windowChunks: this.options.limits.windowChunks,
      increasing: kind === 'tags',
    };
  }

  private openMarks(list: number, unitBytes: number): void {
    const stream = new OutboundStream(this.shape('marks', list, unitBytes), this.newHash);
    const put = (chunk: number, bytes: Uint8Array): void => stream.put(chunk, bytes);
    const writer = new MarkWriter(unitBytes, (chunk) => stream.unitsOf(chunk), put);
    this.marks.set(list, { stream, writer });
  }

  protected override onSentinels(from: string, message: MessageOf<'sentinels'>): void {
    this.sentinels?.take(from, message.tags);
  }

  protected override onSeed(from: string, { commitment }: MessageOf<'seed'>): void {
    if (from !== this.seed?.other) throw new TallyError('wire.order', 'seed: not for us');
    const share = this.seed.commit(commitment);
    this.message(from, this.signed({ type: 'share', session: this.sessionId, from: this.id, share }));
  }

  protected override onShare(from: string, { share }: MessageOf<'share'>): void {
    if (from !== this.seed?.other) throw new TallyError('wire.order', 'share: not for us');
    this.seed.open(share);
    this.seedDueMs = Number.POSITIVE_INFINITY;
    this.weigh();
    this.concludeIfReady();
  }

  protected override onChunk(from: string, frame: ChunkFrame): void {
    const stream = this.inbound(frame.kind, frame.list);
    if (stream === undefined || frame.hop !== this.index || stream.shape.peer !== from) {
      throw new TallyError(
        'wire.order',
        `chunk: no ${frame.kind} ${frame.list}/${frame.hop} of theirs is for us`,
      );
    }
    if (!this.sentinels?.has(from)) throw new TallyError('wire.order', 'chunk: before its sentinels');
    const { payload } = stream.accept(frame);
    this.weigh();
    const { kind, list, hop, total } = stream.shape;
    this.emit({
      type: 'progress',
      progress: { direction: 'in', kind, list, hop, done: stream.doneUnits, total },
    });
    if (kind === 'labels') {
      this.tally?.push(list, payload);
      this.gate?.labelled(list);
    } else this.gate?.tags(list, payload);
    for (const at of this.marks.keys()) this.pump(at);
    this.concludeIfReady();
  }

  private inbound(kind: StreamKind, list: number): InboundStream | undefined {
    return kind === 'labels' ? this.labels.get(list) : this.tags[list];
  }

  /** One tag, seen on the lists of a mask. */
  private count(tag: Uint8Array, mask: number): void {
    const { output } = this.agreement;
    const counts = !this.sentinels?.isSentinel(tag, mask);
    this.tally?.add(mask, !counts);
    if (output.kind !== 'matches' || output.predicate === null) return;
    const matched = counts && matchesPredicate(output.predicate, mask, this.partyIds.length);
    for (const [list, { writer }] of this.marks) {
      if ((mask & (1 << list)) !== 0) writer.add(matched ? (output.which ? mask : 1) : 0);
    }
  }

  /** Sends marks as far as they are granted; only then may the owner send more tags. */
  private pump(list: number): void {
    const { stream } = this.marks.get(list) as { stream: OutboundStream };
    const { kind, hop, peer } = stream.shape;
    for (let ready = stream.take(); ready !== undefined; ready = stream.take()) {
      this.send(peer, encodeChunkFrame({ kind, list, hop, ...ready }, this.consentsHash));
      this.grant(list);
    }
    if (!stream.complete || stream.sealed !== undefined) return;
    const seal = sealOutbound(stream, this.options.random);
    this.message(peer, this.signed({ type: 'seal', session: this.sessionId, from: this.id, ...seal }));
  }

  protected override onCredit(from: string, credit: MessageOf<'credit'>): void {
    const stream = this.marks.get(credit.list)?.stream;
    if (stream === undefined || credit.kind !== 'marks' || stream.shape.peer !== from) {
      throw new TallyError('wire.order', 'credit: no such stream');
    }
    stream.credit(credit.chunks);
    this.weigh();
    this.pump(credit.list);
    this.concludeIfReady();
  }

  /** Another chunk of a list's tags, and of their labels. */
  private grant(list: number): void {
    for (const stream of [this.tags[list], this.labels.get(list)]) {
      if (stream === undefined) continue;
      const chunks = stream.release();
      if (stream.complete) continue;
      const { kind, peer } = stream.shape;
      this.message(peer, { type: 'credit', session: this.sessionId, kind, list, hop: this.index, chunks });
    }
  }

  protected override onSeal(from: string, seal: MessageOf<'seal'>): void {
    const stream = this.inbound(seal.kind, seal.list);
    const isDue = stream?.shape.peer === from && seal.kind === stream.shape.kind && seal.hop === this.index;
    if (!isDue || stream.sealed !== undefined) {
      throw new TallyError('wire.order', 'seal: no such stream of theirs is for us, or it is sealed');
    }
    openSeal(stream, seal);
    this.weigh();
    this.concludeIfReady();
  }

  /** All tags are counted, all sentinels found, all streams sealed: everybody is told the same. */
  private concludeIfReady(): void {
    if (this.state !== 'collecting' || !this.merge?.complete) return;
    const inbound = [...this.tags, ...this.labels.values()];
    if (inbound.some((stream) => stream.sealed === undefined)) return;
    if ([...this.marks.values()].some(({ stream }) => stream.sealed === undefined)) return;
    if (!this.sentinels?.complete) throw new TallyError('chain.sentinel', 'sentinel: missing at the end');
    if (this.numbers !== undefined || this.seed?.isOpen === false) return;
    this.tally?.checkAnnounced();
    this.numbers = this.numbersOf(this.tally as LabelTally);
    // How long the sampler took depends on what it drew: the answer waits for the clock's next tick.
    const { releaseTickMs } = this.options.limits;
    const noisy = this.agreement.privacy !== null && this.agreement.privacy.microEpsilon !== null;
    this.releaseAtMs = noisy ? (Math.floor(this.now / releaseTickMs) + 1) * releaseTickMs : this.now;
    this.tellIfDue();
  }

  private numbersOf({ space, counts }: LabelTally): Numbers {
    const { output, labels } = this.agreement;
    if (output.kind === 'matches') return { exactly: null, release: null, cells: null };
    if (!releasesCounts(this.agreement)) {
      return { exactly: exactlyFrom(space, counts), release: null, cells: labels && counts };
    }
    const { release, cells } = releaseView(
      counts,
      this.lists,
      this.agreement,
      this.seed?.noise() ?? this.options.random,
    );
    return { exactly: null, release, cells: labels && cells };
  }

  private tellIfDue(): void {
    if (this.state !== 'collecting' || this.numbers === undefined || this.now < (this.releaseAtMs ?? 0))
      return;
    this.tell(this.numbers);
  }

  override nextDeadlineMs(): number {
    const next = Math.min(super.nextDeadlineMs(), this.over ? Number.POSITIVE_INFINITY : this.seedDueMs);
    return this.state === 'collecting' ? Math.min(next, this.releaseAtMs ?? next) : next;
  }

  override timeout(nowMs: number): void {
    super.timeout(nowMs);
    this.guard(nowMs, () => {
      if (this.over) return;
      if (nowMs >= this.seedDueMs)
        throw new TallyError('privacy.seed', 'share: not opened in time', {
          among: [this.seed?.other ?? ''],
        });
      this.tellIfDue();
    });
  }

  private tell(numbers: Numbers): void {
    this.options.onRelease?.(this.known, this.transcript);
    // Two collectors say the same to the byte.
    const salt = this.seed?.viewSalt ?? this.options.random(32);
    const contents = { transcript: encodeHex(this.transcript), ...numbers };
    this.viewCommitment = encodeHex(commitView(salt, viewContents(contents)));
    this.state = 'closing';
    const body = { type: 'view' as const, session: this.sessionId, from: this.id, salt: encodeHex(salt) };
    const view = this.signed({ ...body, ...contents });
    for (const id of this.partyIds) this.message(id, view);
  }

  protected override onDone(): void {
    if (this.partyIds.some((id) => !this.dones.has(id))) return;
    const { output, verified } = this.agreement;
    if (output.kind === 'matches') return this.finish({ kind: 'matches', summary: null, verified });
    for (const [id, done] of this.dones) {
      if (done.view !== this.viewCommitment)
        throw new TallyError('consent.mismatch', `done.view: ${id} holds another`);
    }
    if (this.numbers !== undefined) this.finish(countsOutcome(this.numbers, verified));
  }
}
