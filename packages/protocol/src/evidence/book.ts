/**
 * The messages of evidence, by type, and the problems found with them.
 *
 * Purpose: every check reads from here and writes its problems here, so that one wrong message hides no other.
 * Does not know: what is checked.
 */
import { asTallyError, TallyError } from '../errors/index.ts';
import { checkMessage, type MessageOf, type SignedMessage, type SignedType } from '../wire/messages.ts';
import { checkNames, checkTexts, type CheckName, type CheckReport, type Problem } from './checks.ts';

export interface Entry<T extends SignedType = SignedType> {
  readonly index: number;
  readonly message: MessageOf<T>;
}

interface Tally {
  count: number;
  why: string | null;
  readonly problems: Problem[];
}

/** Who says a message. */
export function senderOf(message: SignedMessage): string {
  return message.type === 'proposal' ? message.proposer : message.from;
}

/** How people call a message. */
export function nameOf(message: SignedMessage): string {
  const place =
    'hop' in message
      ? `${'kind' in message ? message.kind : ''} ${message.list}/${message.hop} `.trimStart()
      : '';
  return `${message.type} ${place}of ${senderOf(message)}`;
}

export class Book {
  readonly entries: Entry[] = [];
  private readonly tallies = new Map<CheckName, Tally>();

  /** Messages that are none are problems of `signatures`. */
  constructor(messages: readonly unknown[]) {
    messages.forEach((value, index) => {
      try {
        const message = checkMessage(value);
        if (!('signature' in message)) throw new TallyError('wire.type', `${message.type}: is not signed`);
        this.entries.push({ index, message });
      } catch (thrown) {
        this.fail('signatures', { index }, asTallyError(thrown).message);
      }
    });
  }

  of<T extends SignedType>(type: T): Entry<T>[] {
    return this.entries.filter((entry): entry is Entry<T> => entry.message.type === type);
  }

  /** By sender; where a sender said it twice, the first. */
  bySender<T extends SignedType>(type: T): Map<string, Entry<T>> {
    const found = new Map<string, Entry<T>>();
    for (const entry of this.of(type)) {
      const sender = senderOf(entry.message as SignedMessage);
      if (!found.has(sender)) found.set(sender, entry);
    }
    return found;
  }

  /** One thing is checked: what is thrown is a problem of this entry, or of the file. True where nothing is. */
  check(name: CheckName, entry: Entry | undefined, body: () => void): boolean {
    this.tally(name).count += 1;
    try {
      body();
      return true;
    } catch (thrown) {
      this.fail(name, entry, asTallyError(thrown).message);
      return false;
    }
  }

  fail(name: CheckName, entry: { index: number; message?: SignedMessage } | undefined, text: string): void {
    const of = entry?.message === undefined ? null : nameOf(entry.message);
    this.tally(name).problems.push({ message: entry?.index ?? null, of, text });
  }

  /** Nothing can be checked, and why. */
  skip(name: CheckName, why: string): void {
    this.tally(name).why ??= why;
  }

  get failed(): boolean {
    return [...this.tallies.values()].some((tally) => tally.problems.length > 0);
  }

  report(): CheckReport[] {
    return checkNames.map((check) => {
      const { count, why, problems } = this.tally(check);
      const result = problems.length > 0 ? 'failed' : count > 0 ? 'passed' : 'not-checked';
      return {
        check,
        result,
        count,
        why: result === 'not-checked' ? why : null,
        problems,
        ...checkTexts[check],
      };
    });
  }

  private tally(name: CheckName): Tally {
    let tally = this.tallies.get(name);
    if (tally === undefined) {
      tally = { count: 0, why: null, problems: [] };
      this.tallies.set(name, tally);
    }
    return tally;
  }
}

/** Throws what a check throws. */
export function deny(text: string): never {
  throw new TallyError('evidence.invalid', text);
}
