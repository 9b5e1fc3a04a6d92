/**
 * Attacks on counts between two parties: an attacker with a list of candidates, and what he asks.
 *
 * Purpose: deals candidates, asks how many of a list are on the victim's, halves, asks one by one. Many questions go into
 * one session where he cuts his own list by a label: each label has a number of its own.
 * Assumes: an arena of `victim` and `attacker`. The victim holds every candidate or, by a fair coin, somebody else in
 * his place whom nobody asks for: neighbours in the sense of docs/privacy.md, and lists of one size.
 * Does not know: which guard is on; a session that is refused is a question without an answer.
 */
import type { ProposeParams } from '@tallystick/node/control';
import { countsOf, passports } from '../session/world.ts';
import type { Arena } from './arena.ts';
import { coin } from './chance.ts';
import { type Answers, answersOf } from './rates.ts';

/** Proofs and sentinels have nothing to do with what numbers tell. */
const cheap = { verified: false, sentinels: 0 };

export type Terms = Pick<ProposeParams, 'privacy' | 'caps'>;

export interface Candidates {
  readonly candidates: readonly string[];
  readonly isMember: readonly boolean[];
  /** On the victim's list, as everybody knows. */
  readonly known: readonly string[];
  /** On nobody's list but the attacker's: twice as many as are known. */
  readonly nobody: readonly string[];
}

/** Gives the victim its list. */
export async function dealCandidates(arena: Arena, count: number, known: number): Promise<Candidates> {
  const all = passports(2 * count + 3 * known);
  const candidates = all.slice(0, count);
  const isMember = candidates.map(() => coin());
  const held = all.slice(0, 2 * count).filter((_, i) => (i < count ? isMember[i] : !isMember[i - count]));
  const famous = all.slice(2 * count, 2 * count + known);
  await arena.relist('victim', [...held, ...famous]);
  return { candidates, isMember, known: famous, nobody: all.slice(2 * count + known) };
}

/** How the attacker's answers to "is this candidate on the list?" are. */
export const score = (said: readonly boolean[], { isMember }: Candidates): Answers =>
  answersOf(isMember, said);

export interface Refusal {
  readonly code: string;
  readonly by: string;
}

export interface Answer {
  /** Identifiers on both lists; null where the number is withheld or the session was refused. */
  readonly both: number | null;
  /** Why the number is withheld. */
  readonly reason: string | null;
  /** Who refused and why; null where the session is done. */
  readonly refusal: Refusal | null;
}

interface Counted {
  readonly exactly: number | null;
  readonly reason?: string | { readonly exactly?: string };
}

/** What is said of the identifiers on both lists, and with noise once more by those on the attacker's alone: the mean. */
function read(size: number, alone: Counted | undefined, both: Counted | undefined): Answer {
  const said = [both?.exactly ?? null, alone?.exactly == null ? null : size - alone.exactly].filter(
    (one) => one !== null,
  );
  const mean = said.reduce((sum, one) => sum + one, 0) / said.length;
  const reason = typeof both?.reason === 'object' ? both.reason.exactly : both?.reason;
  return { both: said.length === 0 ? null : mean, reason: reason ?? null, refusal: null };
}

/** How many of these the victim has. */
export async function askCount(arena: Arena, numbers: readonly string[], terms: Terms = {}): Promise<Answer> {
  const list = await arena.addList('attacker', numbers);
  const params = countsOf(['victim'], { list, ...cheap, ...terms });
  const { error, counts } = await arena.run('attacker', params);
  if (error !== null) return { both: null, reason: null, refusal: { code: error.code, by: error.by } };
  return read(numbers.length, counts?.[0], counts?.[2]);
}

/** How many of each part the victim has, in one session: the list is cut by a label that says which part it is. */
export async function askEach(
  arena: Arena,
  parts: readonly (readonly string[])[],
  terms: Terms = {},
): Promise<Answer[]> {
  const names = parts.map((_, i) => `part ${i + 1}`);
  const list = await arena.addList(
    'attacker',
    parts.flat(),
    parts.flatMap((part, i) => part.map(() => names[i] as string)),
  );
  const labels = [{ party: 'attacker', field: 'tier', labels: names, minSize: 0 }];
  const params = countsOf(['victim'], { list, labels, ...cheap, ...terms });
  const { error, labels: cut } = await arena.run('attacker', params);
  if (error !== null) throw new Error(`refused: ${error.code}`);
  const cells = new Map(
    (cut?.cells ?? []).map((cell) => [`${cell.in.length} ${cell.labels['attacker'] ?? ''}`, cell]),
  );
  return parts.map((part, i) => read(part.length, cells.get(`1 ${names[i]}`), cells.get(`2 ${names[i]}`)));
}

