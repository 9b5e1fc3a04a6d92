/**
 * A correction: what one partner tells another about a record that matched between them (docs/redress.md).
 *
 * Purpose: name the session and what to do; let the partner find the record among those that it holds as matched, by
 * salted hashes of the identifiers through which it matched, and by nothing else.
 * Assumes: the caller asks only about sessions whose matches the partner received. Does not know: who sends it, results.
 */
import { z } from 'zod';
import { encodeHex, utf8 } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import type { RandomBytes } from '../suite/index.ts';
import { domainHash } from '../wire/index.ts';

/** What was done with the record here, and is asked of the partner. */
export const correctionActions = ['corrected', 'erased'] as const;

const hex16 = z.string().regex(/^[0-9a-f]{32}$/);
const hex32 = z.string().regex(/^[0-9a-f]{64}$/);

/** Numbers of tags are multiples of it: how many identifiers a record matched through is not told. */
export const tagsMultiple = 16;
const mostTags = 4096;

export const correctionSchema = z.strictObject({
  /** Random: the same correction sent again is one. */
  correction: hex16,
  session: hex16,
  action: z.enum(correctionActions),
  salt: hex32,
  /** Empty: the session alone is named. */
  tags: z.array(hex32).max(mostTags),
});

export type Correction = z.infer<typeof correctionSchema>;

/** Throws `wire.message`, naming the field. */
export function parseCorrection(value: unknown): Correction {
  const checked = correctionSchema.safeParse(value);
  if (checked.success) return checked.data;
  throw new TallyError(
    'wire.message',
    `correction.${checked.error.issues[0]?.path.join('.') ?? ''}: refused by its schema`,
  );
}

type Place = Pick<Correction, 'salt' | 'session'>;

/** Hash of an identifier that only somebody who has this very identifier can find; hex. */
export function correctionTag({ salt, session }: Place, identifier: string): string {
  return encodeHex(domainHash('redress-tag', utf8(salt), utf8(session), utf8(identifier)));
}

/** Tags of the identifiers with random ones among them, sorted: neither number nor order says anything. */
export function correctionTags(
  place: Place,
  identifiers: Iterable<string>,
  random: RandomBytes,
): readonly string[] {
  const tags = [...new Set(identifiers)].map((one) => correctionTag(place, one));
  if (tags.length === 0) return [];
  while (tags.length % tagsMultiple !== 0) tags.push(encodeHex(random(32)));
  return tags.sort();
}

/** Whether a record with these identifiers is meant. */
export function isTagged(
  correction: Place & Pick<Correction, 'tags'>,
  identifiers: Iterable<string>,
): boolean {
  const tags = new Set(correction.tags);
  return [...identifiers].some((one) => tags.has(correctionTag(correction, one)));
}
