/**
 * Consents: what a single one must say, what all of them must agree on, and the hash that freezes them.
 *
 * Purpose: the checks before anything derived from a list leaves a node.
 * Assumes: signatures were verified. Does not know: states, channels' bytes.
 */
import { agreementId, parseAgreement, type Agreement, type Station } from '../agreement/ephemeral.ts';
import { encodeHex, parseHex } from '../bytes/index.ts';
import { codeOfAbort, TallyError } from '../errors/index.ts';
import { requestId } from '../policy/request.ts';
import { isStatement } from '../privacy/compare.ts';
import { elementDst } from '../suite/hash.ts';
import { verifyPossession } from '../suite/possession.ts';
import { canonicalBytes, domainHash } from '../wire/canonical.ts';
import { maxClockSkewMs } from '../wire/limits.ts';
import { verifyMessage, type MessageOf, type SignedType } from '../wire/messages.ts';
import { eitherOf } from './blame.ts';
import { checkConsentLabels } from './labels.ts';
import { checkShownLog } from './shown-log.ts';

type Consent = MessageOf<'consent'>;
export type Consents = ReadonlyMap<string, Consent>;

/** Everybody who takes part: the parties in their order, then who collects. */
export function stationsOf(agreement: Agreement): readonly Station[] {
  return [...agreement.parties, ...agreement.collectors];
}

/** Whether a station collects. */
export function isCollector({ collectors }: Agreement, id: string): boolean {
  return collectors.some((collector) => collector.id === id);
}

/** SHA-256 of a proposal without its signature: what consents and proofs name. */
export function hashProposal(proposal: MessageOf<'proposal'>): Uint8Array {
  const { signature: _, ...body } = proposal;
  return domainHash('proposal', canonicalBytes(body));
}

/**
 * A proposal, from who sent it, before anything of it is believed. Throws `agreement.invalid`, `consent.signature`,
 * `consent.clock`, `consent.expired`.
 */
export function checkProposal(
  from: string,
  proposal: MessageOf<'proposal'>,
  self: string,
  nowMs: number,
): Agreement {
  const agreement = parseAgreement(proposal.agreement);
  const stations = stationsOf(agreement);
  const proposer = stations.find((station) => station.id === proposal.proposer);
  if (proposer === undefined || proposal.proposer !== from) {
    throw new TallyError('consent.signature', 'proposal.proposer: not the sender');
  }
  verifyMessage(proposal, proposer.publicKey);
  checkRequestNamed(proposal);
  if (!stations.some((station) => station.id === self)) {
    throw new TallyError('agreement.invalid', 'agreement.parties: we take no part');
  }
  // A clock that is off would charge another period.
  if (Math.abs(nowMs - proposal.proposedAtMs) > maxClockSkewMs) {
    throw new TallyError('consent.clock', 'proposal.proposedAtMs: too far from our clock');
  }
  if (nowMs >= Math.min(proposal.expiresAtMs, agreement.notAfterMs)) {
    throw new TallyError('consent.expired', 'proposal.expiresAtMs: in the past');
  }
  return agreement;
}

/** Terms under a standing agreement name the request that the proposal carries; others name none. */
function checkRequestNamed({ agreement: { standing }, request }: MessageOf<'proposal'>): void {
  const isNamed =
    request === null
      ? standing === null
      : standing?.agreement === request.agreement && standing.request === requestId(request);
  if (!isNamed)
    throw new TallyError('agreement.invalid', 'agreement.standing: does not name proposal.request');
}

/** A signed message must be signed by the station it came from, in that station's own name. Throws `consent.signature`. */
export function checkSigned(message: MessageOf<SignedType>, sender: Station): void {
  if ('from' in message && message.from !== sender.id) {
    throw new TallyError('consent.signature', `${message.type}.from: not the sender`);
  }
  verifyMessage(message, sender.publicKey);
}

/** What an abort of a station means here: its number, and nothing else, crossed the wire. */
export function abortError(abort: MessageOf<'abort'>): TallyError {
  return new TallyError(
    codeOfAbort(abort.code) ?? 'session.cancelled',
    `it told us code ${abort.code} and nothing else`,
  );
}

/**
 * One consent against the proposal. Throws `consent.mismatch`, `wire.message`, `chain.count`, `consent.possession`,
 * `log.note`.
 */
