/**
 * Who is registered.
 *
 * Purpose: id → fingerprint and presence, with an optional allow-list and a bound on what is remembered.
 * Assumes: the caller has verified that the node holds its key.
 * Does not know: sockets; whether a fingerprint is the right one for an agency (agreements say that).
 */
import type { DirectoryEntry } from '@tallystick/host/channel';
import type { Fingerprint } from '@tallystick/host/identity';
import { TallyError } from '@tallystick/protocol/errors';

export interface Directory<Node> {
  /**
   * Puts the node online under its id.
   * @returns the node that was online under the same id and key before, to be put out.
   * @throws TallyError `channel.auth` for an id that is online with another key or a key that is not on the
   * allow-list, `channel.overflow` where the directory is full.
   */
  register(id: string, fingerprint: Fingerprint, node: Node): Node | undefined;
  /** Puts it offline, unless another registration has taken its place. */
  leave(id: string, node: Node): void;
  find(id: string): Node | undefined;
  list(): DirectoryEntry[];
  readonly online: number;
}

interface Entry<Node> {
  readonly fingerprint: Fingerprint;
  node: Node | undefined;
}

export function createDirectory<Node>(
  maxNodes: number,
  allow: readonly Fingerprint[] | undefined,
): Directory<Node> {
  const entries = new Map<string, Entry<Node>>(); // in the order of first sight; absent ones make room first
  const makeRoom = (): void => {
    if (entries.size < maxNodes) return;
    for (const [id, entry] of entries) {
      if (entry.node === undefined) return void entries.delete(id);
    }
    throw new TallyError('channel.overflow', `directory: want at most ${maxNodes} nodes`);
  };
  return {
    register(id, fingerprint, node) {
      if (allow !== undefined && !allow.includes(fingerprint)) {
        throw new TallyError('channel.auth', `node ${id}: not on the allow-list`);
      }
      const known = entries.get(id);
      if (known?.node !== undefined && known.fingerprint !== fingerprint) {
        throw new TallyError('channel.auth', `node ${id}: online with another key`);
      }
      const before = known?.node;
      if (known === undefined) makeRoom();
      entries.set(id, { fingerprint, node });
      return before;
    },
    leave(id, node) {
      const entry = entries.get(id);
      if (entry?.node === node) entry.node = undefined;
    },
    find: (id) => entries.get(id)?.node,
    list: () =>
      [...entries].map(([id, { fingerprint, node }]) => ({ id, fingerprint, online: node !== undefined })),
    get online() {
      let count = 0;
      for (const { node } of entries.values()) if (node !== undefined) count++;
      return count;
    },
  };
}
