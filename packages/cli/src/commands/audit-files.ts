/**
 * `tallystick audit verify|prove|compare`: exports, without any node.
 *
 * Purpose: what an auditor, a partner or an oversight body does with files that they were given.
 * Assumes: pins were compared by another way. Does not know: how a check is made (protocol/audit).
 */
import { resolve } from 'node:path';
import { readBoundedFile, writePrivateFile } from '@tallystick/host/files';
import { parseFingerprint, parseNodeId } from '@tallystick/host/identity';
import {
  type ComparedLog,
  compareLogs,
  encodeProof,
  isProofText,
  isProved,
  type LogReport,
  maxExportBytes,
  parseExport,
  parseProof,
  verifyExport,
} from '@tallystick/protocol/audit';
import { TallyError } from '@tallystick/protocol/errors';
import { fingerprintOfKey } from '@tallystick/protocol/signature';
import type { Call, Run } from '../args/types.ts';
import { unverifiedExit } from '../exit/index.ts';
import { renderComparison, renderLogReport } from '../render/audit.ts';
import { styleFor } from '../render/text.ts';

/** An export that was read and verified. */
export interface VerifiedExport {
  readonly log: ComparedLog;
  readonly report: LogReport;
}

const read = (call: Call, path: string): Promise<Uint8Array> =>
  readBoundedFile(resolve(call.io.cwd, path), maxExportBytes);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** `ID=FINGERPRINT`. @throws TallyError `argument.invalid`. */
export function pinsOf({ options }: Call): Map<string, string> {
  return new Map(
    options.all('pin').map((text) => {
      const at = text.indexOf('=');
      if (at < 0) throw new TallyError('argument.invalid', '--pin: want ID=FINGERPRINT');
      return [parseNodeId(text.slice(0, at), '--pin'), parseFingerprint(text.slice(at + 1), '--pin')];
    }),
  );
}

export const verifyRun: Run = async (call) => {
  const { io, options } = call;
  const bytes = await read(call, call.args[0] as string);
  const pins = pinsOf(call);
  if (isProofText(textOf(bytes.subarray(0, 64)))) return verifyProof(call, textOf(bytes), pins);
  const file = parseExport(bytes);
  const kept = await Promise.all(
    options.all('checkpoint').map(async (path) => textOf(await read(call, path))),
  );
  const pin = pins.get(file.header.station);
  const { report } = verifyExport(file, { ...(pin && { pin }), checkpoints: kept });
  if (options.on('json')) io.out.write(`${JSON.stringify(report)}\n`);
  else io.out.write(`${renderLogReport(report, styleFor(io.out.colour)).join('\n')}\n`);
  if (report.findings.length > 0) return 1;
  return report.isPinned ? 0 : unverifiedExit;
};

/** A proof carries the key that signed: whose it is, a pin says. */
function verifyProof({ io, options }: Call, text: string, pins: ReadonlyMap<string, string>): number {
  const proof = parseProof(text);
  const { entry, checkpoint } = proof;
  const station = checkpoint.origin.split('/')[1] ?? '';
  const pin = pins.get(station);
  const key = proof.publicKey;
  const isWhole = isProved(proof);
  const isPinned = isWhole && pin !== undefined && fingerprintOfKey(key) === pin;
  const isOther = pin !== undefined && !isPinned;
  if (options.on('json')) {
    io.out.write(
      `${JSON.stringify({ proved: isWhole && !isOther, isPinned, station, size: checkpoint.size, entry })}\n`,
    );
  } else if (!isWhole || isOther) {
    io.out.write(
      isWhole
        ? 'the key is not the one that was pinned\n'
        : `entry ${entry.index} is not proved: it was altered, or stands in another log\n`,
    );
  } else {
    io.out.write(
      `entry ${entry.index} (${entry.type}) stands in ${checkpoint.origin} of ${checkpoint.size} entries\n`,
    );
    if (!isPinned) io.out.write(`signed with ${fingerprintOfKey(key)}; compare it, or give it with --pin\n`);
  }
  if (!isWhole || isOther) return 1;
  return isPinned ? 0 : unverifiedExit;
}

export const proveRun: Run = async (call) => {
  const { options, io } = call;
  const [from, to] = [options.text('in'), options.text('out')];
  if (from === undefined) throw new TallyError('argument.invalid', '--in FILE is missing');
  if (to === undefined) throw new TallyError('argument.invalid', '--out FILE is missing');
  const index = /^\d{1,10}$/.test(call.args[0] as string) ? Number(call.args[0]) : -1;
  const file = parseExport(await read(call, from));
  const { report, entries, tree } = verifyExport(file);
  const [finding] = report.findings;
  if (finding !== undefined) throw new TallyError('log.export', `export: ${finding.text}`);
  const entry = entries[index];
  if (entry === undefined) {
    throw new TallyError('argument.invalid', `ENTRY: want 0 to ${entries.length - 1}`);
  }
  const checkpoint = file.header.checkpoints.at(-1) as string;
  const path = resolve(io.cwd, to);
  const publicKey = Uint8Array.from(Buffer.from(file.header.publicKey, 'hex'));
  await writePrivateFile(path, encodeProof({ entry, publicKey, tree, checkpoint }));
  io.out.write(
    options.on('json')
      ? `${JSON.stringify({ entry: index, type: entry.type, out: path })}\n`
      : `proof of entry ${index}: ${path}\n`,
  );
  return 0;
};

export const compareRun: Run = async (call) => {
  const { io, options } = call;
  const pins = pinsOf(call);
  const [a, b] = await Promise.all(call.args.map((path) => readVerified(call, path, pins)));
  if (a === undefined || b === undefined) throw new TallyError('argument.invalid', 'compare: want A and B');
  if (a.header.station === b.header.station) {
    throw new TallyError('argument.invalid', `compare: both are of ${a.header.station}`);
  }
  const comparison = compareLogs(a, b);
  if (options.on('json')) io.out.write(`${JSON.stringify(comparison)}\n`);
  else {
    const stations = [a.header.station, b.header.station] as const;
    io.out.write(`${renderComparison(comparison, stations, styleFor(io.out.colour)).join('\n')}\n`);
  }
  return comparison.differences.length === 0 ? 0 : 1;
};

/** @throws TallyError `log.export` naming what is wrong with it. */
async function readVerified(
  call: Call,
  path: string,
  pins: ReadonlyMap<string, string>,
): Promise<ComparedLog> {
  const { log, report } = await verifiedExport(call, path, pins);
  const [finding] = report.findings;
  if (finding !== undefined)
    throw new TallyError('log.export', `export of ${report.station}: ${finding.text}`);
  return log;
}

/** @param heads of the stations' logs, as somebody else kept them. @throws TallyError `log.export`, `file.*`. */
export async function verifiedExport(
  call: Call,
  path: string,
  pins: ReadonlyMap<string, string>,
  heads: ReadonlyMap<string, string> = new Map(),
): Promise<VerifiedExport> {
  const file = parseExport(await read(call, path));
  const { header } = file;
  const [pin, head] = [pins.get(header.station), heads.get(header.station)];
  const verified = verifyExport(file, { ...(pin && { pin }), checkpoints: head === undefined ? [] : [head] });
  return { log: { ...verified, header }, report: verified.report };
}
