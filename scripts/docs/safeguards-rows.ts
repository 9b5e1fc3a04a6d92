/**
 * The safeguards, as data: all that the design asks for, part by part.
 *
 * Purpose: what papers on sharing between agencies ask for, each with the clause of the agreement that says it, the code that
 * enforces it, the test that saw it refuse, and the place where the transparency report tells of it.
 * Assumes: a row that claims what is not there is found by the generator (safeguards.ts). Does not know: how it is found.
 */
import type { Safeguard } from './safeguards-row.ts';
import { agreementSafeguards } from './safeguards-rows-agreement.ts';
import { consentSafeguards } from './safeguards-rows-consent.ts';
import { logSafeguards } from './safeguards-rows-log.ts';
import { numberSafeguards } from './safeguards-rows-numbers.ts';
import { peopleSafeguards } from './safeguards-rows-people.ts';
import { runningSafeguards } from './safeguards-rows-running.ts';
import { whatSafeguards } from './safeguards-rows-what.ts';

export const safeguards: readonly Safeguard[] = [
  ...agreementSafeguards,
  ...whatSafeguards,
  ...peopleSafeguards,
  ...numberSafeguards,
  ...consentSafeguards,
  ...runningSafeguards,
  ...logSafeguards,
];
