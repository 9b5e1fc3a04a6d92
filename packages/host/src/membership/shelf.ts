/**
 * What a station keeps of the life of an agreement: every message, in the order they came.
 *
 * Purpose: messages with numbers, the newest word of each member, and of who forked the message that shows it; sealed
 * at rest, durable before anything follows from them. The list of members is folded from them at every start.
 * Assumes: messages were applied before they came here. Does not know: what they say.
 */
import type { MembershipMessage } from '@tallystick/protocol/membership';
import type { Sealer } from '../seal/index.ts';
import type { Store } from '../store/index.ts';

export interface KeptMessages {
  readonly said: readonly MembershipMessage[];
  readonly words: readonly MembershipMessage[];
  readonly forks: readonly MembershipMessage[];
}

export interface MembershipShelf {
  /** @throws TallyError `store.corrupt` where a seal does not open. */
  load(agreement: string): KeptMessages;
  /** A numbered message, and how many came before it. @throws TallyError `store.write`. */
  putSaid(message: MembershipMessage, index: number): void;
  /** Replaces the sender's word before. @throws TallyError `store.write`. */
  putWord(message: MembershipMessage): void;
  /** The second message under one number. @throws TallyError `store.write`. */
  putFork(message: MembershipMessage): void;
}

export function createMembershipShelf(store: Store, sealer: Sealer): MembershipShelf {
  const contextOf = (key: string): string => `members/${key}`;
  const put = (key: string, message: MembershipMessage): void => {
    const plain = new TextEncoder().encode(JSON.stringify(message));
    const sealed = Buffer.from(sealer.seal(plain, contextOf(key))).toString('base64');
    store.put('members', key, { sealed });
  };
  const open = (prefix: string): MembershipMessage[] =>
    store.list('members', { prefix }).map(({ key, value }) => {
      const { sealed } = value as { sealed: string };
      const plain = sealer.unseal(Buffer.from(sealed, 'base64'), contextOf(key));
      return JSON.parse(new TextDecoder().decode(plain)) as MembershipMessage;
    });
  return {
    load: (agreement) => ({
      said: open(`${agreement}/said/`),
      words: open(`${agreement}/word/`),
      forks: open(`${agreement}/fork/`),
    }),
    putSaid: (message, index) => put(`${message.agreement}/said/${String(index).padStart(8, '0')}`, message),
    putWord: (message) => put(`${message.agreement}/word/${message.from}`, message),
    putFork: (message) => put(`${message.agreement}/fork/${message.from}`, message),
  };
}
