/**
 * The identity in a data directory, for a process that is no node.
 *
 * Purpose: coordinator and collector sign with an identity that lasts, and own its directory while they run.
 * Assumes: `tallystick init` made the directory. Does not know: what is done with the identity.
 */
import {
  type AuditHost,
  auditParams,
  auditReading,
  createWitnessStore,
  openAuditLog,
} from '@tallystick/host/audit';
import { systemClock } from '@tallystick/host/clock';
import { type ControlHandlers, serveControl } from '@tallystick/host/control';
import { unlockDirectory } from '@tallystick/host/directory';
import type { SigningIdentity } from '@tallystick/host/identity';
import { createLedgerBooks, type LedgerBooks } from '@tallystick/host/ledger';
import { systemRandom } from '@tallystick/host/random';
import { createSealer } from '@tallystick/host/seal';
import { TallyError } from '@tallystick/protocol/errors';
import type { Call } from '../args/types.ts';
import { chooseSecret } from '../secret/index.ts';
import { requireInit } from '../settings/index.ts';
import { dataDirectory } from './common.ts';

export interface OpenedIdentity {
  readonly identity: SigningIdentity;
  /** What it collected, on disk; absent: the ledger ends with the process, as the identity does. */
  readonly books?: LedgerBooks;
  /** Opens its audit log, or begins it; from then on `tallystick audit show` and `export` are answered. Absent: as above. */
  keepLog?(): AuditHost;
  /** Lets the directory go. */
  release(): Promise<void>;
}

/** @throws TallyError `file.missing`, `store.locked` where a node runs there, `store.key`, `store.corrupt`. */
export async function openIdentity(call: Call): Promise<OpenedIdentity> {
  const dataDir = dataDirectory(call.options, call.io);
  await requireInit(dataDir);
  const { source } = await chooseSecret(call, 'open');
  let kept: AuditHost | undefined;
  const lock = await serveControl(
    dataDir,
    logHandlers(() => kept),
  );
  try {
    const { store, identity, dataKey } = await unlockDirectory(dataDir, source, systemRandom);
    const sealer = createSealer(dataKey, systemRandom);
    dataKey.fill(0);
    const release = async (): Promise<void> => {
      sealer.destroy();
      store.close();
      await lock.close();
    };
    const keepLog = (): AuditHost =>
      (kept ??= {
        audit: openAuditLog({ store, sealer, clock: systemClock, random: systemRandom, identity }),
        witnesses: createWitnessStore(store, sealer),
        identity,
      });
    return { identity, books: createLedgerBooks(store, sealer), keepLog, release };
  } catch (error) {
    await lock.close();
    throw error;
  }
}

/**
 * The identity in `--NAME`, opened by `--NAME-key-file`, beside that of `--data`.
 * @param does what the directory does, in words. @throws as `openIdentity`, and `argument.invalid`.
 */
export async function openNamedIdentity(call: Call, name: string, does: string): Promise<OpenedIdentity> {
  const { options } = call;
  if (options.text(name) === undefined) {
    throw new TallyError('argument.invalid', `--${name} is missing: the data directory that ${does}`);
  }
  const names: Readonly<Record<string, string>> = { data: name, 'key-file': `${name}-key-file` };
  const renamed = {
    text: (one: string) => options.text(names[one] ?? one),
    all: (one: string) => options.all(names[one] ?? one),
    on: (one: string) => options.on(one),
  };
  return openIdentity({ ...call, options: renamed });
}

/** What the owner may ask of the log of a process that keeps one. */
function logHandlers(kept: () => AuditHost | undefined): ControlHandlers {
  const reading = () => {
    const host = kept();
    if (host === undefined) throw new TallyError('control.request', 'audit: this process keeps no log');
    return auditReading(host);
  };
  return {
    'audit.show': (params) => reading()['audit.show'](auditParams['audit.show'].parse(params)),
    'audit.export': (params) => reading()['audit.export'](auditParams['audit.export'].parse(params)),
  };
}
