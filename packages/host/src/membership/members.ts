/**
 * The life of agreements at one station: what it says, what it hears, and that everybody hears the same.
 *
 * Purpose: every message is kept before it is sent, told to every member at once and passed on by whoever learned
 * something new, so that neither a relay nor one member can withhold a suspension. 'Not suspended' is said on a
 * schedule. What one station lacks it gets from any other: at the start, when the link is back, on the schedule.
 * Assumes: agreements were verified; mail knows who a peer is. Does not know: sessions, the command line.
 */
import { type SignedAgreement, standingId } from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import {
  type MembershipBody,
  type MembershipMessage,
  membersHash,
  type policyMembership,
  signMembership,
} from '@tallystick/protocol/membership';
import type { Attempts, AuditLog } from '../audit/index.ts';
import type { Clock } from '../clock/index.ts';
import type { SigningIdentity } from '../identity/index.ts';
import { type Log, pub, pubError } from '../log/index.ts';
import type { Mail } from '../mail/index.ts';
import { Exchanges } from './exchanges.ts';
import { exchangeKind, type ExchangeReply, type Head, maxBatch, parseQuestion } from './letters.ts';
import { entryOf } from './records.ts';
import { Roll, type Taken } from './roll.ts';
import { Schedule } from './schedule.ts';
import type { MembershipShelf } from './shelf.ts';
import { dayMs, endsSoonDays } from './status.ts';

export type MembershipFacts = ReturnType<typeof policyMembership>;
type Distributive<T> = T extends unknown ? Omit<T, 'agreement' | 'from' | 'sequence' | 'atMs'> : never;
/** What a member says, but an `affirm`, which is said by itself. */
export type Saying = Exclude<Distributive<MembershipBody>, { type: 'affirm' }>;

export interface Said {
  readonly sequence: number;
  /** Members who have it, and those who could not be told yet: they are told as soon as they are there. */
  readonly told: readonly string[];
  readonly missed: readonly string[];
}

export interface MembersOptions {
  readonly identity: Pick<SigningIdentity, 'id' | 'sign'>;
  readonly shelf: MembershipShelf;
  /** Signed agreements that stand, at this moment. */
  agreements(): readonly SignedAgreement[];
  readonly mail: Pick<Mail, 'ask' | 'serve'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly attempts: Pick<Attempts, 'note'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Somebody's message changed the list of members: live sessions may have to end. */
  onChange(agreement: string, facts: MembershipFacts): void;
}

/** Longest wait of a caller until the others have it, in milliseconds; telling goes on behind. */
const tellMs = 15_000;

/** What may be said without having heard any other member since the start; see `say`. */
const atOnce: readonly Saying['type'][] = ['suspend', 'withdraw'];

export class Members {
  private readonly options: MembersOptions;
  private readonly rolls = new Map<string, { readonly roll: Roll; readonly schedule: Schedule }>();
  private readonly exchanges: Exchanges;
  /** What each member was last answered that we have. */
  private readonly answered = new Map<string, readonly Head[]>();
  private readonly warnedMs = new Map<string, number>();
  private isClosed = false;

  constructor(options: MembersOptions) {
    this.options = options;
    const { mail, log } = options;
    this.exchanges = new Exchanges(mail, log, (roll, peer, messages) => this.takeAll(roll, peer, messages));
    mail.serve(exchangeKind, (from, body) => this.answer(from, body));
  }

  /** Takes up agreements that are new; at the start, and when one was installed. */
  refresh(): void {
    const { agreements, identity, shelf, clock } = this.options;
    if (this.isClosed) return;
    for (const signed of agreements()) {
      if (this.rolls.has(standingId(signed.agreement))) continue;
      const roll = new Roll(signed, identity.id, shelf);
      if (!roll.isMember) continue;
      const schedule = new Schedule(signed.agreement.freshness, clock, () => this.tick(roll.id));
      this.rolls.set(roll.id, { roll, schedule });
      schedule.soon();
    }
  }

  /** The link is back. */
  wake(): void {
    this.refresh();
    for (const { schedule } of this.rolls.values()) schedule.soon();
  }

  /** For decisions; undefined where this station is no member of such an agreement: then nothing is known, and denies. */
  facts(agreement: string): MembershipFacts | undefined {
    return this.find(agreement)?.roll.facts();
  }

  /** @throws TallyError `agreement.unknown`. */
  roll(agreement: string): Roll {
    return this.need(agreement).roll;
  }

