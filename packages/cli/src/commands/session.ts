/**
 * `tallystick session propose|consent|refuse|cancel|list`.
 *
 * Purpose: what a person decides about sessions, told to the node.
 * Assumes: the node runs. Does not know: what the node thinks of it; it may refuse by its own rules.
 */
import type { ProposeParams } from '@tallystick/node/control';
import { TallyError } from '@tallystick/protocol/errors';
import { maxParties } from '@tallystick/protocol/wire';
import type { Call, Options, Run } from '../args/types.ts';
import { type NodeControl, nodeOf } from '../control/index.ts';
import { styleFor, table } from '../render/text.ts';
import { approvalsOf, proposeRequestRun } from '../standing/run.ts';
import { capsOf, labelsOf, recipesOf, subjectOf, wholeNumber } from './common.ts';

const minuteMs = 60_000;
const mostExpiryMinutes = 30 * 24 * 60;

export const proposeRun: Run = async (call) => {
  const { options, io } = call;
  if (options.text('request') !== undefined) return proposeRequestRun(call);
  const recipes = recipesOf(options);
  if (recipes.length === 0) throw missing('--recipe RECIPE');
  const expires = wholeNumber(options, 'expires', 1, mostExpiryMinutes);
  const caseReference = options.text('case');
  const caps = capsOf(options, 'cap');
  const collectors = [...options.all('collector')];
  const params = {
    with: [...some(options, 'with', 'ID')],
    list: one(options, 'list', 'NAME'),
    subject: subjectOf(options) ?? need('--subject SUBJECT'),
    recipes,
    output: outputOf(options),
    ...proofOf(options),
    ...predicateOf(options),
    purpose: one(options, 'purpose', 'TEXT'),
    ...(collectors.length === 0 ? {} : { collectors }),
    ...numbersOf(options),
    ...labelsOf(options),
    ...(caps === undefined ? {} : { caps }),
    ...(caseReference === undefined ? {} : { caseReference }),
    ...(expires === undefined ? {} : { expiresInMs: expires * minuteMs }),
  };
  const proposed = await nodeOf(call).call('session.propose', params);
  if (options.on('json')) io.out.write(`${JSON.stringify(proposed)}\n`);
  else io.out.write(`${proposed.session}\n`);
  if (proposed.repeats !== null) {
    io.err.write(`stored result of session ${proposed.repeats}, unless another list has changed\n`);
  }
  return 0;
};

/** What is done to counts; the node says what of it makes no sense. */
function numbersOf(options: Options): { privacy?: Record<string, number | string>; padTo?: number } {
  const privacy: Record<string, number | string> = {};
  const most = 1_000_000_000;
  const minCount = wholeNumber(options, 'min-count', 0, most);
  const perRecord = wholeNumber(options, 'identifiers-per-record', 0, most);
  const padTo = wholeNumber(options, 'pad-to', 0, most);
  const epsilon = options.text('epsilon');
  if (minCount !== undefined) privacy.minCount = minCount;
  if (perRecord !== undefined) privacy.identifiersPerRecord = perRecord;
  if (epsilon !== undefined) privacy.epsilon = epsilon;
  return {
    ...(Object.keys(privacy).length === 0 ? {} : { privacy }),
    ...(padTo === undefined ? {} : { padTo }),
  };
}

function outputOf(options: Options): { kind: 'matches'; to: string[] } | { kind: 'counts' } {
  const to = options.all('matches');
  if (options.on('counts') === to.length > 0) {
    throw new TallyError('argument.invalid', 'session propose: want either --matches ID or --counts');
  }
  return to.length > 0 ? { kind: 'matches', to: [...to] } : { kind: 'counts' };
}

/** Verified unless --light. */
function proofOf(options: Options): { verified: boolean } {
  if (options.on('verified') && options.on('light')) {
    throw new TallyError('argument.invalid', 'session propose: want --verified or --light, got both');
  }
  return { verified: !options.on('light') };
}

