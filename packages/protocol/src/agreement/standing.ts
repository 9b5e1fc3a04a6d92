/**
 * The standing agreement: who may run what with whom, why, how often, under whose eyes and until when.
 *
 * Purpose: the one schema of the document that parties and oversight sign; the published JSON Schema is made of it.
 * Every field is required; where there is nothing to say, null says so. A set is never empty.
 * Assumes: plain JSON. What no shape can say is in contradictions.ts.
 * Does not know: signatures (signed.ts), sessions, decisions (../policy).
 */
import { z } from 'zod';
import { recipeNames, recipeVersion, subjects } from '../records/types.ts';
import { suiteName } from '../suite/hash.ts';
import { maxParties, minParties } from '../wire/limits.ts';
import { stationId } from './ephemeral.ts';
import { instantSchema } from './instant.ts';
import { labelText, maxLabels } from './labels.ts';
import {
  listCategories,
  papTerms,
  powerTerms,
  predicateTerms,
  purposeTerms,
  roleTerms,
  statisticTerms,
  tierTerms,
  tlpTerms,
  useTerms,
} from './terms.ts';

export const hex32 = z.string().regex(/^[0-9a-f]{64}$/);
/** A short name within the agreement. */
export const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/);
/** Nothing that moves a cursor or turns a line round; no line breaks. */
const text = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[^\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]*$/u);
export const whole = (least: number, most: number) => z.number().int().min(least).max(most);
const setOf = <T extends z.ZodType>(element: T, most: number) => z.array(element).min(1).max(most);
const big = Number.MAX_SAFE_INTEGER;

/** ISO 3166-1 alpha-3, or `EU` for the law of the Union. */
const jurisdiction = z.string().regex(/^(?:[A-Z]{3}|EU)$/);
const fingerprint = z.string().regex(/^sha256:[A-Za-z0-9_-]{43}$/);

const officer = z.strictObject({ id: slug, role: z.enum(roleTerms), publicKey: hex32 });

const station = z.strictObject({
  id: stationId,
  name: text(200),
  /** Of the certificate's SPKI, as `tallystick init` prints it. */
  fingerprint,
  /** Ed25519: signs the agreement, proposals and consents. */
  publicKey: hex32,
});

const party = station.extend({
  jurisdiction,
  supervisor: text(200),
  /** People, by a key each and a role each; nobody is named. */
  officers: setOf(officer, 64),
});

const body = z.strictObject({
  id: stationId,
  name: text(200),
  publicKey: hex32,
  powers: setOf(z.enum(powerTerms), powerTerms.length),
});

const list = z.strictObject({
  party: stationId,
  category: z.enum(listCategories),
  subject: z.enum(subjects),
  recipes: setOf(z.enum(recipeNames), recipeNames.length),
  recipeVersion: z.literal(recipeVersion),
  /** Announced sizes, in identifiers. */
  minIdentifiers: whole(1, 1 << 24),
  maxIdentifiers: whole(1, 1 << 24),
  /** Labels by which counts may be split; null: none. */
  labels: setOf(labelText, maxLabels).nullable(),
});

const outputBase = {
  id: slug,
  purposes: setOf(slug, 32),
  tiers: setOf(z.enum(tierTerms), tierTerms.length),
  receivers: setOf(stationId, maxParties),
  /** Who may merge; null in the direct form, where nobody does. */
  collectors: setOf(stationId, maxParties).nullable(),
  /** How many merge the same session independently. */
  collectorsNeeded: whole(0, 2),
  /** The word by which a collector may bring a list of its own; such a session is charged as matches. */
  listOwnerCollects: z.literal('charged-as-matches').nullable(),
  /** True: only with every chain proved. */
  verified: z.boolean(),
  marks: z.strictObject({ tlp: z.enum(tlpTerms), pap: z.enum(papTerms) }),
};

const output = z.discriminatedUnion('kind', [
  z.strictObject({
    ...outputBase,
    kind: z.literal('matches'),
    form: z.enum(['direct', 'sealed']),
    /** Form sealed only. */
    predicates: setOf(z.enum(predicateTerms), predicateTerms.length).nullable(),
    which: z.boolean(),
  }),
  z.strictObject({
    ...outputBase,
    kind: z.literal('counts'),
    form: z.literal('sealed'),
    statistics: setOf(z.enum(statisticTerms), statisticTerms.length),
    /** Counts may be split by the lists' labels. */
    labels: z.boolean(),
  }),
]);

const noise = z.strictObject({
  mechanism: z.enum(['laplace', 'gaussian']),
  /** At most so much for one release. */
  microEpsilon: whole(1, 20_000_000),
  /** δ = 10^-k, at least this k; with gaussian only. */
  deltaExponent: whole(5, 15).nullable(),
});

