/**
 * What of the life of an agreement stands in the audit log.
 *
 * Purpose: one entry for each message that changed something. Does not know: how messages travel.
 */
import type { EntryBody } from '@tallystick/protocol/audit';
import { hashMembership, type MembershipMessage } from '@tallystick/protocol/membership';

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
