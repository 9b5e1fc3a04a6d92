/**
 * What enquiries and corrections ask of the vault.
 *
 * Purpose: shapes of arguments and answers. Does not know: how they are carried out.
 */
import type { RecipeName, Subject } from '@tallystick/protocol/records';

/** Where the person's data are: a file that the vault reads, or the text itself. */
export type EnquirySource = { readonly path: string } | { readonly text: string };

/** A result that is held, and by what it was compared. */
export interface HeldResult {
  readonly session: string;
  readonly recipes: readonly RecipeName[];
  readonly subject: Subject;
  readonly sealed: Uint8Array;
}

export interface CheckedEnquiry {
  /** Salted commitment to the person's identifiers, hex, 32 bytes. */
  readonly subject: string;
  /** Opens it, hex, 32 bytes: for the person; kept nowhere. */
  readonly salt: string;
  /** Sealed; its length depends on the number of results alone. */
  readonly finding: Uint8Array;
}

export interface CorrectionTerms {
  readonly session: string;
  /** Hex, 32 bytes, drawn for this correction. */
  readonly salt: string;
  readonly partner: string;
  /** The result says on which lists; then only what the partner's list has is told. */
  readonly which: boolean;
}
