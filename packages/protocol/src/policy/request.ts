/**
 * What somebody asks: one run, in the words of a decision.
 *
 * Purpose: the fields of a proposal under a standing agreement that clauses speak of, and the approvals given for it.
 * Assumes: identity of the proposer was checked with the proposal's signature. Does not know: wire messages, lists'
 * contents.
 */
import { z } from 'zod';
import { stationId } from '../agreement/ephemeral.ts';
import { labelsSchema } from '../agreement/labels.ts';
import { type Checked, checkShape } from '../agreement/problems.ts';
import { hex32, slug, whole } from '../agreement/standing.ts';
import {
  listCategories,
  papTerms,
  predicateTerms,
  statisticTerms,
  tierTerms,
  tlpTerms,
  useTerms,
} from '../agreement/terms.ts';
import { encodeHex } from '../bytes/index.ts';
import { recipeNames, subjects } from '../records/types.ts';
import { canonicalBytes, domainHash, isSigned, type Sign, signValue } from '../wire/canonical.ts';
import { maxParties } from '../wire/limits.ts';

const big = Number.MAX_SAFE_INTEGER;
const hex64 = z.string().regex(/^[0-9a-f]{128}$/);
/** Of one request, from all parties and oversight bodies together. */
export const maxApprovals = 128;
export const timeMs = whole(0, big);
export const hex16 = z.string().regex(/^[0-9a-f]{32}$/);

/** One person's signature, or an oversight body's, over one request. */
export const approvalSchema = z.strictObject({
  /** Random; used once. */
  id: hex16,
  /** Party of the officer, or the oversight body. */
  of: stationId,
  /** Null where an oversight body authorises. */
  officer: slug.nullable(),
  request: hex32,
  expiresAtMs: timeMs,
  signature: hex64,
});

export type Approval = z.infer<typeof approvalSchema>;

export const requestSchema = z.strictObject({
  agreement: hex32,
  proposer: stationId,
  /** The proposer's officer who wants to know. */
  requester: slug,
  purpose: slug,
  uses: z.array(z.enum(useTerms)).min(1).max(useTerms.length),
  tier: z.enum(tierTerms),
  /** Tier imminent: the declaration that it runs under (`emergencyId`); else null. */
  emergency: hex32.nullable(),
  /** Salted commitment to the case reference. */
  caseCommitment: hex32,
  suite: z.string().min(1).max(64),
  form: z.enum(['direct', 'sealed']),
  verified: z.boolean(),
  subject: z.enum(subjects),
  recipes: z.array(z.enum(recipeNames)).min(1).max(recipeNames.length),
  recipeVersion: whole(0, 1_000_000),
  /** Their sizes are announced with the consents: `state.announced`. */
  lists: z
    .array(z.strictObject({ party: stationId, category: z.enum(listCategories) }))
    .min(1)
    .max(maxParties),
  output: z.strictObject({
    /** Which of the agreement's outputs. */
    id: slug,
    receivers: z.array(stationId).min(1).max(maxParties),
    predicate: z.enum(predicateTerms).nullable(),
    /** Predicate `at-least`: on how many lists; else null. */
    atLeast: whole(2, maxParties).nullable(),
    which: z.boolean(),
    statistics: z.array(z.enum(statisticTerms)).min(1).max(statisticTerms.length).nullable(),
    /** By which labels the lists are split, by party in increasing order; null: none is. */
    labels: labelsSchema.nullable(),
    marks: z.strictObject({ tlp: z.enum(tlpTerms), pap: z.enum(papTerms) }),
  }),
  collectors: z.array(stationId).max(4),
  /** Counts only. */
  privacy: z
    .strictObject({
      minCount: whole(0, 1_000_000),
      noise: z
        .strictObject({
          mechanism: z.enum(['laplace', 'gaussian']),
          microEpsilon: whole(1, 20_000_000),
          deltaExponent: whole(5, 15).nullable(),
        })
        .nullable(),
      identifiersPerRecord: whole(1, 10_000),
      padTo: whole(2, 1 << 24).nullable(),
    })
    .nullable(),
  /** What the ledgers may be charged at most; `records`: for each list, its announced size where matches come out. */
  cost: z.strictObject({ microEpsilon: whole(0, big), femtoDelta: whole(0, big), records: whole(0, big) }),
  retentionDays: whole(0, 36_600),
  createdAtMs: timeMs,
  expiresAtMs: timeMs,
  nonce: hex32,
  /** By the requester's own key: see `signRequest`. */
  requesterSignature: hex64,
  approvals: z.array(approvalSchema).max(maxApprovals),
});

export type PolicyRequest = z.infer<typeof requestSchema>;

/** What is asked, before anybody has signed it. */
export type RequestDraft = Omit<PolicyRequest, 'requesterSignature' | 'approvals'>;

/** What signatures name, and vetoes: hash of the request without its signatures, as hex. */
export function requestId(request: RequestDraft & Partial<PolicyRequest>): string {
  const { requesterSignature: _, approvals: __, ...body } = request;
  return encodeHex(domainHash('request', canonicalBytes(body)));
}

const askedBy = ({ proposer, requester }: RequestDraft, id: string) => ({
  of: proposer,
  officer: requester,
  request: id,
});

/** The request as its requester asks it: Ed25519 over the domain `asking` and who asks what, nothing approved yet. */
export function signRequest(draft: RequestDraft, sign: Sign): PolicyRequest {
  const signature = signValue('asking', askedBy(draft, requestId(draft)), sign);
  return { ...draft, requesterSignature: encodeHex(signature), approvals: [] };
}

/** @param id the request's. @param publicKey of the requester, hex. */
export function isRequestSigned(request: PolicyRequest, id: string, publicKey: string): boolean {
  return isSigned('asking', askedBy(request, id), request.requesterSignature, publicKey);
}

/** The typed document, or everything that its schema has against it. */
export const checkRequestShape = (value: unknown): Checked<PolicyRequest> => checkShape(requestSchema, value);
export const checkApprovalShape = (value: unknown): Checked<Approval> => checkShape(approvalSchema, value);

type ApprovalBody = Omit<Approval, 'signature'>;

export function signApproval(body: ApprovalBody, sign: Sign): Approval {
  return { ...body, signature: encodeHex(signValue('approval', body, sign)) };
}

/** @param publicKey of the officer or body, hex. */
export function isApprovalSigned({ signature, ...body }: Approval, publicKey: string): boolean {
  return isSigned('approval', body, signature, publicKey);
}
