/**
 * Requests that an oversight body was told of.
 *
 * Purpose: keep each with who told it and when; sealed, durable when a call returns.
 * Assumes: one process owns the store; whoever adds a request checked it. Does not know: verdicts.
 */
import type { Sealer } from '@tallystick/host/seal';
import type { Store } from '@tallystick/host/store';
import type { PolicyRequest } from '@tallystick/protocol/policy';

export interface KnownRequest {
  readonly id: string;
  readonly request: PolicyRequest;
  /** In the order in which they told, each with its signature over the request: `Notice` of protocol/policy. */
  readonly toldBy: readonly { readonly by: string; readonly atMs: number; readonly signature: string }[];
}

export interface RequestBook {
  get(id: string): KnownRequest | undefined;
  put(known: KnownRequest): void;
  list(): readonly KnownRequest[];
}

const collection = 'requests';

/** @param sealer opens with the data key of the store. */
export function createRequestBook(store: Store, sealer: Sealer): RequestBook {
  const open = (id: string, value: unknown): KnownRequest => {
    const { sealed } = value as { sealed: string };
    const plain = sealer.unseal(Buffer.from(sealed, 'base64'), `request/${id}`);
    return JSON.parse(new TextDecoder().decode(plain)) as KnownRequest;
  };
  return {
    get(id) {
      const value = store.get(collection, id);
      return value === undefined ? undefined : open(id, value);
    },
    put(known) {
      const plain = new TextEncoder().encode(JSON.stringify(known));
      const sealed = Buffer.from(sealer.seal(plain, `request/${known.id}`)).toString('base64');
      store.put(collection, known.id, { sealed });
    },
    list: () => store.list(collection).map(({ key, value }) => open(key, value)),
  };
}
