/**
 * What a node keeps: pins, imported lists, sessions that are over, sealed results.
 *
 * Purpose: the node's documents on the store's shelves. Lists and results come sealed by the vault; what is said of
 * a session (with whom, what for, how many matched) and its evidence are sealed here.
 * Assumes: one process owns the store. Does not know: SQLite, where the data key comes from.
 */
import { createHash } from 'node:crypto';
import { type Fingerprint, parseFingerprint } from '@tallystick/host/identity';
import type { Random } from '@tallystick/host/random';
import type { Sealer } from '@tallystick/host/seal';
import type { Json, Store } from '@tallystick/host/store';
import { TallyError } from '@tallystick/protocol/errors';
import { encodeEvidence, type Evidence, parseEvidence } from '@tallystick/protocol/evidence';
import type { SessionDetail } from '../control/api.ts';
import type { SealedResult, StoredList } from '../session/index.ts';

/** A list on its way in: its chunks are kept once `commit` has returned, and forgotten on `abort`. */
export interface ListDraft {
  /** In order from 0. */
  put(sealed: Uint8Array, index: number): void;
  /** Replaces a list of the same name. */
  commit(list: StoredList): void;
  abort(): void;
}

/** Every method is durable when it returns. Errors: `store.write`, `store.corrupt`. */
export interface NodeStore {
  peers(): ReadonlyMap<string, Fingerprint>;
  putPeer(id: string, fingerprint: Fingerprint): void;
  /** False where there was none. */
  removePeer(id: string): boolean;
  lists(): readonly StoredList[];
  draftList(): ListDraft;
  /** Its chunks stay as long as a result needs them. False where there was none. */
  removeList(name: string): boolean;
  /** In order. @throws TallyError `list.unknown` where they are gone. */
  chunks(listId: string): Iterable<Uint8Array>;
  /** Newest first. */
  sessions(): readonly SessionDetail[];
  session(id: string): SessionDetail | undefined;
  /** What was kept of it before and is not given now stays. */
  putSession(detail: SessionDetail, result: SealedResult | undefined, evidence: Evidence | undefined): void;
  /** Result and evidence are gone, also from the store's files once `scrub` has returned; this is kept instead. */
  expireSession(left: SessionDetail): void;
  /** SHA-256 of what is kept of a session, sealed as it lies there, hex. */
  sessionDigest(session: string): string;
  scrub(): void;
  result(session: string): SealedResult | undefined;
  evidence(session: string): Evidence | undefined;
  close(): void;
}

/** A document of the shelf `lists`, beside its chunks. */
type ListDocument =
  /** Being imported; what a crash leaves of it is removed at the next start. */
  | { readonly state: 'draft' }
  | { readonly state: 'ready'; readonly list: StoredList }
  /** Removed or replaced, but a result is of it. */
  | { readonly state: 'hidden'; readonly listId: string };

interface SessionDocument {
  readonly sealed: string;
  /** Of the list whose records matched; null without a result. */
  readonly listId: string | null;
  /** Chunks of the session's blob, which is deleted with it; null where there is none. */
  readonly result: number | null;
  readonly evidence: number | null;
}

const asJson = (value: unknown): Json => value as Json;

