/**
 * Exports of audit logs, as a report takes them.
 *
 * Purpose: an export that does not verify gives no report; the error names the first entry that is wrong.
 * Assumes: fingerprints were compared by another way, where they are given. Does not know: what a report says.
 */
import { resolve } from 'node:path';
import { readBoundedFile } from '@tallystick/host/files';
import { parseFingerprint, parseNodeId } from '@tallystick/host/identity';
import {
  isCheckpointSigned,
  maxExportBytes,
  type MerkleTree,
  parseCheckpoint,
  parseExport,
  verifyExport,
} from '@tallystick/protocol/audit';
import { equalBytes, parseHex } from '@tallystick/protocol/bytes';
import { TallyError } from '@tallystick/protocol/errors';
import type { ReportLog, TransparencyReport } from '@tallystick/protocol/report';
import type { Call } from '../args/types.ts';

export interface ReadExport {
  readonly log: ReportLog;
  readonly tree: MerkleTree;
  /** Hex. */
  readonly publicKey: string;
  /** Of the key that signs the log's checkpoints. */
  readonly fingerprint: string;
  readonly isPinned: boolean;
}

/** @throws TallyError `file.*`, `log.export`, `report.invalid`, `argument.invalid` for a pin. */
export async function readExports(call: Call, files: readonly string[]): Promise<readonly ReadExport[]> {
  const pins = pinsOf(call.options.all('pin'));
  const found: ReadExport[] = [];
  for (const file of files) {
    const path = resolve(call.io.cwd, file);
    const parsed = parseExport(await readBoundedFile(path, maxExportBytes));
    const pin = pins.get(parsed.header.station);
    const { report, entries, tree } = verifyExport(parsed, pin === undefined ? {} : { pin });
    const [wrong] = report.findings;
    if (wrong !== undefined) throw new TallyError('report.invalid', `${path}: ${wrong.text}; no report`);
    const checkpoint = parsed.header.checkpoints.find((note) => parseCheckpoint(note).size === tree.size);
    if (report.origin === null || checkpoint === undefined)
      throw new TallyError('report.invalid', `${path}: no checkpoint covers the whole log; no report`);
    const { station, origin, fingerprint, isPinned } = report;
    const root = Buffer.from(tree.root()).toString('hex');
    found.push({
      log: { station, origin, size: tree.size, root, checkpoint, entries },
      tree,
      publicKey: parsed.header.publicKey,
      fingerprint,
      isPinned,
    });
  }
  const unknown = [...pins.keys()].find((id) => !found.some(({ log }) => log.station === id));
  if (unknown !== undefined)
    throw new TallyError('argument.invalid', `--pin: none of these logs is of ${unknown}`);
  return found;
}

/**
 * The log as it was when a report cited it: a log grows, and a report stays. The checkpoint is the cited one, for its
 * cosignatures may be others by now; it must be the log's own, over just these entries.
 * @throws TallyError `report.invalid`, `log.note`.
 */
export function asCited({ log, tree, publicKey }: ReadExport, logs: TransparencyReport['logs']): ReportLog {
  const cited = logs.find(({ origin }) => origin === log.origin);
  if (cited === undefined) return log;
  const bad = (what: string): TallyError => new TallyError('report.invalid', `${log.origin}: ${what}`);
  const { size, checkpoint } = cited;
  if (size > log.size) throw bad(`the report cites ${size} entries, the export has ${log.size}`);
  const root = tree.root(size);
  const note = parseCheckpoint(checkpoint);
  if (note.origin !== log.origin || note.size !== size || !equalBytes(note.root, root))
    throw bad('the cited checkpoint is not of these entries');
  if (!isCheckpointSigned(note, parseHex(publicKey)))
    throw bad('the cited checkpoint is not signed by the key of the log');
  const entries = log.entries.slice(0, size);
  return { ...log, size, root: Buffer.from(root).toString('hex'), checkpoint, entries };
}

/** `ID=FINGERPRINT`. @throws TallyError `argument.invalid`. */
function pinsOf(texts: readonly string[]): Map<string, string> {
  return new Map(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 0) throw new TallyError('argument.invalid', '--pin: want ID=FINGERPRINT');
      return [parseNodeId(text.slice(0, at), '--pin'), parseFingerprint(text.slice(at + 1), '--pin')];
    }),
  );
}
