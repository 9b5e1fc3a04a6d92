/**
 * `tallystick node`: this agency's node, until it is interrupted.
 *
 * Purpose: open the data directory, connect, serve the control socket; remember the coordinator's address and own settings.
 * Assumes: `tallystick init` made the directory. Does not know: sessions.
 */
import { resolve } from 'node:path';
import { keepYoungSmall } from '@tallystick/host/heap';
import { localCapsOf } from '@tallystick/host/ledger';
import { createLog } from '@tallystick/host/log';
import { startNode } from '@tallystick/node/daemon';
import { mostRetentionDays } from '@tallystick/node/retention';
import { readStrictJson, stripComments } from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import { type LocalRule, rulesSchema } from '@tallystick/protocol/policy';
import { readText } from '../agreement/files.ts';
import type { Call, Run } from '../args/types.ts';
import { chooseSecret } from '../secret/index.ts';
import {
  defaultCoordinatorUrl,
  mostPartnerIdentifiers,
  mostThreads,
  readSettings,
  requireInit,
  writeSettings,
} from '../settings/index.ts';
import { capsOf, dataDirectory, urlOf, wholeNumber } from './common.ts';
import { untilStopped } from './until-stopped.ts';

/** A file of rules, as docs/agreement.md has them. @throws TallyError `argument.invalid`, `file.*`. */
async function rulesOf({ options, io }: Call): Promise<LocalRule[] | undefined> {
  const given = options.text('rules');
  if (given === undefined) return undefined;
  const path = resolve(io.cwd, given);
  const { value, problems } = readStrictJson(stripComments(await readText(path)));
  const parsed = rulesSchema.safeParse(value);
  if (problems.length === 0 && parsed.success) return parsed.data;
  const at = problems[0]?.path ?? parsed.error?.issues[0]?.path.join('.') ?? '';
  throw new TallyError('argument.invalid', `--rules: ${path}: want a list of rules; ${at} is none`);
}

export const run: Run = async (call) => {
  const { options, io } = call;
  const dataDir = dataDirectory(options, io);
  await requireInit(dataDir);
  const settings = await readSettings(dataDir);
  const given = urlOf(options, 'coordinator');
  const coordinatorUrl = given ?? settings.coordinator ?? defaultCoordinatorUrl;
  const givenCaps = capsOf(options, 'own-cap');
  const ownCaps = givenCaps ?? settings.ownCaps;
  const localCaps = ownCaps && localCapsOf(ownCaps);
  const givenDays = wholeNumber(options, 'retention-days', 1, mostRetentionDays);
  const retentionDays = givenDays ?? settings.retentionDays;
  const givenMost = wholeNumber(options, 'partner-identifiers', 1, mostPartnerIdentifiers);
  const maxPartnerIdentifiers = givenMost ?? settings.partnerIdentifiers;
  const givenThreads = wholeNumber(options, 'threads', 1, mostThreads);
  const threads = givenThreads ?? settings.threads;
  const redressDisclose = options.on('redress-disclose');
  const givenRules = await rulesOf(call);
  const agreementRules = givenRules ?? settings.agreementRules;
  const { source } = await chooseSecret(call, 'open');
  const log = createLog({
    write: (line) => io.err.write(`${line}\n`),
    format: 'human',
    level: options.on('verbose') ? 'debug' : 'info',
  });
  keepYoungSmall();
  const node = await startNode({
    place: { kind: 'directory', dataDir, key: source },
    coordinatorUrl,
    log,
    ...(localCaps && { localCaps }),
    ...(agreementRules && { agreementRules }),
    redressDisclose,
    ...(threads === undefined ? {} : { compute: { threads } }),
    ...(retentionDays === undefined ? {} : { retentionDays }),
    ...(maxPartnerIdentifiers === undefined ? {} : { limits: { maxPartnerIdentifiers } }),
  });
  if ([given, givenCaps, givenDays, givenMost, givenThreads, givenRules].some((one) => one !== undefined)) {
    const changed = {
      ...settings,
      ...(given && { coordinator: given }),
      ...(agreementRules && { agreementRules }),
      ...(ownCaps && { ownCaps }),
      ...(retentionDays === undefined ? {} : { retentionDays }),
      ...(threads === undefined ? {} : { threads }),
      ...(maxPartnerIdentifiers === undefined ? {} : { partnerIdentifiers: maxPartnerIdentifiers }),
    };
    await writeSettings(dataDir, changed);
  }
  io.out.write(`node ${node.identity.id} is ready: ${node.identity.fingerprint}, at ${coordinatorUrl}\n`);
  await untilStopped(io.signal, node.closed);
  await node.close();
  return 0;
};
