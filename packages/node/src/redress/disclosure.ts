/**
 * Whether the agreements that a node holds let an answer say that something was held, or that nothing was.
 *
 * Purpose: the clause `redress.disclosure`, asked of every agreement that has a say. Pure.
 * Assumes: every agreement was checked as it was installed. Does not know: what an enquiry found. Which agreements have
 * a say must not depend on it, or a refusal to disclose would tell.
 */
import type { HeldAgreement } from '@tallystick/host/agreements';
import { instantMs } from '@tallystick/protocol/agreement';

/**
 * The name of the first agreement that says "never", or what cannot be asked; undefined: all allow it. Asked are those
 * in force, and those of the results that the enquiry was compared with.
 * @param under ids of the latter
 */
export function forbidsDisclosure(
  held: readonly HeldAgreement[],
  under: readonly string[],
  nowMs: number,
): string | undefined {
  if (under.some((id) => !held.some((one) => one.id === id))) return 'an agreement that is not held any more';
  return held
    .filter((one) => under.includes(one.id) || isInForce(one, held, nowMs))
    .find(({ signed }) => signed.agreement.redress.disclosure === 'never')?.signed.agreement.name;
}

/** Not over, and not replaced by a later version; one that begins later may replace another, and has a say too. */
function isInForce(one: HeldAgreement, held: readonly HeldAgreement[], nowMs: number): boolean {
  const { name, version, notAfter } = one.signed.agreement;
  const isReplaced = held.some(
    ({ signed: { agreement: other } }) =>
      other.name === name && other.version > version && msOf(other.notBefore) <= nowMs,
  );
  return msOf(notAfter) > nowMs && !isReplaced;
}

const msOf = (instant: string): number => instantMs(instant) ?? Number.POSITIVE_INFINITY;
