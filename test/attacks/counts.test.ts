/**
 * Attacks by numbers alone: a party that follows the protocol, with lists of its choice, finds out who is on the
 * other's list. What a minimum leaves of it, what noise does, and where agreed caps end it.
 */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Arena, ignoreOwnLedger, openArena } from './arena.ts';
import { askCount, bisect, dealCandidates, oneByOne, score } from './candidates.ts';
import { coin, mostByChance, mostByViews, posterior } from './chance.ts';
import { settle } from './report.ts';

// hundreds of sessions, on a machine that may have other things to do
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

test('bisection of a candidate list by counts', async () => {
  const attack = 'bisection of a candidate list by counts';
  const dealt = await dealCandidates(arena, 32, 20);
  const off = score((await bisect(arena, dealt)).guesses, dealt);

  const epsilon = 0.03;
  const again = await dealCandidates(arena, 32, 20);
  const blurred = await bisect(arena, again, { privacy: noisy(epsilon) });
  // a candidate was on at most one list of every level: that is what the noise of so many runs leaves
  expect(blurred.depth).toBeLessThanOrEqual(6);
  const left = posterior(6 * epsilon);
  settle({ attack, guard: 'noise', off, on: score(blurred.guesses, again), chance: 0.5, left });

  await capped();
  const [candidates, sessions] = [64, 3];
  const few = await dealCandidates(arena, candidates, 20);
  const ended = await bisect(arena, few, { caps: { sessions } });
  expect([ended.answers, ended.refusal]).toEqual([sessions, refusedByOthers]);
  // three counts, of 64, 32 and at most 32 candidates, and what he makes of them
  const views = (candidates + 1) * (candidates / 2 + 1) ** 2;
  settle({
    attack,
    guard: 'cap on sessions',
    off,
    on: score(ended.guesses, few),
    chance: 0.5,
    most: mostByViews(candidates, views),
  });
});

test('differencing between runs', async () => {
  const attack = 'differencing between runs';
  const dealt = await dealCandidates(arena, 20, 20);
  const { both: before } = await askCount(arena, [...dealt.known, ...dealt.nobody]);
  const after = await oneByOne(arena, dealt, 20);
  const off = score(
    after.map(({ both }) => (both ?? Number.NaN) > (before ?? Number.NaN)),
    dealt,
  );

  const epsilon = 0.1;
  const again = await dealCandidates(arena, 30, 20);
  // the number before is known without asking: what is on the list beside the candidates is
  const said = await oneByOne(arena, again, 20, { privacy: noisy(epsilon) });
  const on = score(
    said.map(({ both }) => (both ?? 0) > again.known.length + 0.5),
    again,
  );
  settle({ attack, guard: 'noise', off, on, chance: 0.5, left: posterior(epsilon) });

  await capped();
  const versions = 3;
  const few = await dealCandidates(arena, 30, 20);
  const answers = await oneByOne(arena, few, 20, { caps: { versions } });
  answers.forEach(({ refusal }, i) => expect(refusal).toEqual(i < versions ? null : refusedByOthers));
  settle({
    attack,
    guard: 'cap on versions',
    off,
    on: score(
      answers.map(({ both }) => (both === null ? coin() : both > few.known.length)),
      few,
    ),
    chance: 0.5,
    most: versions + mostByChance(few.candidates.length - versions, 0.5),
  });
});

test('lifting a test over the minimum with known names', async () => {
  const minCount = 10;
  const dealt = await dealCandidates(arena, 20, 20);
  // without known names the minimum withholds everything, whoever is there
  const bare = await askCount(arena, [...dealt.candidates.slice(0, 1), ...dealt.nobody], {
    privacy: { minCount },
  });
  expect(bare).toEqual({ both: null, refusal: null });
  // nine known names, and there is a number if the tenth is on the list
  const lifted = await oneByOne(arena, dealt, minCount - 1, { privacy: { minCount } });
  const off = score(
    lifted.map(({ both }) => both !== null),
    dealt,
  );
  const epsilon = 0.1;
  const again = await dealCandidates(arena, 30, 20);
  const said = await oneByOne(arena, again, 20, { privacy: { minCount, ...noisy(epsilon) } });
  const on = score(
    said.map(({ both }) => (both === null ? coin() : both > 20.5)),
    again,
  );
  settle({
    attack: 'lifting a test over the minimum with known names',
    guard: 'noise, beside a minimum',
    off,
    on,
    chance: 0.5,
    left: posterior(epsilon),
  });
});
