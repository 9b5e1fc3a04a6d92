/**
 * What an operator does through the control API, in the audit log.
 *
 * Purpose: pins, exports and accepted ledgers leave an entry before they take effect.
 * Assumes: whoever calls is the node's owner. Does not know: sessions' own entries (session/audit.ts).
 */
import type { AuditLog } from '@tallystick/host/audit';
import type { EntryBody } from '@tallystick/protocol/audit';

type Export = Extract<EntryBody, { type: 'export' }>;

export interface Noted {
  pin(of: string, fingerprint: string): void;
  unpin(of: string): void;
  /** @param digest hex, of what was handed out; null where there is none */
  exported(what: Export['what'], session: string | null, digest: string | null): void;
  ledgerAccepted(): void;
}

export function noteOperator(audit: AuditLog, self: string): Noted {
  const about = { by: self, session: null, agreement: null, request: null };
  return {
    pin: (of, fingerprint) => void audit.append({ ...about, type: 'peer', of, change: 'add', fingerprint }),
    unpin: (of) => void audit.append({ ...about, type: 'peer', of, change: 'remove', fingerprint: null }),
    exported: (what, session, digest) =>
      void audit.append({ ...about, session, type: 'export', what, digest }),
    ledgerAccepted: () =>
      void audit.append({ ...about, type: 'ledger', change: 'accept', partner: null, microEpsilon: null }),
  };
}
