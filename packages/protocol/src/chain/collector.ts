/**
 * The collector's state machine: form `sealed`, a station that brings no list.
 *
 * Purpose: takes every party's sorted tags after the barrier, merges them, tells all parties the same counts and
 * waits until all of them sign what they were told.
 * Assumes: tags are all it ever sees; it learns the exact histogram over combinations of lists, always.
 * Does not know: elements, scalars, identifiers; which sentinel is where (a later part).
 */
import type { Agreement } from '../agreement/ephemeral.ts';
import { encodeHex } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { tagBytesFor } from '../suite/tag.ts';
import type { ChunkFrame } from '../wire/frames.ts';
import type { MessageOf } from '../wire/messages.ts';
import { TagMerge } from './merge.ts';
import { commitView, openSeal } from './party.ts';
import { StationMachine } from './station.ts';
import { InboundStream, streamKey } from './streams.ts';
import type { Phase } from './types.ts';

export class CollectorMachine extends StationMachine {
  private readonly inbound = new Map<string, InboundStream>();
  private merge: TagMerge | undefined;
  private viewCommitment = '';

  protected override checkRole(agreement: Agreement): void {
    if (agreement.collector?.id !== this.id) {
      throw new TallyError('agreement.invalid', 'agreement.collector: we are not it');
    }
    this.role = 'collector';
  }

  protected override doing(): { phase: Phase; done: number; total: number } {
    const flows = [...this.inbound.values()];
    const done = flows.reduce((sum, flow) => sum + flow.doneUnits, 0);
    const total = flows.reduce((sum, flow) => sum + flow.shape.total, 0);
    return { phase: this.merge === undefined ? 'consent' : 'merge', done, total };
  }

  protected override onFrozen(): void {
    this.state = 'barrier';
    this.passBarrierIfReady();
  }

  /** Every owner has its chain whole: now tags may come. */
  protected override onBarriers(): void {
    const unitBytes = tagBytesFor(this.sizes);
    this.partyIds.forEach((peer, list) => {
      const shape = {
        kind: 'tags' as const,
        list,
        hop: 0,
        peer,
        total: this.sizes[list] ?? 0,
        unitBytes,
        chunkElements: this.agreement.chunkElements,
        windowChunks: this.options.limits.windowChunks,
        increasing: true,
      };
      const stream = new InboundStream(shape, this.newHash);
      this.inbound.set(stream.key, stream);
    });
    this.merge = new TagMerge(this.sizes, unitBytes, (list) => this.grant(list));
    this.state = 'collecting';
  }

  protected override onChunk(from: string, frame: ChunkFrame): void {
    const stream = this.inbound.get(streamKey(frame.kind, frame.list, frame.hop));
    if (stream === undefined || stream.shape.peer !== from) {
      throw new TallyError(
        'wire.order',
        `chunk: ${from} has no ${frame.kind} ${frame.list}/${frame.hop} for us`,
      );
    }
    const { payload } = stream.accept(frame);
    const { kind, list, hop, total } = stream.shape;
    this.emit({
      type: 'progress',
      progress: { direction: 'in', kind, list, hop, done: stream.doneUnits, total },
    });
    this.merge?.push(list, payload);
    this.concludeIfReady();
  }

  private grant(list: number): void {
    const stream = this.inbound.get(streamKey('tags', list, 0)) as InboundStream;
    const chunks = stream.release();
    if (stream.complete) return;
    const body = {
      type: 'credit' as const,
      session: this.sessionId,
      kind: 'tags' as const,
      list,
      hop: 0,
      chunks,
    };
    this.message(stream.shape.peer, body);
  }

  protected override onSeal(from: string, seal: MessageOf<'seal'>): void {
    const stream = this.inbound.get(streamKey(seal.kind, seal.list, seal.hop));
    if (stream === undefined || stream.shape.peer !== from || stream.sealed !== undefined) {
      throw new TallyError('wire.order', `seal: ${from} has no such stream for us`);
    }
    openSeal(stream, seal);
    this.concludeIfReady();
  }

  /** All tags are counted and all streams sealed: everybody is told the same. */
  private concludeIfReady(): void {
    const { merge } = this;
    if (this.state !== 'collecting' || !merge?.complete) return;
    if ([...this.inbound.values()].some((stream) => stream.sealed === undefined)) return;
    const salt = this.options.random(32);
    const transcript = encodeHex(this.transcript);
    this.viewCommitment = encodeHex(commitView(salt, { transcript, exactly: merge.exactly }));
    const body = { session: this.sessionId, from: this.id, transcript };
    this.state = 'closing';
    this.broadcast(this.signed({ type: 'view', ...body, exactly: merge.exactly, salt: encodeHex(salt) }));
  }

  protected override onDone(): void {
    if (this.partyIds.some((id) => !this.dones.has(id))) return;
    for (const [id, done] of this.dones) {
      if (done.view !== this.viewCommitment)
        throw new TallyError('consent.mismatch', `done.view: ${id} holds another`);
    }
    this.finish({ kind: 'counts', exactly: this.merge?.exactly ?? [] });
  }
}
