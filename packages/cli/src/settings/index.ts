/**
 * What a data directory remembers for the command line: the coordinator's address, the node's own settings.
 *
 * Purpose: `tallystick node` needs no options the second time.
 * Assumes: nothing here is secret. Does not know: the store.
 */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { readBoundedFile, writePrivateFile } from '@tallystick/host/files';
import { storeFileName } from '@tallystick/host/store';
import { TallyError } from '@tallystick/protocol/errors';
import { defaultLimits } from '@tallystick/protocol/wire';
import { rulesSchema } from '@tallystick/protocol/policy';
import { z } from 'zod';
import { mostRetentionDays } from '@tallystick/node/retention';

/** The protocol permits no longer list. */
export const mostPartnerIdentifiers = defaultLimits.maxIdentifiers;

/** Threads of the pool: more than any machine has cores is a slip. */
export const mostThreads = 256;

const settingsSchema = z.strictObject({
  version: z.literal(1),
  coordinator: z.string().optional(),
  /** As `parseCaps` reads them. */
  ownCaps: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  /** Most identifiers that a partner may announce. */
  partnerIdentifiers: z.number().int().min(1).max(mostPartnerIdentifiers).optional(),
  /** Of the pool that computes. */
  threads: z.number().int().min(1).max(mostThreads).optional(),
  /** What the node forbids beyond its agreements. */
  agreementRules: rulesSchema.optional(),
  /** Days that results are kept. */
  retentionDays: z.number().int().min(1).max(mostRetentionDays).optional(),
});
export type Settings = z.infer<typeof settingsSchema>;

/** Where nothing else is said. */
export const defaultCoordinatorUrl = 'ws://127.0.0.1:7600';

const fileName = 'settings.json';
const longestBytes = 64 * 1024;

/** @throws TallyError `store.corrupt` where the file is not ours. */
export async function readSettings(dataDir: string): Promise<Settings> {
  let bytes: Uint8Array;
  try {
    bytes = await readBoundedFile(join(dataDir, fileName), longestBytes);
  } catch (error) {
    if (error instanceof TallyError && error.code === 'file.missing') return { version: 1 };
    throw error;
  }
  try {
    return settingsSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new TallyError('store.corrupt', `${join(dataDir, fileName)}: not the settings of this version`, {
      cause,
    });
  }
}

export function writeSettings(dataDir: string, settings: Settings): Promise<void> {
  return writePrivateFile(join(dataDir, fileName), `${JSON.stringify(settings)}\n`);
}

export function hasNode(dataDir: string): Promise<boolean> {
  return access(join(dataDir, storeFileName)).then(
    () => true,
    () => false,
  );
}

/** Before a passphrase is asked. @throws TallyError `file.missing`. */
export async function requireInit(dataDir: string): Promise<void> {
  if (await hasNode(dataDir)) return;
  throw new TallyError('file.missing', `${dataDir}: holds no node; make one with \`tallystick init\``);
}
