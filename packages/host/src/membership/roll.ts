/**
 * The list of members of one agreement at one station, with the messages behind it.
 *
 * Purpose: take a message or refuse it with reasons, keep it before it counts, say what another station lacks.
 * Assumes: a verified agreement. Does not know: other stations, schedules.
 */
import { createHash } from 'node:crypto';
import { instantMs, type SignedAgreement } from '@tallystick/protocol/agreement';
import {
  applyMembership,
  emptyMembership,
  type Member,
  type Membership,
  type MembershipMessage,
  type MembershipReason,
  policyMembership,
} from '@tallystick/protocol/membership';
import type { MembershipShelf } from './shelf.ts';
import type { Head } from './letters.ts';

/** What would come of a message; nothing has changed yet. */
export type Verdict =
  | {
      readonly kind: 'applied' | 'forked';
      readonly message: MembershipMessage;
      readonly membership: Membership;
    }
  | { readonly kind: 'refused'; readonly reasons: readonly MembershipReason[] };

export class Roll {
  readonly signed: SignedAgreement;
  readonly notAfterMs: number;
  private readonly self: string;
  private readonly shelf: MembershipShelf;
  private current: Membership;
  private readonly said: MembershipMessage[];
  private readonly words: Map<string, MembershipMessage>;
  private readonly forks: Map<string, MembershipMessage>;

  /** @throws TallyError `store.corrupt`. */
  constructor(signed: SignedAgreement, self: string, shelf: MembershipShelf) {
    this.signed = signed;
    this.self = self;
    this.shelf = shelf;
    this.notAfterMs = instantMs(signed.agreement.notAfter) as number;
    this.current = emptyMembership(signed);
    const { said, words, forks } = shelf.load(this.current.agreement);
    for (const message of [...said, ...words, ...forks]) {
      const outcome = applyMembership(this.current, message);
      if (outcome.kind !== 'refused') this.current = outcome.membership;
    }
    this.said = [...said];
    this.words = new Map(words.map((word) => [word.from, word]));
    this.forks = new Map(forks.map((fork) => [fork.from, fork]));
  }

  get id(): string {
    return this.current.agreement;
  }

  get membership(): Membership {
    return this.current;
  }

  /** What a decision needs to know. */
  facts(): ReturnType<typeof policyMembership> {
    return policyMembership(this.current, this.self);
  }

  /** Every member but this station. */
  others(): readonly string[] {
    return this.current.members.map(({ id }) => id).filter((id) => id !== this.self);
  }

  /** Whether this station is a member. */
  get isMember(): boolean {
    return this.current.members.some(({ id }) => id === this.self);
  }

  /** What this station has said so far. */
  get own(): { readonly id: string; readonly said: number; readonly lastAtMs: number } {
    const member = this.current.members.find(({ id }) => id === this.self);
    return { id: this.self, said: member?.hashes.length ?? 0, lastAtMs: member?.lastAtMs ?? 0 };
  }

  /** When a message was said, by its sender's clock. */
  saidAtMs(from: string, sequence: number): number | undefined {
    return this.said.find((one) => one.from === from && one.sequence === sequence)?.atMs;
  }

  /**
   * A message of the future waits, or its sender could say nothing until then; but a suspension binds whatever its
   * sender's clock.
   */
  judge(value: unknown, nowMs: number): Verdict {
    const outcome = applyMembership(this.current, value);
    if (outcome.kind === 'refused') return outcome;
    const message = value as MembershipMessage;
    const toleranceMs = this.signed.agreement.freshness.clockSeconds * 1000;
    if (message.type !== 'suspend' && message.atMs > nowMs + toleranceMs) {
      return { kind: 'refused', reasons: ['message.future'] };
    }
    return { kind: outcome.kind, message, membership: outcome.membership };
  }

  /** What was judged last: durable, then it counts. @throws TallyError `store.write`: it does not count. */
  keep({ kind, message, membership }: Exclude<Verdict, { kind: 'refused' }>): void {
    if (kind === 'forked') {
      this.shelf.putFork(message);
      this.forks.set(message.from, message);
    } else if (message.type === 'affirm') {
      this.shelf.putWord(message);
      this.words.set(message.from, message);
    } else {
      this.shelf.putSaid(message, this.said.length);
      this.said.push(message);
    }
    this.current = membership;
  }

  heads(): Head[] {
    return this.current.members.map(({ id, hashes, affirmed, hasForked }) => ({
      from: id,
      said: hashes.length,
      digest: digestOf(hashes),
      affirmedAtMs: affirmed?.atMs ?? null,
      hasForked,
    }));
  }

  /**
   * What a station with these heads lacks, in an order in which it can be applied. Who holds other messages of a sender
   * under the same numbers is shown ours, which proves the fork.
   */
  lackedBy(heads: readonly Head[]): MembershipMessage[] {
    const known = new Map(heads.map((head) => [head.from, head]));
    const isForkHidden = ({ hashes, id }: Member): boolean => {
      const head = known.get(id);
      if (head === undefined || head.hasForked || head.said > hashes.length) return false;
      return head.digest !== digestOf(hashes.slice(0, head.said));
    };
    const hidden = new Set(this.current.members.filter(isForkHidden).map(({ id }) => id));
    const countOf = (id: string): number =>
      this.current.members.find((one) => one.id === id)?.hashes.length ?? 0;
    return [
      ...this.said.filter(
        ({ from, sequence }) => hidden.has(from) || sequence > (known.get(from)?.said ?? 0),
      ),
      ...[...this.forks.values()].filter(({ from }) => known.get(from)?.hasForked !== true),
      ...[...this.words.values()].filter(
        ({ from, sequence, atMs }) =>
          sequence === countOf(from) && atMs > (known.get(from)?.affirmedAtMs ?? -1),
      ),
    ];
  }
}

function digestOf(hashes: readonly string[]): string {
  return createHash('sha256').update(hashes.join('\n')).digest('hex');
}
