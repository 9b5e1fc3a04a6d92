/**
 * The answering end of a mail channel.
 *
 * Purpose: every question gets an answer or a code; a peer that sends anything but due questions, or too many, is cut
 * off. Nothing that a handler throws leaves but the number of its code.
 * Assumes: the channel is greeted, and whose it is was proved by its pin. Does not know: what kinds mean.
 */
import { asTallyError, TallyError } from '@tallystick/protocol/errors';
import { encodeLetter, parseLetter } from '@tallystick/protocol/wire';
import type { Channel } from '../channel/index.ts';
import type { Clock } from '../clock/index.ts';
import { type Log, pub, pubError } from '../log/index.ts';
import { idleMs, maxUnanswered } from './asking.ts';
import type { Bucket } from './bucket.ts';

/** Answers a question of a pinned peer. What it throws is told as the number of its code, and nothing else. */
export type MailHandler = (from: string, body: unknown) => unknown;

export interface AnsweringOptions {
  readonly channel: Channel;
  readonly from: string;
  readonly bucket: Bucket;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether the peer is still pinned as it was when it rang. */
  isPinned(): boolean;
  handler(kind: string): MailHandler | undefined;
}

/** Resolves when the channel has ended. Never rejects. */
export async function answer(options: AnsweringOptions): Promise<void> {
  const { channel, from, bucket, clock, log } = options;
  let unanswered = 0;
  let last = 0;
  let cancelIdle: () => void = () => undefined;
  // Who dialled closes first; this is for who does not.
  const rest = (): void => {
    cancelIdle();
    cancelIdle = clock.setTimer(clock.nowMs() + 2 * idleMs, () => void channel.close());
  };

  const respond = async (number: number, kind: string, body: unknown): Promise<void> => {
    let frame: Uint8Array;
    try {
      const handler = options.handler(kind);
      if (handler === undefined) throw new TallyError('mail.kind', `${kind}: nobody here answers it`);
      const said = await handler(from, body);
      frame = encodeLetter({ type: 'answer', number, body: said ?? null });
    } catch (thrown) {
      log.warn('mail.failed', { from: pub(from), kind: pub(kind), error: pubError(thrown) });
      frame = encodeLetter({ type: 'failure', number, code: asTallyError(thrown).abort });
    }
    unanswered -= 1;
    if (unanswered === 0) rest();
    await channel.send(frame);
  };

  try {
    rest();
    for await (const frame of channel) {
      cancelIdle();
      if (unanswered >= maxUnanswered || !bucket.take(clock.nowMs())) {
        bucket.ban(clock.nowMs());
        throw new TallyError('channel.overflow', 'mail: too many questions');
      }
      if (!options.isPinned()) throw new TallyError('peer.unknown', `${from}: pinned no more`);
      const letter = parseLetter(frame);
      if (letter.type !== 'ask' || letter.number !== last + 1) {
        throw new TallyError('wire.order', 'letter: want the next question');
      }
      last = letter.number;
      unanswered += 1;
      respond(letter.number, letter.kind, letter.body).catch(() => undefined); // the channel has ended
    }
    await channel.close();
  } catch (thrown) {
    const error = asTallyError(thrown);
    log.warn('mail.ended', { from: pub(from), error: pubError(error) });
    await channel.close(error.code);
  } finally {
    cancelIdle();
  }
}
