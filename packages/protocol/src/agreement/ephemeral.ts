/**
 * The terms of one session: what it is bound to, with or without a standing agreement.
 *
 * Purpose: who takes part, what for, what comes out and until when; the id of the terms (SHA-256 of the canonical
 * form) stands in every element's domain. `standing` names the agreement and the request behind them; where it is
 * null they are an ephemeral agreement: of a local run, a demo, or nodes that only pinned each other.
 * Assumes: each party signs them by consenting to the proposal that carries them.
 * Does not know: what a standing agreement says (../policy/terms.ts), oversight, what was spent.
 */
import { z } from 'zod';
import { encodeHex, parseHex } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { capsSchema } from '../privacy/caps.ts';
import { recipeNames, recipeVersion } from '../records/types.ts';
import { fingerprintOfKey } from '../signature/fingerprint.ts';
import { suiteName } from '../suite/hash.ts';
import { canonicalBytes, domainHash } from '../wire/canonical.ts';
import { maxChunkElements, maxCollectors, maxParties, maxSentinels, minParties } from '../wire/limits.ts';
import { checkLabels, labelsSchema } from './labels.ts';

const hex32 = z.string().regex(/^[0-9a-f]{64}$/);
export const stationId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/);

const station = z.strictObject({
  id: stationId,
  /** Ed25519 identity key, hex. */
  publicKey: hex32,
  /** SHA-256 of the certificate's SPKI, as `tallystick init` prints it. */
  fingerprint: z.string().min(16).max(128),
});

/** A place in a session: a party, or a collector. */
export type Station = z.infer<typeof station>;

/** When a record of a receiver's counts as matched, in a session of three parties or more. */
const predicate = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('atLeast'), lists: z.number().int().min(2).max(maxParties) }),
  z.strictObject({ kind: z.literal('any') }),
]);

export type Predicate = z.infer<typeof predicate>;

const output = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('matches'),
    to: z.array(stationId).min(1).max(maxParties),
    /** Form sealed only; null in the direct form. */
    predicate: predicate.nullable(),
    /** Form sealed only: receivers learn on which lists, not only whether. */
    which: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('counts') }),
]);

export type Output = z.infer<typeof output>;

/** Checked privacy settings, as privacy/release.ts takes them. Null microEpsilon: exact numbers, with suppression only. */
const privacy = z.strictObject({
  minCount: z.number().int().min(0).max(1_000_000),
  microEpsilon: z.number().int().min(1).max(20_000_000).nullable(),
  deltaExponent: z.number().int().min(5).max(15).nullable(),
  identifiersPerRecord: z.number().int().min(1).max(10_000),
  mechanism: z.enum(['laplace', 'gaussian']),
});

export const agreementSchema = z.strictObject({
  version: z.literal(1),
  /** The standing agreement that permits the session, and the request that was approved under it; null: pins alone. */
  standing: z.strictObject({ agreement: hex32, request: hex32 }).nullable(),
  suite: z.literal(suiteName),
  form: z.enum(['direct', 'sealed']),
  parties: z.array(station).min(minParties).max(maxParties),
  /** Who merges, form sealed; they bring no list. Two merge independently and must agree. None in the direct form. */
  collectors: z.array(station).max(maxCollectors),
  purpose: z.string().min(1).max(200),
  subject: z.enum(['person', 'organisation', 'any']),
  recipes: z.array(z.enum(recipeNames)).min(1).max(recipeNames.length),
  recipeVersion: z.literal(recipeVersion),
  /** True: every chain is proved before a result; false: the light form, whose results are `unverified`. */
  verified: z.boolean(),
  /** Elements in every list of a sealed session by which a collector's faults show; 0 in the direct form. */
  sentinels: z.number().int().min(0).max(maxSentinels),
  output,
  /** What is withheld of counts, and what noise they get; null: exact numbers, and the result says so. */
  privacy: privacy.nullable(),
  /** Sealed counts: lists are filled with random elements up to a multiple of this; null: exact sizes are announced. */
  padTo: z
    .number()
    .int()
    .min(2)
    .max(1 << 24)
    .nullable(),
  /** Counts: by which labels lists are cut, by party in increasing order; null: none is. */
  labels: labelsSchema.nullable(),
  /** What a period may cost each list; null: no agreed caps, but every side keeps the ledger. */
  caps: capsSchema.nullable(),
  chunkElements: z.number().int().min(1).max(maxChunkElements),
  notAfterMs: z.number().int().positive(),
});

export type Agreement = z.infer<typeof agreementSchema>;
export type Form = Agreement['form'];

