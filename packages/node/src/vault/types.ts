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
import type { LabelTerms } from '@tallystick/protocol/agreement';
import type { LabelGroup } from '@tallystick/protocol/privacy';
import type { Correction } from '@tallystick/protocol/redress';
import type { HandlingMarks } from '../control/handling.ts';
import type { CheckedEnquiry, CorrectionTerms, EnquirySource, HeldResult } from './enquiry-types.ts';
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
  /** Keyed hash of the records in order, hex: equal for equal contents, and only this node can make it. */
  readonly version: string;
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
  /** 32 bytes: stands in the domain of every element and of every sentinel. */
  readonly agreementId: Uint8Array;
  readonly nodeId: string;
  readonly proposalHash: Uint8Array;
  /** Most identifiers this list may bring; more is `list.cap`. */
  readonly maxIdentifiers: number;
  /** Most identifiers that one record brings, what noise is made for; more are cut. Null or absent: all. */
  readonly identifiersPerRecord?: number | null;
  /** Random elements fill the list (every group of labels) up to a multiple of this, at least one. Null or absent: none. */
  readonly padTo?: number | null;
  /** What the list is cut by, as the agreement declares it. Null or absent: nothing. */
  readonly labels?: Omit<LabelTerms, 'party'> | null;
}

export interface OpenedSession {
  /** Different identifiers; sentinels are not among them. */
  readonly count: number;
  /** Records of the session's subject. */
  readonly records: number;
  readonly withoutIdentifiers: number;
  /** Identifiers that a list names more than once, repetitions counted. */
  readonly duplicates: number;
  /** Identifiers that records brought beyond `identifiersPerRecord`, and that were left out. */
  readonly cut: number;
  /** Random elements beside the identifiers, to be announced with them. */
  readonly fillers: number;
  /** What is announced under each label, small ones merged, random elements among them; null without labels. */
  readonly labels: readonly LabelGroup[] | null;
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
  /** Ids of the parties, in the session's order; this one's is number `self`. */
  readonly parties: readonly string[];
  readonly self: number;
  /** By party: units of its list's streams, sentinels included. */
  readonly totals: readonly number[];
  /** Sealed form: elements that every list holds besides its own; 0 in the direct form. */
  readonly sentinels: number;
  /** True: what is folded and proved is kept until it is. */
  readonly verified: boolean;
  /** Whether this party receives matches. */
  readonly receives: boolean;
  /** Direct form: whether the peer does. */
  readonly peerReceives: boolean;
  /** Sealed form, receiver: marks say which lists, not only whether. */
  readonly which: boolean;
}

/** Direct form: what goes back to a peer that receives: elements in the verified form, tags in the light one. */
export type GiveBack = 'elements' | 'tags' | 'nothing';

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

  /**
   * Derives the identifiers of a sealed list and draws the session's scalars. `list.label`: a record has a label that is
   * not declared.
   */
  openSession(request: OpenSession, chunks: SealedSource): Promise<OpenedSession>;

  /** Blinds and sorts the own list with its sentinels: the first stream; after `freeze`. `onProgress` is called at most every 200 ms. */
  blindList(session: string, onProgress?: (progress: Progress) => void): Promise<void>;

  /** `count` elements of the own first stream, strictly increasing over all of it. */
  readFirstStream(session: string, start: number, count: number): Promise<Uint8Array>;

  /** Fixes the hash of all consents; needed before anything of others is evaluated. Once (`session.state`). */
  freeze(session: string, terms: FreezeSession): Promise<void>;

  /** Sealed, a hop: k times somebody else's elements. Positions of a list in order, each once (`chain.position`). */
  evaluate(session: string, list: number, start: number, elements: Uint8Array): Promise<Uint8Array>;

  /**
   * Direct: multiplies the peer's first stream by k, in order, and keeps the tags where this party receives.
   * `chain.position`, `chain.count`, `chain.sorted`; `session.state` where something else is due back.
   */
  evaluatePeer(session: string, start: number, elements: Uint8Array, give: GiveBack): Promise<Uint8Array>;

  /** Direct, receiver: what the peer returned for the own list, in the order of the first stream. */
  absorbReturned(session: string, start: number, units: Uint8Array): Promise<void>;

  /** Sealed, owner: takes the blinding off the elements that came back and keeps their tags. */
  finishChain(session: string, start: number, elements: Uint8Array): Promise<void>;

  /**
   * Verified: folds the own list before and after all hops (64 bytes), once its last element has come back
   * (`chain.incomplete`), once (`session.state`), with private weights that never leave.
   */
  foldOwn(session: string): Promise<Uint8Array>;

  /**
   * Verified: k times an element and the proof (96 bytes), for a list that has passed whole (`chain.incomplete`), once
   * a list (`chain.position`), and in the direct form for a peer that receives.
   */
  prove(session: string, list: number, element: Uint8Array, statement: Uint8Array): Promise<Uint8Array>;

  /** Sealed, owner: sorts the tags; two equal ones are `chain.sorted`. Gives the sentinels', increasing, joined. */
  sortTags(session: string): Promise<Uint8Array>;
  readSortedTags(session: string, start: number, count: number): Promise<Uint8Array>;
  /** Sealed: of sorted tags, the number of their label's group, a byte each; `sentinelLabel` for sentinels. */
  readLabels(session: string, start: number, count: number): Promise<Uint8Array>;

  /** Sealed, receiver of matches: what the collector says of sorted tags, in order. `wire.message`. */
  absorbMarks(session: string, start: number, marks: Uint8Array): Promise<void>;

  /** Receiver: after the last unit (`chain.incomplete`), the own records that match. */
  match(session: string): Promise<MatchOutcome>;

  /** Numbers of a sealed result. */
  resultCounts(sealedResult: Uint8Array): Promise<{ readonly identifiers: number; readonly records: number }>;

  /** Writes the own matching records with the identifiers that matched to a new file of mode 0600, as JSON lines; `handling` stands in every line; `only`: those that a correction means. */
  exportResult(
    sealedResult: Uint8Array,
    chunks: SealedSource,
    outPath: string,
    handling: HandlingMarks | null,
    only?: Correction | null,
  ): Promise<void>;

  /**
   * A person's data against all held results, each read to its end whatever is found. `list.format`, `list.empty`,
   * `file.*`; `store.corrupt`.
   */
  checkEnquiry(
    source: EnquirySource,
    held: Iterable<HeldResult & { readonly chunks: SealedSource }>,
  ): Promise<CheckedEnquiry>;

  /** Sessions that a finding names. */
  foundSessions(finding: Uint8Array): Promise<readonly string[]>;

  /** Tags for one partner of a session that a finding names; null: its list is known not to have the record. */
  correctionTags(
    finding: Uint8Array,
    sealedResult: Uint8Array,
    terms: CorrectionTerms,
  ): Promise<readonly string[] | null>;

  /** How many own records of a result a partner's correction means. */
  meantRecords(sealedResult: Uint8Array, correction: Correction): Promise<number>;

  /** Forgets a session: scalars, identifiers, streams and tags are zeroed. Unknown sessions are forgotten already. */
  endSession(session: string): Promise<void>;

  engine(): Promise<EngineReport>;
  stats(): Promise<ComputeStats>;

  /** Ends every session, zeroes the data key and stops the worker. */
  close(): Promise<void>;
}
