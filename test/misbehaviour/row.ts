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

/** What the honest stations' error says of the culprit: checked by the runner against the text at who found it. */
export type Named =
  /** The id of who deviated. */
  | 'the sender'
  /** A stream, `kind/list/hop`, and so who sent it. */
  | 'the stream'
  /** A list and a hop of it, by number: who was to prove. */
  | 'the proof'
  /** A list, and no hop of it. */
  | 'the list'
  /** Nobody: the text names a message and a field, or nothing at all. */
  | 'nobody';

export type Outcome =
  /** The session ends for every honest party with one code, and nobody has an answer. */
  | {
      readonly kind: 'ends';
      readonly code: ErrorCode;
      /** The check that refuses, in words. */
      readonly check: string;
      /** Who finds it: one of these is the first to say so. */
      readonly at: readonly string[];
      readonly named: Named;
      /** Deviating parties whose own node keeps an answer all the same. */
      readonly keeps?: readonly string[];
      /** Where an answer got away although the session ends: a heading of docs/threat-model.md. */
      readonly section?: string;
      /** The proposer hears it as it dials: no session begins anywhere. */
      readonly atOnce?: boolean;
    }
  /** Nothing is gained: the session ends well, with the right answer. */
  | { readonly kind: 'harmless'; readonly check: string }
  /** Nothing detects it, and the answer is wrong; `section` is a heading, or the words in bold, of docs/threat-model.md. */
  | { readonly kind: 'undetected'; readonly section: string; readonly shown: string };

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
  /** Messages of honest stations that the network holds back until the session is over, so that the row has one outcome. */
  readonly slow?: readonly string[];
  /** What else must be true afterwards. Throws where it is not. */
  readonly also?: (play: Play) => void | Promise<void>;
}
