/**
 * What the vault seals, and under which name.
 *
 * Purpose: pieces of a list are bound to the list, their number and whether they are the last; parts of a result
 * likewise: a piece that was moved, dropped, repeated or cut off does not open.
 * Assumes: the sealer authenticates its context. Does not know: the key, where pieces lie.
 */
import type { Sealer } from '@tallystick/host/seal';

export type { Sealer };

/** What a sealed piece is part of: `list/<id>` or `result`. */
export interface PieceName {
  readonly of: string;
  readonly index: number;
  readonly isLast: boolean;
}

const contextOf = ({ of, index, isLast }: PieceName): string =>
  `vault/${of}/${index}/${isLast ? 'last' : 'more'}`;

export function sealPiece(sealer: Sealer, name: PieceName, bytes: Uint8Array): Uint8Array {
  return sealer.seal(bytes, contextOf(name));
}

/** Throws `store.corrupt` where the piece was not sealed under this key and name. */
export function openPiece(sealer: Sealer, name: PieceName, sealed: Uint8Array): Uint8Array {
  return sealer.unseal(sealed, contextOf(name));
}
