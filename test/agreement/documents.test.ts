/** The published documents say what the code says: the JSON Schema and the decision vectors. */
import { readFileSync } from 'node:fs';
import { decide, denialTexts } from '@tallystick/protocol/policy';
import { describe, expect, test } from 'vitest';
import { agreementSchemaText } from '../../scripts/agreement-schema.ts';
import { cases } from '../../packages/protocol/src/policy/cases.testkit.ts';

const read = (path: string): string => readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8');

describe('agreement.schema.json', () => {
  test('is made of the schema that the code reads (npm run agreement:documents)', () => {
    expect(read('agreement.schema.json')).toBe(agreementSchemaText());
  });

  test('wants every field and permits no other', () => {
    let objects = 0;
    const look = (schema: unknown): void => {
      if (typeof schema !== 'object' || schema === null) return;
      const { type, properties, required, additionalProperties } = schema as Record<string, unknown>;
      if (type === 'object') {
        objects++;
        expect(additionalProperties).toBe(false);
        expect(required).toEqual(Object.keys(properties as object));
      }
      for (const value of Object.values(schema)) look(value);
    };
    look(JSON.parse(agreementSchemaText()));
    expect(objects).toBeGreaterThan(15);
  });
});

describe('vectors/decisions.json', () => {
  interface Vector {
    name: string;
    agreement: string;
    rules: unknown;
    request: string;
    state: string;
    now: unknown;
    decision: string;
    failed: { code: string; clause: string }[];
  }
  type Shelf = Record<string, unknown>;
  const file = JSON.parse(read('vectors/decisions.json')) as {
    codes: unknown;
    agreements: Shelf;
    requests: Shelf;
    states: Shelf;
    vectors: Vector[];
  };
  const words = (failed: readonly { code: string; clause: string }[]): string[] =>
    failed.map(({ code, clause }) => `${code} ${clause}`).sort();

  test('holds every case of the tests (npm run agreement:documents)', () => {
    expect(file.codes).toEqual(denialTexts);
    expect(file.vectors.map(({ name, failed }) => [name, words(failed)])).toEqual(
      cases.map(({ base, name, want }) => [`${base}: ${name}`, [...want].sort()]),
    );
  });

  test('decides as it says, read as another implementer reads it', () => {
    for (const vector of file.vectors) {
      const decision = decide(
        file.agreements[vector.agreement],
        vector.rules,
        file.requests[vector.request],
        file.states[vector.state],
        vector.now,
      );
      expect(decision.kind, vector.name).toBe(vector.decision);
      expect(words(decision.kind === 'permit' ? [] : decision.failed), vector.name).toEqual(
        words(vector.failed),
      );
    }
  });
});
