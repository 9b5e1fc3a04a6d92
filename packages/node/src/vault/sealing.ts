/**
 * What the vault seals, and under which name.
 *
 * Purpose: chunks of a list are bound to the list, their number and whether they are the last; parts of a result
 * likewise: a chunk that was moved, dropped, repeated or cut off does not open.
 * Assumes: the seal of packages/host authenticates its context. Does not know: keys' origin, where chunks lie.
 */
import { TallyError } from '@tallystick/protocol/errors';
import { openSealed, seal } from './seal-stub.ts';

/** What a sealed piece is part of: `list:<id>` or `result:<id>`. */
export interface PieceName {
  readonly of: string;
  readonly index: number;
  readonly isLast: boolean;
}

const encodeName = (name: PieceName): string =>
  `tallystick-v1-vault ${name.of} ${name.index} ${name.isLast ? 'last' : 'more'}`;

export function sealPiece(key: Uint8Array, name: PieceName, bytes: Uint8Array): Uint8Array {
  return seal(key, bytes, encodeName(name));
}

/** Throws `store.corrupt` where the piece was not sealed under this key and name. */
export function openPiece(key: Uint8Array, name: PieceName, sealed: Uint8Array): Uint8Array {
  try {
    return openSealed(key, sealed, encodeName(name));
  } catch {
    throw new TallyError(
      'store.corrupt',
      `${name.of.split(':')[0]}: sealed piece ${name.index} does not open`,
    );
  }
}