function predicateOf(options: Options): Pick<ProposeParams, 'predicate' | 'which'> {
  const [text, lists] = [options.text('predicate'), wholeNumber(options, 'at-least', 2, maxParties)];
  if (text !== undefined && lists !== undefined) {
    throw new TallyError('argument.invalid', 'session propose: want --predicate or --at-least, got both');
  }
  if (text !== undefined && text !== 'all' && text !== 'any') {
    throw new TallyError('argument.invalid', '--predicate: want all or any');
  }
  return {
    ...(text === undefined ? {} : { predicate: text === 'all' ? { kind: 'all' } : { kind: 'any' } }),
    ...(lists === undefined ? {} : { predicate: { kind: 'atLeast', lists } }),
    ...(options.on('which') ? { which: true } : {}),
  };
}

export const consentRun: Run = async (call) => {
  const list = one(call.options, 'list', 'NAME');
  const node = nodeOf(call);
  const session = await findSession(node, call);
  const approvals = await approvalsOf(call);
  await node.call('session.consent', { session, list, ...(approvals.length > 0 && { approvals }) });
  if (call.options.on('json')) call.io.out.write(`${JSON.stringify({ session })}\n`);
  else call.io.out.write(`consented to ${session}\n`);
  return 0;
};

export const refuseRun: Run = async (call) => {
  const given = call.options.all('reason');
  const reasons = given.length === 0 ? ['person.declined'] : [...given];
  const node = nodeOf(call);
  const session = await findSession(node, call);
  await node.call('session.refuse', { session, reasons });
  const done = call.options.on('json') ? JSON.stringify({ refused: session, reasons }) : `refused ${session}`;
  call.io.out.write(`${done}\n`);
  return 0;
};

export const cancelRun: Run = async (call) => {
  const node = nodeOf(call);
  const session = await findSession(node, call);
  await node.call('session.cancel', { session });
  const done = call.options.on('json') ? JSON.stringify({ cancelled: session }) : `cancelled ${session}`;
  call.io.out.write(`${done}\n`);
  return 0;
};

export const listRun: Run = async (call) => {
  const { out } = call.io;
  const all = await nodeOf(call).call('session.list', {});
  const sessions = all.toSorted((a, b) => b.startedAtMs - a.startedAtMs);
  if (call.options.on('json')) out.write(`${JSON.stringify(sessions)}\n`);
  else if (sessions.length === 0) out.write('no sessions\n');
  else {
    const rows = sessions.map((one) => [
      one.session,
      one.state,
      one.form ?? '',
      one.parties.join(', '),
      one.proposer,
      one.purpose,
    ]);
    const head = ['session', 'state', 'form', 'parties', 'proposed by', 'purpose'];
    const lines = table(
      head,
      rows,
      ['left', 'left', 'left', 'left', 'left', 'left'],
      styleFor(out.colour),
      '',
    );
    out.write(`${lines.join('\n')}\n`);
  }
  return 0;
};

const wholeIdLength = 32;
const leastPrefix = 4;

/** The session that the command's first argument means: a whole id, or the first characters of just one. */
export async function findSession(node: NodeControl, call: Call): Promise<string> {
  return sessionText(call).length === wholeIdLength
    ? sessionText(call)
    : matchSession(call, await node.call('session.list', {}));
}

/** The same among sessions that are known. @throws TallyError `argument.invalid`, `session.unknown`. */
export function matchSession(call: Call, sessions: readonly { readonly session: string }[]): string {
  const text = sessionText(call);
  const found = sessions.filter((one) => one.session.startsWith(text));
  if (found.length === 1) return (found[0] as { session: string }).session;
  if (found.length === 0) throw new TallyError('session.unknown', `SESSION: no session begins with ${text}`);
  throw new TallyError(
    'argument.invalid',
    `SESSION: ${found.length} sessions begin with ${text}; give more of it`,
  );
}

function sessionText(call: Call): string {
  const text = (call.args[0] as string).toLowerCase();
  if (/^[0-9a-f]+$/.test(text) && text.length >= leastPrefix && text.length <= wholeIdLength) return text;
  throw new TallyError(
    'argument.invalid',
    `SESSION: want ${leastPrefix} to ${wholeIdLength} hex digits, got ${text.length} characters`,
  );
}

function one(options: Options, name: string, value: string): string {
  return options.text(name) ?? need(`--${name} ${value}`);
}

function some(options: Options, name: string, value: string): readonly string[] {
  const all = options.all(name);
  return all.length > 0 ? all : need(`--${name} ${value}`);
}

function need(option: string): never {
  throw missing(option);
}

function missing(option: string): TallyError {
  return new TallyError('argument.invalid', `${option} is missing`);
}
