/**
 * How a result is handled and how long it is kept, as the control API shows it.
 *
 * Purpose: marks and retention of a session. Does not know: where they come from.
 */
import type { papTerms, tlpTerms } from '@tallystick/protocol/agreement';

/** TLP 2.0 and PAP of an output, as the standing agreement has them. */
export interface HandlingMarks {
  readonly tlp: (typeof tlpTerms)[number];
  readonly pap: (typeof papTerms)[number];
}

/** How long what came out is kept. */
export interface SessionRetention {
  readonly days: number;
  /** Null until the session is over. */
  readonly dueAtMs: number | null;
  /** When result and evidence were deleted. */
  readonly deletedAtMs: number | null;
}