/**
 * A checked agreement: shape, and what a shape cannot say. Throws `agreement.invalid` naming the field.
 */
export function parseAgreement(value: unknown): Agreement {
  const result = agreementSchema.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new TallyError(
      'agreement.invalid',
      `agreement.${issue?.path.join('.') ?? ''}: ${issue?.code ?? 'invalid'}`,
    );
  }
  const agreement = result.data;
  const deny = (field: string, text: string): never => {
    throw new TallyError('agreement.invalid', `agreement.${field}: ${text}`);
  };
  const ids = agreement.parties.map((party) => party.id);
  // Parties are ordered by node id: the order is the chain's.
  for (let i = 1; i < ids.length; i++) {
    if ((ids[i - 1] as string) >= (ids[i] as string)) deny('parties', 'want strictly increasing ids');
  }
  const { collectors } = agreement;
  const keys = [...agreement.parties, ...collectors];
  if (new Set(keys.map((key) => key.publicKey)).size !== keys.length) deny('parties', 'want distinct keys');
  for (const [at, { publicKey, fingerprint }] of keys.entries()) {
    const among = at - ids.length;
    const place = among < 0 ? `parties.${at}` : `collectors.${among}`;
    if (fingerprintOfKey(parseHex(publicKey)) !== fingerprint)
      deny(`${place}.fingerprint`, 'not of the key beside it');
  }
  const collecting = collectors.map((collector) => collector.id);
  if (collecting.some((id, i) => i > 0 && (collecting[i - 1] as string) >= id))
    deny('collectors', 'want strictly increasing ids');
  if (collectors.some((collector) => ids.includes(collector.id)))
    deny('collectors', 'want somebody who brings no list');
  if (new Set(agreement.recipes).size !== agreement.recipes.length) deny('recipes', 'want each recipe once');
  if (agreement.form === 'direct') {
    if (ids.length !== 2) deny('parties', `form direct: want 2, got ${ids.length}`);
    // A receiver that deviates turns a two-party count into matches (docs/protocol.md): counts need a collector.
    if (agreement.output.kind !== 'matches') deny('output.kind', 'form direct: want matches, got counts');
    if (collectors.length > 0) deny('collectors', 'form direct: want none');
    if (agreement.sentinels !== 0) deny('sentinels', 'form direct: want 0');
  } else if (collectors.length === 0) {
    deny('collectors', 'form sealed: want one, got none');
  }
  if (agreement.output.kind === 'matches' || agreement.form === 'direct') {
    // Noise and suppression protect numbers; a match is not a number.
    if (agreement.privacy !== null) deny('privacy', 'output matches: want null');
    if (agreement.padTo !== null) deny('padTo', 'output matches: want null');
    // A mark with a label would tell an owner what others wrote beside its identifier.
    if (agreement.labels !== null) deny('labels', 'output matches: want null');
  }
  if (agreement.labels !== null) checkLabels(agreement.labels, ids, deny);
  const { mechanism, microEpsilon, deltaExponent } = agreement.privacy ?? {};
  if (mechanism === 'gaussian' && (microEpsilon === null || deltaExponent === null)) {
    deny('privacy.mechanism', 'gaussian: want an epsilon and a delta');
  }
  if (agreement.output.kind === 'matches') {
    const to = agreement.output.to;
    if (new Set(to).size !== to.length) deny('output.to', 'want each receiver once');
    if (to.some((id) => !ids.includes(id))) deny('output.to', 'want parties only');
    checkMatches(agreement, deny);
  }
  return agreement;
}

function checkMatches(agreement: Agreement, deny: (field: string, text: string) => never): void {
  const { output, form, parties } = agreement;
  if (output.kind !== 'matches') return;
  if (form === 'direct') {
    if (output.predicate !== null) deny('output.predicate', 'form direct: want null');
    if (output.which) deny('output.which', 'form direct: want false');
    return;
  }
  // Two parties have the direct form, in which nobody else learns how many matched.
  if (parties.length < 3) deny('parties', 'form sealed with matches: want 3 or more');
  if (output.predicate === null) deny('output.predicate', 'form sealed: want one, got null');
  if (output.predicate?.kind === 'atLeast' && output.predicate.lists > parties.length) {
    deny('output.predicate.lists', `want at most ${parties.length}`);
  }
}

/** The agreement's id: 32 bytes. */
export function agreementId(agreement: Agreement): Uint8Array {
  return domainHash('agreement', canonicalBytes(agreement));
}

/** The agreement's id as people and messages write it. */
export function agreementIdText(agreement: Agreement): string {
  return encodeHex(agreementId(agreement));
}
