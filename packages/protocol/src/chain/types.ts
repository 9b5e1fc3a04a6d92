/**
 * What goes into a station's state machine and what comes out.
 *
 * Purpose: the vocabulary between the sans-IO machines of this folder and the driver that owns channels, clock
 * and vault.
 * Assumes: a driver answers every job exactly once, and sends in the order of `poll`.
 * Does not know: how any of it is done.
 */
import type { TallyError } from '../errors/index.ts';
import type { Approval } from '../policy/request.ts';
import type { StatementRow } from '../privacy/compare.ts';
import type { RandomBytes } from '../suite/scalar.ts';
import type { Sign } from '../wire/canonical.ts';
import type { LabelGroup } from '../privacy/cells.ts';
import type { StreamKind } from '../wire/frames.ts';
import type { Limits } from '../wire/limits.ts';
import type { ChannelBinding, MessageOf, ReleasedCell, ReleasedCounts, ShownLog } from '../wire/messages.ts';

/** Work on the own list or with the own scalar: done by the vault, never by the machine. Positions are elements. */
export type Job =
  /** Blind and sort the own list with its sentinels, and take the tag parameters. Answer: nothing. */
  | {
      readonly op: 'begin';
      readonly tagContext: Uint8Array;
      readonly tagBytes: number;
      readonly sentinels: number;
    }
  /** Elements of the own first stream. Answer: count·32 bytes. */
  | { readonly op: 'readFirstStream'; readonly start: number; readonly count: number }
  /** Sealed hop: multiply by k. Answer: as many elements. */
  | { readonly op: 'evaluate'; readonly list: number; readonly start: number; readonly elements: Uint8Array }
  /** Direct: multiply the peer's elements by k, keep the tags where we receive. Answer: what `give` asks for. */
  | {
      readonly op: 'evaluatePeer';
      readonly start: number;
      readonly elements: Uint8Array;
      readonly give: 'elements' | 'tags' | 'nothing';
    }
  /** Direct receiver: the own list as it was returned, in the order sent: elements (verified) or tags. Answer: nothing. */
  | { readonly op: 'absorbReturned'; readonly start: number; readonly units: Uint8Array }
  /** Sealed owner: multiply by k·r^-1 and keep the tags. Answer: nothing. */
  | { readonly op: 'finishChain'; readonly start: number; readonly elements: Uint8Array }
  /**
   * Verified: fold the own list before and after all hops, with fresh weights that never leave the vault. Answer: first
   * and last, 32 bytes each, joined.
   */
  | { readonly op: 'foldOwn' }
  /** Verified: multiply by k and prove it, once a list. Answer: product (32 bytes) and proof (64), joined. */
  | {
      readonly op: 'prove';
      readonly list: number;
      readonly element: Uint8Array;
      readonly statement: Uint8Array;
    }
  /** Sealed owner: sort the tags. Answer: the tags of the sentinels, increasing, joined. */
  | { readonly op: 'sortTags' }
  /** Sorted tags. Answer: count·tagBytes bytes. */
  | { readonly op: 'readSortedTags'; readonly start: number; readonly count: number }
  /** Labels of sorted tags: a group's number, or `sentinelLabel`. Answer: count bytes. */
  | { readonly op: 'readLabels'; readonly start: number; readonly count: number }
  /** Sealed receiver: what the collector says of each sorted tag. Answer: nothing. */
  | { readonly op: 'absorbMarks'; readonly start: number; readonly marks: Uint8Array }
  /** Receiver: compare, or read the marks. Answer: a `MatchSummary`. */
  | { readonly op: 'match' };

/** How much of the own list matched; the records themselves stay in the vault. */
export interface MatchSummary {
  readonly identifiers: number;
  readonly records: number;
}

/** The answer of a job: bytes, a summary, or nothing. */
export type JobResult = Uint8Array | MatchSummary | undefined;

export type Phase = MessageOf<'alive'>['phase'];

/** How far one stream is, in elements; `direction` as seen from here. */
export interface StreamProgress {
  readonly direction: 'in' | 'out';
  readonly kind: StreamKind;
  readonly list: number;
  readonly hop: number;
  readonly done: number;
  readonly total: number;
}

