/**
 * Two collectors draw one seed: what one of them says and hears.
 *
 * Purpose: each commits to a share, opens it when it holds the other's commitment, and has the seed when the other's
 * opening fits (privacy/seed.ts). From the seed follow the salt of the view, so that both views are one, and the noise.
 * Assumes: messages are signed and came over the pinned channel. Does not know: deadlines, what is drawn.
 */
import type { Agreement } from '../agreement/ephemeral.ts';
import { encodeHex, parseHex } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import {
  combineSeeds,
  commitSeed,
  openSeed,
  type SeedShare,
  seedBytes,
  seededRandom,
} from '../privacy/index.ts';
import type { RandomBytes } from '../suite/scalar.ts';
import { domainHash } from '../wire/canonical.ts';

/** A seed to open, where an agreement names a second collector. */
export function openJointSeed(
  { collectors }: Agreement,
  self: string,
  context: Uint8Array,
  random: RandomBytes,
): JointSeed | undefined {
  const other = collectors.find((collector) => collector.id !== self);
  return other && new JointSeed(self, other.id, context, random);
}

export class JointSeed {
  /** The other collector. */
  readonly other: string;
  private readonly own: SeedShare;
  private readonly context: Uint8Array;
  private committed: Uint8Array | undefined;
  private joint: Uint8Array | undefined;

  /** @param context the session's hash of all consents */
  constructor(collector: string, other: string, context: Uint8Array, random: RandomBytes) {
    this.other = other;
    this.own = { collector, share: random(seedBytes) };
    this.context = context;
  }

  /** Our commitment, hex: the first thing to be said. */
  get commitment(): string {
    return encodeHex(commitSeed(this.own, this.context));
  }

  /** The other's commitment. Gives our share, hex, which may be said from now on. Throws `wire.order`. */
  commit(commitment: string): string {
    if (this.committed !== undefined) throw new TallyError('wire.order', 'seed: given twice');
    this.committed = parseHex(commitment);
    return encodeHex(this.own.share);
  }

  /** The other's share. Throws `wire.order`, `privacy.seed` where it is not the one committed to. */
  open(share: string): void {
    if (this.committed === undefined || this.joint !== undefined) {
      throw new TallyError('wire.order', 'share: not due');
    }
    const other = openSeed(this.committed, { collector: this.other, share: parseHex(share) }, this.context);
    this.joint = combineSeeds([this.own, other], this.context);
  }

  get isOpen(): boolean {
    return this.joint !== undefined;
  }

  /** 32 bytes for the view. Throws `privacy.seed` before the seed is open. */
  get viewSalt(): Uint8Array {
    return domainHash('view-salt', this.need());
  }

  /** The bytes that noise is drawn from, from their beginning. Throws `privacy.seed` before the seed is open. */
  noise(): RandomBytes {
    return seededRandom(this.need());
  }

  private need(): Uint8Array {
    if (this.joint === undefined) throw new TallyError('privacy.seed', 'seed: is not open yet');
    return this.joint;
  }
}
