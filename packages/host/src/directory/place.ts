/**
 * Where a station lives: a directory, or nowhere.
 *
 * Purpose: one opening for nodes and oversight bodies. Assumes: who opens a directory holds its control socket.
 * Does not know: what runs there.
 */
import type { Clock } from '../clock/index.ts';
import { createIdentity, type SigningIdentity } from '../identity/index.ts';
import type { Random } from '../random/index.ts';
import { dataKeyBytes, type SecretSource } from '../seal/index.ts';
import { memoryStore } from '../store/index.ts';
import { type UnlockedDirectory, unlockDirectory } from './directory.ts';

/** A directory that `initDirectory` made, or nowhere (`run`, `demo`, tests). */
export type Place =
  | { readonly kind: 'directory'; readonly dataDir: string; readonly key: SecretSource }
  | {
      readonly kind: 'ephemeral';
      readonly identity: SigningIdentity | { readonly id: string };
      /** Serve the control socket here; absent: none. */
      readonly controlDir?: string;
    };

/** Where the control socket is; undefined: there is none. */
export function controlDirectory(place: Place): string | undefined {
  return place.kind === 'directory' ? place.dataDir : place.controlDir;
}

/** @throws TallyError as `unlockDirectory` does. */
export async function openPlace(place: Place, clock: Clock, random: Random): Promise<UnlockedDirectory> {
  if (place.kind === 'directory') return unlockDirectory(place.dataDir, place.key, random);
  const given = place.identity;
  const identity = 'sign' in given ? given : await createIdentity(given.id, clock, random);
  return { store: memoryStore(), identity, dataKey: random(dataKeyBytes) };
}