export type Outcome =
  /** The own summary where this party receives; null where it only answered. */
  | { readonly kind: 'matches'; readonly summary: MatchSummary | null; readonly verified: boolean }
  /** `exactly[m − 1]`: identifiers on exactly the lists whose bits are set in m. */
  | {
      readonly kind: 'counts';
      readonly exactly: readonly number[];
      readonly cells?: LabelledCells;
      readonly verified: boolean;
    }
  /** Counts some of which are withheld, or all of which are noised. */
  | {
      readonly kind: 'release';
      readonly release: ReleasedCounts;
      readonly cells?: LabelledCells;
      readonly verified: boolean;
    }
  /** The same question on the same lists was answered in this session: that answer stands, nothing ran. */
  | { readonly kind: 'stored'; readonly session: string };

/** Where lists have labels: every cell of the session's cell space, in its order (privacy/cells.ts). */
export type LabelledCells = readonly ReleasedCell[];

export type ChainOutput =
  | { readonly type: 'send'; readonly to: string; readonly bytes: Uint8Array }
  | { readonly type: 'job'; readonly id: number; readonly job: Job }
  /** A proposal arrived and its form is right: decide, then call `consent` or `refuse`. */
  | { readonly type: 'offer'; readonly proposal: MessageOf<'proposal'>; readonly proposalHash: Uint8Array }
  /** Every consent is in and equal everywhere: list sizes are known. */
  | {
      readonly type: 'frozen';
      readonly sizes: readonly number[];
      /** By party: how many under each label; null for a list without labels. */
      readonly labels: readonly (readonly LabelGroup[] | null)[];
    }
  | { readonly type: 'progress'; readonly progress: StreamProgress }
  | { readonly type: 'finished'; readonly outcome: Outcome; readonly transcript: Uint8Array }
  | { readonly type: 'aborted'; readonly error: TallyError; readonly by: string };

/** What a party brings to its consent; a collector brings channels only. */
export interface ConsentFacts {
  readonly identifiers: number;
  readonly keyCommitment: Uint8Array | null;
  readonly possession: Uint8Array | null;
  /** Null or absent for a list without labels. */
  readonly labels?: readonly LabelGroup[] | null;
  /** Hex, 32 bytes: the version of the own list, as this series of sessions knows it. */
  readonly listVersion: string | null;
  /** What we have charged. */
  readonly ledger: readonly StatementRow[];
  readonly channels: readonly ChannelBinding[];
  /** Under a standing agreement: what our own people approved. */
  readonly approvals?: readonly Approval[];
  /** Absent or null: this station keeps no audit log. */
  readonly log?: ShownLog | null;
}

/** A running SHA-256: the machine hashes whole streams, so a driver may give its machine's own implementation. */
export interface RunningHash {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

/** A station's privacy ledger, as a session needs it. What it writes is durable when it returns. */
export interface StationLedger {
  /** Compares what a partner's consent states. Throws `privacy.ledger`. */
  compare(proposal: MessageOf<'proposal'>, consent: MessageOf<'consent'>): void;
  /**
   * All consents are in: charges the session before its freeze is signed. Gives the session whose stored answer is this
   * one's, where there is one; nothing is charged then. Throws `privacy.ledger`, `privacy.budget`.
   */
  charge(
    proposal: MessageOf<'proposal'>,
    consents: ReadonlyMap<string, MessageOf<'consent'>>,
  ): string | undefined;
}

export interface StationOptions {
  /** Our own node id. */
  readonly id: string;
  readonly sign: Sign;
  readonly random: RandomBytes;
  readonly limits: Limits;
  readonly nowMs: number;
  readonly sha256?: () => RunningHash;
  /**
   * All consents are in, nothing derived from a list has left: coded reasons not to start; none: it starts. Absent:
   * nobody is asked, as for a collector without a standing agreement, and in tests of the chain alone.
   */
  readonly deniesStart?: (
    proposal: MessageOf<'proposal'>,
    consents: ReadonlyMap<string, MessageOf<'consent'>>,
  ) => readonly string[];
  /** A collector: its numbers, or marks, are about to leave. What it throws ends the session. */
  readonly onRelease?: (proposal: MessageOf<'proposal'>, transcript: Uint8Array) => void;
  /** Absent: nothing is charged; for tests of the chain alone. */
  readonly ledger?: StationLedger;
}
