/**
 * Attacks by numbers alone: a party that follows the protocol, with lists of its choice, finds out who is on the
 * other's list. What a minimum leaves of it, what noise does, and where agreed caps end it.
 */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Arena, ignoreOwnLedger, openArena } from './arena.ts';
import {
  type Answer,
  askCount,
  askEach,
  bisect,
  type Candidates,
  dealCandidates,
  oneByOne,
  partOf,
  score,
} from './candidates.ts';
import { mostByChance, mostByViews, posterior } from './chance.ts';
import { settle } from './report.ts';

// dozens of sessions, on a machine that may have other things to do
vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

let arena: Arena;
// new nodes for every attack: ledgers grow, and with them the consents that state them
beforeEach(async () => {
  arena = await openArena(['victim', 'attacker']);
});
let obey = (): unknown => undefined;
afterEach(async () => {
  obey();
  await arena.close();
});

/** New nodes with empty ledgers, and an attacker whose own denies him nothing. */
async function capped(): Promise<void> {
  await arena.close();
  arena = await openArena(['victim', 'attacker']);
  obey = ignoreOwnLedger('attacker');
}

const refusedByOthers = {
  code: expect.stringMatching(/^(privacy\.budget|consent\.refused)$/),
  by: expect.not.stringMatching('attacker'),
};

const noisy = (epsilon: number) => ({ epsilon: String(epsilon), identifiersPerRecord: 1 });

/** Known names beside a candidate, so that his number is not one. */
const beside = 10;

/** Every candidate, or none of them, each among known names under a label of its own. */
function partsOf({ candidates, known, nobody }: Candidates, withHim: boolean): string[][] {
  return candidates.map((candidate, i) => [
    ...(withHim ? [candidate] : []),
    ...partOf(known, i, candidates.length),
    ...partOf(nobody, i, candidates.length),
  ]);
}

const isMore = ({ both }: Answer, than: number): boolean => both !== null && both > than;

test('bisection of a candidate list by counts', async () => {
  const attack = 'bisection of a candidate list by counts';
  const [groups, names] = [16, 16];
  const dealt = await dealCandidates(arena, groups * 8, groups * 4);
  const exact = await bisect(arena, dealt, groups);
  const off = score(exact.said, dealt);
  // all groups side by side: no more sessions than one group has names
  expect(exact.sessions).toBeLessThanOrEqual(8);

  const epsilon = 0.03;
  const again = await dealCandidates(arena, groups * names, groups * 4);
  const blurred = await bisect(arena, again, groups, { privacy: noisy(epsilon) });
  // a candidate was on at most one list of every level: that is what the noise of so many runs leaves
  expect(blurred.depth).toBeLessThanOrEqual(5);
  const most = mostByChance(groups * names, posterior(5 * epsilon));
  settle({ attack, guard: 'noise', off, on: score(blurred.said, again), most });

  await capped();
  const [candidates, sessions] = [256, 3];
  const few = await dealCandidates(arena, candidates, 20);
  const ended = await bisect(arena, few, 1, { caps: { sessions } });
  expect([ended.sessions, ended.refusal]).toEqual([sessions, refusedByOthers]);
  // three counts, of 256, 128 and at most 128 candidates, and what he makes of them
  const views = (candidates + 1) * (candidates / 2 + 1) ** 2;
  const left = mostByViews(candidates, views);
  settle({ attack, guard: 'cap on sessions', off, on: score(ended.said, few), most: left });
});

test('differencing between runs', async () => {
  const attack = 'differencing between runs';
  const dealt = await dealCandidates(arena, 40, 40 * beside);
  const before = await askEach(arena, partsOf(dealt, false));
  const after = await askEach(arena, partsOf(dealt, true));
  const off = score(
    after.map((answer, i) => isMore(answer, before[i]?.both ?? Number.NaN)),
    dealt,
  );

  const [candidates, epsilon] = [140, 0.1];
  const again = await dealCandidates(arena, candidates, candidates * beside);
  // the number before is known without asking: what is on the list beside the candidate is
  const said = await askEach(arena, partsOf(again, true), { privacy: noisy(epsilon) });
  const on = score(
    said.map((answer) => isMore(answer, beside + 0.5)),
    again,
  );
  settle({ attack, guard: 'noise', off, on, most: mostByChance(candidates, posterior(epsilon)) });

  await capped();
  const versions = 3;
  const few = await dealCandidates(arena, 40, beside);
  const answers = await oneByOne(arena, few, { caps: { versions } });
  const isTold = (i: number): boolean => i < versions;
  answers.forEach(({ both, refusal }, i) => {
    expect(refusal).toEqual(isTold(i) ? null : refusedByOthers);
    expect(both === null).toBe(!isTold(i));
  });
  // of those before the cap he knows; of all others no answer came out, and that is what is asked here
  const rest = few.isMember.map((_, i) => i).filter((i) => !isTold(i));
  const untold = { ...few, isMember: rest.map((i) => few.isMember[i] as boolean) };
  const blind = score(
    rest.map((i) => isMore(answers[i] as Answer, beside)),
    untold,
  );
  settle({ attack, guard: 'cap on versions, of names beyond it', off, on: blind, most: null });
});

test('lifting a test over the minimum with known names', async () => {
  const minCount = 10;
  const known = minCount - 1;
  const dealt = await dealCandidates(arena, 40, 40 * known);
  // without known names the minimum withholds everything, whoever is there
  const bare = await askCount(arena, [...dealt.candidates.slice(0, 1), ...dealt.nobody], {
    privacy: { minCount },
  });
  expect(bare).toMatchObject({ both: null, refusal: null });
  // nine known names, and the tenth is on the list unless their number is below the minimum
  const lifted = await askEach(arena, partsOf(dealt, true), { privacy: { minCount } });
  const off = score(
    lifted.map(({ both, reason }) => both !== null || reason !== 'below-minimum'),
    dealt,
  );
  const [candidates, epsilon] = [140, 0.1];
  const again = await dealCandidates(arena, candidates, candidates * known);
  const said = await askEach(arena, partsOf(again, true), { privacy: { minCount, ...noisy(epsilon) } });
  const on = score(
    said.map((answer) => isMore(answer, known + 0.5)),
    again,
  );
  settle({
    attack: 'lifting a test over the minimum with known names',
    guard: 'noise, beside a minimum',
    off,
    on,
    most: mostByChance(candidates, posterior(epsilon)),
  });
});
