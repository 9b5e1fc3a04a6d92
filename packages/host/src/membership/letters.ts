/**
 * What two members exchange: what each has, and what the other lacks.
 *
 * Purpose: one question for telling and asking at once, `membership.exchange`; asked twice, it changes nothing.
 * Assumes: mail (../mail). Does not know: what messages say; each is checked where it is applied.
 */
import { TallyError } from '@tallystick/protocol/errors';
import { z } from 'zod';

export const exchangeKind = 'membership.exchange';

/** Messages in one letter: about 200 KiB. */
export const maxBatch = 256;

const whole = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const head = z.strictObject({
  from: z.string().max(64),
  /** Messages of this sender that are known. */
  said: whole,
  /** SHA-256 over their hashes, in order, as hex: who hears other messages under the same numbers is shown them. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  /** Of its newest word; null: none. */
  affirmedAtMs: whole.nullable(),
  hasForked: z.boolean(),
});

export type Head = z.infer<typeof head>;

const heads = z.array(head).max(64);
const messages = z.array(z.unknown()).max(maxBatch);

const questionSchema = z.strictObject({ agreement: z.string().regex(/^[0-9a-f]{64}$/), heads, messages });
const replySchema = z.strictObject({ heads, messages });

export type ExchangeQuestion = z.infer<typeof questionSchema>;
export type ExchangeReply = z.infer<typeof replySchema>;

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const { success, data } = schema.safeParse(body);
  if (!success) throw new TallyError('wire.message', 'membership: fields do not match');
  return data;
}

/** Throws `wire.message`. */
export const parseQuestion = (body: unknown): ExchangeQuestion => parse(questionSchema, body);

/** Throws `wire.message`. */
export const parseReply = (body: unknown): ExchangeReply => parse(replySchema, body);
