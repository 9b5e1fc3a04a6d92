/**
 * The schema of a scenario file, and its errors in words.
 *
 * Purpose: every mistake names the field, what is wanted there and what stands there.
 * Assumes: a scenario is the user's own file: its field names and ids may be repeated in messages.
 * Does not know: the file system.
 */
import { listFormats, type ListFormat } from '@tallystick/node/lists';
import { labelField, labelText, maxLabels, useTerms } from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import { recipeNames, subjects, type RecipeName, type Subject } from '@tallystick/protocol/records';
import { z } from 'zod';
import { nearest } from '../args/parse.ts';
import { columnsSchema } from './columns.ts';

export const minParties = 2;
export const maxParties = 10;
const maxPadTo = 1 << 24;

const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'want 1 to 32 characters of a-z, 0-9 and -, not - first');
/** An id within an agreement. */
const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'want an id of the agreement: a-z, 0-9 and -');
const recipe = z.enum(recipeNames as readonly [RecipeName, ...RecipeName[]]);

/** A field of the records, or a field and what it may hold, the weightiest first. */
const labels = z.union([
  labelField,
  z.strictObject({
    field: labelField,
    values: z.array(labelText).min(1).max(maxLabels).optional(),
    minSize: z.number().int().min(0).max(1_000_000).optional(),
  }),
]);

const party = z.strictObject({
  id,
  /** Absent: of a party that collects. */
  list: z.string().min(1).optional(),
  format: z.enum(listFormats as readonly [ListFormat, ...ListFormat[]]).optional(),
  columns: columnsSchema.optional(),
  labels: labels.optional(),
});

/** Values are `parsePrivacyPolicy`'s to judge. */
const setting = z.union([z.number(), z.string()]).optional();
const privacy = z.strictObject({
  minCount: setting,
  epsilon: setting,
  delta: setting,
  identifiersPerRecord: setting,
  mechanism: setting,
});

/** Values are `parseCaps`'s to judge. */
const caps = z.strictObject({
  periodDays: setting,
  sessions: setting,
  records: setting,
  versions: setting,
  epsilon: setting,
});

export const scenarioSchema = z.strictObject({
  parties: z.array(party),
  subject: z.enum(subjects as readonly [Subject, ...Subject[]]),
  recipe: z.union([recipe, z.array(recipe).min(1)]),
  output: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('matches'), to: z.array(id).min(1), id: slug.optional() }),
    z.strictObject({ kind: z.literal('counts'), id: slug.optional() }),
  ]),
  collector: id.optional(),
  collectors: z.number().optional(),
  privacy: privacy.optional(),
  padTo: z.number().optional(),
  labels: labels.optional(),
  caps: caps.optional(),
  verified: z.boolean().optional(),
  predicate: z
    .union([
      z.enum(['all', 'any']),
      z.strictObject({ atLeast: z.number().int().min(2, 'want 2 or more').max(maxParties) }),
    ])
    .optional(),
  which: z.boolean().optional(),
  purpose: z.string().min(1).max(200).optional(),
  /** Path of a standing agreement, a draft or signed. */
  agreement: z.string().min(1).optional(),
  uses: z.array(z.enum(useTerms)).min(1).optional(),
});

export type RawScenario = z.infer<typeof scenarioSchema>;
export type RawParty = RawScenario['parties'][number];
/** A party that takes part with a list. */
export type ListedParty = RawParty & { readonly list: string };

export function isListed(party: RawParty): party is ListedParty {
  return party.list !== undefined;
}

/** @throws TallyError `scenario.invalid`, naming the field. */
export function checkShape(value: unknown): RawScenario {
  const result = scenarioSchema.safeParse(value);
  if (result.success) return result.data;
  throw invalid(describe(result.error.issues[0] as z.core.$ZodIssue, value));
}