export function checkConsent(
  consent: Consent,
  agreement: Agreement,
  proposalHash: Uint8Array,
  maxIdentifiers: number,
): void {
  if (consent.proposalHash !== encodeHex(proposalHash)) {
    throw new TallyError('consent.mismatch', 'consent.proposalHash: of another proposal');
  }
  if (isCollector(agreement, consent.from)) {
    const { identifiers, labels, keyCommitment, possession, listVersion } = consent;
    const brings = [labels, keyCommitment, possession, listVersion].some((value) => value !== null);
    if (identifiers !== 0 || brings) {
      throw new TallyError('wire.message', 'consent: a collector brings no list and no key');
    }
  } else {
    checkPartyConsent(consent, agreement, proposalHash, maxIdentifiers);
  }
  if (agreement.standing === null && consent.approvals.length > 0) {
    throw new TallyError('wire.message', 'consent.approvals: want none without a standing agreement');
  }
  if (!isStatement(consent.ledger, agreement.parties.length)) {
    throw new TallyError('wire.message', 'consent.ledger: want rows of all parties, increasing by session');
  }
  const stations = stationsOf(agreement);
  const sender = stations.find(({ id }) => id === consent.from);
  if (sender !== undefined) checkShownLog(consent, agreement, sender);
  const peers = stations.map((station) => station.id).filter((id) => id !== consent.from);
  const bound = consent.channels.map((channel) => channel.peer);
  if (bound.length !== peers.length || peers.some((id) => !bound.includes(id))) {
    throw new TallyError('wire.message', 'consent.channels: want one for each other station');
  }
}

function checkPartyConsent(
  consent: Consent,
  agreement: Agreement,
  proposalHash: Uint8Array,
  maxIdentifiers: number,
): void {
  const { identifiers, keyCommitment, possession, listVersion } = consent;
  if (listVersion === null) {
    throw new TallyError('wire.message', 'consent.listVersion: want one of a party, got none');
  }
  if (identifiers < 1 || identifiers > maxIdentifiers) {
    throw new TallyError(
      'chain.count',
      `consent.identifiers: want 1 to ${maxIdentifiers}, got ${identifiers}`,
    );
  }
  const { padTo } = agreement;
  if (padTo !== null && identifiers % padTo !== 0) {
    throw new TallyError('chain.count', `consent.identifiers: want a multiple of ${padTo}`);
  }
  checkConsentLabels(consent, agreement);
  if (keyCommitment === null || possession === null) {
    throw new TallyError('consent.possession', 'consent.keyCommitment: want one with its proof, got none');
  }
  // Bound to node id, agreement and proposal: K of one party cannot be replayed as another's.
  const statement = { dst: elementDst(agreementId(agreement)), nodeId: consent.from, proposalHash };
  if (!verifyPossession(parseHex(keyCommitment), statement, parseHex(possession))) {
    throw new TallyError('consent.possession', 'consent.possession: does not verify');
  }
}

/**
 * Both ends of every channel must have signed the same exporter and opposite TLS roles (docs/protocol.md, Channel).
 * No two parties may hold one key commitment. Throws `consent.mismatch`, `consent.possession`.
 * @param self where a station checks: its own channels first, for of these it knows who is wrong
 */
export function checkConsentsTogether(consents: Consents, self?: string): void {
  const keys = new Map<string, string>();
  const own = self === undefined ? undefined : consents.get(self);
  for (const consent of own === undefined ? consents.values() : [own, ...consents.values()]) {
    const { from, keyCommitment } = consent;
    for (const { peer, exporterHash, role } of consent.channels) {
      const other = consents.get(peer)?.channels.find((back) => back.peer === from);
      if (other?.exporterHash === exporterHash && other.role !== role) continue;
      const among = eitherOf(self, from, peer);
      throw new TallyError('consent.mismatch', `consent.channels: ${from} and ${peer} differ`, { among });
    }
    if (keyCommitment === null) continue;
    const holder = keys.get(keyCommitment) ?? from;
    if (holder !== from) {
      const among = eitherOf(self, holder, from);
      throw new TallyError('consent.possession', 'consent.keyCommitment: repeated', { among });
    }
    keys.set(keyCommitment, from);
  }
}

/** The hash of all consents, signatures included, in the stations' order: binds the session from here on. */
export function hashConsents(consents: Consents, agreement: Agreement, proposalHash: Uint8Array): Uint8Array {
  const ordered = stationsOf(agreement).map((station) => canonicalBytes(consents.get(station.id)));
  return domainHash('consents', agreementId(agreement), proposalHash, ...ordered);
}
