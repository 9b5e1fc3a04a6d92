/**
 * One room at work: its tests against one mutant at a time.
 *
 * Purpose: which tests reach which mutant, whether one of them fails when it is active, and whether a mutant that
 * none noticed weakens a denial.
 * Assumes: the switches of Stryker's instrumenter, a global object `__stryker__`. Does not know: other processes,
 * the list of survivors.
 */
import { Script } from 'node:vm';
import type { BuiltRoom, Mutant } from './build.ts';
import type * as Corpus from './corpus.ts';
import { collector, outsideOf, type Test } from './outside.ts';

type Hits = Record<string, number>;

interface Switches {
  activeMutant: string | undefined;
  currentTestId: string | undefined;
  hitCount: number;
  hitLimit: number;
  readonly mutantCoverage: { readonly static: Hits; readonly perTest: Record<string, Hits> };
}

export interface Verdict {
  readonly id: string;
  /** The first test that failed; undefined: the mutant survives. */
  readonly killedBy: string | undefined;
  readonly coveredBy: number;
  /** Of a survivor: an input whose denial it weakens. */
  readonly weakens: string | undefined;
}

interface RoomModule {
  readonly files: readonly (readonly [string, () => unknown])[];
  readonly corpus: () => typeof Corpus;
}

interface Instance {
  readonly room: RoomModule;
  readonly tests: readonly Test[];
}

/** Beyond it a mutant has made a loop that does not end. */
const hitLimit = 5_000_000;
/** Of the pairs of cases; one in so many is tried on each survivor. */
const pairsNth = 499;

const switches: Switches = {
  activeMutant: undefined,
  currentTestId: undefined,
  hitCount: 0,
  hitLimit,
  mutantCoverage: { static: {}, perTest: {} },
};
Object.assign(globalThis, { __stryker__: switches });

export class RoomRunner {
  readonly #make: (outside: unknown) => RoomModule;
  readonly #mutants: ReadonlyMap<string, Mutant>;
  readonly #plain: Instance;
  /** Mutant → indexes of the tests that reach it. */
  readonly #reachedBy = new Map<string, Set<number>>();
  readonly #static: ReadonlySet<string>;
  /** Test → mutants that it has killed so far. */
  readonly #kills = new Map<number, number>();
  #golden: readonly (readonly [Corpus.Inputs, readonly string[]])[] | undefined;

  private constructor(built: BuiltRoom) {
    this.#make = new Script(built.script).runInThisContext() as (outside: unknown) => RoomModule;
    this.#mutants = new Map(built.mutants.map((mutant) => [mutant.id, mutant]));
    this.#plain = this.#instance();
    this.#static = new Set(Object.keys(switches.mutantCoverage.static));
  }

  /** Runs every test once without a mutant. @throws Error where one fails. */
  static async open(built: BuiltRoom): Promise<RoomRunner> {
    const runner = new RoomRunner(built);
    for (const [i, test] of runner.#plain.tests.entries()) {
      switches.currentTestId = String(i);
      try {
        await test.run();
      } catch (thrown) {
        throw new Error(`without any mutant: ${test.name}`, { cause: thrown });
      }
      for (const id of Object.keys(switches.mutantCoverage.perTest[i] ?? {})) {
        const reached = runner.#reachedBy.get(id) ?? new Set();
        runner.#reachedBy.set(id, reached.add(i));
      }
    }
    switches.currentTestId = undefined;
    return runner;
  }

  get testCount(): number {
    return this.#plain.tests.length;
  }

  async run(id: string): Promise<Verdict> {
    const isStatic = this.#static.has(id);
    const coveredBy = isStatic ? this.#plain.tests.length : (this.#reachedBy.get(id)?.size ?? 0);
    switches.activeMutant = id;
    switches.hitCount = 0;
    try {
      const instance = isStatic ? this.#instance() : this.#plain;
      const killedBy = await this.#killer(id, isStatic, instance);
      if (killedBy !== undefined) return { id, killedBy, coveredBy, weakens: undefined };
      return { id, killedBy, coveredBy, weakens: this.#weakened(instance) };
    } catch (thrown) {
      return { id, killedBy: `loading: ${String(thrown)}`, coveredBy, weakens: undefined };
    } finally {
      switches.activeMutant = undefined;
    }
  }

  #instance(): Instance {
    const { tests, vitest } = collector();
    const room = this.#make(outsideOf(vitest));
    for (const [, load] of room.files) load();
    return { room, tests };
  }

  async #killer(id: string, isStatic: boolean, { tests }: Instance): Promise<string | undefined> {
    for (const i of this.#order(id, isStatic)) {
      const test = tests[i];
      if (test === undefined) return 'fewer tests';
      switches.hitCount = 0;
      try {
        await test.run();
      } catch {
        this.#kills.set(i, (this.#kills.get(i) ?? 0) + 1);
        return test.name;
      }
    }
    return undefined;
  }

  /**
   * Tests that may notice, the likely ones first: those that reach what few reach close to the mutant, as a clause's
   * failure; then their neighbours in the file, often the other side of the same boundary; then those that have
   * killed most.
   */
  #order(id: string, isStatic: boolean): readonly number[] {
    const { file, location } = this.#mutants.get(id) as Mutant;
    const score = new Map<number, number>();
    for (const [near, { file: of, location: at }] of this.#mutants) {
      const isNear = at.start.line <= location.end.line + 2 && at.end.line >= location.start.line - 2;
      const reached = of === file && isNear ? this.#reachedBy.get(near) : undefined;
      for (const i of reached ?? []) score.set(i, (score.get(i) ?? 0) + 1 / (reached?.size ?? 1));
    }
    const all = isStatic ? [...this.#plain.tests.keys()] : [...(this.#reachedBy.get(id) ?? [])];
    const scoreOf = (i: number): number => score.get(i) ?? 0;
    const best = Math.max(0, ...all.map(scoreOf));
    const likely = all.filter((i) => scoreOf(i) > best / 4);
    const isNeighbour = (i: number): boolean =>
      likely.length < 20 && likely.some((one) => Math.abs(one - i) < 5);
    const rankOf = (i: number): number =>
      likely.includes(i) ? 2e9 + scoreOf(i) : (isNeighbour(i) ? 1e9 : 0) + (this.#kills.get(i) ?? 0);
    const rank = new Map(all.map((i) => [i, rankOf(i)]));
    return all.sort((a, b) => (rank.get(b) as number) - (rank.get(a) as number));
  }

  /** The decisions of the code as it is; made without a mutant. */
  #decisions(): readonly (readonly [Corpus.Inputs, readonly string[]])[] {
    const active = switches.activeMutant;
    switches.activeMutant = undefined;
    const corpus = this.#plain.room.corpus();
    this.#golden ??= corpus.inputs(pairsNth).map((one) => [one, words(corpus.decideOn(one))] as const);
    switches.activeMutant = active;
    return this.#golden;
  }

  #weakened({ room }: Instance): string | undefined {
    const corpus = room.corpus();
    for (const [one, want] of this.#decisions()) {
      switches.hitCount = 0;
      const got = [...words(corpus.decideOn(one))];
      for (const word of want) {
        const at = got.indexOf(word);
        if (at < 0) return word;
        got.splice(at, 1);
      }
    }
    return undefined;
  }
}

const words = (decision: ReturnType<typeof Corpus.decideOn>): readonly string[] =>
  decision.kind === 'permit' ? [] : decision.failed.map(({ code, clause }) => `${code} ${clause}`);
