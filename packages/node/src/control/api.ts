/**
 * The control API of a running node: method names, parameters, results, events.
 *
 * Purpose: the contract between a node and whoever steers it on the same machine (the command line).
 * Assumes: the transport is `@tallystick/host/control`, whose socket only the node's owner can open; errors are
 * `TallyError`s by code.
 * Does not know: the transport, how a method is carried out.
 */
import { isAbsolute } from 'node:path';
import { auditParams, type AuditResults } from '@tallystick/host/audit';
import type { LedgerReport } from '@tallystick/host/ledger';
import {
  type Agreement,
  labelField,
  labelText,
  maxLabels,
  type Output,
} from '@tallystick/protocol/agreement';
import type { Evidence } from '@tallystick/protocol/evidence';
import type { EncodedNoise, WithheldReason } from '@tallystick/protocol/privacy';
import type { PolicyRequest } from '@tallystick/protocol/policy';
import { recipeNames, subjects, type RecipeName, type Subject } from '@tallystick/protocol/records';
import { maxCollectors, maxParties, maxSentinels } from '@tallystick/protocol/wire';
import { z } from 'zod';
import type { EngineReport } from '../compute/types.ts';
import { listFormats, type ListFormat } from '../lists/events.ts';
import type { ImportOutcome } from '../vault/types.ts';
import { membershipParams, type MembershipResults } from '@tallystick/host/membership';
import { incidentParams, type IncidentResults } from './incidents.ts';
import { redressParams, type RedressResults } from './redress.ts';
import type { DecisionRecord, SessionAnswer, SessionExplanation } from './explain.ts';
import type { SessionLabels } from './labels.ts';
import { emergencyParams, type EmergencyResults } from '@tallystick/host/emergencies';
import { reportParams, type ReportResults } from './report.ts';
import { approvalsParam, standingParams, type StandingResults } from './standing-api.ts';
import type { HandlingMarks, SessionRetention } from './handling.ts';

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/);
/** What a person calls an imported list; names a file in messages, so no separators. */
const listName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
const session = z.string().regex(/^[0-9a-f]{32}$/);
const absolutePath = z.string().min(1).max(4096).refine(isAbsolute, 'want an absolute path');
const reason = z.string().regex(/^[a-z][a-z0-9.-]{0,63}$/);

const header = z.string().min(1).max(200).optional();
/** Header names of a CSV (docs/recipes.md A8); what is left out has its default. */
const columns = z.strictObject({
  id: header,
  name: header,
  aliases: header,
  birthDate: header,
  subject: header,
  labels: z.record(labelField, z.string().min(1).max(200)).optional(),
  documents: z
    .array(z.strictObject({ kind: header, country: header, number: z.string().min(1).max(200) }))
    .readonly()
    .optional(),
});

const output = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('matches'), to: z.array(id).min(1).max(10) }),
  z.strictObject({ kind: z.literal('counts') }),
]);

/** When a record of a receiver's matches, among three parties or more. */
const predicate = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('atLeast'), lists: z.number().int().min(2).max(maxParties) }),
  z.strictObject({ kind: z.literal('any') }),
]);

const propose = z.strictObject({
  /** The other parties' ids. */
  with: z.array(id).min(1).max(9),
  /** Form sealed (counts, matches among 3 or more); null or absent: the coordinator's own id as the node was told it. */
  collectors: z.array(id).max(maxCollectors).optional(),
  /** The own list, by its name. The proposer consents with it at once. */
  list: listName,
  subject: z.enum(subjects as readonly [Subject, ...Subject[]]),
  recipes: z
    .array(z.enum(recipeNames as readonly [RecipeName, ...RecipeName[]]))
    .min(1)
    .max(recipeNames.length),
  output,
  /** Absent: true. False: the light form, in which others are believed. */
  verified: z.boolean().optional(),
  /** Form sealed; absent: the protocol's default. */
  sentinels: z.number().int().min(0).max(maxSentinels).optional(),
  /** Matches among 3 parties or more; absent: on all lists. */
  predicate: predicate.optional(),
  /** Matches among 3 parties or more: receivers learn on which lists. Absent: false. */
  which: z.boolean().optional(),
  /** Counts: what is withheld and what noise is added, as `parsePrivacyPolicy` reads it; absent: exact numbers. */
  privacy: z.record(z.string().max(64), z.union([z.string().max(64), z.number()])).optional(),
  /** What a period may cost each list, as `parseCaps` reads it; absent: no agreed caps. */
  caps: z.record(z.string().max(64), z.union([z.string().max(64), z.number()])).optional(),
  /** Counts: random elements fill every list up to a multiple of this; absent: exact sizes are announced. */
  padTo: z.number().optional(),
  /** Counts: by which labels lists are cut, for each party that brings some. */
  labels: z
    .array(
      z.strictObject({
        party: id,
        field: labelField,
        /** Every label that may occur, in order of precedence. */
        labels: z.array(labelText).min(1).max(maxLabels),
        /** Smaller ones are merged; absent: the minimum of `privacy`. */
        minSize: z.number().int().min(0).max(1_000_000).optional(),
      }),
    )
    .max(maxParties)
    .optional(),
  purpose: z.string().min(1).max(200),
  /** Stays on this node; others see a salted commitment to it. */
  caseReference: z.string().min(1).max(200).optional(),
  expiresInMs: z
    .number()
    .int()
    .min(1000)
    .max(30 * 86_400_000)
    .optional(),
  /** Elements to a chunk; absent: the protocol's default. */
  chunkElements: z.number().int().min(1).max(16_384).optional(),
});

