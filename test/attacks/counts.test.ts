/**
 * Attacks by numbers alone: a party that follows the protocol, with lists of its choice, finds out who is on the
 * other's list. What a minimum leaves of it, and what noise does.
 *
 * The victim holds every candidate or, by a fair coin, somebody else in his place whom nobody asks for: neighbours
 * in the sense of docs/privacy.md, and lists of one size.
 */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SessionDetail } from '@tallystick/node/control';
import { countsOf, passports } from '../session/world.ts';
import { type Arena, openArena } from './arena.ts';
import { coin, posterior } from './chance.ts';
import { rateOf, settle } from './report.ts';

// hundreds of sessions, on a machine that may have other things to do
vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

/** Proofs and sentinels have nothing to do with what numbers tell. */
const cheap = { verified: false, sentinels: 0 };

type Privacy = { minCount?: number; epsilon?: string; identifiersPerRecord?: number };

let arena: Arena;
// new nodes for every attack: ledgers grow, and with them the consents that state them
beforeEach(async () => {
  arena = await openArena(['victim', 'attacker']);
});
afterEach(() => arena.close());

/** Identifiers on both lists, in the order of the sessions' parties. */
async function ask(numbers: readonly string[], privacy?: Privacy): Promise<SessionDetail> {
  const list = await arena.addList('attacker', numbers);
  const params = countsOf(['victim'], { list, ...cheap, ...(privacy && { privacy }) });
  const detail = await arena.run('attacker', params);
  expect(detail.state).toBe('done');
  return detail;
}

/** What a detail says of the number on both lists; null where nothing. Every released number says it once more. */
function bothOf({ counts, parties }: SessionDetail): number | null {
  const [first, second, both] = (counts ?? []).map(({ exactly }) => exactly);
  const sizes = parties.map(({ identifiers }) => identifiers ?? 0);
  const said = [
    both ?? null,
    first == null ? null : (sizes[0] as number) - first,
    second == null ? null : (sizes[1] as number) - second,
  ].filter((one) => one !== null);
  return said.length === 0 ? null : said.reduce((sum, one) => sum + one, 0) / said.length;
}

interface Candidates {
  /** On the victim's list, as everybody knows. */
  readonly known: readonly string[];
  readonly candidates: readonly string[];
  readonly isMember: readonly boolean[];
  /** On nobody's list but the attacker's. */
  readonly nobody: readonly string[];
}

async function dealCandidates(count: number, known: number): Promise<Candidates> {
  const all = passports(2 * count + known + 20);
  const candidates = all.slice(0, count);
  const isMember = candidates.map(() => coin());
  const held = all.slice(0, 2 * count).filter((_, i) => (i < count ? isMember[i] : !isMember[i - count]));
  await arena.relist('victim', [...held, ...all.slice(2 * count, 2 * count + known)]);
  return {
    candidates,
    isMember,
    known: all.slice(2 * count, 2 * count + known),
    nobody: all.slice(2 * count + known),
  };
}

/** How many candidates a list of guesses has right. */
const score = (guesses: readonly boolean[], { isMember }: Candidates) =>
  rateOf(guesses.map((guess, i) => guess === isMember[i]));

/**
 * Halves the candidates as long as some but not all of them are there. Returns guesses, and how many lists of the
 * attacker a candidate can have been on.
 */
async function bisect(dealt: Candidates, privacy?: Privacy): Promise<{ guesses: boolean[]; depth: number }> {
  const { candidates, known, nobody } = dealt;
  const guesses = candidates.map(() => false);
  let depth = 0;
  const countIn = async (part: readonly string[]): Promise<number> => {
    const said = bothOf(await ask([...part, ...known, ...nobody], privacy)) ?? known.length;
    return Math.min(part.length, Math.max(0, Math.round(said - known.length)));
  };
  const halve = async (from: number, to: number, members: number, level: number): Promise<void> => {
    depth = Math.max(depth, level);
    if (members === 0 || members === to - from) return void guesses.fill(members > 0, from, to);
    const middle = (from + to) >> 1;
    const left = await countIn(candidates.slice(from, middle));
    await halve(from, middle, left, level + 1);
    await halve(middle, to, Math.min(to - middle, Math.max(0, members - left)), level + 1);
  };
  await halve(0, candidates.length, await countIn(candidates), 1);
  return { guesses, depth };
}

test('bisection of a candidate list by counts', async () => {
  const dealt = await dealCandidates(32, 20);
  const off = score((await bisect(dealt)).guesses, dealt);
  const epsilon = 0.03;
  const again = await dealCandidates(32, 20);
  const { guesses, depth } = await bisect(again, { epsilon: String(epsilon), identifiersPerRecord: 1 });
  // a candidate was on at most one list of every level: that is what the noise of so many runs leaves
  expect(depth).toBeLessThanOrEqual(6);
  const left = posterior(6 * epsilon);
  settle({
    attack: 'bisection of a candidate list by counts',
    guard: 'noise',
    off,
    on: score(guesses, again),
    chance: 0.5,
    left,
  });
});

/** One candidate a run, with so many known names that the answer is a number. */
async function oneByOne(dealt: Candidates, known: number, privacy?: Privacy): Promise<(number | null)[]> {
  const names = dealt.known.slice(0, known);
  const said: (number | null)[] = [];
  for (const candidate of dealt.candidates) {
    said.push(bothOf(await ask([...names, candidate, ...dealt.nobody], privacy)));
  }
  return said;
}

test('differencing between runs', async () => {
  const dealt = await dealCandidates(20, 20);
  const before = bothOf(await ask([...dealt.known, ...dealt.nobody])) ?? Number.NaN;
  const after = await oneByOne(dealt, 20);
  const off = score(
    after.map((said) => (said ?? before) > before),
    dealt,
  );
  const epsilon = 0.1;
  const noisy = { epsilon: String(epsilon), identifiersPerRecord: 1 };
  const again = await dealCandidates(30, 20);
  // the number before is known without asking: what is on the list beside the candidates is
  const said = await oneByOne(again, 20, noisy);
  const on = score(
    said.map((one) => (one ?? 0) > again.known.length + 0.5),
    again,
  );
  settle({
    attack: 'differencing between runs',
    guard: 'noise',
    off,
    on,
    chance: 0.5,
    left: posterior(epsilon),
  });
});

test('lifting a test over the minimum with known names', async () => {
  const minCount = 10;
  const dealt = await dealCandidates(20, 20);
  // without known names the minimum withholds everything, whoever is there
  const [bare] = await oneByOne(dealt, 0, { minCount });
  expect(bare).toBeNull();
  // nine known names, and there is a number if the tenth is on the list
  const lifted = await oneByOne(dealt, minCount - 1, { minCount });
  const off = score(
    lifted.map((said) => said !== null),
    dealt,
  );
  const epsilon = 0.1;
  const again = await dealCandidates(30, 20);
  const said = await oneByOne(again, 20, { minCount, epsilon: String(epsilon), identifiersPerRecord: 1 });
  const on = score(
    said.map((one) => (one === null ? coin() : one > 20.5)),
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
