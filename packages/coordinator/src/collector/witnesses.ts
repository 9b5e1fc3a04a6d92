/**
 * Witnesses of a collector's log: the parties of its sessions.
 *
 * Purpose: mail with the stations that it met in sessions, each by the key that the agreement named; after a session each
 * party is asked to cosign the head of the log, and whoever asks gets its own head cosigned.
 * Assumes: a session checked that its channels are with those keys. It pins nobody, so after a start it knows nobody before
 * the first session; who does not pin the collector does not answer. Does not know: sessions, what a witness checks.
 */
import { type AuditLog, LogWitness, ShownLogs, type WitnessStore } from '@tallystick/host/audit';
import type { CoordinatorLink, Ring } from '@tallystick/host/channel';
import type { Clock } from '@tallystick/host/clock';
import { type Fingerprint, parseFingerprint, type SigningIdentity } from '@tallystick/host/identity';
import type { Log } from '@tallystick/host/log';
import { createMail } from '@tallystick/host/mail';
import type { Station } from '@tallystick/protocol/agreement';
import type { ShownLog } from '@tallystick/protocol/wire';

export interface CollectorWitnessOptions {
  readonly audit: AuditLog;
  readonly store: WitnessStore;
  readonly link: Pick<CoordinatorLink, 'dial'>;
  readonly identity: SigningIdentity;
  readonly clock: Clock;
  readonly log: Log;
}

export interface CollectorWitnesses {
  /** These stations were proved by their channels. */
  meet(stations: readonly Station[]): void;
  /** What a consent to these shows. @throws TallyError `log.broken`. */
  own(partners: readonly string[]): ShownLog;
  /** Asks these to cosign. Never rejects. */
  refresh(partners: readonly string[]): Promise<void>;
  /** A ring with the tag of mail. */
  accept(ring: Ring): void;
  close(): Promise<void>;
}

/** Stations that are remembered; the oldest make room, and are met again. */
const maxMet = 1_000;

export function collectorWitnesses({ link, ...options }: CollectorWitnessOptions): CollectorWitnesses {
  const { clock, log } = options;
  const met = new Map<string, Fingerprint>();
  const peers = (): ReadonlyMap<string, Fingerprint> => met;
  const mail = createMail({ link, peers, clock, log });
  const witness = new LogWitness({ ...options, mail, peers });
  const shown = new ShownLogs(options);
  return {
    meet(stations) {
      for (const { id, fingerprint } of stations) {
        met.delete(id);
        met.set(id, parseFingerprint(fingerprint, 'agreement.parties'));
      }
      for (const oldest of met.keys()) {
        if (met.size <= maxMet) break;
        met.delete(oldest);
      }
    },
    own: (partners) => shown.own(partners),
    refresh: (partners) => witness.refresh(partners),
    accept: (ring) => mail.accept(ring),
    close: () => mail.close(),
  };
}
