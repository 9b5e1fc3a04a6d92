/**
 * `tallystick collector`: somebody without a list who merges counts and returns matches, until it is interrupted.
 *
 * Purpose: a collector that is not the coordinator, for sessions whose agreement names it; remembers the coordinator's
 * address.
 * Assumes: `tallystick init` made the directory, and no node runs in it. Does not know: lists.
 */
import { startCollector } from '@tallystick/coordinator/collector';
import { keepYoungSmall } from '@tallystick/host/heap';
import { createLog } from '@tallystick/host/log';
import type { Run } from '../args/types.ts';
import { defaultCoordinatorUrl, readSettings, writeSettings } from '../settings/index.ts';
import { dataDirectory, urlOf } from './common.ts';
import { heldAgreements, heldLines } from './held-agreements.ts';
import { openIdentity } from './identity.ts';
import { untilStopped } from './until-stopped.ts';

export const run: Run = async (call) => {
  const { options, io } = call;
  const { identity, books, keepLog, release } = await openIdentity(call);
  try {
    const dataDir = dataDirectory(options, io);
    const settings = await readSettings(dataDir);
    const given = urlOf(options, 'coordinator');
    const url = given ?? settings.coordinator ?? defaultCoordinatorUrl;
    const log = createLog({
      write: (line) => io.err.write(`${line}\n`),
      format: 'human',
      level: options.on('verbose') ? 'debug' : 'info',
    });
    const kept = keepLog?.();
    const agreements = await heldAgreements(call);
    keepYoungSmall();
    const collector = await startCollector({
      identity,
      agreements,
      url,
      log,
      ...(books && { books }),
      ...(kept && { audit: kept.audit, witnesses: kept.witnesses }),
    });
    if (given !== undefined) await writeSettings(dataDir, { ...settings, coordinator: given });
    io.out.write(`collector ${identity.id} is ready: ${identity.fingerprint}, at ${url}\n`);
    io.out.write(heldLines(agreements));
    await untilStopped(io.signal);
    await collector.close();
  } finally {
    await release();
  }
  return 0;
};
