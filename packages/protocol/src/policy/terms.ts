/**
 * The terms of a session under a standing agreement.
 *
 * Purpose: what a request means as the terms that stand in every element's domain, and everything in which the terms
 * of a proposal differ from that. A proposer builds its terms here; every other station checks them here.
 * Assumes: request and agreement have their shape; decide() says whether they are permitted.
 * Does not know: signatures, lists, what was spent.
 */
import type { Agreement, Station } from '../agreement/ephemeral.ts';
import { standingId } from '../agreement/signed.ts';
import type { StandingAgreement } from '../agreement/standing.ts';
import { parseHex } from '../bytes/index.ts';
import { recipeVersion } from '../records/types.ts';
import { fingerprintOfKey } from '../signature/index.ts';
import { suiteName } from '../suite/hash.ts';
import { defaultSentinels } from '../wire/limits.ts';
import type { MessageOf } from '../wire/messages.ts';
import type { ClauseCode } from './denial-texts.ts';
import type { FailedClause } from './failure.ts';
import { type PolicyRequest, requestId } from './request.ts';
import type { PolicyState } from './state.ts';

export interface TermsFacts {
  readonly agreement: StandingAgreement;
  readonly request: PolicyRequest;
  /** Keys that replace those of the agreement. */
  readonly keys: PolicyState['membership']['keys'];
}

/** What of a proposal repeats its request. */
export type StatedProposal = Pick<
  MessageOf<'proposal'>,
  'agreement' | 'proposer' | 'caseCommitment' | 'proposedAtMs' | 'expiresAtMs'
>;

/** Terms but for what says nothing about who learns what. A field that is added to terms has to be added here. */
type BoundTerms = Omit<Agreement, 'chunkElements'>;

/** Where the value of a field of the terms comes from: a path in the agreement, or in the request. */
const sources: Readonly<Record<keyof BoundTerms, string>> = {
  version: 'agreement',
  standing: 'request',
  suite: 'request.suite',
  form: 'request.form',
  parties: 'parties',
  collectors: 'collectors',
  purpose: 'request.purpose',
  subject: 'request.subject',
  recipes: 'request.recipes',
  recipeVersion: 'request.recipeVersion',
  verified: 'request.verified',
  sentinels: 'request.form',
  output: 'request.output',
  privacy: 'request.privacy',
  padTo: 'request.privacy.padTo',
  labels: 'request.output.labels',
  caps: 'privacy.budget',
  notAfterMs: 'request.expiresAtMs',
};

const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);

/** Stations as the agreement and the rotations since name them; who is in neither is left out. */
function stationsOf(ids: readonly string[], { agreement, keys }: TermsFacts): Station[] {
  const known = [...agreement.parties, ...(agreement.collectors ?? [])];
  return [...new Set(ids)]
    .flatMap((id): Station[] => {
      const agreed = known.find((station) => station.id === id);
      if (agreed === undefined) return [];
      const rotated = keys.findLast((key) => key.of === id && key.officer === null)?.publicKey;
      const publicKey = rotated ?? agreed.publicKey;
      const fingerprint = rotated === undefined ? agreed.fingerprint : fingerprintOfKey(parseHex(rotated));
      return [{ id, publicKey, fingerprint }];
    })
    .sort(byId);
}

function outputOf({ form, output }: PolicyRequest): Agreement['output'] {
  const { predicate, atLeast, statistics, receivers, which } = output;
  if (statistics !== null) return { kind: 'counts' };
  const to = [...receivers];
  if (form === 'direct') return { kind: 'matches', to, predicate: null, which };
  if (predicate === 'at-least' && atLeast !== null) {
    return { kind: 'matches', to, predicate: { kind: 'atLeast', lists: atLeast }, which };
  }
  return { kind: 'matches', to, predicate: { kind: predicate === 'any' ? 'any' : 'all' }, which };
}

function privacyOf({ privacy }: PolicyRequest): Agreement['privacy'] {
  if (privacy === null) return null;
  const { minCount, noise, identifiersPerRecord } = privacy;
  return {
    minCount,
    microEpsilon: noise?.microEpsilon ?? null,
    deltaExponent: noise?.deltaExponent ?? null,
    identifiersPerRecord,
    mechanism: noise?.mechanism ?? 'laplace',
  };
}

/** A cap of nothing at all cannot be written; decide() has denied whatever would cost something then. */
const leastOne = (most: number): number => Math.max(1, most);

/** Of the terms, what follows from the request alone. */
function askedTerms(request: PolicyRequest) {
  return {
    suite: suiteName,
    form: request.form,
    purpose: request.purpose,
    subject: request.subject,
    recipes: [...request.recipes],
    recipeVersion,
    verified: request.verified,
    sentinels: request.form === 'direct' ? 0 : defaultSentinels,
    output: outputOf(request),
    privacy: privacyOf(request),
    padTo: request.privacy?.padTo ?? null,
    labels: request.output.labels,
    notAfterMs: request.expiresAtMs,
  } satisfies Partial<BoundTerms>;
}

