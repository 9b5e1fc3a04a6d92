/**
 * Checks of how a session opened: agreement, consents, channels, freeze.
 *
 * Purpose: from the proposal alone to the hash of all consents, as every station computed it.
 * Does not know: streams, results.
 */
import { parseAgreement, type Agreement } from '../agreement/ephemeral.ts';
import { encodeHex } from '../bytes/index.ts';
import {
  checkConsent,
  checkConsentsTogether,
  checkProposal,
  hashConsents,
  hashProposal,
  stationsOf,
} from '../chain/consents.ts';
import { shapesOf } from '../chain/labels.ts';
import type { ListShape } from '../privacy/cells.ts';
import { verifyMessage, type MessageOf, type SignedMessage } from '../wire/messages.ts';
import { defaultLimits } from '../wire/limits.ts';
import { deny, senderOf, type Book } from './book.ts';
import type { Evidence } from './format.ts';

/** What everything else is checked against. */
export interface Terms {
  readonly agreement: Agreement;
  readonly proposalHash: Uint8Array;
}

/** All consents are here. */
export interface Frozen extends Terms {
  readonly consents: ReadonlyMap<string, MessageOf<'consent'>>;
  readonly consentsHash: Uint8Array;
  /** Announced sizes, by party, with those under each label. */
  readonly lists: readonly ListShape[];
  /** Units of each list's streams. */
  readonly totals: readonly number[];
}

/** The agreement, where there is one to check against; `pins`: fingerprints by id that the caller vouches for. */
export function checkAgreement(
  book: Book,
  evidence: Evidence,
  pins: ReadonlyMap<string, string>,
): Terms | undefined {
  const [entry] = book.of('proposal');
  if (entry === undefined) {
    book.fail('agreement', undefined, 'messages: no proposal');
    return undefined;
  }
  const { message } = entry;
  let agreement: Agreement | undefined;
  book.check('agreement', entry, () => {
    agreement = parseAgreement(message.agreement);
    // By its own time: whether it has expired since does not matter.
    checkProposal(message.proposer, message, evidence.holder, message.proposedAtMs);
  });
  if (agreement === undefined) return undefined;
  for (const { id, fingerprint } of stationsOf(agreement)) {
    book.check('agreement', entry, () => {
      const pin = pins.get(id);
      if (pin !== undefined && pin !== fingerprint)
        deny(`proposal.agreement: ${id} has another key than the pinned one`);
    });
  }
  return { agreement, proposalHash: hashProposal(message) };
}

/** Every message: of this session, by a station of it, signed by the key that the agreement names. */
export function checkSignatures(book: Book, evidence: Evidence, { agreement }: Terms): void {
  const stations = new Map(stationsOf(agreement).map((station) => [station.id, station]));
  for (const entry of book.entries) {
    const message = entry.message as SignedMessage;
    book.check('signatures', entry, () => {
      const sender = stations.get(senderOf(message));
      if (sender === undefined) return deny(`${message.type}.from: takes no part in this session`);
      verifyMessage(message, sender.publicKey);
    });
    book.check('signatures', entry, () => {
      if (message.session !== evidence.session) deny(`${message.type}.session: of another session`);
    });
  }
}

/** Consents, channels and freezes; undefined where not every consent is here. */
export function checkOpening(book: Book, { agreement, proposalHash }: Terms): Frozen | undefined {
  const entries = book.bySender('consent');
  for (const entry of book.of('consent')) {
    book.check('consents', entry, () =>
      checkConsent(entry.message, agreement, proposalHash, defaultLimits.maxIdentifiers),
    );
  }
  const stations = stationsOf(agreement);
  if (stations.some(({ id }) => !entries.has(id))) {
    for (const name of ['consents', 'channels', 'freeze'] as const)
      book.skip(name, 'not every consent is here');
    return undefined;
  }
  const consents = new Map([...entries].map(([id, { message }]) => [id, message]));
  book.check('channels', undefined, () => checkConsentsTogether(consents));
  const consentsHash = hashConsents(consents, agreement, proposalHash);
  for (const entry of book.of('freeze')) {
    book.check('freeze', entry, () => {
      if (entry.message.consentsHash !== encodeHex(consentsHash))
        deny('freeze.consentsHash: of other consents');
    });
  }
  book.skip('freeze', 'nobody froze');
  let lists = agreement.parties.map(({ id }): ListShape => ({ size: consents.get(id)?.identifiers ?? 0 }));
  const totals = lists.map(({ size }) => size + agreement.sentinels);
  book.check('consents', undefined, () => {
    lists = [...shapesOf(agreement, consents)];
  });
  return { agreement, proposalHash, consents, consentsHash, lists, totals };
}
