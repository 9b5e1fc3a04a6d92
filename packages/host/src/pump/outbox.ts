/**
 * What waits to be sent on one channel.
 *
 * Purpose: frames leave in order, one awaited after the other, so that a slow peer delays its own channel only.
 * Assumes: windows of the protocol bound what honest sessions queue; the cap is for the others.
 * Does not know: what a frame means, but that an ended session needs its chunks no more.
 */
import { TallyError } from '@tallystick/protocol/errors';
import { isJsonFrame } from '@tallystick/protocol/wire';
import type { Channel } from '../channel/types.ts';

export class Outbox {
  private readonly channel: Channel;
  private readonly maxQueuedBytes: number;
  private queue: Uint8Array[] = [];
  private queuedBytes = 0;
  private sending: Promise<void> | undefined;

  constructor(channel: Channel, maxQueuedBytes: number) {
    this.channel = channel;
    this.maxQueuedBytes = maxQueuedBytes;
  }

  /** Throws `channel.overflow` where more waits than the cap allows. */
  put(frame: Uint8Array): void {
    this.queuedBytes += frame.length;
    if (this.queuedBytes > this.maxQueuedBytes) {
      throw new TallyError(
        'channel.overflow',
        `outbox: want at most ${this.maxQueuedBytes} bytes waiting, got ${this.queuedBytes}`,
      );
    }
    this.queue.push(frame);
    this.sending ??= this.drain();
  }

  /** Drops chunks that were not sent: the session is over. */
  dropChunks(): void {
    this.queue = this.queue.filter((frame) => isJsonFrame(frame));
    this.queuedBytes = this.queue.reduce((sum, frame) => sum + frame.length, 0);
  }

  /** Resolves when everything was taken by the channel, or the channel is gone. */
  async flushed(): Promise<void> {
    await this.sending;
  }

  private async drain(): Promise<void> {
    try {
      for (let frame = this.queue.shift(); frame !== undefined; frame = this.queue.shift()) {
        await this.channel.send(frame);
        this.queuedBytes = Math.max(0, this.queuedBytes - frame.length);
      }
    } catch {
      // The reader of this channel sees the same end, with its code.
      this.queue = [];
      this.queuedBytes = 0;
    }
    this.sending = undefined;
  }
}
