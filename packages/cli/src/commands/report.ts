/**
 * `tallystick report`: a transparency report of audit logs, and whether one follows from them.
 *
 * Purpose: exports in, three files out, signed; the same exports in, a yes or a no.
 * Assumes: nothing of the exports before they are verified. Does not know: what a report says.
 */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileError, readBoundedFile, writePrivateFile } from '@tallystick/host/files';
import { parseFingerprint } from '@tallystick/host/identity';
import { instantMs } from '@tallystick/protocol/agreement';
import { equalBytes } from '@tallystick/protocol/bytes';
import { TallyError } from '@tallystick/protocol/errors';
import {
  isReportSigned,
  parseSignedReport,
  reportOf,
  type SignedReport,
  signReport,
  type TransparencyReport,
} from '@tallystick/protocol/report';
import { canonicalBytes } from '@tallystick/protocol/wire';
import type { Call, Run } from '../args/types.ts';
import { nodeOf } from '../control/index.ts';
import { documentNames, documentsOf, signerOf } from '../report/documents.ts';
import { asCited, type ReadExport, readExports } from '../report/exports.ts';
import { openIdentity } from './identity.ts';

const maxDocumentBytes = 16 * 1024 * 1024;

export const makeRun: Run = async (call) => {
  const { options, io } = call;
  const out = options.text('out');
  if (out === undefined) throw new TallyError('argument.invalid', '--out DIR is missing');
  const span = {
    fromMs: dateOf(call, 'from') ?? 0,
    toMs: dateOf(call, 'to') ?? Number.MAX_SAFE_INTEGER,
  };
  const exports = await readExports(call, call.args);
  const report = reportOf(
    exports.map(({ log }) => log),
    { ...span, fromMs: Math.max(span.fromMs, firstMs(exports)) },
  );
  const signed = await signedBy(call, report);
  const directory = resolve(io.cwd, out);
  await mkdir(directory, { recursive: true }).catch((error: unknown) => {
    throw fileError(error, directory);
  });
  const documents = documentsOf(signed);
  for (const name of documentNames) await writePrivateFile(join(directory, name), documents[name]);
  warn(call, exports);
  if (options.on('json')) io.out.write(`${JSON.stringify(signed)}\n`);
  else for (const name of documentNames) io.out.write(`${join(directory, name)}\n`);
  return 0;
};

export const verifyRun: Run = async (call) => {
  const [directory = '', ...files] = call.args;
  const folder = resolve(call.io.cwd, directory);
  const read = (name: string): Promise<Uint8Array> => readBoundedFile(join(folder, name), maxDocumentBytes);
  const signed = parseSignedReport(jsonOf(await read('report.json')));
  const exports = await readExports(call, files);
  const signer = signerOf(signed);
  const bad = (what: string): TallyError => new TallyError('report.invalid', `${folder}: ${what}`);
  if (!isReportSigned(signed)) throw bad('the signature of report.json does not verify');
  const wanted = call.options.text('signer');
  const signers =
    wanted === undefined
      ? exports.map(({ fingerprint }) => fingerprint)
      : [parseFingerprint(wanted, '--signer')];
  if (!signers.includes(signer as (typeof signers)[number]))
    throw bad(
      `signed by ${signer}, which is ${wanted === undefined ? "no key of these logs; --signer names another's" : 'not --signer'}`,
    );
  const { fromMs, toMs, logs } = signed.report;
  const again = reportOf(
    exports.map((one) => asCited(one, logs)),
    { fromMs, toMs },
  );
  if (!equalBytes(canonicalBytes(again), canonicalBytes(signed.report)))
    throw bad(`report.json does not follow from these logs: ${differenceOf(again, signed.report)}`);
  const documents = documentsOf(signed);
  for (const name of documentNames)
    if (!equalBytes(documents[name], await read(name))) throw bad(`${name} is not what report.json gives`);
  warn(call, exports);
  const result = { signer, fromMs, toMs, logs: logs.map(({ origin }) => origin) };
  if (call.options.on('json')) call.io.out.write(`${JSON.stringify(result)}\n`);
  else call.io.out.write(`the report follows from ${result.logs.join(', ')}; signed by ${signer}\n`);
  return 0;
};

/** A running node signs and logs it; where none runs, the directory's key signs. */
async function signedBy(call: Call, report: TransparencyReport): Promise<SignedReport> {
  try {
    return await nodeOf(call).call('report.sign', { report });
  } catch (thrown) {
    if (!(thrown instanceof TallyError) || thrown.code !== 'control.refused') throw thrown;
  }
  const { identity, release } = await openIdentity(call);
  try {
    return signReport(report, Buffer.from(identity.publicKey).toString('hex'), (message) =>
      identity.sign(message),
    );
  } finally {
    await release();
  }
}

/** A day (its beginning, UTC) or an instant, in milliseconds. @throws TallyError `argument.invalid`. */
function dateOf({ options }: Call, name: string): number | undefined {
  const text = options.text(name);
  if (text === undefined) return undefined;
  const ms = instantMs(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (ms !== undefined) return ms;
  throw new TallyError('argument.invalid', `--${name}: want 2027-01-31 or 2027-01-31T12:00:00Z`);
}

const firstMs = (exports: readonly ReadExport[]): number =>
  Math.min(...exports.map(({ log }) => log.entries[0]?.atMs ?? 0));

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new TallyError('report.invalid', 'report.json: not JSON');
  }
}

/** The first field of the top level that is another. */
function differenceOf(a: TransparencyReport, b: TransparencyReport): string {
  const text = (value: unknown): string => JSON.stringify(value);
  const names = Object.keys(a) as (keyof TransparencyReport)[];
  return names.find((name) => text(a[name]) !== text(b[name])) ?? 'the order of fields';
}

/** Without a pin the log is whole, and anybody's. */
function warn({ io }: Call, exports: readonly ReadExport[]): void {
  for (const { log, fingerprint, isPinned } of exports)
    if (!isPinned)
      io.err.write(
        `${log.station}: key ${fingerprint}, compared with nothing; --pin ${log.station}=FINGERPRINT compares it\n`,
      );
}