  list(): readonly Roll[] {
    this.refresh();
    return [...this.rolls.values()].map(({ roll }) => roll);
  }

  /**
   * Says something to all members. It binds here when this returns or throws anything but the codes below.
   *
   * A station that was taken back from a backup does not know its own last numbers, and two messages under one number
   * cost it all belief. So it hears another member first, except to suspend or to withdraw, which do not wait.
   * @throws TallyError `agreement.unknown`, `membership.refused`, `membership.unheard`, `store.write`, `log.*`.
   */
  async say(agreement: string, saying: Saying): Promise<Said> {
    const { roll, schedule } = this.need(agreement);
    if (!atOnce.includes(saying.type) && !this.exchanges.hasHeard(roll)) {
      await this.within(this.exchanges.reach(roll));
      if (!this.exchanges.hasHeard(roll)) {
        throw new TallyError(
          'membership.unheard',
          `${saying.type}: no other member has answered since the start`,
        );
      }
    }
    const { sequence } = this.sign(roll, saying);
    schedule.soon();
    await this.within(this.exchanges.reach(roll));
    const told = roll.others().filter((peer) => this.exchanges.hasTold(roll, peer, sequence));
    return { sequence, told, missed: roll.others().filter((peer) => !told.includes(peer)) };
  }

  /** Says 'not suspended' now, and asks everybody for theirs. @throws TallyError `agreement.unknown`, `membership.refused`. */
  async affirm(agreement: string): Promise<void> {
    const { roll } = this.need(agreement);
    const taken = this.word(roll);
    if (taken.kind === 'refused') throw refusal('affirm', taken.reasons);
    await this.within(this.exchanges.reach(roll));
  }

  close(): void {
    this.isClosed = true;
    this.exchanges.close();
    for (const { schedule } of this.rolls.values()) schedule.stop();
  }

  private find(agreement: string) {
    if (!this.rolls.has(agreement)) this.refresh();
    return this.rolls.get(agreement);
  }

  private need(agreement: string) {
    const found = this.find(agreement);
    if (found !== undefined) return found;
    throw new TallyError(
      'agreement.unknown',
      'agreement: none of this id, or this station is no member of it',
    );
  }

  /** In the log, then kept, then it counts. */
  private sign(roll: Roll, saying: Saying): MembershipMessage {
    const { identity, clock, audit } = this.options;
    const nowMs = clock.nowMs();
    const { said, lastAtMs } = roll.own;
    const head = {
      agreement: roll.id,
      from: identity.id,
      sequence: said + 1,
      atMs: Math.max(nowMs, lastAtMs),
    };
    const message = signMembership({ ...head, ...saying } as MembershipBody, (bytes) => identity.sign(bytes));
    const reasons = roll.refusal(message);
    if (reasons !== undefined) throw refusal(saying.type, reasons);
    const entry = entryOf(message);
    if (entry !== undefined) audit.append(entry);
    const taken = roll.take(message, Math.max(nowMs, lastAtMs));
    if (taken.kind === 'refused') throw refusal(saying.type, taken.reasons);
    this.options.onChange(roll.id, roll.facts());
    return message;
  }

  private word(roll: Roll): Taken {
    const { identity, clock } = this.options;
    const nowMs = clock.nowMs();
    const body = {
      agreement: roll.id,
      from: identity.id,
      sequence: roll.own.said,
      atMs: nowMs,
      type: 'affirm' as const,
      members: membersHash(roll.membership),
    };
    return roll.take(
      signMembership(body, (bytes) => identity.sign(bytes)),
      nowMs,
    );
  }

  /** On the schedule: our word, then everybody's. True: everybody was reached. */
  private async tick(agreement: string): Promise<boolean> {
    const { clock, log } = this.options;
    const found = this.rolls.get(agreement);
    if (this.isClosed || found === undefined || clock.nowMs() >= found.roll.notAfterMs) return true;
    this.warnOfEnd(found.roll);
    try {
      const taken = this.word(found.roll);
      if (taken.kind === 'refused') {
        log.info('membership.silent', { agreement: pub(agreement), reasons: pub(taken.reasons.join(' ')) });
      }
      return await this.exchanges.reach(found.roll);
    } catch (thrown) {
      log.warn('membership.failed', { agreement: pub(agreement), error: pubError(thrown) });
      return false;
    }
  }

