/**
 * `tallystick agreement new | show | verify | diff`: agreements on disk, without a node.
 *
 * Purpose: draft, read, check, compare. Assumes: files only. Does not know: keys (agreement-sign.ts), time
 * (agreement-status.ts).
 */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileError } from '@tallystick/host/files';
import {
  checkStanding,
  missingSignatures,
  type Problem,
  problemTexts,
  readStrictJson,
  standingId,
  stripComments,
  wrongSignatures,
} from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import { canonicalBytes } from '@tallystick/protocol/wire';
import { diffAgreements, diffText } from '../agreement/diff.ts';
import { askDraft, draftText } from '../agreement/draft.ts';
import { readAgreement, readText, requireAgreement } from '../agreement/files.ts';
import { createQuestioner, flattenAnswers, parseSet } from '../agreement/questions.ts';
import { showAgreement } from '../agreement/show.ts';
import type { Call, Run } from '../args/types.ts';

/** Never over a file that is there. @throws TallyError `argument.invalid`, `store.write`. */
export async function writeNew(path: string, contents: Uint8Array | string): Promise<void> {
  try {
    await writeFile(path, contents, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new TallyError('argument.invalid', `${path}: is there already; nothing was written`);
    }
    throw fileError(error, path);
  }
}

async function answersOf({ options, io }: Call): Promise<Map<string, string>> {
  const file = options.text('answers');
  const given = new Map<string, string>();
  if (file !== undefined) {
    const { value, problems } = readStrictJson(stripComments(await readText(resolve(io.cwd, file))));
    if (problems[0] !== undefined) {
      throw new TallyError('argument.invalid', `--answers: ${problems[0].path} ${problems[0].code}`);
    }
    for (const [key, text] of flattenAnswers(value)) given.set(key, text);
  }
  for (const text of options.all('set')) given.set(...parseSet(text));
  return given;
}

export const newRun: Run = async (call) => {
  const { args, options, io } = call;
  const path = resolve(io.cwd, args[0] as string);
  const given = await answersOf(call);
  const asksPeople = process.stdin.isTTY === true && io.err.tty && !options.on('no-questions');
  const terminal = { input: process.stdin, output: io.err.stream, signal: io.signal };
  const questioner = createQuestioner(given, asksPeople ? terminal : undefined);
  try {
    const draft = await askDraft(questioner);
    const [unused] = questioner.unused();
    if (unused !== undefined)
      throw new TallyError('argument.invalid', `answer ${unused}: no question asks for it`);
    await writeNew(path, draftText(draft));
    const { problems } = checkStanding(draft);
    io.out.write(`${path}\n`);
    for (const line of problemLines(problems)) io.err.write(`${line}\n`);
    io.err.write(
      problems.length === 0
        ? 'complete: nobody has signed yet\n'
        : `a draft: ${problems.length} to be corrected\n`,
    );
    return 0;
  } finally {
    questioner.close();
  }
};

export const showRun: Run = async ({ args, options, io }) => {
  const { agreement } = await requireAgreement(resolve(io.cwd, args[0] as string));
  if (options.on('canonical')) io.out.write(new TextDecoder().decode(canonicalBytes(agreement)));
  else io.out.write(`${showAgreement(agreement, standingId(agreement)).join('\n')}\n`);
  return 0;
};

/** One line a problem: where, what, in words. */
export function problemLines(problems: readonly Problem[]): string[] {
  return problems.map(
    ({ path, code }) => `${path === '' ? 'the file' : path}: ${problemTexts[code]} (${code})`,
  );
}

export const verifyRun: Run = async ({ args, options, io }) => {
  const { signed, problems, isDraft } = await readAgreement(resolve(io.cwd, args[0] as string));
  const ofSignatures = signed === undefined ? [] : [...wrongSignatures(signed), ...missingSignatures(signed)];
  // A draft that is in order lacks every signature, which is no fault of its text.
  const all = isDraft ? problems : [...problems, ...ofSignatures];
  const id = signed === undefined ? null : standingId(signed.agreement);
  if (options.on('json'))
    io.out.write(`${JSON.stringify({ id, isDraft, stands: !isDraft && all.length === 0, problems: all })}\n`);
  else {
    for (const line of problemLines(all)) io.out.write(`${line}\n`);
    if (all.length > 0) io.out.write(`${all.length} problem${all.length === 1 ? '' : 's'}\n`);
    else if (isDraft) io.out.write(`a draft in order, signed by nobody\nid ${id}\n`);
    else io.out.write(`signed by all\nid ${id}\n`);
  }
  return all.length === 0 ? 0 : 2;
};

export const diffRun: Run = async ({ args, options, io }) => {
  const [from, to] = await Promise.all(
    [args[0], args[1]].map((path) => requireAgreement(resolve(io.cwd, path as string))),
  );
  if (from === undefined || to === undefined) return 2;
  const changes = diffAgreements(from.agreement, to.agreement);
  if (options.on('json')) io.out.write(`${JSON.stringify(changes)}\n`);
  else if (changes.length === 0) io.out.write('no difference\n');
  else io.out.write(`${diffText(changes).join('\n')}\n`);
  return 0;
};
