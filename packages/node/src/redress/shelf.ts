/**
 * What a node keeps of enquiries and corrections.
 *
 * Purpose: sealed documents, durable when a method returns. No person's data is among them.
 * Assumes: one process owns the store. Does not know: what becomes of them.
 */
import type { Sealer } from '@tallystick/host/seal';
import type { Store } from '@tallystick/host/store';
import type { Correction } from '@tallystick/protocol/redress';
import type { EnquiryState, ReceivedCorrection } from '../control/redress.ts';

/** A correction on its way to a partner. */
export interface Outgoing {
  readonly to: string;
  readonly correction: Correction;
}

export interface KeptEnquiry extends Omit<EnquiryState, 'overdue'> {
  /** Ids of the agreements of all results that it was compared with, whatever was found. */
  readonly under: readonly string[];
  /** Sealed by the vault, base64; null once it is decided. */
  readonly finding: string | null;
  /** Not yet taken by the partner. */
  readonly outgoing: readonly Outgoing[];
}

export interface KeptCorrection extends ReceivedCorrection {
  /** To find the own records again while the result is held. */
  readonly correctionBody: Correction;
}

export interface RedressShelf {
  /** The oldest first. */
  enquiries(): readonly KeptEnquiry[];
  putEnquiry(enquiry: KeptEnquiry): void;
  /** The oldest first. */
  corrections(): readonly KeptCorrection[];
  /** A correction that is there already stays as it is: false. */
  addCorrection(correction: KeptCorrection): boolean;
  /** What was replaced is in no file any more. */
  scrub(): void;
}

const collection = 'redress';

/** @param sealer opens with the data key of the store. */
export function createRedressShelf(store: Store, sealer: Sealer): RedressShelf {
  const seal = (key: string, value: unknown) => {
    const plain = new TextEncoder().encode(JSON.stringify(value));
    return { sealed: Buffer.from(sealer.seal(plain, `redress/${key}`)).toString('base64') };
  };
  const all = <T>(prefix: string): T[] =>
    store.list(collection, { prefix }).map(({ key, value }) => {
      const sealed = Buffer.from((value as { sealed: string }).sealed, 'base64');
      return JSON.parse(new TextDecoder().decode(sealer.unseal(sealed, `redress/${key}`))) as T;
    });
  return {
    enquiries: () => all<KeptEnquiry>('enquiry/').sort((a, b) => a.openedAtMs - b.openedAtMs),
    putEnquiry(enquiry) {
      const key = `enquiry/${enquiry.ticket}`;
      store.put(collection, key, seal(key, enquiry));
    },
    corrections: () => all<KeptCorrection>('correction/').sort((a, b) => a.receivedAtMs - b.receivedAtMs),
    addCorrection(correction) {
      const key = `correction/${correction.from}/${correction.correction}`;
      return store.insert(collection, key, seal(key, correction));
    },
    scrub: () => store.scrub(),
  };
}
