/**
 * Retention, wired to a node's store and audit log.
 *
 * Purpose: the entry `expire` before each deletion. Does not know: when (../retention).
 */
import type { AuditLog } from '@tallystick/host/audit';
import type { Clock } from '@tallystick/host/clock';
import type { Log } from '@tallystick/host/log';
import { requestId } from '@tallystick/protocol/policy';
import { RetentionKeeper } from '../retention/index.ts';
import type { NodeStore } from './store.ts';

export interface RetentionParts {
  readonly store: NodeStore;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly log: Log;
  readonly self: string;
}

export function keepRetention({ store, audit, clock, log, self }: RetentionParts): RetentionKeeper {
  return new RetentionKeeper({
    clock,
    log,
    sessions: () => store.sessions(),
    commitment: (session) => store.sessionDigest(session),
    record: ({ session, request }, commitment) =>
      void audit.append({
        type: 'expire',
        by: self,
        session,
        agreement: request?.agreement ?? null,
        request: request && requestId(request),
        commitment,
        reason: 'retention.due',
      }),
    expire: (left) => store.expireSession(left),
    scrub: () => store.scrub(),
  });
}
