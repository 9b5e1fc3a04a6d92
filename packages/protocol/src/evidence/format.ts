/**
 * The evidence of a session: the file that a party keeps and hands out.
 *
 * Purpose: every signed message that the party sent or took, as it was, under the party's own signature; read strictly,
 * so that nothing is believed of a file that is not one.
 * Assumes: with `salts` the file opens commitments to streams: kept sealed, handed to an adjudicator only.
 * Does not know: what the messages prove (verify.ts), where files are.
 */
import { z } from 'zod';
import { stationId } from '../agreement/ephemeral.ts';
import { readStrictJson } from '../agreement/text.ts';
import { encodeHex } from '../bytes/index.ts';
import { maxRecordedMessages, type ViewOpening } from '../chain/record.ts';
import { TallyError } from '../errors/index.ts';
import { canonicalBytes, signValue, type Sign } from '../wire/canonical.ts';
import type { SignedMessage } from '../wire/messages.ts';

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
const count = z.number().int().min(0).max(0xffff_ffff);

const schema = z.strictObject({
  format: z.literal('tallystick-evidence'),
  version: z.literal(1),
  session: hex(16),
  /** The party that kept it. */
  holder: stationId,
  /** `stored`: nothing ran, the answer of an earlier session was given again. */
  ended: z.enum(['done', 'stored', 'aborted']),
  /** Whether what opens commitments is in it: seals, sentinels, the holder's own view. */
  salts: z.boolean(),
  /** In the order in which they left or were taken; each is checked when it is verified. */
  messages: z.array(z.unknown()).min(1).max(maxRecordedMessages),
  /** Opens the holder's commitment to its own matches. */
  opening: z.strictObject({ salt: hex(32), identifiers: count, records: count }).nullable(),
  /** The holder's, over all of the above. */
  signature: hex(64),
});

/** A file of the right form; nothing in it is believed yet. */
export type Evidence = z.infer<typeof schema>;
type Unsigned = Omit<Evidence, 'signature'>;

/** Twelve consents with the longest ledgers that a message holds, and all the rest. */
export const maxEvidenceBytes = 4 * 1024 * 1024;

export const evidenceDomain = 'evidence';

export interface EvidenceFacts {
  readonly session: string;
  readonly holder: string;
  readonly ended: Evidence['ended'];
  readonly messages: readonly SignedMessage[];
  readonly opening: ViewOpening | null;
}

/** The whole evidence of a session, with salts, signed by its holder. */
export function createEvidence(facts: EvidenceFacts, sign: Sign): Evidence {
  const { session, holder, ended, opening } = facts;
  const head = { format: 'tallystick-evidence' as const, version: 1 as const, session, holder, ended };
  return signed({ ...head, salts: true, messages: [...facts.messages], opening }, sign);
}

/**
 * The same without what opens a commitment or was derived from a list alone, for somebody who audits and does not
 * judge (docs/threat-model.md, Evidence). Signed anew by the holder.
 */
export function withoutSalts(evidence: Evidence, sign: Sign): Evidence {
  const { signature: _, ...body } = evidence;
  const messages = body.messages.filter((message) => !opensSomething(message));
  return signed({ ...body, salts: false, messages, opening: null }, sign);
}

export const saltedTypes: readonly string[] = ['seal', 'sentinels'];

function opensSomething(message: unknown): boolean {
  return saltedTypes.includes((message as SignedMessage).type);
}

function signed(body: Unsigned, sign: Sign): Evidence {
  return { ...body, signature: encodeHex(signValue(evidenceDomain, body, sign)) };
}

/** Canonical JSON (RFC 8785): the same evidence is the same bytes. */
export function encodeEvidence(evidence: Evidence): Uint8Array {
  return canonicalBytes(evidence);
}

/** Throws `evidence.invalid` naming the field. */
export function parseEvidence(bytes: Uint8Array): Evidence {
  if (bytes.length > maxEvidenceBytes) {
    throw new TallyError(
      'evidence.invalid',
      `evidence: want at most ${maxEvidenceBytes} bytes, got ${bytes.length}`,
    );
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new TallyError('evidence.invalid', 'evidence: want UTF-8');
  }
  const { value, problems } = readStrictJson(text);
  if (problems.length > 0) {
    throw new TallyError('evidence.invalid', 'evidence: want JSON in which every key stands once');
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new TallyError(
    'evidence.invalid',
    `evidence.${issue?.path.join('.') ?? ''}: ${issue?.code ?? 'invalid'}`,
  );
}