const none = z.strictObject({});

/** Parameters by method. */
export const controlParams = {
  status: none,
  'peer.add': z.strictObject({ id, fingerprint: z.string().min(1).max(128) }),
  'peer.list': none,
  'peer.remove': z.strictObject({ id }),
  'list.import': z.strictObject({
    path: absolutePath,
    name: listName,
    format: z.enum(listFormats as readonly [ListFormat, ...ListFormat[]]).optional(),
    columns: columns.optional(),
    /** Take the place of an imported list of this name; otherwise a taken name is `argument.invalid`. */
    replace: z.boolean().optional(),
  }),
  'list.list': none,
  'list.remove': z.strictObject({ name: listName }),
  ...standingParams,
  'session.propose': propose,
  /** `approvals`: what the own officers approved, under a standing agreement. */
  'session.consent': z.strictObject({ session, list: listName, approvals: approvalsParam.optional() }),
  'session.refuse': z.strictObject({ session, reasons: z.array(reason).min(1).max(32) }),
  'session.cancel': z.strictObject({ session }),
  'session.list': none,
  'session.show': z.strictObject({ session }),
  'session.watch': z.strictObject({ session }),
  'session.explain': z.strictObject({ session }),
  'session.export': z.strictObject({ session, out: absolutePath }),
  /** `salts`: with what opens commitments to streams, for an adjudicator alone. */
  'session.evidence': z.strictObject({ session, salts: z.boolean() }),
  ...auditParams,
  'ledger.show': none,
  'ledger.accept': z.strictObject({ ledger: z.string().regex(/^[0-9a-f]{4,12}(-[0-9d-]{0,16})?$/) }),
  ...membershipParams,
  ...emergencyParams,
  ...reportParams,
  ...redressParams,
  ...incidentParams,
  shutdown: none,
} as const;

export type ControlMethod = keyof typeof controlParams;
export type ControlParams<M extends ControlMethod> = z.infer<(typeof controlParams)[M]>;
export type ProposeParams = ControlParams<'session.propose'>;

export interface NodeStatus {
  readonly id: string;
  readonly fingerprint: string;
  /** Hex, 32 bytes. */
  readonly publicKey: string;
  readonly coordinator: { readonly url: string; readonly state: 'online' | 'reconnecting' | 'closed' };
  readonly engine: EngineReport;
  readonly peers: number;
  readonly lists: number;
  /** Sessions that are not over. */
  readonly sessions: number;
  readonly software: string;
}

export interface PeerInfo {
  readonly id: string;
  readonly fingerprint: string;
  /** The agreement whose oversight body it is, and from which the pin follows; null: the operator pinned it. */
  readonly agreement: string | null;
  /** As the coordinator says; false while the node is not connected. */
  readonly online: boolean;
}

export interface ListInfo {
  readonly name: string;
  readonly format: string;
  readonly records: number;
  readonly rejected: number;
  /** ISO 8601. */
  readonly listDate: string;
  readonly importedAtMs: number;
}

/** The report of the import, and the name it was stored under. */
export type ImportResult = ImportOutcome['report'] & { readonly name: string };

/** As the chain's table calls them: docs/protocol.md, Sessions. */
export type SessionState =
  | 'waiting'
  | 'offered'
  | 'consenting'
  | 'freezing'
  | 'streaming'
  | 'barrier'
  | 'collecting'
  | 'closing'
  | 'done'
  | 'aborted';

/** As the agreement has it. */
export type SessionOutput = Output;

export interface SessionSummary {
  readonly session: string;
  readonly role: 'party' | 'collector';
  readonly state: SessionState;
  readonly form: 'direct' | 'sealed' | null;
  readonly proposer: string;
  readonly parties: readonly string[];
  readonly purpose: string;
  readonly startedAtMs: number;
}

export interface CaseReference {
  readonly reference: string;
  /** Hex, 32 bytes: opens the commitment in the proposal. */
  readonly salt: string;
}

/** A number, or null with the reason why it is withheld. */
export interface ReleasedNumber {
  readonly count: number | null;
  readonly reason?: WithheldReason;
}

export interface CountRow {
  readonly in: readonly string[];
  /** Identifiers on these lists and no others; null: withheld. */
  readonly exactly: number | null;
  /** Identifiers on these lists and maybe more; null: withheld. */
  readonly atLeast: number | null;
  /** Why, for each number that is withheld; absent where none is. */
  readonly reason?: { readonly exactly?: WithheldReason; readonly atLeast?: WithheldReason };
}

