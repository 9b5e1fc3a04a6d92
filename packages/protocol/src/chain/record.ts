/**
 * What was signed in a session, as one party saw it.
 *
 * Purpose: every signed message that left or was accepted as its sender's, in that order, each once; what opens the
 * party's own view. From it the evidence of a session is made (evidence/).
 * Assumes: the chain's tables bound how many messages there are. Holds salts: never written in the clear.
 * Does not know: what a message proves.
 */
import { TallyError } from '../errors/index.ts';
import type { SignedMessage } from '../wire/messages.ts';

/** Opens the commitment in the own `done`, where this party received matches. */
export interface ViewOpening {
  /** Hex, 32 bytes. */
  readonly salt: string;
  readonly identifiers: number;
  readonly records: number;
}

/** Twice what ten parties have to say to one of them. */
export const maxRecordedMessages = 256;

export class SessionRecord {
  private readonly bySignature = new Map<string, SignedMessage>();
  opening: ViewOpening | null = null;

  /** The same message again (an answer asked twice) is kept once. Throws `wire.order` beyond the limit. */
  add(message: SignedMessage): void {
    this.bySignature.set(`${message.type}/${message.signature}`, message);
    if (this.bySignature.size > maxRecordedMessages)
      throw new TallyError('wire.order', `${message.type}: more signed messages than a session has`);
  }

  get messages(): readonly SignedMessage[] {
    return [...this.bySignature.values()];
  }
}
