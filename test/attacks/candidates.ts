/**
 * Attacks on counts between two parties: an attacker with a list of candidates, and what he asks.
 *
 * Purpose: deals candidates, asks how many of a list are on the victim's, halves, asks one by one.
 * Assumes: an arena of `victim` and `attacker`. The victim holds every candidate or, by a fair coin, somebody else in
 * his place whom nobody asks for: neighbours in the sense of docs/privacy.md, and lists of one size.
 * Does not know: which guard is on; a session that is refused is a question without an answer.
 */
import type { ProposeParams } from '@tallystick/node/control';
import { countsOf, passports } from '../session/world.ts';
import type { Arena } from './arena.ts';
import { coin } from './chance.ts';
import { type Rate, rateOf } from './report.ts';

/** Proofs and sentinels have nothing to do with what numbers tell. */
const cheap = { verified: false, sentinels: 0 };

export type Terms = Pick<ProposeParams, 'privacy' | 'caps'>;

export interface Candidates {
  readonly candidates: readonly string[];
  readonly isMember: readonly boolean[];
  /** On the victim's list, as everybody knows. */
  readonly known: readonly string[];
  /** On nobody's list but the attacker's. */
  readonly nobody: readonly string[];
}

/** Gives the victim its list. */
export async function dealCandidates(arena: Arena, count: number, known: number): Promise<Candidates> {
  const all = passports(2 * count + known + 20);
  const candidates = all.slice(0, count);
  const isMember = candidates.map(() => coin());
  const held = all.slice(0, 2 * count).filter((_, i) => (i < count ? isMember[i] : !isMember[i - count]));
  const famous = all.slice(2 * count, 2 * count + known);
  await arena.relist('victim', [...held, ...famous]);
  return { candidates, isMember, known: famous, nobody: all.slice(2 * count + known) };
}

/** How many candidates a list of guesses has right. */
export const score = (guesses: readonly boolean[], { isMember }: Candidates): Rate =>
  rateOf(guesses.map((guess, i) => guess === isMember[i]));

export interface Answer {
  /** Identifiers on both lists; null where the number is withheld or the session was refused. */
  readonly both: number | null;
  /** Who refused and why; null where the session is done. */
  readonly refusal: { readonly code: string; readonly by: string } | null;
}

/** How many of these the victim has. Every released number says it once more: with noise their mean is nearer. */
export async function askCount(arena: Arena, numbers: readonly string[], terms: Terms = {}): Promise<Answer> {
  const list = await arena.addList('attacker', numbers);
  const params = countsOf(['victim'], { list, ...cheap, ...terms });
  const { error, counts, parties } = await arena.run('attacker', params);
  if (error !== null) return { both: null, refusal: { code: error.code, by: error.by } };
  const [first, second, both] = (counts ?? []).map(({ exactly }) => exactly);
  const sizes = parties.map(({ identifiers }) => identifiers ?? 0);
  const said = [
    both ?? null,
    first == null ? null : (sizes[0] as number) - first,
    second == null ? null : (sizes[1] as number) - second,
  ].filter((one) => one !== null);
  const mean = said.reduce((sum, one) => sum + one, 0) / said.length;
  return { both: said.length === 0 ? null : mean, refusal: null };
}

export interface Bisection {
  readonly guesses: readonly boolean[];
  /** On how many of the attacker's lists one candidate was, at most. */
  readonly depth: number;
  /** Sessions that gave an answer. */
  readonly answers: number;
  /** What ended it; null where nothing did. */
  readonly refusal: Answer['refusal'];
}

/**
 * Halves the candidates as long as some but not all of them are there. Where nobody answers any more he takes the
 * likelier for each part that he knows a count of.
 */
export async function bisect(arena: Arena, dealt: Candidates, terms: Terms = {}): Promise<Bisection> {
  const { candidates, known, nobody } = dealt;
  const guesses = candidates.map(() => false);
  let depth = 0;
  let answers = 0;
  const refusals: NonNullable<Answer['refusal']>[] = [];
  const countIn = async (part: readonly string[]): Promise<number | null> => {
    if (refusals.length > 0) return null;
    const { refusal, both } = await askCount(arena, [...part, ...known, ...nobody], terms);
    if (refusal !== null) refusals.push(refusal);
    if (both === null) return null;
    answers += 1;
    return Math.min(part.length, Math.max(0, Math.round(both - known.length)));
  };
  const halve = async (from: number, to: number, members: number, level: number): Promise<void> => {
    depth = Math.max(depth, level);
    const middle = (from + to) >> 1;
    const isSettled = members === 0 || members === to - from;
    const left = isSettled ? null : await countIn(candidates.slice(from, middle));
    if (left === null) return void guesses.fill(2 * members > to - from, from, to);
    await halve(from, middle, left, level + 1);
    await halve(middle, to, Math.min(to - middle, Math.max(0, members - left)), level + 1);
  };
  const all = await countIn(candidates);
  if (all !== null) await halve(0, candidates.length, all, 1);
  return { guesses, depth, answers, refusal: refusals[0] ?? null };
}

/** One candidate a session, with so many known names that the answer is a number; nothing more after two refusals. */
export async function oneByOne(
  arena: Arena,
  dealt: Candidates,
  known: number,
  terms: Terms = {},
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const candidate of dealt.candidates) {
    const last = answers.at(-1);
    if (last?.refusal && answers.at(-2)?.refusal) answers.push(last);
    else
      answers.push(
        await askCount(arena, [...dealt.known.slice(0, known), candidate, ...dealt.nobody], terms),
      );
  }
  return answers;
}
