/**
 * `tallystick oversight …`: the process of an oversight body, and what the person at its desk says.
 *
 * Purpose: make the identity, run the process, ask it.
 * Assumes: the person has read what they decide on. Does not know: sessions, lists.
 */
import { resolve } from 'node:path';
import { systemClock } from '@tallystick/host/clock';
import { initDirectory } from '@tallystick/host/directory';
import { parseNodeId } from '@tallystick/host/identity';
import { createLog } from '@tallystick/host/log';
import { startOversight } from '@tallystick/oversight/body';
import type { RequestRow } from '@tallystick/oversight/control';
import { TallyError } from '@tallystick/protocol/errors';
import { findingTerms } from '@tallystick/protocol/agreement';
import { vetoReasons } from '@tallystick/protocol/policy';
import { explainRefusal, readText } from '../agreement/files.ts';
import type { Call, Run } from '../args/types.ts';
import { askBody } from '../oversight/control.ts';
import { askedLines, requestTable, statusLines } from '../oversight/render.ts';
import { styleFor } from '../render/text.ts';
import { chooseSecret } from '../secret/index.ts';
import { defaultCoordinatorUrl, readSettings, requireInit, writeSettings } from '../settings/index.ts';
import { choice, dataDirectory, urlOf } from './common.ts';
import { untilStopped } from './until-stopped.ts';

const say = ({ options, io }: Call, value: unknown, lines: () => readonly string[]): number => {
  io.out.write(options.on('json') ? `${JSON.stringify(value)}\n` : `${lines().join('\n')}\n`);
  return 0;
};

export const initRun: Run = async (call) => {
  const { options, io } = call;
  const id = parseNodeId(call.args[0] as string, 'ID');
  const dataDir = dataDirectory(options, io);
  const { source, madeFile } = await chooseSecret(call, 'make');
  const { fingerprint, publicKey: key } = await initDirectory(dataDir, id, source);
  const publicKey = Buffer.from(key).toString('hex');
  if (madeFile !== undefined)
    io.err.write(`key file made: ${madeFile}; without it the data cannot be opened\n`);
  io.err.write(`data directory: ${dataDir}\n`);
  return say(call, { id, publicKey, fingerprint, dataDir }, () => [
    `id           ${id}`,
    `public key   ${publicKey}`,
    `fingerprint  ${fingerprint}`,
  ]);
};

export const startRun: Run = async (call) => {
  const { options, io } = call;
  const dataDir = dataDirectory(options, io);
  await requireInit(dataDir);
  const settings = await readSettings(dataDir);
  const given = urlOf(options, 'coordinator');
  const coordinatorUrl = given ?? settings.coordinator ?? defaultCoordinatorUrl;
  const { source } = await chooseSecret(call, 'open');
  const body = await startOversight({
    place: { kind: 'directory', dataDir, key: source },
    coordinatorUrl,
    log: createLog({
      write: (line) => io.err.write(`${line}\n`),
      format: 'human',
      level: options.on('verbose') ? 'debug' : 'info',
    }),
  });
  try {
    if (given !== undefined) await writeSettings(dataDir, { ...settings, coordinator: given });
    io.out.write(
      `oversight ${body.identity.id} is ready: ${body.identity.fingerprint}, at ${coordinatorUrl}\n`,
    );
    await untilStopped(io.signal);
  } finally {
    await body.close();
  }
  return 0;
};

export const statusRun: Run = async (call) => {
  const status = await askBody(call, 'oversight.status', {});
  return say(call, status, () => statusLines(status));
};

export const installRun: Run = async (call) => {
  const path = resolve(call.io.cwd, call.args[0] as string);
  const asked = askBody(call, 'oversight.install', { signed: await readText(path) });
  const done = await asked.catch((thrown: unknown) => explainRefusal(path, thrown));
  return say(call, done, () => [`${done.name}, version ${done.version}, is watched now: ${done.id}`]);
};

export const requestsRun: Run = async (call) => {
  const rows = await askBody(call, 'oversight.requests', {});
  return say(call, rows, () =>
    rows.length === 0
      ? ['nobody has asked for anything']
      : requestTable(rows, systemClock.nowMs(), styleFor(call.io.out.colour)),
  );
};

/** The beginning of a request's id. @throws TallyError `argument.invalid`. */
function requestOf({ args }: Call): string {
  const text = args[0] as string;
  if (/^[0-9a-f]{4,64}$/.test(text)) return text;
  throw new TallyError(
    'argument.invalid',
    'REQUEST: want the id of a request, or its first 4 characters or more',
  );
}

export const showRun: Run = async (call) => {
  const shown = await askBody(call, 'oversight.show', { request: requestOf(call) });
  return say(call, shown.asked, () => askedLines(shown.asked, shown.signed.agreement));
};

const saidOf = (call: Call, row: RequestRow, word: string): number =>
  say(call, row, () => [`${word}: ${row.id}`, `it is brought to every member; see \`oversight status\``]);

export const authoriseRun: Run = async (call) =>
  saidOf(call, await askBody(call, 'oversight.authorise', { request: requestOf(call) }), 'authorised');

export const vetoRun: Run = async (call) => {
  const reason = choice(call.options, 'reason', vetoReasons);
  if (reason === undefined) {
    throw new TallyError('argument.invalid', `--reason is missing: one of ${vetoReasons.join(', ')}`);
  }
  return saidOf(call, await askBody(call, 'oversight.veto', { request: requestOf(call), reason }), 'vetoed');
};

export const reviewRun: Run = async (call) => {
  const finding = choice(call.options, 'finding', findingTerms);
  if (finding === undefined) {
    throw new TallyError('argument.invalid', `--finding is missing: one of ${findingTerms.join(', ')}`);
  }
  const emergency = requestOf(call);
  const done = await askBody(call, 'oversight.review', { emergency, finding });
  return say(call, done, () => [
    `reviewed, ${finding}: ${done.id}`,
    `heard by ${done.told.join(', ') || 'nobody yet'}${done.missed.length === 0 ? '' : `; told as soon as they are there: ${done.missed.join(', ')}`}`,
  ]);
};
