/**
 * `tallystick node`: this agency's node, until it is interrupted.
 *
 * Purpose: open the data directory, connect, serve the control socket; remember the coordinator's address and own settings.
 * Assumes: `tallystick init` made the directory. Does not know: sessions.
 */
import { localCapsOf } from '@tallystick/host/ledger';
import { createLog } from '@tallystick/host/log';
import { startNode } from '@tallystick/node/daemon';
import { mostRetentionDays } from '@tallystick/node/retention';
import type { Run } from '../args/types.ts';
import { chooseSecret } from '../secret/index.ts';
import {
  defaultCoordinatorUrl,
  mostPartnerIdentifiers,
  readSettings,
  requireInit,
  writeSettings,
} from '../settings/index.ts';
import { capsOf, dataDirectory, urlOf, wholeNumber } from './common.ts';
import { untilStopped } from './until-stopped.ts';

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
  const redressDisclose = options.on('redress-disclose');
  const { source } = await chooseSecret(call, 'open');
  const log = createLog({
    write: (line) => io.err.write(`${line}\n`),
    format: 'human',
    level: options.on('verbose') ? 'debug' : 'info',
  });
  const node = await startNode({
    place: { kind: 'directory', dataDir, key: source },
    coordinatorUrl,
    log,
    ...(localCaps && { localCaps }),
    redressDisclose,
    ...(retentionDays === undefined ? {} : { retentionDays }),
    ...(maxPartnerIdentifiers === undefined ? {} : { limits: { maxPartnerIdentifiers } }),
  });
  if ([given, givenCaps, givenDays, givenMost].some((one) => one !== undefined)) {
    const changed = {
      ...settings,
      ...(given && { coordinator: given }),
      ...(ownCaps && { ownCaps }),
      ...(retentionDays === undefined ? {} : { retentionDays }),
      ...(maxPartnerIdentifiers === undefined ? {} : { partnerIdentifiers: maxPartnerIdentifiers }),
    };
    await writeSettings(dataDir, changed);
  }
  io.out.write(`node ${node.identity.id} is ready: ${node.identity.fingerprint}, at ${coordinatorUrl}\n`);
  await untilStopped(io.signal, node.closed);
  await node.close();
  return 0;
};
