/**
 * A data directory whose node does not run.
 *
 * Purpose: what the owner may still ask of it: sessions, their evidence, pins.
 * Assumes: the directory's lock is free, and held meanwhile, so that no node starts on it.
 * Does not know: a coordinator, a vault.
 */
import {
  auditOverview,
  type AuditOverview,
  createWitnessStore,
  exportLog,
  openAuditLog,
  type Recovered,
  recoverAuditLog,
} from '@tallystick/host/audit';
import { systemClock } from '@tallystick/host/clock';
import { serveControl } from '@tallystick/host/control';
import { unlockDirectory } from '@tallystick/host/directory';
import type { Fingerprint } from '@tallystick/host/identity';
import { type Random, systemRandom } from '@tallystick/host/random';
import { createSealer, type SecretSource } from '@tallystick/host/seal';
import { TallyError } from '@tallystick/protocol/errors';
import type { Evidence } from '@tallystick/protocol/evidence';
import { evidenceOf } from '../control/evidence.ts';
import type { SessionSummary } from '../control/index.ts';
import { summarize } from '../session/index.ts';
import { createNodeStore } from './store.ts';

export interface StoppedNode {
  readonly id: string;
  readonly fingerprint: Fingerprint;
  peers(): ReadonlyMap<string, Fingerprint>;
  sessions(): readonly SessionSummary[];
  /** Throws `session.unknown`, `session.state`. */
  evidence(session: string, salts: boolean): Evidence;
  auditShow(limit: number): AuditOverview;
  /** Throws `log.broken`. */
  auditExport(): { readonly file: Uint8Array; readonly entries: number };
  /** Throws `log.whole`, `store.write`. */
  auditRecover(): Recovered;
}

/**
 * Opens the directory, lets `use` read, closes it again.
 * @throws TallyError `store.locked` where a node runs, `file.missing`, `store.key`, `store.corrupt`, and as `use` does.
 */
export async function withStoppedNode<T>(
  dataDir: string,
  key: SecretSource,
  use: (node: StoppedNode) => T,
  random: Random = systemRandom,
): Promise<T> {
  const lock = await serveControl(dataDir, {});
  try {
    const { store, identity, dataKey } = await unlockDirectory(dataDir, key, random);
    const sealer = createSealer(dataKey, random);
    dataKey.fill(0);
    const kept = createNodeStore(store, sealer, random);
    const place = { store, sealer, clock: systemClock, random, identity };
    const openAudit = () => ({
      audit: openAuditLog(place),
      witnesses: createWitnessStore(store, sealer),
      identity,
    });
    try {
      return use({
        id: identity.id,
        fingerprint: identity.fingerprint,
        peers: () => kept.peers(),
        sessions: () => kept.sessions().map(summarize),
        evidence(session, salts) {
          const detail = kept.session(session);
          if (detail === undefined) throw new TallyError('session.unknown', 'session: none of this id');
          return evidenceOf(kept, identity, detail, salts);
        },
        auditShow: (limit) => auditOverview(openAudit(), limit),
        auditExport() {
          const opened = openAudit();
          const file = exportLog(opened);
          return { file, entries: opened.audit.size };
        },
        auditRecover: () => recoverAuditLog(place),
      });
    } finally {
      kept.close();
    }
  } finally {
    await lock.close();
  }
}