/** @param sealer opens with the node's data key; destroyed by `close`. */
export function createNodeStore(store: Store, sealer: Sealer, random: Random): NodeStore {
  const peers = new Map<string, Fingerprint>(
    store
      .list('peers')
      .map(({ key, value }) => [key, parseFingerprint((value as { fingerprint: string }).fingerprint)]),
  );
  const listDocuments = (): { key: string; value: ListDocument }[] =>
    store.list('lists').map(({ key, value }) => ({ key, value: value as unknown as ListDocument }));
  const sessionDocuments = (): { key: string; value: SessionDocument }[] =>
    store.list('sessions').map(({ key, value }) => ({ key, value: value as unknown as SessionDocument }));
  const keyOfName = (name: string): string | undefined =>
    listDocuments().find(({ value }) => value.state === 'ready' && value.list.name === name)?.key;
  const keyOfList = (listId: string): string | undefined =>
    listDocuments().find(
      ({ value }) =>
        (value.state === 'ready' && value.list.listId === listId) ||
        (value.state === 'hidden' && value.listId === listId),
    )?.key;

  /** Removes a list, or hides it where a result is of it. In a transaction. */
  const retire = (key: string): void => {
    const document = store.get('lists', key) as unknown as ListDocument;
    const listId = document.state === 'ready' ? document.list.listId : undefined;
    const isNeeded = sessionDocuments().some(({ value }) => value.listId === listId);
    if (isNeeded && listId !== undefined) store.put('lists', key, { state: 'hidden', listId });
    else store.delete('lists', key);
  };

  const sessionContext = (id: string): string => `session/${id}`;
  const evidenceContext = (id: string): string => `evidence/${id}`;
  const openSession = (id: string, { sealed }: SessionDocument): SessionDetail => {
    const plain = sealer.unseal(Buffer.from(sealed, 'base64'), sessionContext(id));
    return JSON.parse(new TextDecoder().decode(plain)) as SessionDetail;
  };
  const seal = (detail: SessionDetail): string => {
    const plain = new TextEncoder().encode(JSON.stringify(detail));
    return Buffer.from(sealer.seal(plain, sessionContext(detail.session))).toString('base64');
  };
  /** A removed list that was kept for a result goes with the last result that is of it. In a transaction. */
  const dropUnneeded = (listId: string | null): void => {
    if (listId === null || sessionDocuments().some(({ value }) => value.listId === listId)) return;
    for (const { key, value } of listDocuments()) {
      if (value.state === 'hidden' && value.listId === listId) store.delete('lists', key);
    }
  };
  const readSession = (id: string): SessionDocument | undefined =>
    store.get('sessions', id) as SessionDocument | undefined;

  for (const { key, value } of listDocuments()) if (value.state === 'draft') store.delete('lists', key);

  return {
    peers: () => peers,
    putPeer(id, fingerprint) {
      store.put('peers', id, { fingerprint });
      peers.set(id, fingerprint);
    },
    removePeer(id) {
      peers.delete(id);
      return store.delete('peers', id);
    },
    lists: () =>
      listDocuments()
        .flatMap(({ value }) => (value.state === 'ready' ? [value.list] : []))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    draftList() {
      const key = Buffer.from(random(16)).toString('hex');
      store.put('lists', key, { state: 'draft' });
      return {
        put(sealed, index) {
          const at = store.appendChunk('lists', key, sealed);
          if (at !== index) throw new TallyError('internal.bug', `list chunk: want ${at}, got ${index}`);
        },
        commit: (list) =>
          store.transaction(() => {
            const before = keyOfName(list.name);
            if (before !== undefined) retire(before);
            store.put('lists', key, asJson({ state: 'ready', list }));
          }),
        abort: () => void store.delete('lists', key),
      };
    },
    removeList: (name) =>
      store.transaction(() => {
        const key = keyOfName(name);
        if (key !== undefined) retire(key);
        return key !== undefined;
      }),
    chunks(listId) {
      const key = keyOfList(listId);
      if (key === undefined) throw new TallyError('list.unknown', 'list: its chunks are gone');
      return readChunks(store, key);
    },
    sessions: () =>
      sessionDocuments()
        .map(({ key, value }) => openSession(key, value))
        .sort((a, b) => b.startedAtMs - a.startedAtMs),
    session(id) {
      const document = readSession(id);
      return document && openSession(id, document);
    },
    putSession(detail, result, evidence) {
      const id = detail.session;
      const sealed = seal(detail);
      const before = readSession(id);
      store.transaction(() => {
        const chunk = (bytes: Uint8Array | undefined): number | null =>
          bytes === undefined ? null : store.appendChunk('sessions', id, bytes);
        const document: SessionDocument = {
          sealed,
          listId: result?.listId ?? before?.listId ?? null,
          result: chunk(result?.sealed) ?? before?.result ?? null,
          // It holds salts: never in the clear.
          evidence:
            chunk(evidence && sealer.seal(encodeEvidence(evidence), evidenceContext(id))) ??
            before?.evidence ??
            null,
        };
        store.put('sessions', id, asJson(document));
      });
    },
    expireSession(left) {
      const id = left.session;
      store.transaction(() => {
        const before = readSession(id);
        store.deleteChunks('sessions', id);
        const document: SessionDocument = { sealed: seal(left), listId: null, result: null, evidence: null };
        store.put('sessions', id, asJson(document));
        dropUnneeded(before?.listId ?? null);
      });
    },
    sessionDigest(id) {
      const hash = createHash('sha256').update(readSession(id)?.sealed ?? '');
      for (let index = 0; ; index++) {
        const chunk = store.chunk('sessions', id, index);
        if (chunk === undefined) return hash.digest('hex');
        hash.update(chunk);
      }
    },
    scrub: () => store.scrub(),
    result(session) {
      const { listId, result } = readSession(session) ?? {};
      const sealed = result == null ? undefined : store.chunk('sessions', session, result);
      return listId == null || sealed === undefined ? undefined : { sealed, listId };
    },
    evidence(session) {
      const at = readSession(session)?.evidence;
      const sealed = at == null ? undefined : store.chunk('sessions', session, at);
      return sealed && parseEvidence(sealer.unseal(sealed, evidenceContext(session)));
    },
    close() {
      sealer.destroy();
      store.close();
    },
  };
}

function* readChunks(store: Store, key: string): Generator<Uint8Array> {
  for (let index = 0; ; index++) {
    const chunk = store.chunk('lists', key, index);
    if (chunk === undefined) return;
    yield chunk;
  }
}
