/**
 * A row of the misbehaviour matrix: who does what to which message, and what comes of it.
 *
 * Purpose: rows are data: the runner (run.ts) plays each on the real stack, the generator (scripts/misbehaviour.ts)
 * makes docs/misbehaviour.md of them. Does not know: how a row is played.
 */
import type { ErrorCode } from '@tallystick/protocol/errors';
import type { Play } from './play.ts';

/** Who deviates: the proposer, the owner of a list, a hop of somebody else's, the collector, … */
export type Role = 'proposer' | 'party' | 'owner' | 'hop' | 'peer' | 'collector' | 'coalition';

/** Whom the error names, at every honest station that found it: the runner reads it off the text (`chain/blame.ts`). */
export type Named =
  /** Whoever deviated, and nobody else. */
  | 'who did it'
  /** Both ends of a stream or a channel, or the other one alone where the finder is one: who did it is among them. */
  | 'both ends, or the other'
  /** All hops of a list: who did it is among them. */
  | 'the hops of the list'
  /** The two whose words differ, of several that must be equal; who did it is among them. */
  | 'the two that differ'
  /** Nobody, for a reason. */
  | Unnamed;

/** Why the finder cannot know who did it. */
export type Unnamed =
  | 'nobody: who waits cannot tell for whom the others wait'
  | 'nobody: who says so may repeat what a third told it alone'
  | 'nobody: either collector, or a party that told them different things'
  | 'nobody: a refusal has reasons, and accuses nobody'
  | 'nobody: in the light form any hop, or we ourselves'
  | 'nobody: whoever ends a session may do so';

export type Outcome =
  /** The session ends for every honest party with one code, and nobody has an answer. */
  | {
      readonly kind: 'ends';
      readonly code: ErrorCode;
      /** The check that refuses, in words. */
      readonly check: string;
      /** Who may find it: whoever does is one of these, and names whom `named` says. */
      readonly at: readonly string[];
      readonly named: Named;
      /** Deviating parties whose own node keeps an answer all the same. */
      readonly keeps?: readonly string[];
      /** Where an answer got away although the session ends: a heading of docs/threat-model.md. */
      readonly section?: string;
      /** The proposer hears it as it dials: no session begins anywhere. */
      readonly atOnce?: boolean;
      /** What a collector may find before it hears of it, for itself. */
      readonly collectorFinds?: ErrorCode;
    }
  /** Nothing is gained: the session ends well, with the right answer. */
  | { readonly kind: 'harmless'; readonly check: string }
  /** Nothing detects it, and the answer is wrong; `section` is a heading, or the words in bold, of docs/threat-model.md. */
  | { readonly kind: 'undetected'; readonly section: string; readonly shown: string };

/** A deviation that there is not at a place. */
export interface Absent {
  readonly role: Role;
  readonly setting: string;
  readonly message: string;
  readonly by: readonly string[];
  readonly deed: string;
  readonly why: string;
}

export interface Row {
  /** Unique, short: the name of its test. */
  readonly id: string;
  readonly role: Role;
  /** Which session: a name of `settings` in stage.ts. */
  readonly setting: string;
  /** A message of docs/protocol.md, a chunk of a stream, or what else is touched. */
  readonly message: string;
  readonly deed: string;
  /** Stations that deviate. */
  readonly by: readonly string[];
  readonly deviate: (play: Play) => void;
  readonly outcome: Outcome;
  /** `deadline`: once the deed is done, time passes until the session is over. `late`: two heartbeats, then what was held goes out. `tick`: the collector waits for a second of its clock. */
  readonly time?: 'deadline' | 'late' | 'tick';
  /** An honest session comes before: what it was, for the deed to use. */
  readonly before?: (earlier: Play) => void;
  /** When the deed is done, where that is later than its first part. */
  readonly until?: (play: Play) => boolean;
  /** Messages of honest stations that the network holds back until the session is over, so that the row has one outcome. */
  readonly slow?: readonly string[];
  /** What else must be true afterwards. Throws where it is not. */
  readonly also?: (play: Play) => void | Promise<void>;
}
