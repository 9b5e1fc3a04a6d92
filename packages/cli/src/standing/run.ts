/**
 * Standing agreements at the node, requests under them, the node's clock.
 *
 * Purpose: `agreement install|installed`, `session request`, `clock acknowledge`, and `session propose --request`.
 * Assumes: the node runs. Does not know: what it will decide; it says which clauses fail.
 */
import { resolve } from 'node:path';
import { listCategories, predicateTerms, tierTerms, useTerms } from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import { type Approval, signRequest } from '@tallystick/protocol/policy';
import { explainRefusal, readText } from '../agreement/files.ts';
import { readApproval, readRequest } from '../approve/files.ts';
import { requestLines } from '../approve/words.ts';
import type { Call, Options, Run } from '../args/types.ts';
import { writeNew } from '../commands/agreement.ts';
import { openNamedIdentity } from '../commands/identity.ts';
import { choice, labelsOf, recipesOf, subjectOf, wholeNumber } from '../commands/common.ts';
import { nodeOf } from '../control/index.ts';
import { styleFor, table } from '../render/text.ts';

const largest = Number.MAX_SAFE_INTEGER;

function need(options: Options, name: string, value: string): string {
  const text = options.text(name);
  if (text !== undefined) return text;
  throw new TallyError('argument.invalid', `--${name} ${value} is missing`);
}

function someOf<T extends string>(options: Options, name: string, allowed: readonly T[]): T[] {
  return options.all(name).map((text) => {
    const found = allowed.find((one) => one === text);
    if (found !== undefined) return found;
    throw new TallyError('argument.invalid', `--${name}: want one of ${allowed.join(', ')}`);
  });
}

/** Each file of `--approval`. */
export function approvalsOf({ options, io }: Call): Promise<Approval[]> {
  return Promise.all(options.all('approval').map((path) => readApproval(resolve(io.cwd, path))));
}

export const installRun: Run = async (call) => {
  const { options, io, args } = call;
  const path = resolve(io.cwd, args[0] as string);
  // As the file is: what is wrong with it then stands in the node's log.
  const asked = nodeOf(call).call('agreement.install', { agreement: await readText(path) });
  const installed = await asked.catch((thrown: unknown) => explainRefusal(path, thrown));
  if (options.on('json')) io.out.write(`${JSON.stringify(installed)}\n`);
  else io.out.write(`installed ${installed.name}, version ${installed.version}\nid ${installed.id}\n`);
  return 0;
};

export const installedRun: Run = async (call) => {
  const { out } = call.io;
  const all = await nodeOf(call).call('agreement.installed', {});
  if (call.options.on('json')) out.write(`${JSON.stringify(all)}\n`);
  else if (all.length === 0) out.write('no agreements\n');
  else {
    const rows = all.map((one) => [
      one.name,
      String(one.version),
      one.notBefore,
      one.notAfter,
      one.parties.join(', '),
      one.id,
    ]);
    const head = ['name', 'version', 'from', 'until', 'parties', 'id'];
    const lines = table(
      head,
      rows,
      head.map(() => 'left' as const),
      styleFor(out.colour),
      '',
    );
    out.write(`${lines.join('\n')}\n`);
  }
  return 0;
};

/** `north=wanted`: which of a party's lists. */
function categoriesOf(options: Options): { categories?: Record<string, (typeof listCategories)[number]> } {
  const given = options.all('category').map((text) => {
    const [, party, name] = /^([a-z0-9-]+)=(.+)$/.exec(text) ?? [];
    const category = listCategories.find((one) => one === name);
    if (party !== undefined && category !== undefined) return [party, category] as const;
    throw new TallyError('argument.invalid', `--category: want PARTY=${listCategories.join('|')}`);
  });
  return given.length === 0 ? {} : { categories: Object.fromEntries(given) };
}

/** What was given, under the name that the node calls it. */
function given<K extends string, T>(name: K, value: T | undefined): { [name in K]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { [name in K]?: T });
}

function emergencyOf(options: Options): string | undefined {
  const text = options.text('emergency')?.toLowerCase();
  if (text === undefined || /^[0-9a-f]{64}$/.test(text)) return text;
  throw new TallyError('argument.invalid', '--emergency: want the 64 characters of its id');
}

