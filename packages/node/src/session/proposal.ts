/**
 * A proposal of our own: the ephemeral agreement between us and those we dialled, signed.
 *
 * Purpose: form follows output: matches between two parties is `direct`; counts, and matches among more, are
 * `sealed` with a collector.
 * Assumes: stations were authenticated over pinned channels. Does not know: who agrees.
 */
import { createHash } from 'node:crypto';
import type { Identity, SigningIdentity } from '@tallystick/host/identity';
import type { Random } from '@tallystick/host/random';
import { type Agreement, parseAgreement, type Station } from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import {
  type LedgerCaps,
  parseCaps,
  parsePrivacyPolicy,
  type PrivacyPolicy,
} from '@tallystick/protocol/privacy';
import { recipeVersion } from '@tallystick/protocol/records';
import { suiteName } from '@tallystick/protocol/suite';
import {
  defaultChunkElements,
  defaultSentinels,
  type MessageOf,
  signMessage,
} from '@tallystick/protocol/wire';
import type { CaseReference, ProposeParams } from '../control/api.ts';

/** Open for an hour unless the proposer says otherwise. */
const defaultExpiryMs = 3_600_000;

export interface ProposalTerms
  extends Omit<ProposeParams, 'list' | 'collectors' | 'privacy' | 'padTo' | 'labels' | 'caps'> {
  readonly privacy?: PrivacyPolicy | null;
  readonly padTo?: number | null;
  readonly caps?: LedgerCaps | null;
  readonly labels?: Agreement['labels'];
  /** None in the direct form. */
  readonly collectors: readonly string[];
}

/** Who is asked, and as what. Throws `agreement.invalid`, `argument.invalid`, `privacy.*`. */
export function resolveTerms(params: ProposeParams, self: string, defaultCollector: string): ProposalTerms {
  const { list: _, collectors = [], privacy: settings, padTo = null, labels = [], caps, ...stated } = params;
  const { with: others, output, predicate, which, sentinels } = params;
  if (others.includes(self)) throw new TallyError('argument.invalid', `with: ${self} is this node`);
  if (new Set(others).size !== others.length)
    throw new TallyError('argument.invalid', 'with: want each party once');
  const forbid = (field: string, given: boolean, why: string): void => {
    if (given) throw new TallyError('agreement.invalid', `${field}: ${why}`);
  };
  const isCounts = output.kind === 'counts';
  forbid('predicate', isCounts && predicate != null, 'is for matches');
  forbid('which', isCounts && which === true, 'is for matches');
  forbid('privacy', !isCounts && settings !== undefined, 'is for counts');
  forbid('padTo', !isCounts && padTo !== null, 'is for counts');
  forbid('labels', !isCounts && labels.length > 0, 'are for counts');
  const privacy = settings === undefined ? null : parsePrivacyPolicy(settings);
  const rest = {
    ...stated,
    privacy,
    padTo,
    labels: labelTerms(labels, privacy),
    caps: caps === undefined ? null : parseCaps(caps),
  };
  forbid('collectors', new Set(collectors).size !== collectors.length, 'want each once');
  forbid('collectors', collectors.includes(self), 'want somebody who brings no list');
  forbid(
    'collectors',
    collectors.some((id) => others.includes(id)),
    'want somebody who brings no list',
  );
  if (isCounts || others.length > 1) {
    return { ...rest, collectors: collectors.length === 0 ? [defaultCollector] : collectors };
  }
  forbid('collectors', collectors.length > 0, 'matches between 2 parties need none');
  forbid('predicate', predicate != null, 'is for matches among 3 parties or more');
  forbid('which', which === true, 'is for matches among 3 parties or more');
  forbid('sentinels', (sentinels ?? 0) > 0, 'matches between 2 parties need none');
  return { ...rest, collectors: [] };
}

export function stationOf(identity: Pick<Identity, 'id' | 'publicKey' | 'fingerprint'>): Station {
  return {
    id: identity.id,
    publicKey: Buffer.from(identity.publicKey).toString('hex'),
    fingerprint: identity.fingerprint,
  };
}

/** Throws `agreement.invalid`. */
export function createAgreement(
  terms: ProposalTerms,
  self: Identity,
  others: readonly Station[],
  expiresAtMs: number,
): Agreement {
  const isDirect = terms.collectors.length === 0;
  const collects = ({ id }: Station): boolean => terms.collectors.includes(id);
  const byId = (a: Station, b: Station): number => (a.id < b.id ? -1 : 1);
  const parties = [stationOf(self), ...others.filter((station) => !collects(station))];
  return parseAgreement({
    version: 1,
    standing: null,
    suite: suiteName,
    form: isDirect ? 'direct' : 'sealed',
    parties: parties.toSorted(byId),
    collectors: others.filter(collects).toSorted(byId),
    purpose: terms.purpose,
    subject: terms.subject,
    recipes: terms.recipes,
    recipeVersion,
    verified: terms.verified ?? true,
    sentinels: isDirect ? 0 : (terms.sentinels ?? defaultSentinels),
    output: outputOf(terms, isDirect),
    privacy: terms.privacy ?? null,
    padTo: terms.padTo ?? null,
    labels: terms.labels ?? null,
    caps: terms.caps ?? null,
    chunkElements: terms.chunkElements ?? defaultChunkElements,
    notAfterMs: expiresAtMs,
  } satisfies Agreement);
}

/** By party; small labels are merged as small numbers are withheld, unless it is said otherwise. */
function labelTerms(
  labels: NonNullable<ProposeParams['labels']>,
  privacy: PrivacyPolicy | null,
): Agreement['labels'] {
  if (labels.length === 0) return null;
  return labels
    .map(({ minSize = privacy?.minCount ?? 0, ...terms }) => ({ ...terms, minSize }))
    .toSorted((a, b) => (a.party < b.party ? -1 : 1));
}

function outputOf({ output, predicate, which }: ProposalTerms, isDirect: boolean): Agreement['output'] {
  if (output.kind === 'counts') return { kind: 'counts' };
  const counting = isDirect ? null : (predicate ?? { kind: 'all' as const });
  return { kind: 'matches', to: output.to, predicate: counting, which: which ?? false };
}

export interface OwnProposal {
  readonly proposal: MessageOf<'proposal'>;
  /** Opens the commitment in the proposal; stays here. */
  readonly caseReference: CaseReference | null;
}

/** Signs a proposal for a session id that every channel was opened under. */
export function createProposal(
  session: string,
  terms: ProposalTerms,
  self: SigningIdentity,
  others: readonly Station[],
  nowMs: number,
  random: Random,
): OwnProposal {
  const expiresAtMs = nowMs + (terms.expiresInMs ?? defaultExpiryMs);
  const agreement = createAgreement(terms, self, others, expiresAtMs);
  const caseReference =
    terms.caseReference === undefined
      ? null
      : { reference: terms.caseReference, salt: Buffer.from(random(32)).toString('hex') };
  const body = {
    type: 'proposal' as const,
    session,
    proposer: self.id,
    agreement,
    request: null,
    caseCommitment: caseReference && commitCase(caseReference),
    proposedAtMs: nowMs,
    expiresAtMs,
    nonce: Buffer.from(random(32)).toString('hex'),
  };
  const proposal = signMessage(body, (message) => self.sign(message));
  return { proposal, caseReference };
}

/** SHA-256 over the salt's 32 bytes and the reference in UTF-8, hex. */
export function commitCase({ reference, salt }: CaseReference): string {
  return createHash('sha256').update(Buffer.from(salt, 'hex')).update(reference).digest('hex');
}
