/**
 * `tallystick identity replace`, and the new key that it and `membership rotate` read.
 *
 * Purpose: another key in the place of a data directory's own. Assumes: no node runs in either directory.
 * Does not know: whether partners have accepted the key.
 */
import { serveControl } from '@tallystick/host/control';
import { replaceIdentity, unlockDirectory } from '@tallystick/host/directory';
import { systemRandom } from '@tallystick/host/random';
import type { Call, Run } from '../args/types.ts';
import { chooseSecret } from '../secret/index.ts';
import { requireInit } from '../settings/index.ts';
import { dataDirectory } from './common.ts';
import { type OpenedIdentity, openNamedIdentity } from './identity.ts';

/** The identity in `--new`, opened by `--new-key-file`. @throws as `openIdentity`, and `argument.invalid`. */
export const openNewIdentity = (call: Call): Promise<OpenedIdentity> =>
  openNamedIdentity(call, 'new', 'holds the new key');

export const run: Run = async (call) => {
  const { identity: next, release } = await openNewIdentity(call);
  try {
    const dataDir = dataDirectory(call.options, call.io);
    await requireInit(dataDir);
    const { source } = await chooseSecret(call, 'open');
    const lock = await serveControl(dataDir, {});
    try {
      const opened = await unlockDirectory(dataDir, source, systemRandom);
      try {
        replaceIdentity(opened, next, systemRandom);
      } finally {
        opened.dataKey.fill(0);
        opened.store.close();
      }
    } finally {
      await lock.close();
    }
    call.io.err.write(`${next.id} has another key now; every partner has to pin it:\n`);
    call.io.out.write(`${next.fingerprint}\n`);
    return 0;
  } finally {
    await release();
  }
};
