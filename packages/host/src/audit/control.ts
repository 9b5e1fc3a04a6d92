/**
 * The audit log over the control API: of a node and of an oversight body, running or stopped.
 *
 * Purpose: its state and newest entries, an export, witnesses asked at once, a partner's log accepted.
 * Assumes: whoever calls is the station's owner. Does not know: the transport, what an export proves.
 */
import {
  type AuditEntry,
  encodeVerifierKey,
  logKey,
  parseCheckpoint,
  parseEntry,
} from '@tallystick/protocol/audit';
import { encodeHex, parseHex } from '@tallystick/protocol/bytes';
import { fingerprintOfKey } from '@tallystick/protocol/signature';
import { z } from 'zod';
import { writePrivateFile } from '../files/index.ts';
import type { SigningIdentity } from '../identity/index.ts';
import { exportLog } from './export.ts';
import type { AuditLog } from './log.ts';
import type { LogWitness } from './witness.ts';
import type { WitnessStore } from './witness-store.ts';

export const auditParams = {
  'audit.show': z.strictObject({ limit: z.int().min(1).max(1000) }),
  'audit.export': z.strictObject({ out: z.string().min(1).max(4096).startsWith('/') }),
  /** No peers: all that are pinned. */
  'audit.witness': z.strictObject({ peers: z.array(z.string().min(1).max(32)).max(64) }),
  'audit.accept': z.strictObject({ peer: z.string().min(1).max(32) }),
};

export interface AuditOverview {
  readonly origin: string;
  /** As tools for signed notes take it. */
  readonly verifierKey: string;
  readonly size: number;
  /** Hex. */
  readonly root: string;
  /** Why nothing can be written; null: the log is as it was left. */
  readonly broken: { readonly code: string; readonly message: string } | null;
  readonly witnesses: readonly { readonly station: string; readonly size: number; readonly atMs: number }[];
  /** Others' logs that we cosign. */
  readonly watched: readonly {
    readonly station: string;
    readonly size: number;
    readonly broken: string | null;
    /** Of the key that signed it. */
    readonly fingerprint: string;
    /** The newest head, as a signed note: an export of it has to contain it. */
    readonly checkpoint: string;
  }[];
  /** The newest, oldest first. */
  readonly entries: readonly AuditEntry[];
}

export interface AuditResults {
  'audit.show': AuditOverview;
  'audit.export': { readonly entries: number };
  'audit.witness': AuditOverview;
  'audit.accept': Record<string, never>;
}

export interface AuditHost {
  readonly audit: AuditLog;
  readonly witnesses: WitnessStore;
  readonly identity: SigningIdentity;
}

export function auditOverview({ audit, witnesses, identity }: AuditHost, limit: number): AuditOverview {
  const { broken, size, origin, tree } = audit;
  const sizeOf = (checkpoint: string): number => parseCheckpoint(checkpoint).size;
  return {
    origin,
    verifierKey: encodeVerifierKey(logKey(origin, identity.publicKey)),
    size,
    root: encodeHex(tree.root()),
    broken: broken === undefined ? null : { code: broken.code, message: broken.message },
    witnesses: witnesses
      .allWitnessed()
      .map(({ station, checkpoint, atMs }) => ({ station, size: sizeOf(checkpoint), atMs })),
    watched: witnesses.allHeld().map(({ station, publicKey, checkpoint, broken: why }) => ({
      station,
      size: sizeOf(checkpoint),
      broken: why,
      fingerprint: fingerprintOfKey(parseHex(publicKey)),
      checkpoint,
    })),
    entries: [...audit.leaves(Math.max(0, size - limit))].map(parseEntry),
  };
}

/** What may be asked of any log, witnessed or not. */
export function auditReading(host: AuditHost) {
  return {
    'audit.show': ({ limit }: { limit: number }) => auditOverview(host, limit),
    async 'audit.export'({ out }: { out: string }) {
      await writePrivateFile(out, exportLog(host));
      return { entries: host.audit.size };
    },
  };
}

export function auditMethods(host: AuditHost & { readonly witness: LogWitness }) {
  return {
    ...auditReading(host),
    async 'audit.witness'({ peers }: { peers: readonly string[] }) {
      await host.witness.refresh(peers.length === 0 ? undefined : peers);
      return auditOverview(host, 1);
    },
    'audit.accept'({ peer }: { peer: string }) {
      host.witness.accept(peer);
      return {};
    },
  };
}
