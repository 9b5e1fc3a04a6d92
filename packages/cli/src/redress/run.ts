/**
 * `tallystick redress open|answer|list|show`.
 *
 * Purpose: tell the node what a person asks and what was decided; print what may be said.
 * Assumes: the node runs. Does not know: what was found, unless an officer disclosed it.
 */
import { resolve } from 'node:path';
import type { ControlResults } from '@tallystick/node/control';
import { TallyError } from '@tallystick/protocol/errors';
import type { Call, Run } from '../args/types.ts';
import { choice } from '../commands/common.ts';
import { nodeOf } from '../control/index.ts';
import { overdueExit } from '../exit/index.ts';
import { answerText, correctionText, enquiryText, listText } from './text.ts';

const mostBytes = 64 * 1024;
const outcomes = ['acknowledged', 'corrected', 'erased', 'rejected', 'inadmissible'] as const;

async function readStdin(): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of process.stdin) {
    parts.push(part as Buffer);
    size += (part as Buffer).length;
    if (size > mostBytes) throw new TallyError('argument.invalid', `stdin: want at most ${mostBytes} bytes`);
  }
  return Buffer.concat(parts).toString('utf8');
}

export const openRun: Run = async (call) => {
  const { args, options, io } = call;
  const file = args[0] as string;
  const source = file === '-' ? { text: await readStdin() } : { path: resolve(io.cwd, file) };
  const opened = await nodeOf(call).call('redress.open', source);
  if (options.on('json')) io.out.write(`${JSON.stringify(opened)}\n`);
  else io.out.write(`${enquiryText(opened)}receipt       ${opened.receipt}\n`);
  return 0;
};

export const answerRun: Run = async (call) => {
  const { options, io } = call;
  const outcome = choice(options, 'outcome', outcomes);
  if (outcome === undefined) throw new TallyError('argument.invalid', '--outcome OUTCOME is missing');
  const officer = options.text('officer');
  if (options.on('disclose') !== (officer !== undefined)) {
    throw new TallyError('argument.invalid', 'redress answer: --disclose and --officer ID go together');
  }
  const node = nodeOf(call);
  const { enquiries } = await node.call('redress.list', {});
  const { ticket } = find(call, enquiries, ({ ticket: id }) => id);
  const answered = await node.call('redress.answer', { ticket, outcome, discloseBy: officer ?? null });
  if (options.on('json')) io.out.write(`${JSON.stringify(answered)}\n`);
  else io.out.write(answerText(answered));
  return 0;
};

export const listRun: Run = async (call) => {
  const { options, io } = call;
  const all = await nodeOf(call).call('redress.list', {});
  if (options.on('json')) io.out.write(`${JSON.stringify(all)}\n`);
  else io.out.write(listText(all, io.out.colour));
  return all.enquiries.some(({ overdue }) => overdue !== null) ? overdueExit : 0;
};

export const showRun: Run = async (call) => {
  const { options, io } = call;
  const node = nodeOf(call);
  const { enquiries, corrections } = await node.call('redress.list', {});
  const everything = [
    ...enquiries.map((enquiry) => ({ id: enquiry.ticket, enquiry })),
    ...corrections.map((correction) => ({ id: correction.correction, correction })),
  ];
  const found = find(call, everything, ({ id }) => id);
  const out = options.text('out');
  if (out !== undefined && 'enquiry' in found)
    throw new TallyError('argument.invalid', '--out: is for a correction from a partner');
  const shown = 'enquiry' in found ? found.enquiry : found.correction;
  if (options.on('json')) io.out.write(`${JSON.stringify(shown)}\n`);
  else io.out.write('enquiry' in found ? enquiryText(found.enquiry) : correctionText(found.correction));
  if (out === undefined) return 0;
  const path = resolve(io.cwd, out);
  const { records } = await node.call('redress.export', { correction: found.id, out: path });
  io.err.write(`${records} own records written to ${path}\n`);
  return 0;
};

export type RedressList = ControlResults['redress.list'];

/** The one whose id begins with the command's argument. */
function find<T>(call: Call, all: readonly T[], idOf: (one: T) => string): T {
  const text = (call.args[0] as string).toLowerCase();
  if (!/^[0-9a-f]{4,32}$/.test(text)) {
    throw new TallyError('argument.invalid', `ID: want 4 to 32 hex digits, got ${text.length} characters`);
  }
  const [first, ...more] = all.filter((one) => idOf(one).startsWith(text));
  if (first === undefined) throw new TallyError('redress.unknown', 'ID: nothing begins with it');
  if (more.length > 0) throw new TallyError('argument.invalid', 'ID: several begin with it; give more of it');
  return first;
}
