/**
 * What this station says itself.
 *
 * Purpose: number, sign, log, keep; in this order, so that what is sent is known here after any crash.
 * Assumes: a roll that knows all that the station said before. Does not know: how it is told.
 */
import { TallyError } from '@tallystick/protocol/errors';
import { type MembershipBody, membersHash, signMembership } from '@tallystick/protocol/membership';
import type { AuditLog } from '../audit/index.ts';
import type { Clock } from '../clock/index.ts';
import type { SigningIdentity } from '../identity/index.ts';
import { entryOf } from './records.ts';
import type { Roll } from './roll.ts';

type Distributive<T> = T extends unknown ? Omit<T, 'agreement' | 'from' | 'sequence' | 'atMs'> : never;
/** What a member says, but an `affirm`, which is said by itself. */
export type Saying = Exclude<Distributive<MembershipBody>, { type: 'affirm' }>;

export interface VoiceOptions {
  readonly identity: Pick<SigningIdentity, 'id' | 'sign'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly clock: Clock;
}

export class Voice {
  private readonly options: VoiceOptions;

  constructor(options: VoiceOptions) {
    this.options = options;
  }

  /**
   * Its number. It binds here when this returns.
   * @throws TallyError `membership.refused`, `store.write`, `log.*`: then nothing was said.
   */
  say(roll: Roll, saying: Saying): number {
    const { clock } = this.options;
    // A clock that was set back must not keep a station from suspending.
    const atMs = Math.max(clock.nowMs(), roll.own.lastAtMs);
    const sequence = roll.own.said + 1;
    const head = { agreement: roll.id, from: roll.own.id, sequence, atMs };
    this.take(roll, { ...head, ...saying } as MembershipBody, atMs);
    return sequence;
  }

  /** 'Not suspended', now. @throws TallyError `membership.refused`, `store.write`. */
  affirm(roll: Roll): void {
    const atMs = this.options.clock.nowMs();
    const head = { agreement: roll.id, from: roll.own.id, sequence: roll.own.said, atMs };
    this.take(roll, { ...head, type: 'affirm', members: membersHash(roll.membership) }, atMs);
  }

  private take(roll: Roll, body: MembershipBody, nowMs: number): void {
    const { identity, audit } = this.options;
    const message = signMembership(body, (bytes) => identity.sign(bytes));
    const verdict = roll.judge(message, nowMs);
    if (verdict.kind !== 'applied') {
      const reasons = verdict.kind === 'refused' ? verdict.reasons : ['message.forked'];
      throw new TallyError('membership.refused', `${body.type}: ${reasons.join(', ')}`);
    }
    const entry = entryOf(message);
    if (entry !== undefined) audit.append(entry);
    roll.keep(verdict);
  }
}