const listOf = (options: Options, name: string): string[] | undefined => {
  const all = options.all(name);
  return all.length === 0 ? undefined : [...all];
};

/** Proved unless --light. */
function lightOf(options: Options): boolean {
  if (options.on('verified') && options.on('light')) {
    throw new TallyError('argument.invalid', 'session request: want --verified or --light, got both');
  }
  return options.on('light');
}

export const requestRun: Run = async (call) => {
  const { options, io } = call;
  const recipes = recipesOf(options);
  if (recipes.length === 0) throw new TallyError('argument.invalid', '--recipe RECIPE is missing');
  const out = resolve(io.cwd, need(options, 'out', 'FILE'));
  const atLeast = wholeNumber(options, 'at-least', 2, 10);
  const predicate =
    choice(options, 'predicate', predicateTerms) ?? (atLeast === undefined ? undefined : 'at-least');
  const params = {
    agreement: need(options, 'agreement', 'NAME'),
    requester: need(options, 'officer', 'ID'),
    purpose: need(options, 'purpose', 'ID'),
    uses: someOf(options, 'use', useTerms),
    tier: choice(options, 'tier', tierTerms) ?? 'routine',
    caseReference: need(options, 'case', 'TEXT'),
    output: need(options, 'output', 'ID'),
    with: listOf(options, 'with') ?? [need(options, 'with', 'ID')],
    recipes,
    ...given('emergency', emergencyOf(options)),
    ...given('subject', subjectOf(options)),
    ...categoriesOf(options),
    ...given('receivers', listOf(options, 'to')),
    ...given('predicate', predicate),
    ...given('atLeast', atLeast),
    ...(options.on('which') ? { which: true } : {}),
    ...(lightOf(options) ? { light: true } : {}),
    ...labelsOf(options),
    ...given('minCount', wholeNumber(options, 'min-count', 0, 1_000_000)),
    ...given('epsilon', options.text('epsilon')),
    ...given('identifiersPerRecord', wholeNumber(options, 'identifiers-per-record', 1, 10_000)),
    ...given('padTo', wholeNumber(options, 'pad-to', 2, 1 << 24)),
    ...given('collectors', listOf(options, 'collector')),
    ...given('records', wholeNumber(options, 'records', 1, largest)),
    ...given('retentionDays', wholeNumber(options, 'retention-days', 1, 36_600)),
    ...given('expiresInMinutes', wholeNumber(options, 'expires', 1, 43_200)),
  };
  if (params.uses.length === 0) throw new TallyError('argument.invalid', '--use USE is missing');
  const { identity, release } = await openNamedIdentity(call, 'signer', 'holds the key of --officer');
  try {
    const node = nodeOf(call);
    const { id, draft } = await node.call('session.request', params);
    const request = signRequest(draft, (message) => identity.sign(message));
    await node.call('session.requested', { request });
    await writeNew(out, `${JSON.stringify(request)}\n`);
    if (options.on('json')) io.out.write(`${JSON.stringify({ id, out })}\n`);
    else io.out.write(`${requestLines(request, undefined).join('\n')}\n${out}\n`);
    return 0;
  } finally {
    await release();
  }
};

/** `session propose --request FILE`. */
export const proposeRequestRun: Run = async (call) => {
  const { options, io } = call;
  const request = await readRequest(resolve(io.cwd, need(options, 'request', 'FILE')));
  const approvals = await approvalsOf(call);
  const list = need(options, 'list', 'NAME');
  const proposed = await nodeOf(call).call('session.proposeRequest', { request, approvals, list });
  io.out.write(`${options.on('json') ? JSON.stringify(proposed) : proposed.session}\n`);
  return 0;
};

export const clockRun: Run = async (call) => {
  const { jumpedByMs } = await nodeOf(call).call('clock.acknowledge', {});
  const { io, options } = call;
  if (options.on('json')) io.out.write(`${JSON.stringify({ jumpedByMs })}\n`);
  else if (jumpedByMs === null) io.out.write('the clock had not jumped\n');
  else io.out.write(`the clock had jumped by ${Math.round(jumpedByMs / 1000)} s; it is trusted again\n`);
  return 0;
};
