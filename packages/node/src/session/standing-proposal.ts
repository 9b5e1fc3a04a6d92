/**
 * A request under a standing agreement, and the proposal that is made of it.
 *
 * Purpose: what an analyst says becomes a request with times, nonce, commitment and cost; an approved request becomes
 * terms, signed. Nothing of the terms is chosen here: protocol/policy makes them.
 * Assumes: the agreement is held here. Does not know: whether it is permitted; decide() says.
 */
import type { SigningIdentity } from '@tallystick/host/identity';
import type { Random } from '@tallystick/host/random';
import { parseAgreement, type StandingAgreement } from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import { chargeFor, femtoDelta, parseEpsilon } from '@tallystick/protocol/privacy';
import {
  type PolicyRequest,
  type RequestDraft,
  requestId,
  type TermsFacts,
  termsOf,
} from '@tallystick/protocol/policy';
import { recipeVersion } from '@tallystick/protocol/records';
import { suiteName } from '@tallystick/protocol/suite';
import { defaultChunkElements, signMessage } from '@tallystick/protocol/wire';
import type { CaseReference } from '../control/api.ts';
import type { RequestParams } from '../control/standing-api.ts';
import { commitCase, type OwnProposal } from './proposal.ts';

export interface DraftedRequest {
  readonly draft: RequestDraft;
  /** What signatures name, hex. */
  readonly id: string;
  /** Opens the commitment in the request; stays here. */
  readonly caseReference: CaseReference;
}

const minuteMs = 60_000;

type Refuse = (text: string) => never;
type Output = StandingAgreement['outputs'][number];

/** How counts are treated: as agreed, or as was said. What is looser than agreed, decide() denies. */
function privacyOf(
  { privacy: agreed }: StandingAgreement,
  params: RequestParams,
  refuse: Refuse,
): NonNullable<PolicyRequest['privacy']> {
  const { epsilon } = params;
  if (epsilon !== undefined && agreed.noise === null) {
    refuse('epsilon: the agreement has exact numbers; want none');
  }
  const microEpsilon = epsilon === undefined ? undefined : parseEpsilon(epsilon);
  return {
    minCount: params.minCount ?? agreed.minCount,
    noise: agreed.noise && { ...agreed.noise, ...(microEpsilon !== undefined && { microEpsilon }) },
    identifiersPerRecord: params.identifiersPerRecord ?? agreed.identifiersPerRecord,
    padTo: params.padTo ?? agreed.padTo,
  };
}

const forCounts = ['minCount', 'epsilon', 'identifiersPerRecord', 'padTo', 'labels'] as const;
const forMatches = ['receivers', 'predicate', 'atLeast', 'which'] as const;

/** What was said, and this kind of output has no place for it. */
function checkPlaces(output: Output, params: RequestParams, refuse: Refuse): void {
  const [names, kind] =
    output.kind === 'counts' ? ([forMatches, 'matches'] as const) : ([forCounts, 'counts'] as const);
  for (const name of names)
    if (params[name] !== undefined)
      refuse(`${name}: is for ${kind}; output ${output.id} gives ${output.kind}`);
}

/** By party; small labels are merged as small numbers are withheld, unless it is said otherwise. */
function labelsOf(labels: RequestParams['labels'], minCount: number): PolicyRequest['output']['labels'] {
  if (labels === undefined || labels.length === 0) return null;
  return labels
    .map(({ minSize = minCount, ...terms }) => ({ ...terms, minSize }))
    .toSorted((a, b) => (a.party < b.party ? -1 : 1));
}

/** Matches among three or more: the one that is agreed, where there is one. */
function predicateOf(
  output: Output,
  params: RequestParams,
  refuse: Refuse,
): PolicyRequest['output']['predicate'] {
  const agreed = output.kind === 'matches' ? output.predicates : null;
  const [only = null, ...more] = agreed ?? [];
  const chosen =
    params.predicate ?? (more.length === 0 ? only : refuse(`predicate: want one of ${agreed?.join(', ')}`));
  if (chosen === 'at-least' && params.atLeast === undefined) refuse('atLeast: want on how many lists');
  return chosen;
}

/**
 * What an output of matches may cost at most where the analyst says nothing: as large as any list here may be, and no
 * more than leaves as much for every other session that is agreed for a day.
 */
function recordsOf(agreement: StandingAgreement, lists: PolicyRequest['lists'], subject: string): number {
  const most = lists.map(({ party, category }) =>
    agreement.lists
      .filter((one) => one.party === party && one.category === category && one.subject === subject)
      .reduce((largest, one) => Math.max(largest, one.maxIdentifiers), 0),
  );
  const { caps, privacy } = agreement;
  const share = Math.min(
    caps.recordsPerDay / caps.sessionsPerDay,
    caps.pairRecordsPerDay / caps.pairSessionsPerDay,
  );
  return Math.min(Math.max(0, ...most), privacy.budget.records, Math.max(1, Math.floor(share)));
}