/** @throws TallyError `scenario.invalid` for what a shape cannot say. */
export function checkSense(raw: RawScenario): void {
  const everybody = raw.parties.map((one) => one.id);
  const ids = raw.parties.filter(isListed).map((one) => one.id);
  everybody.forEach((one, i) => {
    const first = everybody.indexOf(one);
    if (first !== i)
      throw invalid(`parties[${i}].id: "${one}" is parties[${first}].id already; want each party once`);
  });
  checkCollector(raw);
  if (ids.length < minParties || ids.length > maxParties) {
    throw invalid(`parties: want ${minParties} to ${maxParties}, got ${ids.length}`);
  }
  raw.parties.forEach((one, i) => {
    if (one.columns !== undefined && one.format !== undefined && one.format !== 'csv') {
      throw invalid(`parties[${i}].columns: only for format csv, got format ${one.format}`);
    }
  });
  const recipes = [raw.recipe].flat();
  if (new Set(recipes).size !== recipes.length) throw invalid('recipe: want each recipe once');
  checkPadding(raw.padTo);
  checkPredicate(raw);
  checkLabels(raw);
  if (raw.output.kind !== 'matches') return;
  if (raw.privacy !== undefined) {
    throw invalid('privacy: is for output.kind "counts": noise or a minimum does not hide a match');
  }
  if (raw.padTo !== undefined) throw invalid('padTo: is for output.kind "counts"');
  raw.output.to.forEach((one, i) => {
    if (!ids.includes(one)) {
      throw invalid(
        `output.to[${i}]: "${shown(one)}" is no party; want ${ids.map((own) => `"${own}"`).join(' or ')}`,
      );
    }
    if (raw.output.kind === 'matches' && raw.output.to.indexOf(one) !== i) {
      throw invalid(`output.to[${i}]: "${one}" is named twice; want each receiver once`);
    }
  });
}

/** Who collects brings no list, and nobody else does without. */
function checkCollector({ parties, collector, collectors, output }: RawScenario): void {
  parties.forEach((one, i) => {
    if (isListed(one)) return;
    if (one.id !== collector) {
      throw invalid(`parties[${i}].list: is missing; only a party that "collector" names brings none`);
    }
    for (const field of ['format', 'columns', 'labels'] as const) {
      if (one[field] !== undefined) throw invalid(`parties[${i}].${field}: only with a list`);
    }
  });
  if (collectors !== undefined && collectors !== 1 && collectors !== 2) {
    throw invalid(`collectors: want 1 or 2, got ${collectors}`);
  }
  const isDirect = output.kind === 'matches' && parties.filter(isListed).length === 2;
  if (isDirect && collectors !== undefined) throw invalid('collectors: matches between 2 parties need none');
  if (collector === undefined) return;
  const named = parties.find((one) => one.id === collector);
  if (named !== undefined && isListed(named)) {
    throw invalid(`collector: "${collector}" brings a list; want "coordinator", or a party without one`);
  }
  if (named === undefined && collector !== 'coordinator') {
    throw invalid(`collector: "${collector}" is no party; want "coordinator", or a party without a list`);
  }
  if (isDirect) throw invalid('collector: matches between 2 parties need none');
}

function checkPadding(padTo: number | undefined): void {
  if (padTo === undefined || (Number.isSafeInteger(padTo) && padTo >= 2 && padTo <= maxPadTo)) return;
  throw invalid(`padTo: want a whole number from 2 to ${maxPadTo}, got ${padTo}`);
}

/** Labels go with numbers: a mark with a label would tell an owner what others wrote beside its identifier. */
function checkLabels({ output, parties, labels: shared }: RawScenario): void {
  const given = [
    ['labels', shared] as const,
    ...parties.map((one, i) => [`parties[${i}].labels`, one.labels] as const),
  ];
  for (const [field, value] of given) {
    if (value === undefined) continue;
    if (output.kind !== 'counts') throw invalid(`${field}: is for output.kind "counts"`);
    const values = typeof value === 'object' ? (value.values ?? []) : [];
    if (new Set(values).size !== values.length) throw invalid(`${field}.values: want each label once`);
  }
}

