/**
 * docs/agreement.schema.json, made from the schema that the code reads.
 *
 * Purpose: the published JSON Schema (draft 2020-12) of the standing agreement.
 * Assumes: zod's own conversion; contradictions between clauses cannot be said in it (docs/agreement.md lists them).
 * Does not know: agreements.
 */
import { writeFileSync } from 'node:fs';
import { standingJsonSchema } from '@tallystick/protocol/agreement';

const file = new URL('../docs/agreement.schema.json', import.meta.url);
const about = {
  $id: 'tallystick-agreement-1',
  title: 'Tallystick standing agreement, format 1',
  description:
    'The document that every party and every oversight body signs. Its id is the SHA-256 of its RFC 8785 form.',
};

export function agreementSchemaText(): string {
  const { $schema, ...schema } = standingJsonSchema();
  return `${JSON.stringify({ $schema, ...about, ...schema }, null, 2)}\n`;
}

if (process.argv[1] === new URL(import.meta.url).pathname) writeFileSync(file, agreementSchemaText());
