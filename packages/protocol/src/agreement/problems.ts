/**
 * Problems of a document: all of them, each with its path and a code of a closed vocabulary.
 *
 * Purpose: what a schema refuses, as codes that a program can branch on and a person can look up.
 * Assumes: zod's issues. Does not know: which document.
 */
import type { z } from 'zod';
import { canonicalBytes } from '../wire/canonical.ts';
import { equalBytes } from '../bytes/index.ts';
import type { ProblemCode } from './problem-texts.ts';

export interface Problem {
  /** Where, as `outputs.0.receivers`; empty for the document as a whole. */
  readonly path: string;
  readonly code: ProblemCode;
}

type Issue = z.core.$ZodIssue;

export const pathText = (path: readonly PropertyKey[]): string => path.map(String).join('.');

function isMissing(value: unknown, path: readonly PropertyKey[]): boolean {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return true;
    at = (at as Record<PropertyKey, unknown>)[step];
  }
  return false;
}

function codeOf(issue: Issue, value: unknown): ProblemCode {
  if (isMissing(value, issue.path)) return 'field.missing';
  switch (issue.code) {
    case 'too_small':
      return issue.origin === 'array'
        ? 'set.too-small'
        : issue.origin === 'string'
          ? 'text.length'
          : 'number.range';
    case 'too_big':
      return issue.origin === 'array'
        ? 'set.too-large'
        : issue.origin === 'string'
          ? 'text.length'
          : 'number.range';
    case 'invalid_value':
    case 'invalid_union':
      return 'term.unknown';
    case 'invalid_format':
    case 'custom':
      return 'text.form';
    default:
      return 'field.type';
  }
}

function problemsOf(issues: readonly Issue[], value: unknown, root: readonly PropertyKey[]): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const path = [...root, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: pathText([...path, key]), code: 'field.unknown' }));
    }
    return [{ path: pathText(path), code: codeOf(issue, value) }];
  });
}

/** Whether parsing dropped or changed nothing (`__proto__` as a key, a value that JSON does not have). */
function isUnchanged(parsed: unknown, value: unknown): boolean {
  try {
    return equalBytes(canonicalBytes(parsed), canonicalBytes(value));
  } catch {
    return false;
  }
}

export type Checked<T> =
  | { readonly value: T; readonly problems: readonly [] }
  | { readonly value: undefined; readonly problems: readonly Problem[] };

/** The typed value, or everything that the schema has against it. Never throws for plain JSON. */
export function checkShape<T>(
  schema: z.ZodType<T>,
  value: unknown,
  root: readonly PropertyKey[] = [],
): Checked<T> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) return { value: undefined, problems: problemsOf(parsed.error.issues, value, root) };
  if (!isUnchanged(parsed.data, value)) {
    return { value: undefined, problems: [{ path: pathText(root), code: 'field.unknown' }] };
  }
  return { value: parsed.data, problems: [] };
}
