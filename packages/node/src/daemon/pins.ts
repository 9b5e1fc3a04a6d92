/**
 * Whom this node knows by which key.
 *
 * Purpose: the operator's pins, and the oversight bodies of the agreements that the node holds. Everybody signed an
 * agreement, this node's own key among them, and it names each body's key: that is a pin already, and a better one than
 * a second reading of a fingerprint.
 * Assumes: agreements were checked as they were installed. Does not know: what is said to whom. Parties and collectors
 * stay the operator's to pin: with them lists are compared.
 */
import { type HeldAgreement, stationsUnder } from '@tallystick/host/agreements';
import { type Fingerprint, fingerprintOfPublicKey } from '@tallystick/host/identity';
import { parseHex } from '@tallystick/protocol/bytes';
import { currentKey, type PolicyState } from '@tallystick/protocol/policy';

/** An oversight body, and the name of the agreement that it follows from. */
export interface BodyPin {
  readonly id: string;
  readonly fingerprint: Fingerprint;
  readonly agreement: string;
}

/**
 * Each body by the key that it signs with now. A body that two agreements name with different keys is left out: then
 * somebody has to say which it is.
 * @param keys that replace those of an agreement, as membership messages have them
 */
export function bodyPins(
  held: readonly HeldAgreement[],
  keys: (agreement: string) => PolicyState['membership']['keys'],
): readonly BodyPin[] {
  const all = held.flatMap(({ id: agreementId, signed: { agreement } }) =>
    stationsUnder(agreement)
      .filter(({ kind }) => kind === 'oversight')
      .map(({ id, publicKey }) => {
        const key = currentKey(keys(agreementId), id, null, publicKey);
        return { id, fingerprint: fingerprintOfPublicKey(parseHex(key)), agreement: agreement.name };
      }),
  );
  return all.filter(
    (one, i) =>
      all.findIndex(({ id }) => id === one.id) === i &&
      all.every(({ id, fingerprint }) => id !== one.id || fingerprint === one.fingerprint),
  );
}

/** An operator's own pin goes before what follows from an agreement. */
export function pinsOf(
  own: ReadonlyMap<string, Fingerprint>,
  bodies: readonly BodyPin[],
): ReadonlyMap<string, Fingerprint> {
  return new Map([...bodies.map(({ id, fingerprint }) => [id, fingerprint] as const), ...own]);
}
