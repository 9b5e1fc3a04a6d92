/**
 * What witnessing leaves on the store.
 *
 * Purpose: of every other log the newest checkpoint that we cosigned, or why we do so no more; of our own log the
 * newest cosignature of every witness. Sealed at rest.
 * Assumes: one process owns the store. Does not know: when a checkpoint may be cosigned.
 */
import { TallyError } from '@tallystick/protocol/errors';
import { z } from 'zod';
import type { Sealer } from '../seal/index.ts';
import type { Json, Store } from '../store/index.ts';
import { logFaults } from './marking.ts';

const hex32 = z.string().regex(/^[0-9a-f]{64}$/);
const note = z.string().max(64 * 1024);

const heldSchema = z.strictObject({
  publicKey: hex32,
  /** As we cosigned it. */
  checkpoint: note,
  /** Why nothing of this log is cosigned any more; null: all is well. */
  broken: z.enum(logFaults).nullable(),
  /** Oversight bodies that have heard of it from us. */
  told: z.array(z.string().max(32)).max(1024),
});
/** What we know of another station's log. */
export type HeldLog = z.infer<typeof heldSchema>;

const witnessedSchema = z.strictObject({
  publicKey: hex32,
  /** Ours, with this witness's line. */
  checkpoint: note,
  atMs: z.number().int().min(0),
});
/** What a witness said of ours. */
export type Witnessed = z.infer<typeof witnessedSchema>;

export interface WitnessStore {
  held(peer: string): HeldLog | undefined;
  putHeld(peer: string, held: HeldLog): void;
  /** False where there was none. */
  dropHeld(peer: string): boolean;
  allHeld(): readonly (HeldLog & { readonly station: string })[];
  witnessed(peer: string): Witnessed | undefined;
  putWitnessed(peer: string, witnessed: Witnessed): void;
  allWitnessed(): readonly (Witnessed & { readonly station: string })[];
}

export function createWitnessStore(store: Store, sealer: Sealer): WitnessStore {
  const put = (place: string, value: unknown): void => {
    const plain = new TextEncoder().encode(JSON.stringify(value));
    store.put('audit', place, Buffer.from(sealer.seal(plain, `audit/${place}`)).toString('base64'));
  };
  const open = <T>(place: string, value: Json | undefined, schema: z.ZodType<T>): T | undefined => {
    if (value === undefined) return undefined;
    try {
      const plain = sealer.unseal(Buffer.from(value as string, 'base64'), `audit/${place}`);
      return schema.parse(JSON.parse(new TextDecoder().decode(plain)));
    } catch (cause) {
      throw new TallyError('store.corrupt', `${place}: was changed`, { cause });
    }
  };
  const all = <T>(prefix: string, schema: z.ZodType<T>): (T & { station: string })[] =>
    store.list('audit', { prefix }).map(({ key, value }) => {
      const opened = open(key, value, schema) as T;
      return { ...opened, station: key.slice(prefix.length) };
    });
  return {
    held: (peer) => open(`held/${peer}`, store.get('audit', `held/${peer}`), heldSchema),
    putHeld: (peer, held) => put(`held/${peer}`, held),
    dropHeld: (peer) => store.delete('audit', `held/${peer}`),
    allHeld: () => all('held/', heldSchema),
    witnessed: (peer) => open(`witnessed/${peer}`, store.get('audit', `witnessed/${peer}`), witnessedSchema),
    putWitnessed: (peer, witnessed) => put(`witnessed/${peer}`, witnessed),
    allWitnessed: () => all('witnessed/', witnessedSchema),
  };
}
