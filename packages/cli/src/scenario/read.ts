/**
 * From a scenario file to a checked scenario.
 *
 * Purpose: nothing starts before the whole scenario is known to make sense and every list is there.
 * Assumes: lists are regular files. Does not know: what stands in a list.
 */
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { readBoundedFile } from '@tallystick/host/files';
import { readStrictJson } from '@tallystick/protocol/agreement';
import { parseCaps, parsePrivacyPolicy } from '@tallystick/protocol/privacy';
import { parseRecipes } from '@tallystick/protocol/records';
import { checkSense, checkShape, invalid, shown, isListed, type RawScenario } from './schema.ts';
import { standingOf } from './standing.ts';
import type { Scenario, ScenarioOutput, ScenarioParty, ScenarioPrivacy } from './types.ts';

const maxScenarioBytes = 1 << 20;
const defaultPurpose = 'comparison of two or more lists on one machine';

/**
 * @param path absolute, or relative to the current directory.
 * @throws TallyError `file.missing`, `file.unreadable`, `scenario.invalid`, `privacy.*`.
 */
export async function readScenario(path: string): Promise<Scenario> {
  const bytes = await readBoundedFile(path, maxScenarioBytes);
  return parseScenario(bytes, dirname(resolve(path)));
}

/** @param base directory that relative paths start from. @throws TallyError `scenario.invalid`. */
export async function parseScenario(bytes: Uint8Array, base: string): Promise<Scenario> {
  const raw = checkShape(parseJson(bytes));
  checkSense(raw);
  const parties: ScenarioParty[] = [];
  for (const [i, party] of raw.parties.entries()) {
    if (!isListed(party)) continue;
    const list = resolve(base, party.list);
    await requireFile(list, `parties[${i}].list`);
    parties.push({
      id: party.id,
      list,
      ...(party.format === undefined ? {} : { format: party.format }),
      ...(party.columns === undefined ? {} : { columns: party.columns }),
      ...labelsOf(party.labels ?? raw.labels),
    });
  }
  return {
    parties,
    subject: raw.subject,
    recipe: raw.recipe,
    recipes: parseRecipes(raw.recipe),
    output: outputOf(raw),
    verified: raw.verified ?? true,
    ...(await standingOf(raw, base)),
    ...(raw.privacy === undefined ? {} : { privacy: parsePrivacy(raw.privacy) }),
    ...(raw.caps === undefined ? {} : { caps: checkedCaps(raw.caps) }),
    ...(raw.padTo === undefined ? {} : { padTo: raw.padTo }),
    purpose: raw.purpose ?? defaultPurpose,
  };
}

/** Throws `privacy.epsilon`, `privacy.delta`, `privacy.policy`; `scenario.invalid` where it asks for nothing. */
function parsePrivacy(raw: NonNullable<RawScenario['privacy']>): ScenarioPrivacy {
  const given = Object.entries(raw).filter(([, value]) => value !== undefined);
  const settings = Object.fromEntries(given) as Record<string, number | string>;
  if (given.length === 0) {
    throw invalid('privacy: want "minCount", "epsilon", or both; got neither');
  }
  return { settings, policy: parsePrivacyPolicy(settings) };
}

function labelsOf(labels: RawScenario['labels']): Pick<ScenarioParty, 'labels'> {
  if (labels === undefined) return {};
  if (typeof labels === 'string') return { labels: { field: labels } };
  const { field, values, minSize } = labels;
  return { labels: { field, ...(values && { values }), ...(minSize !== undefined && { minSize }) } };
}

/** Throws `privacy.caps`. */
function checkedCaps(raw: NonNullable<RawScenario['caps']>): Record<string, number | string> {
  const given = Object.entries(raw).filter(([, value]) => value !== undefined);
  const settings = Object.fromEntries(given) as Record<string, number | string>;
  parseCaps(settings);
  return settings;
}

function outputOf({ output: given, parties, predicate, which }: RawScenario): ScenarioOutput {
  const { id: _, ...output } = given;
  if (output.kind === 'counts' || parties.filter(isListed).length === 2) return output;
  const kind = predicate ?? 'all';
  return {
    ...output,
    predicate: typeof kind === 'object' ? { kind: 'atLeast', lists: kind.atLeast } : { kind },
    which: which ?? false,
  };
}

function parseJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalid('scenario: want UTF-8');
  }
  try {
    JSON.parse(text);
  } catch (error) {
    const position = /position (\d+)/.exec((error as Error).message)?.[1];
    const line = position === undefined ? undefined : text.slice(0, Number(position)).split('\n').length;
    throw invalid(`scenario: want JSON${line === undefined ? '' : `, broken at line ${line}`}`);
  }
  const { value, problems } = readStrictJson(text);
  const path = problems[0]?.path.replace(/\.(\d+)(?=\.|$)/g, '[$1]');
  if (path !== undefined) throw invalid(`${shown(path)}: stands twice; want each field once`);
  return value;
}

async function requireFile(path: string, field: string): Promise<void> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined)
    throw invalid(`${field}: no file at ${path} (paths are relative to the scenario's file)`);
  if (!facts.isFile()) throw invalid(`${field}: want a file, got a directory or something else at ${path}`);
}
