/**
 * How often one peer may ask.
 *
 * Purpose: a rate with a burst, and a time out for whoever exceeds it; over all channels of a peer, so that a new
 * channel is no new allowance.
 * Does not know: what is asked.
 */
const burst = 500;
const perSecond = 20;
/** How long a peer that flooded is not answered, in milliseconds. */
const banMs = 60_000;

export class Bucket {
  private tokens = burst;
  private atMs: number;
  private bannedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(nowMs: number) {
    this.atMs = nowMs;
  }

  isBanned(nowMs: number): boolean {
    return nowMs < this.bannedUntilMs;
  }

  /** False: that was one too many, and the peer is out for a while. */
  take(nowMs: number): boolean {
    const passedMs = Math.max(0, nowMs - this.atMs); // a clock that goes back gives nothing
    this.tokens = Math.min(burst, this.tokens + (passedMs / 1000) * perSecond);
    this.atMs = nowMs;
    if (this.tokens < 1) this.ban(nowMs);
    else this.tokens -= 1;
    return !this.isBanned(nowMs);
  }

  ban(nowMs: number): void {
    this.bannedUntilMs = nowMs + banMs;
  }
}
