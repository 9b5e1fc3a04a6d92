/**
 * Emergencies on disk, by agreement.
 *
 * Purpose: declarations and reviews survive a restart, sealed: a lock that a restart lifts is none.
 * Assumes: one process owns the store; messages were checked. Does not know: mail, time.
 */
import type { Emergency } from '@tallystick/protocol/policy';
import type { Sealer } from '../seal/index.ts';
import type { Store } from '../store/index.ts';

export interface EmergencyShelf {
  of(agreement: string): readonly Emergency[];
  /** Durable when it returns. @throws TallyError `store.write`. */
  put(agreement: string, emergencies: readonly Emergency[]): void;
}

const collection = 'emergencies';
const contextOf = (agreement: string): string => `emergencies/${agreement}`;

export function createEmergencyShelf(store: Store, sealer: Sealer): EmergencyShelf {
  const open = (agreement: string, sealed: string): readonly Emergency[] => {
    const plain = sealer.unseal(Buffer.from(sealed, 'base64'), contextOf(agreement));
    return JSON.parse(new TextDecoder().decode(plain)) as Emergency[];
  };
  const kept = new Map(
    store.list(collection).map(({ key, value }) => [key, open(key, value as string)] as const),
  );
  return {
    of: (agreement) => kept.get(agreement) ?? [],
    put(agreement, emergencies) {
      const plain = new TextEncoder().encode(JSON.stringify(emergencies));
      store.put(
        collection,
        agreement,
        Buffer.from(sealer.seal(plain, contextOf(agreement))).toString('base64'),
      );
      kept.set(agreement, emergencies);
    },
  };
}
