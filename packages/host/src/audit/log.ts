/**
 * The audit log of a station: entries on the store, durable before what they record.
 *
 * Purpose: `append` returns when the entry is on disk; a write that fails throws, so that the act it precedes does not
 * happen. With each entry the head of the whole tree is kept, in one transaction: at the next start a tail that was cut
 * off, a byte that was changed, an entry that was moved does not fit, and the log says so instead of growing on.
 * Assumes: one process owns the store. Entries are sealed at rest, each bound to its place.
 * Does not know: who reads exports. A store that was taken back as a whole opens: partners that witnessed it notice.
 */
import { concatBytes, encodeHex, parseHex, utf8 } from '@tallystick/protocol/bytes';
import { asTallyError, TallyError } from '@tallystick/protocol/errors';
import {
  type AuditEntry,
  type Checkpoint,
  encodeEntry,
  type EntryBody,
  keyAt,
  leafHash,
  type LogKey,
  logOrigin,
  MerkleTree,
  parseCheckpoint,
  parseEntry,
  signCheckpoint,
} from '@tallystick/protocol/audit';
import type { Clock } from '../clock/index.ts';
import type { SigningIdentity } from '../identity/index.ts';
import type { Random } from '../random/index.ts';
import type { Sealer } from '../seal/index.ts';
import type { Store } from '../store/index.ts';

export interface AuditLogOptions {
  readonly store: Store;
  /** Opens with the data key of the store. */
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: Random;
  readonly identity: Pick<SigningIdentity, 'id' | 'publicKey' | 'sign'>;
}

export interface AuditLog {
  /** Random name of this log, hex: it stays the same when the station's key changes. */
  readonly id: string;
  /** Its name in checkpoints. */
  readonly origin: string;
  readonly size: number;
  /** All entries so far as a tree. */
  readonly tree: Pick<MerkleTree, 'size' | 'root' | 'inclusion' | 'consistency'>;
  /** Why the log on disk is not as it was left; undefined: it is. */
  readonly broken: TallyError | undefined;
  /**
   * Durable when it returns. Times never go back: where the clock did, the time of the entry before it stands.
   * @throws TallyError `log.broken`, `log.entry`, `store.write`: then nothing was appended.
   */
  append(body: EntryBody): AuditEntry;
  /**
   * One write: what `act` writes to this log's own store, and the entry about it. Both are durable when this returns, or
   * neither happened.
   * @param act gives the entry, null where nothing is to be told. @throws TallyError as `append` and `act` do.
   */
  appendWith<T>(act: () => { readonly entry: EntryBody | null; readonly result: T }): T;
  /** Proposals of sessions of which the log does not tell the end: of those that live, or were under way at a crash. */
  readonly unended: readonly ProposeEntry[];
  /** The key that signs, or signed, heads of this size; 32 bytes. */
  keyOf(size: number): Uint8Array;
  /** The head over all entries so far, signed. @throws TallyError `log.broken`. */
  checkpoint(): Checkpoint;
  /** Nothing is appended any more until the process starts again. Gives the error back. */
  stop(error: TallyError): TallyError;
  /** Leaves' bytes in order, from an index to before another one. @throws TallyError `log.broken`. */
  leaves(from?: number, to?: number): Iterable<Uint8Array>;
}

interface Head {
  readonly size: number;
  /** Hex. */
  readonly root: string;
}

export type ProposeEntry = Extract<AuditEntry, { type: 'propose' }>;

const collection = 'audit';
const headKey = 'head';
/** Where what did not fit is kept, once it was put aside. */
const asidePrefix = 'aside/';
const placeOf = (index: number): string => `entry/${String(index).padStart(10, '0')}`;
const contextOf = (index: number): string => `audit/${index}`;
const headContext = 'audit/head';

/** Opens the log, or begins it with an entry `open`. A log that does not fit its head opens as broken. */
export function openAuditLog(options: AuditLogOptions): AuditLog {
  const log = new StoredLog(options);
  if (log.broken === undefined && log.size === 0) log.begin();
  return log;
}

/** What is left of a log that did not open as it was left. */
export interface Recovered {
  /** Entries that fit, from the first on: the log goes on behind them. None: it begins anew, under another name. */
  readonly kept: number;
  /** Documents that were put aside: entries that do not follow, and the head. */
  readonly aside: number;
}

