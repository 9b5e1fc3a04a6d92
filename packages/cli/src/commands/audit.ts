/**
 * `tallystick audit show|export|witness|accept`: the own log.
 *
 * Purpose: of a node that runs, or, where nobody answers, of its data directory.
 * Assumes: the data directory is the caller's. Does not know: what an export proves (audit-files.ts).
 */
import { resolve } from 'node:path';
import type { AuditOverview } from '@tallystick/host/audit';
import { writePrivateFile } from '@tallystick/host/files';
import { type StoppedNode, withStoppedNode } from '@tallystick/node/daemon';
import { TallyError } from '@tallystick/protocol/errors';
import type { Call, Run } from '../args/types.ts';
import { nodeOf } from '../control/index.ts';
import { entriesText, renderAudit } from '../render/audit.ts';
import { styleFor } from '../render/text.ts';
import { chooseSecret } from '../secret/index.ts';
import { requireInit } from '../settings/index.ts';
import { dataDirectory, wholeNumber } from './common.ts';

/** Asks the running node; where none runs, opens its directory. */
async function runningOrStopped<T, S>(
  call: Call,
  running: () => Promise<T>,
  stopped: (node: StoppedNode) => S,
): Promise<T | S> {
  try {
    return await running();
  } catch (thrown) {
    if (!(thrown instanceof TallyError) || thrown.code !== 'control.refused') throw thrown;
  }
  const dataDir = dataDirectory(call.options, call.io);
  await requireInit(dataDir);
  const { source } = await chooseSecret(call, 'open');
  return withStoppedNode(dataDir, source, stopped);
}

function print({ options, io }: Call, overview: AuditOverview): void {
  if (options.on('json')) io.out.write(`${JSON.stringify(overview)}\n`);
  else io.out.write(`${renderAudit(overview, styleFor(io.out.colour)).join('\n')}\n`);
}

export const showRun: Run = async (call) => {
  const limit = wholeNumber(call.options, 'limit', 1, 1000) ?? 20;
  const overview = await runningOrStopped(
    call,
    async () => nodeOf(call).call('audit.show', { limit }),
    (node) => node.auditShow(limit),
  );
  print(call, overview);
  return overview.broken === null ? 0 : 5;
};

export const exportRun: Run = async (call) => {
  const { options, io } = call;
  const text = options.text('out');
  if (text === undefined) throw new TallyError('argument.invalid', '--out FILE is missing');
  const out = resolve(io.cwd, text);
  const made = await runningOrStopped(
    call,
    async () => nodeOf(call).call('audit.export', { out }),
    (node) => node.auditExport(),
  );
  if ('file' in made) await writePrivateFile(out, made.file);
  const { entries } = made;
  io.out.write(
    options.on('json')
      ? `${JSON.stringify({ entries, out })}\n`
      : `audit log, ${entriesText(entries)}: ${out}\n`,
  );
  return 0;
};

export const witnessRun: Run = async (call) => {
  const peers = call.args.slice(0, 1);
  const overview = await nodeOf(call).call('audit.witness', { peers: [...peers] });
  print(call, { ...overview, entries: [] });
  return 0;
};

export const acceptRun: Run = async (call) => {
  const peer = call.args[0] as string;
  await nodeOf(call).call('audit.accept', { peer });
  call.io.out.write(
    call.options.on('json')
      ? `${JSON.stringify({ accepted: peer })}\n`
      : `accepted: the log of ${peer} is taken as it is from now on\n`,
  );
  return 0;
};

export const recoverRun: Run = async (call) => {
  const { options, io } = call;
  const dataDir = dataDirectory(options, io);
  await requireInit(dataDir);
  const { source } = await chooseSecret(call, 'open');
  const recovered = await withStoppedNode(dataDir, source, (node) => node.auditRecover());
  const { kept, aside } = recovered;
  if (options.on('json')) io.out.write(`${JSON.stringify(recovered)}\n`);
  else {
    const how = kept === 0 ? 'nothing of the log fits: it begins anew' : `kept ${entriesText(kept)}`;
    io.out.write(
      `${how}; ${aside} put aside, and the next entry says so\nstations that cosigned more refuse this log until their people run \`tallystick audit accept\`\n`,
    );
  }
  return 0;
};
