/**
 * Verification of evidence: from public keys and what was signed, alone.
 *
 * Purpose: what a party's own node checked during a session, checked again long after by anybody: no peer, no network,
 * no clock, no secret.
 * Assumes: whoever calls vouches for the pins it gives. Does not know: streams, lists, files.
 */
import { encodeHex } from '../bytes/index.ts';
import { agreementIdText } from '../agreement/ephemeral.ts';
import { stationsOf } from '../chain/consents.ts';
import { verifyValue } from '../wire/canonical.ts';
import { Book, deny } from './book.ts';
import type { EvidenceReport } from './checks.ts';
import { evidenceDomain, type Evidence } from './format.ts';
import { checkAgreement, checkOpening, checkSignatures, type Frozen, type Terms } from './opening.ts';
import { checkComplete, checkResult } from './result.ts';
import { checkProofs, checkStreams, checkTranscript } from './streams.ts';

export interface VerifyOptions {
  /** The session that the evidence must be of. */
  readonly session?: string;
  /** Fingerprints by station id that the caller vouches for. */
  readonly pins?: ReadonlyMap<string, string>;
}

/** Every check that can be made; never throws for what a file says. */
export function verifyEvidence(evidence: Evidence, options: VerifyOptions = {}): EvidenceReport {
  const { pins = new Map<string, string>() } = options;
  const book = new Book(evidence.messages);
  const terms = checkAgreement(book, evidence, pins);
  let frozen: Frozen | undefined;
  let transcript: Uint8Array | undefined;
  if (terms !== undefined) {
    checkFile(book, evidence, terms, options.session);
    checkSignatures(book, evidence, terms);
    frozen = checkOpening(book, terms);
    if (frozen !== undefined) {
      checkStreams(book, frozen);
      checkProofs(book, frozen);
      transcript = checkTranscript(book, frozen);
      if (transcript !== undefined) checkResult(book, evidence, frozen, transcript);
    }
    checkComplete(book, evidence, terms.agreement);
  }
  const checks = book
    .report()
    .map((check) =>
      check.result === 'not-checked' && check.why === null
        ? { ...check, why: 'the session did not come so far' }
        : check,
    );
  const agreement = terms?.agreement;
  const proves = agreement?.verified === true && evidence.ended === 'done';
  return {
    session: evidence.session,
    holder: evidence.holder,
    ended: evidence.ended,
    form: agreement?.form ?? null,
    salts: evidence.salts,
    verdict: book.failed ? 'failed' : proves ? 'verified' : 'unverified',
    agreementId: agreement ? agreementIdText(agreement) : null,
    proposalHash: terms ? encodeHex(terms.proposalHash) : null,
    consentsHash: frozen ? encodeHex(frozen.consentsHash) : null,
    transcript: transcript ? encodeHex(transcript) : null,
    stations: (agreement ? stationsOf(agreement) : []).map(({ id, fingerprint }) => {
      const pin = pins.get(id);
      return { id, fingerprint, pinned: pin === undefined ? null : pin === fingerprint };
    }),
    checks,
  };
}

function checkFile(book: Book, evidence: Evidence, { agreement }: Terms, session: string | undefined): void {
  book.check('file', undefined, () => {
    const holder = agreement.parties.find(({ id }) => id === evidence.holder);
    if (holder === undefined) return deny('evidence.holder: is no party');
    const { signature, ...body } = evidence;
    verifyValue(evidenceDomain, body, signature, holder.publicKey);
  });
  book.check('file', undefined, () => {
    if (session !== undefined && session !== evidence.session)
      deny('evidence.session: not the one asked for');
  });
}
