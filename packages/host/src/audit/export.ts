/**
 * What a station hands out of its audit log.
 *
 * Purpose: the whole log with a fresh checkpoint, the cosignatures that it has, and the heads of other logs that it
 * has cosigned: enough for anybody to verify it, and to compare it with theirs.
 * Assumes: whoever asks is the station's owner. Does not know: where it goes.
 */
import { encodeExport, type ExportHeader, withSignatures } from '@tallystick/protocol/audit';
import { encodeHex } from '@tallystick/protocol/bytes';
import type { Identity } from '../identity/index.ts';
import type { AuditLog } from './log.ts';
import type { WitnessStore } from './witness-store.ts';

export interface ExportOptions {
  readonly audit: AuditLog;
  readonly witnesses: WitnessStore;
  readonly identity: Pick<Identity, 'id' | 'publicKey'>;
}

/**
 * The log's own entry about the export is its last one. Of a log that is broken: what of it fits, under the heads that
 * witnesses cosigned. @throws TallyError `log.broken` where there are none, `store.write`.
 */
export function exportLog({ audit, witnesses, identity }: ExportOptions): Uint8Array {
  const { broken } = audit;
  const cosigned = witnesses.allWitnessed();
  if (broken !== undefined && cosigned.length === 0) throw broken;
  const about = { by: identity.id, session: null, agreement: null, request: null };
  if (broken === undefined) audit.append({ ...about, type: 'export', what: 'log', digest: null });
  const head = broken === undefined ? [withSignatures(audit.checkpoint(), [])] : [];
  const header: ExportHeader = {
    format: 'tallystick-audit-export',
    version: 1,
    station: identity.id,
    publicKey: encodeHex(identity.publicKey),
    checkpoints: [...cosigned.map(({ checkpoint }) => checkpoint), ...head],
    witnesses: cosigned.map(({ station, publicKey }) => ({ station, publicKey })),
    witnessed: witnesses
      .allHeld()
      .map(({ station, publicKey, checkpoint }) => ({ station, publicKey, checkpoint })),
  };
  return encodeExport(header, audit.leaves());
}
