/**
 * A noise seed that two collectors draw together, and the bytes that follow from it.
 *
 * Purpose: two collectors that merge independently must release the same numbers, so they draw the same noise;
 * commit, then reveal, so that neither chooses it. The seed is uniform if one share is.
 * Assumes: a share is 32 fresh random bytes, sent to the other collector only, over a pinned channel; each sends its
 * share only after it holds all commitments. Whoever opens last may refuse to: the session then fails, is charged,
 * and is not run again on the same noise. Collectors know the noise, as they know the exact counts.
 * Does not know: collectors' identities beyond their ids, what is drawn.
 */
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes, encodeHex, encodeU32, equalBytes, utf8 } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import type { RandomBytes } from '../suite/scalar.ts';
import { domainHash } from '../wire/canonical.ts';

export const seedBytes = 32;

/** A collector's contribution: its node id and 32 secret random bytes. */
export interface SeedShare {
  readonly collector: string;
  readonly share: Uint8Array;
}

function checkShare({ share }: SeedShare): void {
  if (share.length !== seedBytes) {
    throw new TallyError('privacy.seed', `seed share: want ${seedBytes} bytes, got ${share.length}`);
  }
}

/**
 * The commitment to a share, 32 bytes; `context` is the session's hash of all consents. The collector's id is in it,
 * so that a commitment cannot be repeated by the other side.
 */
export function commitSeed(share: SeedShare, context: Uint8Array): Uint8Array {
  checkShare(share);
  return domainHash('noise-commit', context, utf8(share.collector), share.share);
}

/** Takes an opened share; throws `privacy.seed` unless it is the one committed to. */
export function openSeed(commitment: Uint8Array, share: SeedShare, context: Uint8Array): SeedShare {
  if (!equalBytes(commitment, commitSeed(share, context))) {
    throw new TallyError('privacy.seed', `seed share of ${share.collector}: does not open its commitment`);
  }
  return share;
}

/** The joint seed of opened shares, 32 bytes, in any order; throws `privacy.seed` unless two or more ids differ. */
export function combineSeeds(shares: readonly SeedShare[], context: Uint8Array): Uint8Array {
  const byId = new Map(shares.map((share) => [share.collector, share]));
  if (shares.length < 2 || byId.size !== shares.length) {
    throw new TallyError('privacy.seed', `seed: want shares of two or more collectors, got ${byId.size}`);
  }
  const parts: Uint8Array[] = [];
  const ids = [...byId.keys()].map((id) => ({ id, key: encodeHex(utf8(id)) }));
  for (const { id } of ids.sort((a, b) => (a.key < b.key ? -1 : 1))) {
    const share = byId.get(id) as SeedShare;
    checkShare(share);
    parts.push(utf8(id), share.share);
  }
  return domainHash('noise-seed', context, ...parts);
}

/** Bytes that follow from a seed: SHA-512 over domain, seed and a block counter. Equal seeds give equal bytes. */
export function seededRandom(seed: Uint8Array): RandomBytes {
  if (seed.length !== seedBytes) {
    throw new TallyError('privacy.seed', `seed: want ${seedBytes} bytes, got ${seed.length}`);
  }
  const prefix = concatBytes(utf8('tallystick-v1-noise-stream'), seed);
  let block: Uint8Array = new Uint8Array(0);
  let at = 0;
  let high = 0;
  let low = 0;
  return (length) => {
    const out = new Uint8Array(length);
    for (let i = 0; i < length; i++) {
      if (at === block.length) {
        block = sha512(concatBytes(prefix, encodeU32(high), encodeU32(low)));
        at = 0;
        low = (low + 1) >>> 0;
        if (low === 0) high++;
      }
      out[i] = block[at++] as number;
    }
    return out;
  };
}
