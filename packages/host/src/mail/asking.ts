/**
 * The asking end of a mail channel.
 *
 * Purpose: several questions under way on one channel that this station dialled, never more than the other end takes;
 * each ends with an answer or a code.
 * Assumes: the channel is greeted and nobody else reads it. Does not know: dialling, pins.
 */
import { codeOfAbort, type ErrorCode, TallyError } from '@tallystick/protocol/errors';
import { encodeLetter, type Letter, parseLetter } from '@tallystick/protocol/wire';
import type { Channel } from '../channel/index.ts';
import type { Clock } from '../clock/index.ts';

/** Questions that may be unanswered on a channel; one more is a flood. */
export const maxUnanswered = 8;
/** Questions that wait for a place; then callers are told to come later. */
const maxWaiting = 256;
/** A channel on which nothing is asked for so long is closed by who dialled it, in milliseconds. */
export const idleMs = 30_000;

interface Question {
  readonly kind: string;
  readonly body: unknown;
  /** The caller gave up; the place stays taken until the other end answers. */
  isAbandoned: boolean;
  settle(outcome: { readonly body: unknown } | TallyError): void;
}

export class Asking {
  /** Resolves when the channel has ended. */
  readonly ended: Promise<void>;
  private readonly channel: Channel;
  private readonly clock: Clock;
  private readonly waiting: Question[] = [];
  private readonly asked = new Map<number, Question>();
  private last = 0;
  private failure: TallyError | undefined;
  private cancelIdle: () => void = () => undefined;

  constructor(channel: Channel, clock: Clock) {
    this.channel = channel;
    this.clock = clock;
    this.ended = this.read();
    this.rest();
  }

  get isOpen(): boolean {
    return this.failure === undefined;
  }

  /** @throws TallyError the peer's code, `session.deadline`, `session.busy`, `wire.*`, `peer.left`. */
  ask(kind: string, body: unknown, deadlineMs: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.failure !== undefined) return reject(this.failure);
      if (this.waiting.length >= maxWaiting) {
        return reject(new TallyError('session.busy', `mail: ${maxWaiting} questions wait already`));
      }
      const cancel = this.clock.setTimer(deadlineMs, () => {
        question.isAbandoned = true;
        question.settle(new TallyError('session.deadline', `${kind}: no answer in time`));
        const [...open] = this.asked.values();
        // Nothing comes back at all: a new channel may do better.
        if (open.length === maxUnanswered && open.every(({ isAbandoned }) => isAbandoned)) {
          this.end(new TallyError('session.deadline', 'mail: no question was answered in time'));
        }
      });
      const question: Question = {
        kind,
        body,
        isAbandoned: false,
        settle: (outcome) => {
          cancel();
          if (outcome instanceof TallyError) reject(outcome);
          else resolve(outcome.body);
        },
      };
      this.waiting.push(question);
      this.send();
    });
  }

  /** Idempotent; what was asked ends with the code, `peer.left` where there is none. */
  end(error?: TallyError): void {
    if (this.failure !== undefined) return;
    this.failure = error ?? new TallyError('peer.left', 'mail: the channel has ended');
    this.cancelIdle();
    for (const question of [...this.asked.values(), ...this.waiting]) question.settle(this.failure);
    this.asked.clear();
    this.waiting.length = 0;
    void this.channel.close(error?.code);
  }

  private send(): void {
    this.cancelIdle();
    while (this.asked.size < maxUnanswered) {
      const question = this.waiting.shift();
      if (question === undefined) break;
      if (question.isAbandoned) continue;
      const number = this.last + 1;
      try {
        const frame = encodeLetter({ type: 'ask', number, kind: question.kind, body: question.body });
        this.last = number;
        this.asked.set(number, question);
        this.channel.send(frame).catch((thrown: TallyError) => this.end(thrown));
      } catch (thrown) {
        question.settle(thrown as TallyError);
      }
    }
    this.rest();
  }

  private rest(): void {
    if (this.asked.size > 0 || this.failure !== undefined) return;
    this.cancelIdle = this.clock.setTimer(this.clock.nowMs() + idleMs, () => this.end());
  }

  private async read(): Promise<void> {
    try {
      for await (const frame of this.channel) this.take(parseLetter(frame));
      this.end();
    } catch (thrown) {
      this.end(
        thrown instanceof TallyError ? thrown : new TallyError('peer.left', 'mail: the channel broke'),
      );
    }
    await this.channel.closed;
  }

  private take(letter: Letter): void {
    const question = this.asked.get(letter.number);
    if (letter.type === 'ask' || question === undefined) {
      throw new TallyError('wire.order', 'letter: answers no question of ours');
    }
    this.asked.delete(letter.number);
    if (letter.type === 'answer') question.settle({ body: letter.body });
    else {
      // A number of a later version: all there is to say is that it failed.
      const code: ErrorCode = codeOfAbort(letter.code) ?? 'wire.type';
      question.settle(new TallyError(code, `${question.kind}: answered with code ${letter.code}`));
    }
    this.send();
  }
}
