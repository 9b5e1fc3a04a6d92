/**
 * `tallystick run SCENARIO`: the user's own lists, each party its own process.
 *
 * Purpose: an answer, checked against the plaintext one, for people or for programs.
 * Assumes: every list is the user's own. Does not know: how processes talk.
 */
import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileError, writePrivateFile } from '@tallystick/host/files';
import type { StandingAgreement } from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import { encodeEvidence } from '@tallystick/protocol/evidence';
import type { Run } from '../args/types.ts';
import { answer, type Answer, declareLabels, denialLines, openHouse } from '../local/index.ts';
import { plaintextAnswers } from '../oracle/index.ts';
import { createBoard } from '../progress/index.ts';
import { countsPlot, renderResult, type Style, styleFor, toJson } from '../render/index.ts';
import { readScenario, type Scenario } from '../scenario/index.ts';

export const run: Run = async ({ args, options, io }) => {
  const scenario = await readScenario(resolve(io.cwd, args[0] as string));
  const out = options.text('out');
  if (out !== undefined) await checkDirectory(resolve(io.cwd, out));
  const json = options.on('json');
  const board = createBoard({ out: io.err, quiet: options.on('quiet'), nowMs: Date.now });
  const done = await carryOut(scenario, {
    env: io.env,
    signal: io.signal,
    board,
    check: !options.on('no-oracle'),
    style: styleFor(io.err.colour),
    columns: io.err.columns,
    say: (text) => io.err.write(text),
  });
  const isTrue = done.differences.length === 0;
  const written = out !== undefined && isTrue ? await writeAnswer(done, scenario, resolve(io.cwd, out)) : [];
  if (json) io.out.write(`${JSON.stringify(toJson(done.result))}\n`);
  else {
    io.out.write(renderResult(done.result, styleFor(io.out.colour), io.out.columns));
    for (const name of written) io.out.write(`written: ${join(out ?? '', name)}\n`);
  }
  for (const difference of done.differences) io.err.write(`differs: ${difference}\n`);
  return isTrue ? 0 : 1;
};

interface How {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly board: ReturnType<typeof createBoard>;
  readonly check: boolean;
  readonly style: Style;
  readonly columns: number;
  readonly say: (text: string) => void;
}

async function carryOut(scenario: Scenario, how: How): Promise<Answer> {
  // Before any process starts: a list that cannot be read is said at once, by name.
  const plain = how.check ? await plaintextAnswers(scenario, how.signal) : undefined;
  const labels = await declareLabels(scenario);
  const { parties, collecting } = scenario;
  const own = collecting?.own ?? null;
  const who = own === null ? 'a coordinator' : `a coordinator, the collector ${own}`;
  how.board.note(`starting ${who} and ${parties.length} nodes; reading ${parties.length} lists`);
  const agreement = scenario.standing?.agreement;
  const house = await openHouse({ parties, collecting, agreement, env: how.env, signal: how.signal });
  try {
    how.board.note(`  processes ${house.pids.join(', ')}`);
    if (house.standing !== undefined) {
      const { id, signed } = house.standing;
      how.board.note(
        `  under ${signed.agreement.name} (${id.slice(0, 16)}…), signed by this run's own keys: it shows what`,
      );
      how.board.note("  the agreement permits, it is nobody's consent");
      for (const line of stoodInFor(scenario, signed.agreement)) how.board.note(line);
    }
    return await answer(house, scenario, plain, how.board, labels);
  } catch (error) {
    const denials = ['agreement.denied', 'consent.refused'];
    if (house.standing !== undefined && error instanceof TallyError && denials.includes(error.code))
      for (const line of await denialLines(house.parties, how.style, how.columns)) how.say(`${line}\n`);
    throw error;
  } finally {
    await house.close();
  }
}

/** Whose part this run plays beside those who bring lists. */
function stoodInFor({ parties }: Scenario, { parties: all, oversight, tiers }: StandingAgreement): string[] {
  const named = (ids: readonly string[]): string => ids.join(', ');
  const idle = all.map(({ id }) => id).filter((id) => parties.every((party) => party.id !== id));
  return [
    ...(idle.length === 0 ? [] : [`  without a list, to say that nothing is suspended: ${named(idle)}`]),
    ...(tiers.routine.oversight === 'asked'
      ? [`  in the place of ${named(oversight.map(({ id }) => id))} this run says yes to its own request`]
      : []),
  ];
}

/** Said before anything is compared; made only when there is something to write. */
async function checkDirectory(path: string): Promise<void> {
  const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw fileError(error, path);
  });
  if (facts !== undefined && !facts.isDirectory()) {
    throw new TallyError('argument.invalid', `--out: want a directory, got a file at ${path}`);
  }
}

/** Each receiver's own matching records and nothing about anybody else's, or the counts; each party's evidence. Gives the files' names. */
async function writeAnswer(done: Answer, scenario: Scenario, directory: string): Promise<string[]> {
  // A directory that is there already keeps its mode: it is the user's.
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw fileError(error, directory);
  });
  const files = new Map([...done.texts].map(([id, text]) => [`${id}.matches.jsonl`, text]));
  for (const [id, evidence] of done.evidence)
    files.set(`${id}.evidence.json`, new TextDecoder().decode(encodeEvidence(evidence)));
  if (done.result.counts !== null) {
    files.set('counts.json', `${JSON.stringify(toJson(done.result), null, 2)}\n`);
    files.set('counts.svg', countsPlot(done.result, scenario.purpose));
  }
  for (const [name, text] of files) await writePrivateFile(join(directory, name), text);
  return [...files.keys()];
}
