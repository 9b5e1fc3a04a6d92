/**
 * The identity in a data directory, for a process that is no node.
 *
 * Purpose: coordinator and collector sign with an identity that lasts, and own its directory while they run.
 * Assumes: `tallystick init` made the directory. Does not know: what is done with the identity.
 */
import { serveControl } from '@tallystick/host/control';
import { unlockDirectory } from '@tallystick/host/directory';
import type { SigningIdentity } from '@tallystick/host/identity';
import { createLedgerBooks, type LedgerBooks } from '@tallystick/host/ledger';
import { systemRandom } from '@tallystick/host/random';
import { createSealer } from '@tallystick/host/seal';
import type { Call } from '../args/types.ts';
import { chooseSecret } from '../secret/index.ts';
import { requireInit } from '../settings/index.ts';
import { dataDirectory } from './common.ts';

export interface OpenedIdentity {
  readonly identity: SigningIdentity;
  /** What it collected, on disk; absent: the ledger ends with the process, as the identity does. */
  readonly books?: LedgerBooks;
  /** Lets the directory go. */
  release(): Promise<void>;
}

/** @throws TallyError `file.missing`, `store.locked` where a node runs there, `store.key`, `store.corrupt`. */
export async function openIdentity(call: Call): Promise<OpenedIdentity> {
  const dataDir = dataDirectory(call.options, call.io);
  await requireInit(dataDir);
  const { source } = await chooseSecret(call, 'open');
  const lock = await serveControl(dataDir, {});
  try {
    const { store, identity, dataKey } = await unlockDirectory(dataDir, source, systemRandom);
    const sealer = createSealer(dataKey, systemRandom);
    dataKey.fill(0);
    const release = async (): Promise<void> => {
      sealer.destroy();
      store.close();
      await lock.close();
    };
    return { identity, books: createLedgerBooks(store, sealer), release };
  } catch (error) {
    await lock.close();
    throw error;
  }
}
