/**
 * The standing agreements that a station holds, whatever the station is.
 *
 * Purpose: take only an agreement that everybody signed, that names this station with its key and that has not ended;
 * log it; keep it sealed; give it back as it was signed.
 * Assumes: one process owns the store. Does not know: membership messages, what is decided by an agreement.
 */
import {
  checkSignedShape,
  instantMs,
  problemsText,
  readStrictJson,
  type SignedAgreement,
  type StandingAgreement,
  standingId,
  verifySigned,
} from '@tallystick/protocol/agreement';
import { encodeHex, parseHex } from '@tallystick/protocol/bytes';
import { asTallyError, TallyError } from '@tallystick/protocol/errors';
import { canonicalBytes } from '@tallystick/protocol/wire';
import type { AuditLog } from '../audit/index.ts';
import { type Fingerprint, fingerprintOfPublicKey, type Identity } from '../identity/index.ts';
import type { Sealer } from '../seal/index.ts';
import type { Store } from '../store/index.ts';

export interface HeldAgreement {
  /** SHA-256 of the canonical form, as hex. */
  readonly id: string;
  readonly signed: SignedAgreement;
}

/** Every method is durable when it returns. Errors: `store.write`, `store.corrupt`. */
export interface AgreementShelf {
  /**
   * Takes a value, or the text of a file, in which no key stands twice and which is the canonical form.
   * One that has not begun yet is taken; installing one twice is no error. A new one is in the audit log, with who
   * signed it, before it is kept.
   * @throws TallyError `agreement.invalid`: shape, contradictions, signatures; it has ended; this station is not named
   * with its key; another agreement claims to be this version: an attempt in the log, too. `log.*`.
   */
  install(value: unknown, nowMs: number): HeldAgreement;
  get(id: string): HeldAgreement | undefined;
  /** By name, then version. */
  list(): readonly HeldAgreement[];
  /** Those of one name, as a decision asks for them. */
  versions(name: string): { id: string; version: number; notBeforeMs: number }[];
}

interface Named {
  readonly id: string;
  readonly kind: 'party' | 'collector' | 'oversight';
  readonly publicKey: string;
  readonly fingerprint: Fingerprint;
}

/** Every station that an agreement names, with the fingerprint by which it is pinned. */
export function stationsUnder({ parties, collectors, oversight }: StandingAgreement): readonly Named[] {
  const of = (kind: Named['kind'], { id, publicKey }: { id: string; publicKey: string }): Named => ({
    id,
    kind,
    publicKey,
    fingerprint: fingerprintOfPublicKey(parseHex(publicKey)),
  });
  return [
    ...parties.map((one) => of('party', one)),
    ...(collectors ?? []).map((one) => of('collector', one)),
    ...oversight.map((one) => of('oversight', one)),
  ];
}

const collection = 'agreements';
const contextOf = (id: string): string => `agreement/${id}`;

/** @param sealer opens with the data key of the store. */
export function createAgreementShelf(
  store: Store,
  sealer: Sealer,
  self: Pick<Identity, 'id' | 'publicKey'>,
  audit: Pick<AuditLog, 'append'>,
): AgreementShelf {
  const held = new Map<string, HeldAgreement>();
  for (const { key, value } of store.list(collection)) held.set(key, open(key, value));

  function open(key: string, value: unknown): HeldAgreement {
    const plain = sealer.unseal(Buffer.from((value as { sealed: string }).sealed, 'base64'), contextOf(key));
    const checked = verifySigned(JSON.parse(new TextDecoder().decode(plain)));
    if (checked.value === undefined || standingId(checked.value.agreement) !== key) {
      throw new TallyError('store.corrupt', 'agreement: what is kept is not what was installed');
    }
    return { id: key, signed: checked.value };
  }

  const refuse = (why: string): TallyError => new TallyError('agreement.invalid', `agreement: ${why}`);

  const about = { session: null, request: null };

  function valueOf(text: string): unknown {
    const { value, problems } = readStrictJson(text);
    if (problems.length > 0) throw refuse(problemsText(problems));
    const { value: signed } = checkSignedShape(value);
    if (signed !== undefined) {
      const signatures = signed.signatures.toSorted((a, b) => (a.by < b.by ? -1 : 1));
      const canonical = canonicalBytes({ agreement: signed.agreement, signatures });
      if (text.replace(/\n$/, '') !== new TextDecoder().decode(canonical)) throw refuse('text.not-canonical');
    }
    return value;
  }

  function take(given: unknown, nowMs: number): HeldAgreement {
    const checked = verifySigned(typeof given === 'string' ? valueOf(given) : given);
    if (checked.value === undefined) throw refuse(problemsText(checked.problems));
    const signed = checked.value;
    const { agreement } = signed;
    const place = stationsUnder(agreement).find(({ id }) => id === self.id);
    if (place?.publicKey !== encodeHex(self.publicKey)) {
      throw refuse(`does not name ${self.id} with the key of this station`);
    }
    if (nowMs >= (instantMs(agreement.notAfter) ?? 0)) {
      throw refuse(`notAfter: has ended, ${agreement.notAfter}`);
    }
    const id = standingId(agreement);
    const { name, version } = agreement;
    const other = [...held.values()].find(
      (one) =>
        one.id !== id && one.signed.agreement.name === name && one.signed.agreement.version === version,
    );
    if (other !== undefined) throw refuse(`version: another agreement claims to be version ${version}`);
    const known = held.get(id);
    if (known !== undefined) return known;
    for (const { by } of signed.signatures) {
      audit.append({ ...about, type: 'sign', by, agreement: id });
    }
    const plain = new TextEncoder().encode(JSON.stringify(signed));
    const sealed = Buffer.from(sealer.seal(plain, contextOf(id))).toString('base64');
    store.put(collection, id, { sealed });
    const one = { id, signed };
    held.set(id, one);
    return one;
  }

  return {
    install(value, nowMs) {
      try {
        return take(value, nowMs);
      } catch (thrown) {
        const { code } = asTallyError(thrown);
        if (code === 'agreement.invalid')
          audit.append({
            ...about,
            type: 'attempt',
            by: self.id,
            agreement: null,
            from: null,
            code,
            count: 1,
          });
        throw thrown;
      }
    },
    get: (id) => held.get(id),
    list: () =>
      [...held.values()].sort((a, b) => {
        const [one, two] = [a.signed.agreement, b.signed.agreement];
        return one.name < two.name ? -1 : one.name > two.name ? 1 : one.version - two.version;
      }),
    versions: (name) =>
      [...held.values()].flatMap(({ id, signed: { agreement } }) =>
        agreement.name === name
          ? [{ id, version: agreement.version, notBeforeMs: instantMs(agreement.notBefore) ?? 0 }]
          : [],
      ),
  };
}
