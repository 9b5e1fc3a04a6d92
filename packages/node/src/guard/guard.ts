/**
 * The guard: the one place that says whether this node may take part in a session, before it consents.
 *
 * Purpose: a proposal against the pins, the node's own rules and its privacy ledger. The rules can only forbid. A denial lists every
 * failed clause with its path, so that a person sees all of them at once.
 * Assumes: the proposal's form and signature were checked (protocol/chain). Does not know: the list's contents,
 * whom to ask for consent.
 */
import { fingerprintOfPublicKey, type Fingerprint, type Identity } from '@tallystick/host/identity';
import type { LedgerReason } from '@tallystick/host/ledger';
import type { Station } from '@tallystick/protocol/agreement';
import { stationsOf } from '@tallystick/protocol/chain';
import { TallyError } from '@tallystick/protocol/errors';
import type { RecipeName, Subject } from '@tallystick/protocol/records';
import type { MessageOf } from '@tallystick/protocol/wire';

/** What this node allows at most; absent: everything. */
export interface LocalRules {
  readonly purposes?: readonly string[];
  readonly recipes?: readonly RecipeName[];
  readonly subjects?: readonly Subject[];
  readonly outputs?: readonly ('matches' | 'counts')[];
  readonly maxParties?: number;
  /** Longest time a proposal may stay open, in milliseconds. */
  readonly maxExpiryMs?: number;
}

export interface GuardFacts {
  readonly self: Pick<Identity, 'id' | 'publicKey' | 'fingerprint'>;
  /** Pinned peers: id → fingerprint. */
  readonly peers: ReadonlyMap<string, Fingerprint>;
  readonly rules: LocalRules;
  readonly nowMs: number;
  /** What this node's privacy ledger has against it. */
  readonly ledger: readonly LedgerReason[];
}

export interface FailedClause {
  /** Where in the proposal, e.g. `agreement.parties.1.fingerprint`. */
  readonly path: string;
  /** A coded reason as a refusal carries it: `[a-z][a-z0-9.-]*`. */
  readonly reason: string;
}

export type Decision =
  | { readonly kind: 'permit' }
  | { readonly kind: 'denial'; readonly failed: readonly FailedClause[] };

/** Pure and total: permits, or says everything that stands against it. */
export function decide(proposal: MessageOf<'proposal'>, facts: GuardFacts): Decision {
  const failed = [
    ...checkStations(proposal, facts),
    ...checkRules(proposal, facts),
    ...facts.ledger.map((reason) => ({ path: 'ledger', reason })),
  ];
  return failed.length === 0 ? { kind: 'permit' } : { kind: 'denial', failed };
}

/** What the proposer is told where its own ledger stands against it. */
export function ledgerDenial(reasons: readonly LedgerReason[]): TallyError {
  const isBroken = reasons.some((reason) => reason.startsWith('ledger.'));
  return new TallyError(
    isBroken ? 'privacy.ledger' : 'privacy.budget',
    `proposal: refused by our ledger, ${reasons.join(', ')}`,
  );
}

function checkStations({ agreement }: MessageOf<'proposal'>, facts: GuardFacts): FailedClause[] {
  return stationsOf(agreement).flatMap((station, index) => {
    const among = index - agreement.parties.length;
    const place = among < 0 ? `agreement.parties.${index}` : `agreement.collectors.${among}`;
    return checkStation(station, place, facts);
  });
}

/** A station is who we pinned under that id: nobody vouches for it but the person who compared fingerprints. */
function checkStation(station: Station, place: string, { self, peers }: GuardFacts): FailedClause[] {
  const isSelf = station.id === self.id;
  const pin = isSelf ? self.fingerprint : peers.get(station.id);
  if (pin === undefined) return [{ path: `${place}.id`, reason: 'peer.unknown' }];
  const failed: FailedClause[] = [];
  if (station.fingerprint !== pin) {
    failed.push({ path: `${place}.fingerprint`, reason: isSelf ? 'self.fingerprint' : 'peer.fingerprint' });
  }
  if (fingerprintOfPublicKey(Buffer.from(station.publicKey, 'hex')) !== pin) {
    failed.push({ path: `${place}.publicKey`, reason: isSelf ? 'self.key' : 'peer.key' });
  }
  return failed;
}

function checkRules(
  { agreement, expiresAtMs }: MessageOf<'proposal'>,
  { rules, nowMs }: GuardFacts,
): FailedClause[] {
  const failed: FailedClause[] = [];
  const want = (holds: boolean, path: string, reason: string): void => {
    if (!holds) failed.push({ path, reason });
  };
  const { purposes, recipes, subjects, outputs, maxParties, maxExpiryMs } = rules;
  want(purposes?.includes(agreement.purpose) ?? true, 'agreement.purpose', 'rule.purpose');
  agreement.recipes.forEach((recipe, index) =>
    want(recipes?.includes(recipe) ?? true, `agreement.recipes.${index}`, 'rule.recipe'),
  );
  want(subjects?.includes(agreement.subject) ?? true, 'agreement.subject', 'rule.subject');
  want(outputs?.includes(agreement.output.kind) ?? true, 'agreement.output.kind', 'rule.output');
  want(agreement.parties.length <= (maxParties ?? Infinity), 'agreement.parties', 'rule.parties');
  want(expiresAtMs - nowMs <= (maxExpiryMs ?? Infinity), 'expiresAtMs', 'rule.expiry');
  return failed;
}