const partiesOf = ({ lists }: PolicyRequest): string[] => lists.map(({ party }) => party);

function boundTerms(facts: TermsFacts): BoundTerms {
  const { agreement, request } = facts;
  const { budget } = agreement.privacy;
  return {
    version: 1,
    standing: { agreement: standingId(agreement), request: requestId(request) },
    ...askedTerms(request),
    parties: stationsOf(partiesOf(request), facts),
    collectors: stationsOf(request.collectors, facts),
    caps: {
      periodDays: budget.periodDays,
      sessions: null,
      records: leastOne(budget.records),
      versions: budget.listVersions,
      microEpsilon: leastOne(budget.microEpsilon),
    },
  };
}

/** The terms that a request means; parseAgreement says whether a session can run under them. */
export function termsOf(facts: TermsFacts, chunkElements: number): Agreement {
  return { ...boundTerms(facts), chunkElements };
}

/** Paths at which two JSON values differ, as deep as both go. */
function differences(want: unknown, got: unknown, path: string): string[] {
  if (typeof want !== 'object' || want === null || typeof got !== 'object' || got === null) {
    return want === got ? [] : [path];
  }
  if (Array.isArray(want) !== Array.isArray(got)) return [path];
  const names = [...new Set([...Object.keys(want), ...Object.keys(got)])];
  return names.flatMap((name) =>
    differences(
      (want as Record<string, unknown>)[name],
      (got as Record<string, unknown>)[name],
      `${path}.${name}`,
    ),
  );
}

/** What this protocol gives out whatever was asked for. */
function* givenOut({ output, lists }: PolicyRequest): Generator<readonly [ClauseCode, string]> {
  if (output.statistics === null) return;
  // Counts are one histogram, from which everybody derives the rest, and every party gets it.
  if (!output.statistics.includes('histogram')) yield ['terms.histogram', 'request.output.statistics'];
  if (lists.some(({ party }) => !output.receivers.includes(party))) {
    yield ['terms.receivers', 'request.output.receivers'];
  }
}

const termsDiffer = (want: object, got: object): FailedClause[] =>
  differences(want, got, 'terms').map((at) => {
    const clause = sources[at.split('.')[1] as keyof BoundTerms];
    return { clause, code: 'terms.differ', at };
  });

/** Everything in which a proposal says something else than its request and the standing agreement. Pure and total. */
export function checkTerms(facts: TermsFacts, proposal: StatedProposal): FailedClause[] {
  const { chunkElements: _, ...got } = proposal.agreement;
  return [...termsDiffer(boundTerms(facts), got), ...proposalDiffers(facts.request, proposal)];
}

/**
 * The same as far as somebody can tell who does not hold the agreement, a collector: keys of stations and budgets are
 * left out. Pure.
 */
export function checkStatedTerms(request: PolicyRequest, proposal: StatedProposal): FailedClause[] {
  const sorted = (ids: readonly string[]): string[] => [...new Set(ids)].sort();
  const { version: _, standing: __, caps: ___, chunkElements: ____, ...terms } = proposal.agreement;
  const got = {
    ...terms,
    parties: terms.parties.map(({ id }) => id),
    collectors: terms.collectors.map(({ id }) => id),
  };
  const parties = sorted(partiesOf(request));
  const want = { ...askedTerms(request), parties, collectors: sorted(request.collectors) };
  return [...termsDiffer(want, got), ...proposalDiffers(request, proposal)];
}

function proposalDiffers(request: PolicyRequest, proposal: StatedProposal): FailedClause[] {
  const failed: FailedClause[] = [];
  const same = (value: unknown, wanted: unknown, name: string, clause: string): void => {
    if (value !== wanted) failed.push({ clause, code: 'terms.differ', at: `proposal.${name}` });
  };
  same(proposal.proposer, request.proposer, 'proposer', 'request.proposer');
  same(proposal.caseCommitment, request.caseCommitment, 'caseCommitment', 'request.caseCommitment');
  same(proposal.expiresAtMs, request.expiresAtMs, 'expiresAtMs', 'request.expiresAtMs');
  if (proposal.proposedAtMs < request.createdAtMs || proposal.proposedAtMs >= request.expiresAtMs) {
    failed.push({ clause: 'request.createdAtMs', code: 'terms.time', at: 'proposal.proposedAtMs' });
  }
  for (const [code, clause] of givenOut(request)) failed.push({ clause, code, at: 'terms.output' });
  return failed;
}