/** What is true of all numbers of a session's counts. */
export interface ReleaseFacts {
  /** Null: exact numbers. Scale (Laplace) or variance (Gaussian) of the noise of every cell, as a fraction. */
  readonly noise: EncodedNoise | null;
  /** In at least t lists, at t − 1. */
  readonly inAtLeast: readonly ReleasedNumber[];
  /** On any list. */
  readonly union: ReleasedNumber;
}

export interface SessionDetail {
  readonly session: string;
  readonly role: 'party' | 'collector';
  readonly state: SessionState;
  /** Null, as the fields below, until a proposal has arrived. */
  readonly form: 'direct' | 'sealed' | null;
  readonly suite: string;
  readonly recipes: readonly RecipeName[];
  readonly subject: Subject | null;
  readonly purpose: string;
  /** Hex, 32 bytes. */
  readonly agreementId: string | null;
  readonly proposer: string;
  /** `identifiers`: the announced size, known once every consent is in. */
  readonly parties: readonly { readonly id: string; readonly identifiers: number | null }[];
  readonly collectors: readonly string[];
  readonly output: SessionOutput | null;
  readonly expiresAtMs: number | null;
  /** The proposer's own note of why; others hold a commitment to it. */
  readonly caseReference?: CaseReference | null;
  /** The own list in this session, once it was opened. */
  readonly own: {
    readonly list: string;
    readonly records: number;
    readonly identifiers: number;
    readonly withoutIdentifiers: number;
    readonly duplicates: number;
    readonly rejected: number;
    /** Identifiers left out: more of a record than the privacy settings take. */
    readonly cut: number;
    /** Random elements that were announced with the identifiers. */
    readonly fillers: number;
  } | null;
  /** Own matches; null where this party does not receive, or the session is not done. */
  readonly matches: { readonly records: number; readonly identifiers: number } | null;
  readonly counts: readonly CountRow[] | null;
  /** Null where no list is cut by labels. */
  readonly labels: SessionLabels | null;
  /** Null where there are no counts. */
  readonly release: ReleaseFacts | null;
  /** What was asked under the standing agreement; null without one. */
  readonly request: PolicyRequest | null;
  /** What this node's guard found, each time it was asked. */
  readonly decisions: readonly DecisionRecord[];
  readonly answers: readonly SessionAnswer[];
  /** How the result is to be handled; null without a standing agreement. */
  readonly marks: HandlingMarks | null;
  readonly retention: SessionRetention;
  /** The same question on the same lists was answered in this session: its numbers are these, nothing ran. */
  readonly storedResultOf: string | null;
  /** What the agreement withholds and noises; null: nothing. */
  readonly privacy: Agreement['privacy'];
  /** Announced sizes are multiples of this; null: exact. */
  readonly padTo: number | null;
  /** What the agreement lets a period cost each list; null: no agreed caps. */
  readonly caps: Agreement['caps'];
  /** `verified`: done, and every chain was proved; `unverified`: not over, or others were believed. */
  readonly verification: 'verified' | 'unverified';
  /** Frame payloads over all channels of the session. */
  readonly bytes: { readonly sent: number; readonly received: number };
  /** With framing, TLS and handshakes. */
  readonly transport: { readonly sent: number; readonly received: number };
  readonly elapsedMs: number;
  readonly startedAtMs: number;
  /** `by`: the station that ended it. */
  readonly error: { readonly code: string; readonly message: string; readonly by: string } | null;
  /** Hex, 32 bytes. */
  readonly transcript: string | null;
}

export interface ControlResults
  extends MembershipResults,
    EmergencyResults,
    ReportResults,
    RedressResults,
    IncidentResults,
    AuditResults,
    StandingResults {
  status: NodeStatus;
  'peer.add': Record<string, never>;
  'peer.list': readonly PeerInfo[];
  'peer.remove': Record<string, never>;
  'list.import': ImportResult;
  'list.list': readonly ListInfo[];
  'list.remove': Record<string, never>;
  /** `repeats`: a session that answered this question on my list; its stored answer is this one's, unless another list has changed. */
  'session.propose': { readonly session: string; readonly repeats: string | null };
  'session.consent': Record<string, never>;
  'session.refuse': Record<string, never>;
  'session.cancel': Record<string, never>;
  'session.list': readonly SessionSummary[];
  'session.show': SessionDetail;
  /** After the last event. */
  'session.watch': SessionDetail;
  'session.explain': SessionExplanation;
  'session.export': { readonly records: number };
  'session.evidence': Evidence;
  /** The latest period first. */
  'ledger.show': readonly LedgerReport[];
  /** Sessions that were added. */
  'ledger.accept': { readonly added: number };
  shutdown: Record<string, never>;
}

export type * from './events.ts';
export type * from './explain.ts';
export type * from './handling.ts';
export type * from './labels.ts';