/**
 * A person wants a broken log to go on. What does not fit is put aside on the same store, nothing is thrown away, and the
 * next entry says so, with the head that had been kept. One write. Whoever cosigned more refuses the log from then on.
 * @throws TallyError `log.whole` where it can be read and gives its head; `store.write`: then it is as it was.
 */
export function recoverAuditLog(options: AuditLogOptions): Recovered {
  return new StoredLog(options).recover();
}

class StoredLog implements AuditLog {
  tree = new MerkleTree();
  broken: TallyError | undefined;
  id = '';
  private readonly options: AuditLogOptions;
  private readonly keys: LogKey[] = [];
  private readonly open = new Map<string, ProposeEntry>();
  private lastMs = 0;
  /** Every entry gives the head that was kept: what is wrong, if anything, is the key. */
  private isWhole = false;

  constructor(options: AuditLogOptions) {
    this.options = options;
    try {
      this.load();
      this.isWhole = true;
      this.checkKey();
    } catch (thrown) {
      this.broken = asTallyError(thrown);
    }
  }

  get size(): number {
    return this.tree.size;
  }

  get unended(): readonly ProposeEntry[] {
    return [...this.open.values()];
  }

  get origin(): string {
    return logOrigin(this.options.identity.id, this.id);
  }

  checkpoint(): Checkpoint {
    if (this.broken !== undefined) throw this.broken;
    const { publicKey, sign } = this.options.identity;
    const head = { size: this.size, root: this.tree.root() };
    return parseCheckpoint(signCheckpoint(this.origin, head, publicKey, sign));
  }

  stop(error: TallyError): TallyError {
    this.broken ??= error;
    return error;
  }

  begin(): void {
    this.append(this.opening());
  }

  private opening(): EntryBody {
    const { identity, random } = this.options;
    return {
      type: 'open',
      by: identity.id,
      session: null,
      agreement: null,
      request: null,
      log: encodeHex(random(16)),
      publicKey: encodeHex(identity.publicKey),
    };
  }

  append(body: EntryBody): AuditEntry {
    return this.write(() => ({ entry: body, result: undefined })).entry as AuditEntry;
  }

  appendWith<T>(act: () => { readonly entry: EntryBody | null; readonly result: T }): T {
    return this.write(act).result;
  }

  keyOf(size: number): Uint8Array {
    return parseHex(keyAt(this.keys, size));
  }

  private write<T>(act: () => { readonly entry: EntryBody | null; readonly result: T }): {
    readonly entry: AuditEntry | undefined;
    readonly result: T;
  } {
    if (this.broken !== undefined) throw this.broken;
    const { result, put } = this.options.store.transaction(() => {
      const acted = act();
      return { result: acted.result, put: acted.entry === null ? undefined : this.put(acted.entry) };
    });
    // What was rolled back is not remembered either.
    if (put !== undefined) this.took(put.entry, put.hash);
    return { result, entry: put?.entry };
  }

  /** In a transaction. */
  private put(body: EntryBody): { readonly entry: AuditEntry; readonly hash: Uint8Array } {
    const { store, sealer, clock } = this.options;
    const index = this.tree.size;
    const atMs = Math.max(this.lastMs, clock.nowMs());
    const entry = { ...body, index, before: encodeHex(this.tree.root()), atMs } as AuditEntry;
    const leaf = encodeEntry(entry);
    const hash = leafHash(leaf);
    if (!store.insert(collection, placeOf(index), sealed(sealer, leaf, contextOf(index)))) {
      throw new TallyError('log.broken', `audit log: entry ${index} is already there`);
    }
    const head = headOf(index + 1, this.tree.rootWith(hash));
    store.put(collection, headKey, sealed(sealer, head, headContext));
    return { entry, hash };
  }

  private took(entry: AuditEntry, hash: Uint8Array): void {
    const { index } = entry;
    if (entry.type === 'open' && index === 0) {
      this.id = entry.log;
      this.keys.push({ publicKey: entry.publicKey, from: 0 });
    }
    if (entry.type === 'propose' && entry.session !== null) this.open.set(entry.session, entry);
    if (entry.type === 'result' && entry.session !== null) this.open.delete(entry.session);
    if (entry.type === 'key') this.keys.push({ publicKey: entry.publicKey, from: index + 1 });
    this.tree.append(hash);
    this.lastMs = entry.atMs;
  }

  *leaves(from = 0, to = this.size): Generator<Uint8Array> {
    for (let index = from; index < to; index++) yield this.read(index);
  }

