/**
 * Redress over the control API: parameters and results.
 *
 * Purpose: the contract of `tallystick redress`. What is shown of an enquiry is the same whether or not it found
 * anything, but for `disclosed`. Does not know: persons' data, which never come this way but in `redress.open`.
 */
import { isAbsolute } from 'node:path';
import { z } from 'zod';

/** What an enquiry can be answered with; `acknowledged` is not yet a decision. */
export const redressOutcomes = ['acknowledged', 'corrected', 'erased', 'rejected', 'inadmissible'] as const;
export type RedressOutcome = (typeof redressOutcomes)[number];

const path = z.string().min(1).max(4096).refine(isAbsolute, 'want an absolute path');
const id = z.string().regex(/^[0-9a-f]{32}$/);

export const redressParams = {
  'redress.open': z.union([
    z.strictObject({ path }),
    z.strictObject({ text: z.string().min(1).max(65_536) }),
  ]),
  'redress.answer': z.strictObject({
    ticket: id,
    outcome: z.enum(redressOutcomes),
    /** Who decides to disclose whether something was held; null: it is not disclosed. */
    discloseBy: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,63}$/)
      .nullable(),
  }),
  'redress.list': z.strictObject({}),
  /** Own records that a partner's correction means, as a file of mode 0600. */
  'redress.export': z.strictObject({ correction: id, out: path }),
} as const;

export interface EnquiryState {
  /** Random, hex, 16 bytes. */
  readonly ticket: string;
  /** Salted commitment to the person's identifiers, hex. */
  readonly subject: string;
  readonly openedAtMs: number;
  readonly acknowledgeByMs: number;
  readonly decideByMs: number;
  readonly acknowledgedAtMs: number | null;
  readonly decided: {
    readonly outcome: RedressOutcome;
    readonly atMs: number;
    /** Whether something was held, where an officer decided to say so. */
    readonly disclosed: { readonly held: boolean; readonly by: string } | null;
  } | null;
  /** Which due date has passed without its answer. */
  readonly overdue: 'acknowledge' | 'decide' | null;
}

export interface ReceivedCorrection {
  readonly correction: string;
  readonly from: string;
  readonly session: string;
  readonly action: 'corrected' | 'erased';
  readonly receivedAtMs: number;
  /** Own records of the result that it means; null: it names the session alone, or the result is not held any more. */
  readonly records: number | null;
}

export interface RedressResults {
  /** `receipt` opens `subject`: for the person, kept nowhere here. */
  'redress.open': EnquiryState & { readonly receipt: string };
  'redress.answer': EnquiryState;
  'redress.list': {
    readonly enquiries: readonly EnquiryState[];
    readonly corrections: readonly ReceivedCorrection[];
  };
  'redress.export': { readonly records: number };
}
