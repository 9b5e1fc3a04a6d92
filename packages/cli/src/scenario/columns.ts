/**
 * Header names of a generic CSV, as scenarios and `--columns` give them.
 *
 * Purpose: the schema of `columns` (docs/recipes.md A8).
 * Assumes: the importer holds the names against the file's header. Does not know: files.
 */
import type { CsvColumns } from '@tallystick/node/lists';
import { labelField, readStrictJson } from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import { z } from 'zod';

const header = z.string().min(1).max(200);

export const columnsSchema = z.strictObject({
  id: header.optional(),
  name: header.optional(),
  aliases: header.optional(),
  birthDate: header.optional(),
  subject: header.optional(),
  labels: z.record(labelField, header).optional(),
  documents: z
    .array(z.strictObject({ kind: header.optional(), country: header.optional(), number: header }))
    .optional(),
});

/** `--columns` as JSON. @throws TallyError `argument.invalid`. */
export function parseColumnsOption(text: string): CsvColumns {
  const { value, problems } = readStrictJson(text);
  const repeated = problems.find(({ code }) => code === 'key.repeated-field');
  if (repeated !== undefined)
    throw new TallyError('argument.invalid', `--columns: ${repeated.path.slice(0, 40)}: stands twice`);
  if (problems.length > 0) {
    throw new TallyError('argument.invalid', '--columns: want JSON such as {"id":"ref","name":"full name"}');
  }
  const result = columnsSchema.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new TallyError(
      'argument.invalid',
      `--columns: ${issue?.path.join('.') ?? ''}: ${issue?.message.toLowerCase() ?? 'invalid'}`,
    );
  }
  return result.data;
}
