/**
 * Emergencies at one station: what it has heard of, and that everybody hears of it.
 *
 * Purpose: a declaration or a review is checked, written to the audit log, kept, and only then told; every station of
 * the agreement that decides is told at once, and again on a schedule, in one question that brings what we have and asks
 * for what they have. So no single station can withhold a declaration that is due for review. What is refused changes
 * nothing and is noted as an attempt.
 * Assumes: agreements were verified; mail knows who a peer is. Does not know: sessions, who signed where.
 */
import type { AgreementShelf, HeldAgreement } from '../agreements/index.ts';
import { asTallyError, type ErrorCode, TallyError } from '@tallystick/protocol/errors';
import {
  applyEmergency,
  type Emergency,
  type EmergencyMessage,
  emergencyTexts,
  emergencyWhen,
  policyEmergencies,
  type PolicyState,
} from '@tallystick/protocol/policy';
import { z } from 'zod';
import type { AuditLog } from '../audit/index.ts';
import type { Clock } from '../clock/index.ts';
import { type Log, pub, pubError } from '../log/index.ts';
import type { Mail } from '../mail/index.ts';
import type { Sealer } from '../seal/index.ts';
import type { Store } from '../store/index.ts';
import { createEmergencyShelf, type EmergencyShelf } from './shelf.ts';

const kind = 'emergency.messages';
const everyMs = 300_000;
/** Messages in one letter. More emergencies than this are no emergencies. */
const maxMessages = 512;

const letterSchema = z.strictObject({
  agreement: z.string().regex(/^[0-9a-f]{64}$/),
  messages: z.array(z.unknown()).max(maxMessages),
});

export interface EmergenciesOptions {
  readonly store: Store;
  /** Opens with the data key of the store. */
  readonly sealer: Sealer;
  /** This station. */
  readonly self: string;
  readonly agreements: Pick<AgreementShelf, 'get' | 'list'>;
  /** Keys that replaced those of an agreement, as its members said. */
  keys(agreement: string): PolicyState['membership']['keys'];
  readonly audit: Pick<AuditLog, 'append'>;
  readonly mail: Pick<Mail, 'ask' | 'serve'>;
  readonly clock: Clock;
  readonly log: Log;
  /** A peer, or our own operator, brought what does not belong. */
  attempt(from: string, code: ErrorCode): void;
}

/** Who has heard, and who could not be reached: they hear as soon as they are there. */
export interface Told {
  readonly told: readonly string[];
  readonly missed: readonly string[];
}

export interface EmergencyReport extends ReturnType<typeof emergencyWhen> {
  readonly id: string;
  readonly agreement: { readonly id: string; readonly name: string };
  readonly of: string;
  readonly officer: string;
  readonly grounds: string;
  readonly declaredAtMs: number;
  readonly reviewedBy: readonly string[];
}

const messagesOf = (emergencies: readonly Emergency[]): EmergencyMessage[] =>
  emergencies.flatMap(({ declared, reviews }) => [declared, ...reviews]);

export class Emergencies {
  private readonly options: EmergenciesOptions;
  private readonly shelf: EmergencyShelf;
  private stopTimer: () => void = () => undefined;
  private isClosed = false;

  constructor(options: EmergenciesOptions) {
    this.options = options;
    this.shelf = createEmergencyShelf(options.store, options.sealer);
    options.mail.serve(kind, (from, body) => this.answer(from, body));
  }

  /** For decisions. */
  facts(agreement: string): PolicyState['emergencies'] {
    return policyEmergencies(this.shelf.of(agreement));
  }

  /** Newest first. */
  list(): readonly EmergencyReport[] {
    const nowMs = this.options.clock.nowMs();
    return this.options.agreements
      .list()
      .flatMap(({ id, signed: { agreement } }) =>
        this.shelf.of(id).map((one) => ({
          id: one.id,
          agreement: { id, name: agreement.name },
          of: one.declared.of,
          officer: one.declared.officer,
          grounds: one.declared.grounds,
          declaredAtMs: one.declared.atMs,
          reviewedBy: one.reviews.map(({ by }) => by),
          ...emergencyWhen(agreement, one, nowMs),
        })),
      )
      .sort((a, b) => b.declaredAtMs - a.declaredAtMs);
  }

  /**
   * A message that this station's operator brings. It binds here when this returns.
   * @returns the agreement that it is of; `isNew` false: it was known.
   * @throws TallyError `agreement.unknown`, `emergency.refused`, `store.write`, `log.*`.
   */
  take(message: unknown): { readonly agreement: string; readonly isNew: boolean } {
    const id = (message as { agreement?: unknown } | null)?.agreement;
    const held = typeof id === 'string' ? this.options.agreements.get(id) : undefined;
    if (held === undefined) throw new TallyError('agreement.unknown', 'emergency: of no agreement held here');
    try {
      return { agreement: held.id, isNew: this.apply(held, message) };
    } catch (thrown) {
      const { code } = asTallyError(thrown);
      if (code === 'emergency.refused') this.options.attempt(this.options.self, code);
      throw thrown;
    }
  }