function checkPredicate({ output, parties, predicate, which }: RawScenario): void {
  const lists = parties.filter(isListed).length;
  const isAmong = output.kind === 'matches' && lists > 2;
  for (const [field, value] of [
    ['predicate', predicate],
    ['which', which],
  ] as const) {
    if (value !== undefined && !isAmong) throw invalid(`${field}: only for matches of 3 parties or more`);
  }
  if (typeof predicate === 'object' && predicate.atLeast > lists) {
    throw invalid(`predicate.atLeast: want at most ${lists}, got ${predicate.atLeast}`);
  }
}

export function invalid(message: string): TallyError {
  return new TallyError('scenario.invalid', message);
}

function describe(issue: z.core.$ZodIssue, value: unknown): string {
  const field = pathText(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const key = issue.keys[0] as string;
      const close = nearest(key, knownKeys);
      const where = field === '' ? '' : ` in ${field}`;
      return `unknown field "${shown(key)}"${where}${close === undefined ? '' : `; did you mean "${close}"?`}`;
    }
    case 'invalid_union':
      return unionText(issue, field, value);
    case 'invalid_value':
      return `${field}: want ${issue.values.map((one) => JSON.stringify(one)).join(', ')}; got ${kindOf(value, issue.path)}`;
    case 'invalid_type':
      return `${field || 'scenario'}: want ${typeNames[issue.expected] ?? issue.expected}, got ${kindOf(value, issue.path)}`;
    case 'too_small':
      return `${field}: want at least ${String(issue.minimum)}${issue.origin === 'array' ? ' entry' : ' character'}, got none`;
    case 'too_big':
      return `${field}: want at most ${String(issue.maximum)} characters`;
    default:
      return `${field || 'scenario'}: ${issue.message.toLowerCase()}`;
  }
}

function unionText(issue: z.core.$ZodIssueInvalidUnion, field: string, value: unknown): string {
  if (field === 'recipe' || field.startsWith('recipe[')) {
    return `${field}: want ${recipeNames.map((one) => `"${one}"`).join(', ')}, or an array of them; got ${kindOf(value, issue.path)}`;
  }
  if (field === 'labels' || field.endsWith('.labels')) {
    return `${field}: want the name of a field, or {"field": NAME, "values": [LABELS], "minSize": NUMBER}; got ${kindOf(value, issue.path)}`;
  }
  if (field === 'predicate')
    return `predicate: want "all", "any" or {"atLeast": NUMBER}; got ${kindOf(value, issue.path)}`;
  if (field === 'output.kind')
    return `output.kind: want "matches" or "counts"; got ${kindOf(value, issue.path)}`;
  const inner = issue.errors.flat()[0];
  if (inner === undefined) return `${field}: ${kindOf(value, issue.path)} is not understood here`;
  return describe({ ...inner, path: [...issue.path, ...inner.path] }, value);
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  array: 'an array',
  object: 'an object',
  number: 'a number',
  boolean: 'true or false',
};

const knownKeys = [
  ...Object.keys(scenarioSchema.shape),
  ...Object.keys(party.shape),
  ...Object.keys(columnsSchema.shape),
  ...Object.keys(privacy.shape),
  ...Object.keys(caps.shape),
  'kind',
  'to',
  'number',
  'country',
  'atLeast',
  'field',
  'values',
  'minSize',
];

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

/** What stands at a path: the text itself where it is short, otherwise only its kind. */
function kindOf(value: unknown, path: readonly PropertyKey[]): string {
  let at: unknown = value;
  for (const part of path) at = (at as Record<PropertyKey, unknown> | null | undefined)?.[part];
  if (at === undefined) return 'nothing';
  if (at === null) return 'null';
  if (Array.isArray(at)) return `an array of ${at.length}`;
  if (typeof at === 'object') return 'an object';
  if (typeof at === 'string') return `"${shown(at)}"`;
  return `${typeof at} ${JSON.stringify(at)}`;
}

/** A text of the file's, fit for a message. */
export function shown(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\u{fffd}');
  return plain.length > 40 ? `${plain.slice(0, 40)}…` : plain;
}
