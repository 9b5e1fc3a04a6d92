/**
 * The control API's part of standing agreements: what the node holds, requests, the clock.
 *
 * Purpose: parameters and results of these methods. Assumes: as api.ts. Does not know: how a method is carried out.
 */
import {
  labelField,
  labelText,
  listCategories,
  maxLabels,
  predicateTerms,
  tierTerms,
  useTerms,
} from '@tallystick/protocol/agreement';
import { approvalSchema, type RequestDraft } from '@tallystick/protocol/policy';
import { recipeNames, subjects } from '@tallystick/protocol/records';
import { maxParties } from '@tallystick/protocol/wire';
import { z } from 'zod';

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/);
const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/);
/** What a person calls an imported list. */
const listName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
const hex32 = z.string().regex(/^[0-9a-f]{64}$/);
export const approvalsParam = z.array(approvalSchema).max(32);

/** A request as an analyst says it; where the agreement leaves one choice, it need not be said. */
const request = z.strictObject({
  /** Name of an installed agreement, whose newest version in force is meant; or its id. */
  agreement: z.string().min(1).max(64),
  /** The own officer who wants to know. */
  requester: slug,
  purpose: slug,
  uses: z.array(z.enum(useTerms)).min(1).max(useTerms.length),
  tier: z.enum(tierTerms),
  /** Tier imminent: the declaration that it runs under. */
  emergency: hex32.optional(),
  /** Stays on this node; others see a salted commitment to it. */
  caseReference: z.string().min(1).max(200),
  /** Which of the agreement's outputs. */
  output: slug,
  with: z
    .array(id)
    .min(1)
    .max(maxParties - 1),
  recipes: z.array(z.enum(recipeNames)).min(1).max(recipeNames.length),
  subject: z.enum(subjects).optional(),
  /** Of lists, by party, where the agreement permits a party several. */
  categories: z.record(id, z.enum(listCategories)).optional(),
  /** Matches: absent: this node. */
  receivers: z.array(id).min(1).max(maxParties).optional(),
  predicate: z.enum(predicateTerms).optional(),
  atLeast: z.number().int().min(2).max(maxParties).optional(),
  which: z.boolean().optional(),
  labels: z
    .array(
      z.strictObject({
        party: id,
        field: labelField,
        labels: z.array(labelText).min(1).max(maxLabels),
        /** Absent: as numbers are withheld. */
        minSize: z.number().int().min(0).max(1_000_000).optional(),
      }),
    )
    .max(maxParties)
    .optional(),
  /** Absent: the first of those agreed, as many as are needed; who brings a list comes last. */
  collectors: z.array(id).max(4).optional(),
  /** Not proved; where the agreement permits it. */
  light: z.boolean().optional(),
  /** Counts: how what comes out is treated; absent: as agreed, than which it can only be stricter. */
  minCount: z.number().int().min(0).max(1_000_000).optional(),
  /** Decimal, at most six places. */
  epsilon: z.string().max(16).optional(),
  identifiersPerRecord: z.number().int().min(1).max(10_000).optional(),
  padTo: z
    .number()
    .int()
    .min(2)
    .max(1 << 24)
    .optional(),
  /** What every list may be charged; absent: as large as any list of the session may be, or a session's share of a day. */
  records: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  retentionDays: z.number().int().min(1).max(36_600).optional(),
  expiresInMinutes: z.number().int().min(1).max(43_200).optional(),
});

export type RequestParams = z.infer<typeof request>;

const none = z.strictObject({});

export const standingParams = {
  /** `agreement`: a signed agreement, as `agreement sign` writes it. */
  'agreement.install': z.strictObject({ agreement: z.unknown() }),
  'agreement.installed': none,
  'session.request': request,
  /** What `session.request` drafted, signed by its requester. */
  'session.requested': z.strictObject({ request: z.unknown() }),
  /** `list`: the own list; the proposer consents with it at once. */
  'session.proposeRequest': z.strictObject({
    request: z.unknown(),
    approvals: approvalsParam,
    list: listName,
  }),
  /** A person looked at this machine's clock, and it is right. */
  'clock.acknowledge': none,
} as const;

export interface InstalledAgreement {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly version: number;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly parties: readonly string[];
}

export interface StandingResults {
  'agreement.install': InstalledAgreement;
  'agreement.installed': readonly InstalledAgreement[];
  /** `id` is what signatures name: the requester's, and those of approvers. */
  'session.request': { readonly id: string; readonly draft: RequestDraft };
  'session.requested': { readonly id: string };
  'session.proposeRequest': { readonly session: string; readonly repeats: string | null };
  /** By how much it had jumped, in milliseconds; null: it had not. */
  'clock.acknowledge': { readonly jumpedByMs: number | null };
}