  /** Tells every other station that decides, and hears what they have. Never rejects. */
  async tell(agreement: string): Promise<Told> {
    const held = this.options.agreements.get(agreement);
    if (held === undefined) return { told: [], missed: [] };
    const { parties, oversight } = held.signed.agreement;
    const others = [...parties, ...oversight].map(({ id }) => id).filter((id) => id !== this.options.self);
    const reached = await Promise.all(others.map((peer) => this.exchange(held, peer)));
    return {
      told: others.filter((_, i) => reached[i]),
      missed: others.filter((_, i) => !reached[i]),
    };
  }

  /** Exchanges now and from then on, on a schedule; at the start, and when the link is back. */
  wake(): void {
    if (this.isClosed) return;
    this.stopTimer();
    const { clock, agreements } = this.options;
    this.stopTimer = clock.setTimer(clock.nowMs() + everyMs, () => this.wake());
    for (const { id, signed } of agreements.list())
      if (signed.agreement.tiers.imminent !== null) void this.tell(id);
  }

  close(): void {
    this.isClosed = true;
    this.stopTimer();
  }

  /** True: it was new. The log comes first: what it does not take is not believed. */
  private apply(held: HeldAgreement, message: unknown): boolean {
    const { clock, audit, keys } = this.options;
    const { agreement } = held.signed;
    const facts = { agreement, keys: keys(held.id), nowMs: clock.nowMs() };
    const outcome = applyEmergency(facts, this.shelf.of(held.id), message);
    if (outcome.kind === 'refused') {
      const why = outcome.reasons.map((reason) => `${emergencyTexts[reason]} (${reason})`);
      throw new TallyError('emergency.refused', `emergency: ${why.join('; ')}`);
    }
    if (outcome.kind === 'known') return false;
    audit.append(entryOf(held, message as EmergencyMessage, outcome.emergencies));
    this.shelf.put(held.id, outcome.emergencies);
    return true;
  }

  private answer(from: string, body: unknown): unknown {
    const { success, data } = letterSchema.safeParse(body);
    if (!success) throw new TallyError('wire.message', 'emergencies: fields do not match');
    const held = this.options.agreements.get(data.agreement);
    if (held === undefined || !isMember(held, from))
      throw new TallyError('agreement.unknown', 'emergencies: of no agreement with this peer');
    this.takeAll(held, from, data.messages);
    return { agreement: held.id, messages: messagesOf(this.shelf.of(held.id)).slice(-maxMessages) };
  }

  private async exchange(held: HeldAgreement, peer: string): Promise<boolean> {
    const { mail, log } = this.options;
    try {
      const messages = messagesOf(this.shelf.of(held.id)).slice(-maxMessages);
      const reply = letterSchema.safeParse(await mail.ask(peer, kind, { agreement: held.id, messages }));
      if (!reply.success) throw new TallyError('wire.message', 'emergencies: fields do not match');
      if (!this.isClosed) this.takeAll(held, peer, reply.data.messages);
      return true;
    } catch (thrown) {
      log.warn('emergency.exchange', { peer: pub(peer), error: pubError(asTallyError(thrown)) });
      return false;
    }
  }

  /** A peer's messages, each for itself: one that is refused takes nothing from the others. */
  private takeAll(held: HeldAgreement, from: string, messages: readonly unknown[]): void {
    for (const message of messages) {
      try {
        this.apply(held, message);
      } catch (thrown) {
        const error = asTallyError(thrown);
        if (error.code !== 'emergency.refused') throw error;
        this.options.attempt(from, error.code);
      }
    }
  }
}

const isMember = ({ signed: { agreement } }: HeldAgreement, id: string): boolean =>
  [...agreement.parties, ...agreement.oversight].some((one) => one.id === id);

function entryOf(
  held: HeldAgreement,
  message: EmergencyMessage,
  emergencies: readonly Emergency[],
): Parameters<AuditLog['append']>[0] {
  const about = { session: null, agreement: held.id, request: null };
  if (message.type === 'review')
    return {
      ...about,
      type: 'review',
      by: message.by,
      emergency: message.emergency,
      finding: message.finding,
    };
  const declared = emergencies.at(-1) as Emergency;
  const { lapsesAtMs, reviewDueAtMs } = emergencyWhen(held.signed.agreement, declared, message.atMs);
  return {
    ...about,
    type: 'emergency',
    by: message.of,
    emergency: declared.id,
    declaredAtMs: message.atMs,
    lapsesAtMs,
    reviewByMs: reviewDueAtMs,
  };
}