  /** In the operator's log, once a day in the last thirty. */
  private warnOfEnd({ id, notAfterMs }: Roll): void {
    const { clock, log } = this.options;
    const nowMs = clock.nowMs();
    const isDue = nowMs - (this.warnedMs.get(id) ?? Number.NEGATIVE_INFINITY) >= dayMs;
    if (notAfterMs - nowMs >= endsSoonDays * dayMs || !isDue) return;
    this.warnedMs.set(id, nowMs);
    const days = Math.floor((notAfterMs - nowMs) / dayMs);
    log.warn('agreement.ends-soon', { agreement: pub(id), days: pub(days) });
  }

  private answer(from: string, body: unknown): ExchangeReply {
    if (this.isClosed) throw new TallyError('peer.left', 'membership: this station stops');
    const { agreement, heads, messages } = parseQuestion(body);
    const { roll } = this.need(agreement);
    const key = `${roll.id} ${from}`;
    if (!roll.others().includes(from)) throw new TallyError('agreement.unknown', `${from}: no member`);
    this.exchanges.heard(roll, heads);
    this.takeAll(roll, from, messages, this.answered.get(key));
    const ours = roll.heads();
    this.answered.set(key, ours);
    return { heads: ours, messages: roll.lackedBy(heads).slice(0, maxBatch) };
  }

  /** Whether anything was new. What was, goes to the others. */
  private takeAll(
    roll: Roll,
    peer: string,
    messages: readonly unknown[],
    answered: readonly Head[] = [],
  ): boolean {
    let isNews = false;
    let isChange = false;
    for (const message of messages) {
      const taken = this.take(roll, peer, message, answered);
      if (taken.kind === 'refused') continue;
      isNews = true;
      isChange ||= taken.kind === 'forked' || taken.message.type !== 'affirm';
    }
    if (isChange) {
      this.options.onChange(roll.id, roll.facts());
      for (const other of roll.others()) if (other !== peer) void this.exchanges.with(roll, other);
      this.rolls.get(roll.id)?.schedule.soon(); // the list has changed: our word names the new one
    }
    return isNews;
  }

  private take(roll: Roll, peer: string, value: unknown, answered: readonly Head[]): Taken {
    const { log, audit, clock } = this.options;
    const refused = roll.refusal(value);
    try {
      if (refused === undefined) {
        const entry = entryOf(value as MembershipMessage);
        if (entry !== undefined) audit.append(entry);
      }
    } catch (thrown) {
      // Another's deed: a log that takes no entries ends our sessions, but must not keep a suspension from us.
      log.error('membership.unlogged', { agreement: pub(roll.id), error: pubError(thrown) });
    }
    const taken = roll.take(value, clock.nowMs());
    if (taken.kind === 'forked' || (taken.kind === 'refused' && !isCrossing(taken, value, answered))) {
      this.note(roll, peer, taken);
    }
    return taken;
  }

  private note(roll: Roll, peer: string, taken: Taken): void {
    const { log, attempts } = this.options;
    const reasons = taken.kind === 'refused' ? taken.reasons : (['message.forked'] as const);
    log.warn('membership.refused', {
      agreement: pub(roll.id),
      from: pub(peer),
      reasons: pub(reasons.join(' ')),
    });
    for (const code of reasons) attempts.note({ from: peer, code, agreement: roll.id });
  }

  private async within(work: Promise<unknown>): Promise<void> {
    const { clock } = this.options;
    await new Promise<void>((resolve) => {
      const cancel = clock.setTimer(clock.nowMs() + tellMs, resolve);
      void work.then(
        () => (cancel(), resolve()),
        () => (cancel(), resolve()),
      );
    });
  }
}

/**
 * The same message by two ways at once, or a word that a newer one has overtaken: nothing to remark upon. But who was
 * told that we have a message and sends it again replays it.
 */
function isCrossing(
  { reasons }: Extract<Taken, { kind: 'refused' }>,
  value: unknown,
  answered: readonly Head[],
): boolean {
  if (reasons.some((reason) => reason !== 'message.replayed')) return false;
  const { type, from, sequence } = value as MembershipMessage;
  const known = answered.find((head) => head.from === from)?.said ?? 0;
  return type === 'affirm' || sequence > known;
}

function refusal(what: string, reasons: readonly string[]): TallyError {
  return new TallyError('membership.refused', `${what}: ${reasons.join(', ')}`);
}
