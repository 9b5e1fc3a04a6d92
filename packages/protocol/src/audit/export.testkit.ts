/**
 * Invented logs for tests: as a node would write them, without a node.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { encodeHex } from '../bytes/index.ts';
import {
  cosign,
  encodeEntry,
  encodeExport,
  type EntryBody,
  type ExportHeader,
  leafHash,
  logOrigin,
  MerkleTree,
  parseCheckpoint,
  signCheckpoint,
  withSignatures,
  witnessKey,
} from './index.ts';

export const hexOf = (byte: number, bytes: number): string => encodeHex(new Uint8Array(bytes).fill(byte));

export function keysOf(seed: number) {
  const secret = new Uint8Array(32).fill(seed);
  return {
    publicKey: ed25519.getPublicKey(secret),
    sign: (message: Uint8Array) => ed25519.sign(message, secret),
  };
}

type Keys = ReturnType<typeof keysOf>;

const about = (by: string, session: number | null) => ({
  by,
  session: session === null ? null : hexOf(session, 16),
  agreement: null,
  request: null,
});

/** What a station writes of a session of `a` and `b` that `a` proposed and that ended well. */
export function sessionBodies(self: string, session: number): EntryBody[] {
  const proposal = hexOf(session, 32);
  return [
    {
      ...about('a', session),
      type: 'propose',
      proposal,
      parties: ['a', 'b'],
      collectors: [],
      form: 'direct',
      output: 'matches',
      purpose: null,
      tier: null,
      caseCommitment: null,
      expiresAtMs: 9_000_000_000_000,
    },
    { ...about('a', session), type: 'consent', proposal, identifiers: 'under-100', log: null },
    { ...about('b', session), type: 'consent', proposal, identifiers: 'under-1000', log: null },
    { ...about(self, session), type: 'start', proposal, consents: hexOf(session + 1, 32) },
    {
      ...about(self, session),
      type: 'result',
      proposal,
      outcome: 'done',
      transcript: hexOf(session + 2, 32),
      code: null,
      records: 'under-10',
    },
  ];
}

export interface InventedLog {
  readonly station: string;
  readonly keys: Keys;
  readonly leaves: readonly Uint8Array[];
  readonly tree: MerkleTree;
  /** A checkpoint over the first `size` entries. */
  checkpoint(size?: number): string;
  /** The same with a witness's line. */
  cosigned(size: number, witness: string, keys: Keys, atMs: number): string;
  file(extra?: Partial<ExportHeader>): Uint8Array;
}

/** @param atMs of entry i */
export function inventLog(
  station: string,
  seed: number,
  bodies: readonly EntryBody[],
  atMs: (index: number) => number = (index) => 1_800_000_000_000 + 1000 * index,
): InventedLog {
  const keys = keysOf(seed);
  const tree = new MerkleTree();
  const log = hexOf(seed, 16);
  const open: EntryBody = {
    ...about(station, null),
    type: 'open',
    log,
    publicKey: encodeHex(keys.publicKey),
  };
  const leaves = [open, ...bodies].map((body, index) => {
    const leaf = encodeEntry({ ...body, index, before: encodeHex(tree.root()), atMs: atMs(index) });
    tree.append(leafHash(leaf));
    return leaf;
  });
  const checkpoint = (size = tree.size): string =>
    signCheckpoint(logOrigin(station, log), { size, root: tree.root(size) }, keys.publicKey, keys.sign);
  return {
    station,
    keys,
    leaves,
    tree,
    checkpoint,
    cosigned(size, witness, theirs, cosignedMs) {
      const parsed = parseCheckpoint(checkpoint(size));
      const line = cosign(parsed, witnessKey(witness, theirs.publicKey), cosignedMs, theirs.sign);
      return withSignatures(parsed, [line]);
    },
    file: (extra = {}) =>
      encodeExport(
        {
          format: 'tallystick-audit-export',
          version: 1,
          station,
          publicKey: encodeHex(keys.publicKey),
          checkpoints: [checkpoint()],
          witnesses: [],
          witnessed: [],
          ...extra,
        },
        leaves,
      ),
  };
}

/** A line of an export with its entry changed and its leaf hash put right: what a forger writes. */
export function forgeLine(line: string, change: (entry: Record<string, unknown>) => void): string {
  const value = JSON.parse(line) as { entry: Record<string, unknown>; leaf: string };
  change(value.entry);
  const leaf = encodeEntry(value.entry as never);
  const text = new TextDecoder().decode(leaf);
  return `{"entry":${text},"leaf":"${encodeHex(leafHash(leaf))}"}`;
}
