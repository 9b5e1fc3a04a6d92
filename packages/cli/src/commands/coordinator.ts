/**
 * `tallystick coordinator`: the meeting place, until it is interrupted.
 *
 * Purpose: directory, relay and collector, with an identity that lasts where a data directory is given.
 * Assumes: nodes do not trust it with contents. Does not know: lists.
 */
import { systemClock } from '@tallystick/host/clock';
import { keepYoungSmall } from '@tallystick/host/heap';
import { createIdentity, parseFingerprint } from '@tallystick/host/identity';
import { createLog } from '@tallystick/host/log';
import { systemRandom } from '@tallystick/host/random';
import { startCoordinatorProcess } from '@tallystick/coordinator/process';
import { TallyError } from '@tallystick/protocol/errors';
import type { Call, Run } from '../args/types.ts';
import { wholeNumber } from './common.ts';
import { heldAgreements, heldLines } from './held-agreements.ts';
import { type OpenedIdentity, openIdentity } from './identity.ts';
import { untilStopped } from './until-stopped.ts';

const defaultPort = 7600;
const defaultId = 'coordinator';

export const run: Run = async (call) => {
  const { options, io } = call;
  const port = wholeNumber(options, 'port', 0, 65_535) ?? defaultPort;
  const allow = options.all('allow').map((text) => parseFingerprint(text, '--allow'));
  const agreements = await heldAgreements(call);
  const { identity, books, keepLog, release } = await openOrMake(call);
  try {
    const kept = keepLog?.();
    keepYoungSmall();
    const coordinator = await startCoordinatorProcess({
      host: options.text('host') ?? '127.0.0.1',
      port,
      identity,
      agreements,
      ...(books && { books }),
      ...(kept && { audit: kept.audit, witnesses: kept.witnesses }),
      ...(allow.length === 0 ? {} : { allow }),
      log: createLog({
        write: (line) => io.err.write(`${line}\n`),
        format: 'human',
        level: options.on('verbose') ? 'debug' : 'info',
      }),
    });
    io.out.write(`coordinator is ready: ${coordinator.url}\n`);
    io.out.write(`as collector: ${identity.id} ${identity.fingerprint}\n`);
    io.out.write(heldLines(agreements));
    await untilStopped(io.signal);
    await coordinator.close();
  } finally {
    await release();
  }
  return 0;
};

/** Of `--data`, which `tallystick init` made; otherwise one that ends with the process. */
async function openOrMake(call: Call): Promise<OpenedIdentity> {
  const { options } = call;
  if (options.text('data') !== undefined) return openIdentity(call);
  if (options.text('key-file') !== undefined) {
    throw new TallyError('argument.invalid', '--key-file: only with --data DIR, which it opens');
  }
  return { identity: await createIdentity(defaultId, systemClock, systemRandom), release: async () => {} };
}
