/**
 * What of the life of an agreement stands in the audit log.
 *
 * Purpose: one entry for each message that changed something, and counted ones for what was refused.
 * Assumes: `append` is durable when it returns. Does not know: how messages travel.
 */
import type { EntryBody } from '@tallystick/protocol/audit';
import { hashMembership, type MembershipMessage } from '@tallystick/protocol/membership';
import type { AuditLog } from '../audit/index.ts';
import type { Clock } from '../clock/index.ts';

/** The entry of a message; undefined for an `affirm`, which changes nothing. */
export function entryOf(message: MembershipMessage): EntryBody | undefined {
  const head = {
    by: message.from,
    session: null,
    agreement: message.agreement,
    request: null,
    message: hashMembership(message),
  };
  switch (message.type) {
    case 'affirm':
      return undefined;
    case 'suspend':
      return { type: 'suspend', ...head, reason: message.reason };
    case 'resume':
      return { type: 'resume', ...head };
    case 'withdraw':
      return { type: 'withdraw', ...head };
    case 'renew':
      return { type: 'renew', ...head, next: message.next };
    case 'rotate':
      return { type: 'rotate', ...head, of: message.from, officer: message.officer };
    case 'accept':
      return { type: 'accept', ...head, of: message.of };
  }
}

/** Between two entries about the same peer and reason, in milliseconds: who repeats itself does not fill the log. */
const attemptMs = 3_600_000;

export class Attempts {
  private readonly audit: Pick<AuditLog, 'append'>;
  private readonly clock: Clock;
  private readonly self: string;
  private readonly seen = new Map<string, { count: number; atMs: number }>();

  constructor(audit: Pick<AuditLog, 'append'>, clock: Clock, self: string) {
    this.audit = audit;
    this.clock = clock;
    this.self = self;
  }

  /** The first at once; those that follow within the hour are counted in the next. */
  add(agreement: string, from: string, code: string): void {
    const key = `${agreement} ${from} ${code}`;
    const nowMs = this.clock.nowMs();
    const before = this.seen.get(key);
    const count = (before?.count ?? 0) + 1;
    if (before !== undefined && nowMs - before.atMs < attemptMs) {
      before.count = count;
      return;
    }
    this.audit.append({
      type: 'attempt',
      by: this.self,
      session: null,
      agreement,
      request: null,
      from,
      code,
      count,
    });
    this.seen.set(key, { count: 0, atMs: nowMs });
  }
}
