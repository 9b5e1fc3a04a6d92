/**
 * The words that entries of the audit log are made of.
 *
 * Purpose: small, closed fields. Nothing here can hold a name, an identifier, a case reference or an exact number of
 * matches: people stand behind salted commitments, numbers behind bands.
 * Assumes: station ids are public among those who read a log. Does not know: which type has which field.
 */
import { z } from 'zod';
import { stationId } from '../agreement/ephemeral.ts';
import { hex32, slug, whole } from '../agreement/standing.ts';

export { hex32, slug, stationId, whole };
export const hex16 = z.string().regex(/^[0-9a-f]{32}$/);
export const hex64 = z.string().regex(/^[0-9a-f]{128}$/);
export const instant = whole(0, Number.MAX_SAFE_INTEGER);
export const stations = z.array(stationId).max(64);
/** A coded reason, as a refusal carries it, or an error's code. */
export const code = z.string().regex(/^[a-z][a-z0-9.-]{0,63}$/);
/** Where in an agreement, in rules or in a request: `outputs.1.receivers`. */
export const path = z.string().regex(/^[A-Za-z][A-Za-z0-9.-]{0,127}$/);
export const fingerprint = z.string().regex(/^sha256:[A-Za-z0-9_-]{43}$/);
/** How often, where the same thing was counted together. */
export const count = whole(1, 1_000_000_000);

const bandNames = ['under-10', 'under-100', 'under-1000', 'under-10000', 'under-100000', 'more'] as const;
export const band = z.enum(bandNames);
export type Band = z.infer<typeof band>;

/** A number as a band: no small number, zero included, can be read from it. */
export function bandOf(n: number): Band {
  const digits = Math.max(1, String(Math.floor(n)).length);
  return bandNames[Math.min(digits, bandNames.length) - 1] as Band;
}
