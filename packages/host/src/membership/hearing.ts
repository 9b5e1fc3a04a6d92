/**
 * What this station hears of other members.
 *
 * Purpose: each message is judged, logged, kept, in this order; what is refused changes nothing and is noted.
 * Assumes: whose channel it came over was proved by a pin. Does not know: how it came, whom to pass it on to.
 */
import type { MembershipMessage } from '@tallystick/protocol/membership';
import type { Attempts, AuditLog } from '../audit/index.ts';
import type { Clock } from '../clock/index.ts';
import { type Log, pub, pubError } from '../log/index.ts';
import type { Head } from './letters.ts';
import { entryOf } from './records.ts';
import type { Roll, Verdict } from './roll.ts';

export interface HearingOptions {
  readonly audit: Pick<AuditLog, 'append'>;
  readonly attempts: Pick<Attempts, 'note'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What came of a batch: anything new, and whether it is more than newer words. */
export interface Heard {
  readonly isNews: boolean;
  readonly isChange: boolean;
}

/**
 * Where a message cannot be kept, what came before it stands, and the rest is heard again at the next exchange.
 * @param answered what the peer was last answered that we have.
 */
export function hear(
  options: HearingOptions,
  roll: Roll,
  peer: string,
  messages: readonly unknown[],
  answered: readonly Head[],
): Heard {
  let isNews = false;
  let isChange = false;
  for (const message of messages) {
    const verdict = roll.judge(message, options.clock.nowMs());
    if (verdict.kind === 'applied') record(options, verdict.message);
    if (verdict.kind !== 'applied' && !isCrossing(verdict, message, answered))
      note(options, roll, peer, verdict);
    if (verdict.kind === 'refused') continue;
    try {
      roll.keep(verdict);
    } catch (thrown) {
      options.log.error('membership.unkept', { agreement: pub(roll.id), error: pubError(thrown) });
      break;
    }
    isNews = true;
    isChange ||= verdict.kind === 'forked' || verdict.message.type !== 'affirm';
  }
  return { isNews, isChange };
}

function record({ audit, log }: HearingOptions, message: MembershipMessage): void {
  const entry = entryOf(message);
  try {
    if (entry !== undefined) audit.append(entry);
  } catch (thrown) {
    // Another's deed: a log that takes no entries ends our sessions, but must not keep a suspension from us.
    log.error('membership.unlogged', { agreement: pub(message.agreement), error: pubError(thrown) });
  }
}

function note({ log, attempts }: HearingOptions, roll: Roll, peer: string, verdict: Verdict): void {
  const reasons = verdict.kind === 'refused' ? verdict.reasons : (['message.forked'] as const);
  log.warn('membership.refused', {
    agreement: pub(roll.id),
    from: pub(peer),
    reasons: pub(reasons.join(' ')),
  });
  for (const code of reasons) attempts.note({ from: peer, code, agreement: roll.id });
}

/**
 * The same message by two ways at once, or a word that something newer has overtaken (another word, its sender's
 * withdrawal): nothing to remark upon. But who was told that we have a message and sends it again replays it.
 */
function isCrossing(verdict: Verdict, value: unknown, answered: readonly Head[]): boolean {
  if (verdict.kind !== 'refused' || !verdict.reasons.includes('message.replayed')) return false;
  const { type, from, sequence } = value as MembershipMessage;
  const known = answered.find((head) => head.from === from)?.said ?? 0;
  return type === 'affirm' || (verdict.reasons.length === 1 && sequence > known);
}
