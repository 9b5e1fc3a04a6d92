/**
 * Two nodes under a signed agreement, and everything that a decision asks for.
 *
 * Purpose: an agreement between the nodes of a world, officers with keys, and facts that permit until a test says
 * otherwise.
 * Assumes: world.ts. Does not know: what a test expects.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { systemClock } from '@tallystick/host/clock';
import { createIdentity, type SigningIdentity } from '@tallystick/host/identity';
import { systemRandom } from '@tallystick/host/random';
import type { ControlParams } from '@tallystick/node/control';
import type { GuardPorts } from '@tallystick/node/guard';
import {
  type SignedAgreement,
  signersOf,
  signStanding,
  type StandingAgreement,
} from '@tallystick/protocol/agreement';
import {
  type Approval,
  type PolicyRequest,
  type RequestDraft,
  requestId,
  signApproval,
  signRequest,
} from '@tallystick/protocol/policy';
import { agreementOf } from '../../packages/protocol/src/policy/world-agreement.testkit.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const dayMs = 86_400_000;
const instant = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** Keys by name: `alpha/approver-1`, or an oversight body. */
const secrets = new Map<string, Uint8Array>();
function publicKeyOf(name: string): string {
  const secret = secrets.get(name) ?? systemRandom(32);
  secrets.set(name, secret);
  return hex(ed25519.getPublicKey(secret));
}
const signerOf = (name: string) => (message: Uint8Array) =>
  ed25519.sign(message, secrets.get(name) as Uint8Array);

export function makeIdentities(ids: readonly string[]): Promise<SigningIdentity[]> {
  return Promise.all(ids.map((id) => createIdentity(id, systemClock, systemRandom)));
}

/** The agreement of the decision tests, between these stations, in force for a year. */
export function agreementBetween(
  identities: readonly SigningIdentity[],
  change: (agreement: StandingAgreement) => void = () => undefined,
): SignedAgreement {
  const agreement = agreementOf();
  const [model] = agreement.parties;
  const [list] = agreement.lists;
  const [pair] = agreement.outputs;
  const [watch] = agreement.oversight;
  if (!model || !list || !watch || pair?.kind !== 'matches') throw new Error('another agreement');
  const ids = identities.map(({ id }) => id);
  agreement.parties = identities.map(({ id, publicKey, fingerprint }) => ({
    ...model,
    id,
    publicKey: hex(publicKey),
    fingerprint,
    officers: model.officers.map((one) => ({ ...one, publicKey: publicKeyOf(`${id}/${one.id}`) })),
  }));
  agreement.collectors = null;
  agreement.oversight = [{ ...watch, publicKey: publicKeyOf('watch') }];
  agreement.legalBasis = agreement.legalBasis.filter((one) => one.jurisdiction === model.jurisdiction);
  agreement.lists = ids.map((party) => ({ ...list, party, labels: null, minIdentifiers: 1 }));
  agreement.outputs = [{ ...pair, receivers: ids }];
  agreement.purposes = agreement.purposes.filter(({ id }) => id === 'find');
  agreement.tiers = { routine: { approvals: 1, custodians: 0, oversight: 'notified' }, imminent: null };
  const { budget } = agreement.privacy;
  agreement.privacy = {
    minCount: 0,
    noise: null,
    identifiersPerRecord: 8,
    padTo: null,
    budget: { ...budget, microEpsilon: 0, femtoDelta: 0 },
  };
  Object.assign(agreement.caps, { sessionsPerDay: 100, pairSessionsPerDay: 100 });
  agreement.version = 1;
  agreement.supersedes = null;
  agreement.notBefore = instant(Date.now() - dayMs);
  agreement.notAfter = instant(Date.now() + 365 * dayMs);
  agreement.software.minVersion = '0.1.0';
  // A machine under load answers late, and a late hello makes a clock look wrong.
  agreement.freshness.clockSeconds = 600;
  change(agreement);
  const signatures = signersOf(agreement).map(({ id, publicKey }) => {
    const station = identities.find((one) => one.id === id);
    const sign = station ? (message: Uint8Array) => station.sign(message) : signerOf(id);
    return signStanding(agreement, id, publicKey, sign);
  });
  return { agreement, signatures };
}

/** What alpha asks beta for, as `agreementBetween` permits it. */
export const pairAsked: ControlParams<'session.request'> = {
  agreement: 'three-rivers',
  requester: 'ana',
  purpose: 'find',
  uses: ['investigative-lead'],
  tier: 'routine',
  caseReference: 'case 7',
  output: 'pair',
  with: ['beta'],
  recipes: ['document'],
  subject: 'person',
  receivers: ['alpha', 'beta'],
  records: 1000,
};

/** As alpha's analyst signs it. */
export const askedBy = (draft: RequestDraft): PolicyRequest =>
  signRequest(draft, signerOf(`${draft.proposer}/${draft.requester}`));

/** Facts that permit. What a test changes, changes at once. */
export function permittingPorts(ids: readonly string[]): {
  -readonly [K in 'membership' | 'vetoes' | 'emergencies' | 'log']-?: NonNullable<GuardPorts[K]>;
} {
  return {
    membership: () => ({
      heardAtMs: Date.now(),
      suspendedBy: [],
      withdrawn: [],
      renewed: [],
      notSuspended: [...ids, 'watch'].map((from) => ({ from, atMs: Date.now() })),
      keys: [],
    }),
    vetoes: () => [],
    emergencies: () => [],
    log: () => ({ intact: true, confirmed: true, witnessedAtMs: Date.now() }),
  };
}

export function approve(request: PolicyRequest, of: string, officer = 'approver-1'): Approval {
  const body = {
    id: hex(systemRandom(16)),
    of,
    officer,
    request: requestId(request),
    expiresAtMs: request.expiresAtMs,
  };
  return signApproval(body, signerOf(`${of}/${officer}`));
}