export const standingSchema = z.strictObject({
  format: z.literal('tallystick-agreement-1'),
  /** What its versions have in common. */
  name: slug,
  title: text(200),
  version: whole(1, 10_000),
  /** Id of the version before; null for the first. */
  supersedes: hex32.nullable(),
  notBefore: instantSchema,
  notAfter: instantSchema,
  parties: z.array(party).min(minParties).max(maxParties),
  /** Stations that never bring a list and may merge; null: none. */
  collectors: setOf(station, 4).nullable(),
  oversight: setOf(body, 16),
  legalBasis: setOf(
    z.strictObject({
      jurisdiction,
      citation: text(500),
      /** SHA-256 of the impact assessment. */
      assessment: hex32,
    }),
    64,
  ),
  purposes: setOf(z.strictObject({ id: slug, term: z.enum(purposeTerms), text: text(500) }), 32),
  prohibitedUses: setOf(z.enum(useTerms), useTerms.length),
  lists: setOf(list, 64),
  outputs: setOf(output, 32),
  tiers: z.strictObject({
    routine: z.strictObject({
      /** Approvers of every party whose approvals are due. */
      approvals: whole(0, 16),
      /** Custodians of every such party, who consent to the use of its list; 0: nobody is asked. */
      custodians: whole(0, 16),
      oversight: z.enum(['notified', 'asked']),
    }),
    imminent: z
      .strictObject({
        approvals: whole(1, 16),
        custodians: whole(0, 16),
        oversight: z.literal('afterwards'),
        /** From the declaration on; then it lapses by itself. */
        lastsHours: whole(1, 720),
        /** From the declaration on; a review that is late locks the tier. */
        reviewWithinHours: whole(1, 2160),
        /** Emergencies without review that may stand at a time. */
        maxUnreviewed: whole(1, 16),
      })
      .nullable(),
  }),
  privacy: z.strictObject({
    /** Numbers below it are withheld; 0: none. */
    minCount: whole(0, 1_000_000),
    /** Null: exact numbers. */
    noise: noise.nullable(),
    identifiersPerRecord: whole(1, 10_000),
    /** Lists are filled up to a multiple of it; null: exact sizes are announced. */
    padTo: whole(2, 1 << 24).nullable(),
    /** For each pair of partners. */
    budget: z.strictObject({
      periodDays: whole(1, 366),
      microEpsilon: whole(0, big),
      /** In units of 10^-15. */
      femtoDelta: whole(0, big),
      records: whole(0, big),
      /** Versions of one list. */
      listVersions: whole(1, 1_000_000),
    }),
  }),
  caps: z.strictObject({
    sessionsPerDay: whole(1, 1_000_000),
    recordsPerDay: whole(1, big),
    pairSessionsPerDay: whole(1, 1_000_000),
    pairRecordsPerDay: whole(1, big),
    /** Longest time a proposal may stay open. */
    proposalMinutes: whole(1, 43_200),
  }),
  /** Results for so long at most, logs for so long at least: nothing deletes an entry, and one that is gone breaks the log. */
  retention: z.strictObject({ resultDays: whole(1, 3660), logDays: whole(1, 36_600) }),
  suites: setOf(z.enum([suiteName]), 1),
  /** What a station says of its own software; nothing proves it. */
  software: z.strictObject({
    minVersion: z.string().regex(/^(?:0|[1-9]\d{0,5})(?:\.(?:0|[1-9]\d{0,5})){2}$/),
    evidence: z.literal('self-asserted'),
  }),
  /** How old what a node knows may be before silence denies. */
  freshness: z.strictObject({
    /** Of every party's and every oversight body's signed word that nothing is suspended. */
    notSuspendedMinutes: whole(1, 10_080),
    membershipHours: whole(1, 744),
    /** Of the newest checkpoint of a node's log that another party or oversight witnessed: of the own log, and of each partner's. */
    witnessHours: whole(1, 744),
    /** How far a partner's clock may be off. */
    clockSeconds: whole(1, 3600),
  }),
  suspension: z.strictObject({
    by: z.literal('any-one'),
    resumeBy: z.literal('all'),
    afterWithdrawal: z.enum(['rest-stands', 'ends-for-all']),
  }),
  redress: z.strictObject({
    contact: text(200),
    acknowledgeDays: whole(1, 366),
    decideDays: whole(1, 366),
    /** Whether the answer to an enquiry may say that something was held, or that nothing was. */
    disclosure: z.enum(['never', 'by-officer']),
  }),
  incident: z.strictObject({ contact: text(200), notifyHours: whole(1, 720) }),
});

export type StandingAgreement = z.infer<typeof standingSchema>;
export type StandingOutput = StandingAgreement['outputs'][number];
export type StandingClause = keyof StandingAgreement;

/** The schema as JSON Schema, draft 2020-12: docs/agreement.schema.json. */
export function standingJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(standingSchema);
}
