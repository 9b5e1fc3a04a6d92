/**
 * Deadlines of a session: who was last heard of when, and when anything last moved.
 *
 * Purpose: a silent station, and a session in which nothing moves, end; nobody waits for ever.
 * Assumes: times are milliseconds of one clock, given by the caller. Does not know: what a station does.
 */
import { TallyError } from '../errors/index.ts';
import type { Limits } from '../wire/limits.ts';

export class Deadlines {
  private readonly limits: Limits;
  private readonly heardMs = new Map<string, number>();
  private movedMs: number;
  private aliveMs: number;

  constructor(limits: Limits, nowMs: number) {
    this.limits = limits;
    this.movedMs = nowMs;
    this.aliveMs = nowMs;
  }

  heard(id: string, nowMs: number): void {
    this.heardMs.set(id, nowMs);
  }

  moved(nowMs: number): void {
    this.movedMs = nowMs;
  }

  /** Starts the watch over stations; who was heard before keeps its time. */
  watch(ids: readonly string[], nowMs: number): void {
    for (const id of ids) this.heardMs.set(id, nowMs);
  }

  nextMs(ids: readonly string[]): number {
    let next = Math.min(this.aliveMs + this.limits.heartbeatMs, this.movedMs + this.limits.stallMs);
    for (const id of ids)
      next = Math.min(next, (this.heardMs.get(id) ?? this.movedMs) + this.limits.silentMs);
    return next;
  }

  /** Throws `session.deadline` naming who or what is late. */
  check(ids: readonly string[], nowMs: number): void {
    const { silentMs, stallMs } = this.limits;
    for (const id of ids) {
      if (nowMs >= (this.heardMs.get(id) ?? this.movedMs) + silentMs) {
        throw new TallyError('session.deadline', `silent for ${silentMs} ms`, { among: [id] });
      }
    }
    if (nowMs >= this.movedMs + stallMs)
      throw new TallyError('session.deadline', `nothing moved for ${stallMs} ms`);
  }

  /** True when it is time to say that we are alive; the next time is a heartbeat later. */
  aliveDue(nowMs: number): boolean {
    if (nowMs < this.aliveMs + this.limits.heartbeatMs) return false;
    this.aliveMs = nowMs;
    return true;
  }
}
