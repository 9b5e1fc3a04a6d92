/**
 * Requests that were drafted here: what opens the commitment to their case.
 *
 * Purpose: reference and salt by request id, sealed, until a proposal of the request can be no more.
 * Assumes: one process owns the store. Does not know: what became of a request; a session's record has its own copy.
 */
import type { Clock } from '@tallystick/host/clock';
import type { Sealer } from '@tallystick/host/seal';
import type { Store } from '@tallystick/host/store';
import type { CaseReference } from '../control/api.ts';

export interface RequestShelf {
  /** Durable when it returns. Throws `store.write`. */
  put(request: string, reference: CaseReference, expiresAtMs: number): void;
  /** Throws `store.corrupt` where it does not open. */
  get(request: string): CaseReference | undefined;
}

const collection = 'drafts';
const contextOf = (request: string): string => `draft/${request}`;
/** Kept a day longer than it is open. */
const marginMs = 86_400_000;

interface Document {
  readonly sealed: string;
  readonly keepUntilMs: number;
}

/** @param sealer opens with the data key of the store. */
export function createRequestShelf(store: Store, sealer: Sealer, clock: Clock): RequestShelf {
  return {
    put(request, reference, expiresAtMs) {
      const plain = new TextEncoder().encode(JSON.stringify(reference));
      const sealed = Buffer.from(sealer.seal(plain, contextOf(request))).toString('base64');
      store.transaction(() => {
        for (const { key, value } of store.list(collection)) {
          if ((value as unknown as Document).keepUntilMs < clock.nowMs()) store.delete(collection, key);
        }
        store.put(collection, request, { sealed, keepUntilMs: expiresAtMs + marginMs });
      });
    },
    get(request) {
      const document = store.get(collection, request) as unknown as Document | undefined;
      if (document === undefined) return undefined;
      const plain = sealer.unseal(Buffer.from(document.sealed, 'base64'), contextOf(request));
      return JSON.parse(new TextDecoder().decode(plain)) as CaseReference;
    },
  };
}
