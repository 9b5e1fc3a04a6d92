/**
 * JSON, one value a line, over a byte stream.
 *
 * Purpose: what client and server of the control socket say: schemas, limits, errors as
 * `{ code, message, field? }`. Assumes: both ends are of one version, one machine, one user.
 * Does not know: methods.
 */
import { type ErrorCode, errorTable, TallyError } from '@tallystick/protocol/errors';
import { z } from 'zod';

/** Longest line in characters. */
export const maxLineLength = 16 * 1024 * 1024;

const errorSchema = z.object({ code: z.string(), message: z.string(), field: z.string().optional() });

export const requestSchema = z.strictObject({
  id: z.int().min(0),
  method: z.string().regex(/^[a-z][a-zA-Z.]{0,63}$/),
  params: z.unknown(),
});

export const replySchema = z.union([
  z.strictObject({ id: z.int(), event: z.unknown() }),
  z.strictObject({ id: z.int(), result: z.unknown() }),
  z.strictObject({ id: z.int(), error: errorSchema }),
]);

/** Cuts a stream of text into lines. @throws TallyError `control.request` for a line over the limit. */
export function createLineCutter(
  onLine: (line: string) => void,
  limit = maxLineLength,
): (text: string) => void {
  let parts: string[] = [];
  let length = 0;
  return (text) => {
    const lines = text.split('\n');
    for (const [index, piece] of lines.entries()) {
      length += piece.length;
      if (length > limit) throw new TallyError('control.request', `line: want at most ${limit} characters`);
      parts.push(piece);
      if (index === lines.length - 1) break;
      const line = parts.join('');
      parts = [];
      length = 0;
      onLine(line);
    }
  };
}

/** @throws TallyError `control.request`. */
export function parseLine<T>(schema: z.ZodType<T>, line: string): T {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new TallyError('control.request', 'line: want JSON');
  }
  const result = schema.safeParse(value);
  if (!result.success)
    throw new TallyError(
      'control.request',
      `request.${result.error.issues[0]?.path.join('.') ?? ''}: invalid`,
    );
  return result.data;
}

/** What crosses of an error; of one that is no `TallyError`, nothing but the fact. */
export function encodeError(thrown: unknown): z.infer<typeof errorSchema> {
  if (!(thrown instanceof TallyError)) return { code: 'internal.bug', message: 'unexpected failure' };
  const field: unknown = 'field' in thrown ? thrown.field : undefined;
  const { code, message } = thrown;
  return typeof field === 'string' ? { code, message, field } : { code, message };
}

export function parseError({ code, message, field }: z.infer<typeof errorSchema>): TallyError {
  const known = Object.hasOwn(errorTable, code) ? (code as ErrorCode) : 'internal.bug';
  const error = new TallyError(known, message);
  return field === undefined ? error : Object.assign(error, { field });
}
