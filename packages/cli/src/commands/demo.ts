/**
 * `tallystick demo`: three agencies with synthetic lists, and two true answers.
 *
 * Purpose: what a newcomer sees first: real processes, real formats, real sessions, compared with the truth.
 * Assumes: the lists are synthetic, so that records may be shown. Does not know: how sessions work.
 */
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { TallyError } from '@tallystick/protocol/errors';
import type { Io, Run } from '../args/types.ts';
import { demoAgreement } from '../demo/agreement.ts';
import { checkLogs, sayLogs } from '../demo/logs.ts';
import { sayAgreement, sayDenied, sayDirect, sayLists, saySealed, sayVerdict } from '../demo/say.ts';
import {
  agencies,
  checkPlanted,
  demoRecipes,
  type DemoLists,
  directOf,
  makeDemoLists,
  sealedOf,
} from '../demo/lists.ts';
import { answer, denialLines, type House, openHouse } from '../local/index.ts';
import { readVersion } from '../main/version.ts';
import { answersFrom, readPlainLists } from '../oracle/index.ts';
import { createBoard } from '../progress/index.ts';
import { type Style, styleFor, toJson } from '../render/index.ts';
import type { Scenario, ScenarioStanding } from '../scenario/types.ts';
import { wholeNumber } from './common.ts';

const seedBytes = 4;
const defaultPeople = 300;

export const run: Run = async ({ options, io }) => {
  const people = wholeNumber(options, 'people', 100, 20_000) ?? defaultPeople;
  const seed = seedOf(options.text('seed'));
  const keep = options.text('keep');
  const json = options.on('json');
  const say = (text: string): void => (json ? io.err : io.out).write(text);
  const style = styleFor((json ? io.err : io.out).colour);
  const board = createBoard({ out: io.err, quiet: options.on('quiet'), nowMs: Date.now });
  let lists: DemoLists | undefined;

  say(`${style.bold('Tallystick: three agencies compare watchlists without showing them')}\n`);
  say(`seed ${seed} (the same lists again: tallystick demo --seed ${seed} --people ${people})\n\n`);
  const agreement = demoAgreement(agencies, 'coordinator', demoRecipes, readVersion(), Date.now());
  const under = (purpose: string, output: string, ...uses: ScenarioStanding['uses']): ScenarioStanding => ({
    agreement,
    purpose,
    output,
    uses,
  });
  const house = await openHouse({
    parties: async (directory) => {
      lists = await makeDemoLists(
        keep === undefined ? join(directory, 'lists') : resolve(io.cwd, keep),
        seed,
        people,
      );
      say(sayLists(lists, style));
      say(
        `Starting a coordinator, ${agencies.length} nodes and an oversight body, each a process of its own\n`,
      );
      return lists.parties;
    },
    agreement,
    env: io.env,
    signal: io.signal,
  });
  try {
    const made = known(lists);
    say(`  processes ${house.pids.join(', ')}\n`);
    say(`  ${engineText(house)}; tallystick doctor says why\n\n`);
    say(sayAgreement(agreement, house.standing?.id ?? '', style));
    const plain = await readPlainLists(
      { parties: made.parties, subject: 'person', recipes: demoRecipes },
      io.signal,
    );

    const direct = { ...directOf(made), standing: under('find', 'pair', 'investigative-lead') };
    const two = plain.filter((list) => direct.parties.some((party) => party.id === list.id));
    const first = await answer(house, direct, answersFrom(two, direct.output), board);
    const planted = checkPlanted(made, first.matched);
    say(sayDirect(first, plain, planted, style, io.out.columns));

    const sealed = { ...sealedOf(made), standing: under('measure', 'numbers', 'statistics') };
    const second = await answer(house, sealed, answersFrom(plain, sealed.output), board);
    say(saySealed(second, style, io.out.columns));

    const screening = { ...directOf(made), standing: under('find', 'pair', 'mass-screening') };
    const denied = await house.guard(deniedSession(house, screening, board, style, io.out.columns));
    say(sayDenied(denied, style));
    const logs = await house.guard(checkLogs(house));
    say(sayLogs(logs, style));

    const differences = [
      ...first.differences,
      ...second.differences,
      ...planted.differences,
      ...(denied === undefined ? ['a session that the agreement prohibits was not denied'] : []),
      ...logs.differences,
    ];
    const equal = differences.length === 0;
    for (const difference of differences) io.err.write(`differs: ${difference}\n`);
    say(sayVerdict(equal, style));
    if (json) {
      const sessions = [first, second].map((one) => toJson(one.result));
      const engines = Object.fromEntries(house.engines);
      const told = { seed, people, engines, sessions, oracle: { checked: true, equal } };
      io.out.write(`${JSON.stringify(told)}\n`);
    }
    if (keep !== undefined) sayKept(keep, io);
    return equal ? 0 : 1;
  } finally {
    board.stop();
    await house.close();
  }
};

/** What the nodes compute with. */
function engineText({ engines }: House): string {
  const names = [...new Set(engines.values())];
  return `engine of the nodes: ${names.join(', ')}`;
}

/** The failed clauses of a session that must be denied; undefined: it was not. */
async function deniedSession(
  house: House,
  scenario: Scenario,
  board: Parameters<typeof answer>[3],
  style: Style,
  columns: number,
): Promise<readonly string[] | undefined> {
  try {
    await answer(house, scenario, undefined, board);
    return undefined;
  } catch (error) {
    if (!(error instanceof TallyError) || error.code !== 'agreement.denied') throw error;
    return denialLines(house.parties, style, columns);
  }
}

function known(lists: DemoLists | undefined): DemoLists {
  if (lists === undefined) throw new TallyError('internal.bug', 'demo: there are no lists');
  return lists;
}

function seedOf(given: string | undefined): string {
  if (given === undefined) return randomBytes(seedBytes).toString('hex');
  if (/^[A-Za-z0-9._-]{1,64}$/.test(given)) return given;
  throw new TallyError('argument.invalid', '--seed: want 1 to 64 letters, digits, . _ or -');
}

function sayKept(keep: string, io: Io): void {
  io.err.write(`lists kept in ${keep}; tallystick run ${join(keep, 'matches.json')} compares two of them\n`);
}