  private load(): void {
    const head = this.readHead();
    const stored = head?.size ?? 0;
    for (let index = 0; index < stored; index++) this.take(index);
    const beyond = stored === 0 ? {} : { after: placeOf(stored - 1) };
    if (this.options.store.list(collection, { prefix: 'entry/', limit: 1, ...beyond }).length > 0) {
      throw new TallyError('log.broken', `audit log: want ${stored} entries, got more`);
    }
    if (head !== undefined && encodeHex(this.tree.root()) !== head.root) {
      throw new TallyError('log.broken', 'audit log: its entries do not give the head that was kept');
    }
  }

  private take(index: number): void {
    const leaf = this.read(index);
    const entry = parseEntry(leaf);
    if (entry.index !== index || entry.before !== encodeHex(this.tree.root()) || entry.atMs < this.lastMs) {
      throw new TallyError('log.broken', `audit log: entry ${index} does not follow the one before it`);
    }
    this.took(entry, leafHash(leaf));
  }

  /** Heads are signed with the key that the log names last. */
  private checkKey(): void {
    const own = encodeHex(this.options.identity.publicKey);
    if (this.size === 0 || keyAt(this.keys, this.size) === own) return;
    throw new TallyError('log.broken', 'audit log: it does not name the key of this station');
  }

  private read(index: number): Uint8Array {
    const { store, sealer } = this.options;
    const value = store.get(collection, placeOf(index));
    if (value === undefined) throw new TallyError('log.broken', `audit log: entry ${index} is missing`);
    try {
      return sealer.unseal(Buffer.from(value as string, 'base64'), contextOf(index));
    } catch (cause) {
      throw new TallyError('log.broken', `audit log: entry ${index} was changed`, { cause });
    }
  }

  recover(): Recovered {
    const { store, identity } = this.options;
    if (this.isWhole) {
      throw new TallyError('log.whole', 'audit log: every entry is there, and gives the head that was kept');
    }
    const head = this.takeWhatFits();
    // The entry that names our key may be among those that are lost: no head of ours would be signed with it then.
    if (this.size > 0 && keyAt(this.keys, this.size) !== encodeHex(identity.publicKey)) this.forget();
    const kept = this.size;
    const about = { by: identity.id, session: null, agreement: null, request: null };
    const lost = head ?? { size: kept, root: encodeHex(this.tree.root()) };
    const aside = store.transaction(() => {
      const moved = this.putAside();
      if (kept === 0) {
        const { entry, hash } = this.put(this.opening());
        this.took(entry, hash);
      }
      this.put({ ...about, type: 'witness', of: identity.id, ...lost, code: 'log.broken' });
      return moved;
    });
    return { kept, aside };
  }

  /** Every entry up to the first that is not there, does not open or does not follow; gives the head, where it opens. */
  private takeWhatFits(): Head | undefined {
    let head: Head | undefined;
    try {
      head = this.readHead();
    } catch {
      // It is put aside as it is.
    }
    try {
      for (;;) this.take(this.size);
    } catch {
      return head;
    }
  }

  private putAside(): number {
    const { store } = this.options;
    const stays = this.size === 0 ? {} : { after: placeOf(this.size - 1) };
    const old = store.get(collection, headKey);
    const rest = store.list(collection, { prefix: 'entry/', ...stays });
    if (old !== undefined) rest.push({ key: headKey, value: old });
    const turn = store.list(collection, { prefix: asidePrefix }).length;
    for (const { key, value } of rest) {
      store.put(collection, `${asidePrefix}${turn}/${key}`, value);
      store.delete(collection, key);
    }
    return rest.length;
  }

  private forget(): void {
    this.tree = new MerkleTree();
    this.keys.length = 0;
    this.open.clear();
    this.lastMs = 0;
  }

  private readHead(): Head | undefined {
    const { store, sealer } = this.options;
    const value = store.get(collection, headKey);
    if (value === undefined) return undefined;
    try {
      const plain = sealer.unseal(Buffer.from(value as string, 'base64'), headContext);
      const root = plain.subarray(-32);
      const size = Number(new TextDecoder().decode(plain.subarray(0, -33)));
      return { size, root: encodeHex(root) };
    } catch (cause) {
      throw new TallyError('log.broken', 'audit log: its head was changed', { cause });
    }
  }
}

const headOf = (size: number, root: Uint8Array): Uint8Array => concatBytes(utf8(`${size}\n`), root);
const sealed = (sealer: Sealer, plain: Uint8Array, context: string): string =>
  Buffer.from(sealer.seal(plain, context)).toString('base64');
