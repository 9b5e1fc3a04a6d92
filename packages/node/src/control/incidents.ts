/**
 * Incidents over the control API: the clause `incident` of an agreement.
 *
 * Purpose: an incident is written to the audit log with the time by which the agreement's contact has to be told, and
 * that it was told. The log is all that is kept: what is open and what is late follows from it.
 * Assumes: whoever calls is the node's owner, and tells the contact by the way that people agreed on; nothing is sent from
 * here. Does not know: what happened. A kind is all that is written of it.
 */
import type { HeldAgreement } from '@tallystick/host/agreements';
import type { AuditLog } from '@tallystick/host/audit';
import type { Clock } from '@tallystick/host/clock';
import type { Random } from '@tallystick/host/random';
import { encodeHex } from '@tallystick/protocol/bytes';
import { type AuditEntry, parseEntry } from '@tallystick/protocol/audit';
import { TallyError } from '@tallystick/protocol/errors';
import { z } from 'zod';

/** What a report and a partner may be told of it. */
export const incidentKinds = ['disclosure', 'loss', 'key', 'misuse', 'error', 'outage'] as const;

export const incidentParams = {
  'incident.open': z.strictObject({
    /** Name of an installed agreement, or its id. */
    agreement: z.string().min(1).max(64),
    kind: z.enum(incidentKinds),
    /** When it became known; absent: now. */
    knownAtMs: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  }),
  'incident.notified': z.strictObject({ incident: z.string().regex(/^[0-9a-f]{4,32}$/) }),
  'incident.list': z.strictObject({}),
} as const;

export interface IncidentState {
  /** Random, hex, 16 bytes. */
  readonly incident: string;
  /** Id of the agreement. */
  readonly agreement: string;
  readonly kind: string;
  readonly knownAtMs: number;
  readonly notifyByMs: number;
  /** Null: nobody said yet that the contact was told. */
  readonly notifiedAtMs: number | null;
  /** It was told too late, or is not told although it should have been. */
  readonly isLate: boolean;
}

export interface IncidentResults {
  /** `contact`: whom the agreement says to tell. */
  'incident.open': IncidentState & { readonly contact: string };
  'incident.notified': IncidentState;
  /** Newest first. */
  'incident.list': readonly IncidentState[];
}

export interface IncidentHost {
  readonly self: string;
  readonly audit: Pick<AuditLog, 'append' | 'leaves'>;
  readonly clock: Clock;
  readonly random: Random;
  /** By name or id. Throws `argument.invalid`. */
  agreement(text: string): HeldAgreement;
}

type Opened = Extract<AuditEntry, { type: 'incident' }>;

const hourMs = 3_600_000;

export function incidentMethods({ self, audit, clock, random, agreement }: IncidentHost) {
  const about = { by: self, session: null, request: null };

  const all = (): IncidentState[] => {
    const opened: Opened[] = [];
    const told = new Map<string, number>();
    for (const leaf of audit.leaves()) {
      const entry = parseEntry(leaf);
      if (entry.type === 'incident') opened.push(entry);
      if (entry.type === 'incident-notified') told.set(entry.incident, entry.atMs);
    }
    const nowMs = clock.nowMs();
    return opened.toReversed().map(({ incident, kind, knownAtMs, notifyByMs, agreement: id }) => {
      const notifiedAtMs = told.get(incident) ?? null;
      const isLate = (notifiedAtMs ?? nowMs) > notifyByMs;
      return { incident, agreement: id ?? '', kind, knownAtMs, notifyByMs, notifiedAtMs, isLate };
    });
  };

  const find = (beginning: string): IncidentState => {
    const [one, ...more] = all().filter(({ incident }) => incident.startsWith(beginning));
    if (one !== undefined && more.length === 0) return one;
    throw new TallyError(
      'argument.invalid',
      `incident: ${more.length + (one ? 1 : 0)} of that id or beginning`,
    );
  };

  return {
    'incident.open'({ agreement: text, kind, ...params }: z.infer<(typeof incidentParams)['incident.open']>) {
      const { id, signed } = agreement(text);
      const { contact, notifyHours } = signed.agreement.incident;
      const nowMs = clock.nowMs();
      const knownAtMs = params.knownAtMs ?? nowMs;
      if (knownAtMs > nowMs) throw new TallyError('argument.invalid', 'knownAtMs: is of the future');
      const incident = encodeHex(random(16));
      const notifyByMs = knownAtMs + notifyHours * hourMs;
      audit.append({ ...about, agreement: id, type: 'incident', incident, kind, knownAtMs, notifyByMs });
      return { ...find(incident), contact };
    },
    'incident.notified'({ incident: beginning }: { readonly incident: string }) {
      const { incident, agreement: id, notifiedAtMs, notifyByMs } = find(beginning);
      if (notifiedAtMs === null) {
        const isLate = clock.nowMs() > notifyByMs;
        audit.append({ ...about, agreement: id, type: 'incident-notified', incident, isLate });
      }
      return find(incident);
    },
    'incident.list': all,
  };
}