/** One of so many equal parts of a list. */
export const partOf = <T>(items: readonly T[], i: number, parts: number): readonly T[] => {
  const size = Math.floor(items.length / parts);
  return items.slice(i * size, (i + 1) * size);
};

type Range = readonly [from: number, to: number];

/** A search through one group of candidates: halves what is neither all nor nothing. */
class Halving {
  readonly said: boolean[];
  /** On how many lists that were answered each candidate was. */
  readonly asked: number[];
  private readonly open: { readonly range: Range; readonly members: number }[] = [];
  /** Whose first half is asked about; undefined: all are. */
  private node: { readonly range: Range; readonly members: number } | undefined;
  private hasBegun = false;

  constructor(count: number) {
    this.said = Array.from({ length: count }, () => false);
    this.asked = this.said.map(() => 0);
  }

  /** What to ask about next; undefined: all is said. */
  next(): Range | undefined {
    if (!this.hasBegun) {
      this.hasBegun = true;
      return [0, this.said.length];
    }
    for (this.node = this.open.pop(); this.node !== undefined; this.node = this.open.pop()) {
      const { range, members } = this.node;
      const [from, to] = range;
      if (members > 0 && members < to - from) return [from, (from + to) >> 1];
      this.said.fill(members > 0, from, to);
    }
    return undefined;
  }

  /** The answer to what is asked; null: there is none, and he takes the likelier for all that it was to divide. */
  take([from, to]: Range, answer: number | null): void {
    const { node } = this;
    if (answer === null) {
      if (node !== undefined) {
        const [first, end] = node.range;
        this.said.fill(2 * node.members > end - first, first, end);
      }
      return;
    }
    for (let i = from; i < to; i++) this.asked[i] = (this.asked[i] as number) + 1;
    const members = Math.min(to - from, Math.max(0, Math.round(answer)));
    if (node !== undefined) {
      const [, end] = node.range;
      const rest = Math.min(end - to, Math.max(0, node.members - members));
      this.open.push({ range: [to, end], members: rest });
    }
    this.open.push({ range: [from, to], members });
  }
}

export interface Bisection {
  readonly said: readonly boolean[];
  /** On how many of the attacker's lists one candidate was, at most. */
  readonly depth: number;
  /** Sessions that gave an answer. */
  readonly sessions: number;
  /** What ended it; null where nothing did. */
  readonly refusal: Refusal | null;
}

/**
 * Halves the candidates as long as some but not all of them are there; `groups` of them side by side, each under a
 * label of its own. Where nobody answers any more he takes the likelier for each part that he knows a count of.
 */
export async function bisect(
  arena: Arena,
  dealt: Candidates,
  groups: number,
  terms: Terms = {},
): Promise<Bisection> {
  const { candidates, known, nobody } = dealt;
  const size = candidates.length / groups;
  const searches = Array.from({ length: groups }, () => new Halving(size));
  let sessions = 0;
  let refusal: Refusal | null = null;
  for (;;) {
    const due = searches.flatMap((search, group) => {
      const range = search.next();
      return range === undefined ? [] : [{ search, group, range }];
    });
    if (due.length === 0) break;
    const beside = due.map(({ group }) => partOf(known, group, groups));
    const parts = due.map(({ group, range: [from, to] }, i) => [
      ...candidates.slice(group * size + from, group * size + to),
      ...(beside[i] ?? []),
      ...partOf(nobody, group, groups),
    ]);
    let answers: Answer[] = [];
    if (refusal === null) {
      answers =
        groups === 1 ? [await askCount(arena, parts[0] ?? [], terms)] : await askEach(arena, parts, terms);
      refusal = answers[0]?.refusal ?? null;
      if (refusal === null) sessions += 1;
    }
    for (const [i, { search, range }] of due.entries()) {
      const both = answers[i]?.both ?? null;
      search.take(range, both === null ? null : both - (beside[i]?.length ?? 0));
    }
  }
  return {
    said: searches.flatMap(({ said }) => said),
    depth: Math.max(...searches.flatMap(({ asked }) => asked)),
    sessions,
    refusal,
  };
}

/** One candidate a session; nothing more after two refusals. */
export async function oneByOne(arena: Arena, dealt: Candidates, terms: Terms = {}): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const candidate of dealt.candidates) {
    const last = answers.at(-1);
    if (last?.refusal && answers.at(-2)?.refusal) answers.push(last);
    else answers.push(await askCount(arena, [...dealt.known, candidate, ...dealt.nobody], terms));
  }
  return answers;
}
