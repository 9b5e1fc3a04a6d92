/**
 * The vault's interface: all that the main thread can ask of the worker that holds what is secret.
 *
 * Purpose: raw records, identifiers and session scalars live behind this interface and nowhere else; what
 * crosses it is sealed bytes, blinded bytes, tags, counts, coded errors, and (explainRecord alone) a text for
 * the owner of a record about that record.
 * Assumes: calls of one session are made in the order of its streams; answers may be awaited later, so that
 * many evaluations are under way at once. Backpressure is the caller's.
 * Does not know: peers, channels, the store, consents, what is permitted.
 */
import type { ComputeStats, EngineReport } from '../compute/types.ts';
import type { ImportListOptions, ListCheck, ListOptions, RecordChoice } from './list-types.ts';
import type { RecipeName, Subject } from '@tallystick/protocol/records';

/** Sealed chunks of one list, in order. They are read one at a time. */
export type SealedSource = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** What the store keeps about an imported list, beside its sealed chunks. */
export interface SealedListMeta {
  /** Random, 16 bytes as hex; every chunk is sealed under it, its number, and whether it is the last. */
  readonly listId: string;
  readonly chunks: number;
  readonly records: number;
}

export interface ImportOutcome {
  readonly report: ListCheck;
  readonly meta: SealedListMeta;
}

export interface OpenSession {
  /** The session's name in this vault; not reused while it is open (`session.busy`). */
  readonly session: string;
  readonly listId: string;
  readonly form: 'direct' | 'sealed';
  readonly subject: Subject;
  readonly recipes: readonly RecipeName[];
  /** Domain separation tag of H: 1..255 bytes. */
  readonly dst: Uint8Array;
  readonly nodeId: string;
  readonly proposalHash: Uint8Array;
  /** Most identifiers this list may bring; more is `list.cap`. */
  readonly maxIdentifiers: number;
}

export interface OpenedSession {
  /** Different identifiers: the length of the first stream. */
  readonly count: number;
  /** Records of the session's subject. */
  readonly records: number;
  readonly withoutIdentifiers: number;
  /** Identifiers that a list names more than once, repetitions counted. */
  readonly duplicates: number;
  /** K = k·B, 32 bytes. */
  readonly commitment: Uint8Array;
  /** Proof of possession of k, 64 bytes (suite/possession.ts). */
  readonly possession: Uint8Array;
}

export interface FreezeSession {
  /** Hash of all consents, 32 bytes. */
  readonly tagContext: Uint8Array;
  /** Tag length, 1..64 bytes. */
  readonly tagBytes: number;
  /** Direct form: the announced length of the peer's list; 0 in the sealed form. */
  readonly peerCount: number;
  /** Direct form: whether this party receives matches, so that the peer's tags are kept. */
  readonly receives: boolean;
}

/** Own identifiers and records that matched: numbers, and the matches themselves sealed under the data key. */
export interface MatchOutcome {
  readonly identifiers: number;
  readonly records: number;
  readonly sealedResult: Uint8Array;
}

/**
 * Errors (`TallyError`): `vault.died` when the worker is gone, `store.key` while locked or with another key,
 * `session.unknown`, `session.state`, those of Compute, and those named below.
 */
export interface Vault {
  /** Gives the vault the 32-byte data key, once; the caller's array is zeroed. */
  unlock(dataKey: Uint8Array): Promise<void>;

  /** Reads a list and says what is in it; nothing is kept. `nowMs` dates the warning about an old list. */
  checkList(
    path: string,
    options: ListOptions,
    recipes: readonly RecipeName[],
    nowMs: number,
  ): Promise<ListCheck>;

  /** How one record of the owner's own list becomes identifiers. Holds contents: for the owner's eyes only. */
  explainRecord(
    path: string,
    options: ListOptions,
    record: RecordChoice,
    recipes: readonly RecipeName[],
  ): Promise<string>;

  /** Reads a list and hands its records over as sealed chunks, in order, each awaited before the next. */
  importList(
    path: string,
    options: ImportListOptions,
    nowMs: number,
    onChunk: (sealed: Uint8Array, index: number) => void | Promise<void>,
  ): Promise<ImportOutcome>;

  /** Derives the identifiers of a sealed list and draws the session's scalars. */
  openSession(request: OpenSession, chunks: SealedSource): Promise<OpenedSession>;

  /** Blinds and sorts the own list: the first stream. `onProgress` is called at most every 200 ms. */
  blindList(session: string, onProgress?: (progress: Progress) => void): Promise<void>;

  /** `count` elements of the own first stream, strictly increasing over all of it. */
  readFirstStream(session: string, start: number, count: number): Promise<Uint8Array>;

  /** Fixes the hash of all consents; needed before anything of others is evaluated. Once (`session.state`). */
  freeze(session: string, terms: FreezeSession): Promise<void>;

  /** Sealed, a hop: k times somebody else's elements. Positions of a list in order, each once (`chain.position`). */
  evaluate(session: string, list: number, start: number, elements: Uint8Array): Promise<Uint8Array>;

  /**
   * Direct: multiplies the peer's first stream by k, in order, and keeps the tags where this party receives.
   * Gives the tags where `returnTags`, else nothing. `chain.position`, `chain.count`, `chain.sorted`.
   */
  evaluatePeer(
    session: string,
    start: number,
    elements: Uint8Array,
    returnTags: boolean,
  ): Promise<Uint8Array>;

  /** Direct, receiver: tags that the peer returned for the own list, in the order of the first stream. */
  absorbReturned(session: string, start: number, tags: Uint8Array): Promise<void>;

  /** Direct, receiver: after the last tag (`chain.incomplete`), the own records that the peer holds. */
  matchDirect(session: string): Promise<MatchOutcome>;

  /** Sealed, owner: takes the blinding off the elements that came back and keeps their tags. */
  finishChain(session: string, start: number, elements: Uint8Array): Promise<void>;

  /** Sealed, owner: sorts the tags; two equal ones are `chain.sorted`. */
  sortedTags(session: string): Promise<{ readonly count: number }>;
  readSortedTags(session: string, start: number, count: number): Promise<Uint8Array>;

  /** Sealed, receiver of matches: bit i of byte ⌊i/8⌋ (lowest first) says whether sorted tag i matched. */
  matchBits(session: string, bits: Uint8Array): Promise<MatchOutcome>;

  /** Numbers of a sealed result. */
  resultCounts(sealedResult: Uint8Array): Promise<{ readonly identifiers: number; readonly records: number }>;

  /** Writes the own matching records with the identifiers that matched to a new file of mode 0600, as JSON lines. */
  exportResult(sealedResult: Uint8Array, chunks: SealedSource, outPath: string): Promise<void>;

  /** Forgets a session: scalars, identifiers, streams and tags are zeroed. Unknown sessions are forgotten already. */
  endSession(session: string): Promise<void>;

  engine(): Promise<EngineReport>;
  stats(): Promise<ComputeStats>;

  /** Ends every session, zeroes the data key and stops the worker. */
  close(): Promise<void>;
}
