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
import type { policyMembership } from '@tallystick/protocol/membership';
import { pub, pubError } from '../log/index.ts';
import type { Mail } from '../mail/index.ts';
import { Exchanges } from './exchanges.ts';
import { exchangeKind, type ExchangeReply, type Head, maxBatch, parseQuestion } from './letters.ts';
import { hear, type HearingOptions } from './hearing.ts';
import { Roll } from './roll.ts';
import { type Saying, Voice, type VoiceOptions } from './voice.ts';
import { Schedule } from './schedule.ts';
import type { MembershipShelf } from './shelf.ts';
import { dayMs, endsSoonDays } from './status.ts';

export type MembershipFacts = ReturnType<typeof policyMembership>;
export interface Said {
  readonly sequence: number;
  /** Members who have it, and those who could not be told yet: they are told as soon as they are there. */
  readonly told: readonly string[];
  readonly missed: readonly string[];
}

export interface MembersOptions extends VoiceOptions, HearingOptions {
  readonly shelf: MembershipShelf;
  /** Signed agreements that stand, at this moment. */
  agreements(): readonly SignedAgreement[];
  readonly mail: Pick<Mail, 'ask' | 'serve'>;
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
  private readonly voice: Voice;
  /** What each member was last answered that we have. */
  private readonly answered = new Map<string, readonly Head[]>();
  private readonly warnedMs = new Map<string, number>();
  private isClosed = false;

  constructor(options: MembersOptions) {
    this.options = options;
    const { mail, log } = options;
    this.voice = new Voice(options);
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
    const sequence = this.voice.say(roll, saying);
    this.options.onChange(roll.id, roll.facts());
    schedule.soon();
    await this.within(this.exchanges.reach(roll));
    const told = roll.others().filter((peer) => this.exchanges.hasTold(roll, peer, sequence));
    return { sequence, told, missed: roll.others().filter((peer) => !told.includes(peer)) };
  }

  /** Says 'not suspended' now, and asks everybody for theirs. @throws TallyError `agreement.unknown`, `membership.refused`. */
  async affirm(agreement: string): Promise<void> {
    const { roll } = this.need(agreement);
    this.voice.affirm(roll);
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

  /** On the schedule: our word, then everybody's. True: everybody was reached. */
  private async tick(agreement: string): Promise<boolean> {
    const { clock, log } = this.options;
    const found = this.rolls.get(agreement);
    if (this.isClosed || found === undefined || clock.nowMs() >= found.roll.notAfterMs) return true;
    this.warnOfEnd(found.roll);
    try {
      this.voice.affirm(found.roll);
    } catch (thrown) {
      // While it suspends, or has left: then silence is what it has to say.
      log.info('membership.silent', { agreement: pub(agreement), error: pubError(thrown) });
    }
    return this.exchanges.reach(found.roll);
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
    const { isNews, isChange } = hear(this.options, roll, peer, messages, answered);
    if (isChange) {
      this.options.onChange(roll.id, roll.facts());
      for (const other of roll.others()) if (other !== peer) void this.exchanges.with(roll, other);
      this.rolls.get(roll.id)?.schedule.soon(); // the list has changed: our word names the new one
    }
    return isNews;
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