/** Whoever brings no list comes first: a list owner merges only where nobody else is agreed. */
function collectorsOf({ collectors }: RequestParams, output: Output, parties: readonly string[]): string[] {
  if (collectors !== undefined) return collectors;
  const agreed = output.collectors ?? [];
  const free = agreed.filter((id) => !parties.includes(id));
  return [...free, ...agreed.filter((id) => parties.includes(id))].slice(0, output.collectorsNeeded);
}

interface Drafting {
  readonly params: RequestParams;
  readonly agreement: StandingAgreement;
  readonly agreementId: string;
  readonly self: string;
  readonly nowMs: number;
  readonly random: Random;
}

/** Where the agreement leaves one choice it is taken; where several, they must be given. Throws `argument.invalid`. */
export function draftRequest({
  params,
  agreement,
  agreementId,
  self,
  nowMs,
  random,
}: Drafting): DraftedRequest {
  const refuse: Refuse = (text) => {
    throw new TallyError('argument.invalid', text);
  };
  if (params.with.includes(self)) refuse(`with: ${self} is this node`);
  if (new Set(params.with).size !== params.with.length) refuse('with: want each party once');
  const strangers = params.with.filter((id) => !agreement.parties.some((party) => party.id === id));
  if (strangers.length > 0) refuse(`with: ${strangers.join(', ')} is no party of the agreement`);
  const output =
    agreement.outputs.find(({ id }) => id === params.output) ??
    refuse(`output: want one of ${agreement.outputs.map(({ id }) => id).join(', ')}`);
  const isCounts = output.kind === 'counts';
  checkPlaces(output, params, refuse);
  const predicate = predicateOf(output, params, refuse);
  if (predicate === 'at-least' && params.atLeast === undefined) refuse('atLeast: on how many lists?');
  const parties = [self, ...params.with].sort();
  const subjects = [...new Set(agreement.lists.map(({ subject }) => subject))];
  const subject =
    params.subject ??
    (subjects.length === 1 ? (subjects[0] as (typeof subjects)[number]) : refuse('subject: want one'));
  const lists = parties.map((party) => {
    const entries = agreement.lists.filter((one) => one.party === party && one.subject === subject);
    const [only] = entries;
    const category =
      params.categories?.[party] ??
      (only !== undefined && entries.length === 1
        ? only.category
        : refuse(
            `categories.${party}: want one of ${entries.map((one) => one.category).join(', ') || 'none'}`,
          ));
    return { party, category };
  });
  const caseReference = {
    reference: params.caseReference,
    salt: Buffer.from(random(32)).toString('hex'),
  };
  const privacy = isCounts ? privacyOf(agreement, params, refuse) : null;
  const { microEpsilon, femtoDelta: delta } = chargeFor({
    output: output.kind,
    microEpsilon: privacy?.noise?.microEpsilon ?? 0,
    femtoDelta: privacy?.noise?.deltaExponent == null ? 0 : femtoDelta(privacy.noise.deltaExponent),
    records: 0,
  });
  const draft: RequestDraft = {
    agreement: agreementId,
    proposer: self,
    requester: params.requester,
    purpose: params.purpose,
    uses: [...params.uses],
    tier: params.tier,
    emergency: params.emergency ?? null,
    caseCommitment: commitCase(caseReference),
    suite: suiteName,
    form: output.form,
    verified: params.light !== true,
    subject,
    recipes: [...params.recipes],
    recipeVersion,
    lists,
    output: {
      id: output.id,
      receivers: params.receivers ?? (isCounts ? parties : [self]),
      predicate,
      atLeast: params.atLeast ?? null,
      which: params.which ?? false,
      statistics: isCounts ? ['histogram'] : null,
      labels: labelsOf(params.labels, privacy?.minCount ?? 0),
      marks: { ...output.marks },
    },
    collectors: collectorsOf(params, output, parties),
    privacy,
    cost: {
      microEpsilon,
      femtoDelta: delta,
      // Exact counts are charged in records, as matches are.
      records:
        isCounts && privacy?.noise != null ? 0 : (params.records ?? recordsOf(agreement, lists, subject)),
    },
    retentionDays: params.retentionDays ?? agreement.retention.resultDays,
    createdAtMs: nowMs,
    expiresAtMs: nowMs + (params.expiresInMinutes ?? Math.min(60, agreement.caps.proposalMinutes)) * minuteMs,
    nonce: Buffer.from(random(32)).toString('hex'),
  };
  return { draft, id: requestId(draft), caseReference };
}

/** Signs a proposal of a request. Throws `agreement.invalid` where no session can run on such terms. */
export function createStandingProposal(
  session: string,
  facts: TermsFacts,
  caseReference: CaseReference | null,
  self: SigningIdentity,
  nowMs: number,
  random: Random,
): OwnProposal {
  const { request } = facts;
  const body = {
    type: 'proposal' as const,
    session,
    proposer: self.id,
    agreement: parseAgreement(termsOf(facts, defaultChunkElements)),
    request,
    caseCommitment: request.caseCommitment,
    proposedAtMs: nowMs,
    expiresAtMs: request.expiresAtMs,
    nonce: Buffer.from(random(32)).toString('hex'),
  };
  const proposal = signMessage(body, (message) => self.sign(message));
  return { proposal, caseReference };
}
