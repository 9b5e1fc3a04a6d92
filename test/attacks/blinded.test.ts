/**
 * Attacks on what travels: linking an identifier across sessions, opening commitments by guessing, confirming a
 * guess without the stream, coalitions with and without the collector.
 *
 * The guard is switched off by what it is made of: a victim whose scalars are not fresh, a salt that is known, a hash
 * that the protocol never sends. With it on there is nothing to guess from, in any trial: the attacker says no every time,
 * and no bound is wanted.
 */
import { fileURLToPath } from 'node:url';
import { createHash, randomInt } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '@tallystick/host/clock';
import { systemRandom } from '@tallystick/host/random';
import type { NodeOptions } from '@tallystick/node/daemon';
import { canonicalBytes, domainHash, isJsonFrame, parseMessage } from '@tallystick/protocol/wire';
import { countsOf, matchesAmong, matchesOf, passports, until, type WorldOptions } from '../session/world.ts';
import { type Arena, openArena } from './arena.ts';
import { dealHalves, shuffled } from './chance.ts';
import { answersOf, choicesOf } from './rates.ts';
import { settle } from './report.ts';
import {
  blinded,
  engine,
  hearing,
  joined,
  know,
  occurrences,
  ownF,
  scalarOf,
  tagged,
  unit,
  units,
} from './tap.ts';

// dozens of sessions, on a machine that may have other things to do
vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

const entry = vi.hoisted(() => ({ isWeak: false }));
// The only way to another vault: a test that replaces the module that says where its entry is.
vi.mock('../../packages/node/src/worker-bootstrap/index.ts', () => ({
  workerEntry: () => ({
    path: fileURLToPath(
      entry.isWeak
        ? new URL('vault-weak.mjs', import.meta.url)
        : new URL('../../packages/node/src/worker-bootstrap/vault.mjs', import.meta.url),
    ),
    execArgv: ['--conditions=@tallystick/source'],
  }),
}));

/** A node whose vault draws one scalar for everything: of bytes `byte`. */
function weakened(options: NodeOptions, byte: number): NodeOptions {
  const { openVault } = options;
  return {
    ...options,
    async openVault() {
      entry.isWeak = true;
      process.env['ATTACK_SCALAR'] = String(byte);
      try {
        return await (openVault as NonNullable<typeof openVault>)();
      } finally {
        entry.isWeak = false;
      }
    },
  };
}

const arenas: Arena[] = [];
afterEach(async () => {
  for (const arena of arenas.splice(0)) await arena.close();
});
async function open(ids: readonly string[], adjust: NonNullable<WorldOptions['adjust']>): Promise<Arena> {
  const arena = await openArena(ids, { adjust });
  arenas.push(arena);
  return arena;
}

test('linking an identifier across sessions', async () => {
  const [people, rounds] = [40, 3];
  /** The attacker proposes, and sees to it that the agreement is the same every time: its id stands in every element. */
  const link = async (isWeak: boolean) => {
    const startMs = systemClock.nowMs();
    const frozen: NodeOptions['clock'] = {
      nowMs: () => startMs,
      setTimer: (atMs, fn) => systemClock.setTimer(systemClock.nowMs() + atMs - startMs, fn),
    };
    const byte = 7;
    const arena = await open(['attacker', 'victim'], (id, options) => {
      if (id === 'attacker') return { ...options, clock: frozen };
      return isWeak ? weakened(options, byte) : options;
    });
    const truths: boolean[] = [];
    const said: boolean[] = [];
    const agreements = new Set<string | null>();
    let listed = passports(people);
    let before: { number: string | undefined; element: Uint8Array }[] = [];
    for (let round = 0; round <= rounds; round++) {
      const stays = dealHalves(people);
      const kept = new Set(round === 0 ? listed : listed.filter((_, i) => stays[i]));
      if (round > 0) listed = [...kept, ...passports(people - kept.size)];
      await arena.relist('victim', listed);
      const known = know(arena.inside('attacker'));
      // another list every time: the same question on the same lists would get the stored answer
      const list = await arena.addList('attacker', passports(3));
      const detail = await arena.run('attacker', matchesOf('victim', ['attacker'], { list }));
      expect(detail.state).toBe('done');
      agreements.add(detail.agreementId);
      const stream = units(joined(known.evaluated.get(-1) ?? []));
      expect(stream).toHaveLength(people);
      // Of every element of the session before: is whoever it belongs to still on the list?
      const isAgain = ({ element }: (typeof before)[number]): boolean =>
        stream.some((one) => Buffer.compare(one, element) === 0);
      said.push(...before.map(isAgain));
      truths.push(
        ...before.map(({ number }, i) => (number === undefined ? stays[i] === true : kept.has(number))),
      );
      // The test knows a weak victim's scalar, and so whose an element is. With fresh ones it does not matter: all
      // answers are the same.
      const own = isWeak ? units(blinded(listed, known, scalarOf(byte))) : [];
      before = stream.map((element) => ({
        element,
        number: listed[own.findIndex((one) => Buffer.compare(one, element) === 0)],
      }));
    }
    expect(agreements.size).toBe(1);
    return answersOf(truths, said);
  };
  const [off, on] = [await link(true), await link(false)];
  settle({ attack: 'linking an identifier across sessions', guard: 'fresh scalars', off, on, most: null });
});

test('opening a commitment by guessing', async () => {
  const trials = 10;
  const cases = 10;
  const zeros = new Uint8Array(32);
  /** The victim proposes, and alone gets matches; the attacker hears a commitment to their number, and to the case. */
  const guess = async (isSalted: boolean) => {
    const heard: Uint8Array[] = [];
    let isUp = false;
    const arena = await open(['attacker', 'victim'], (id, options) => {
      if (id === 'attacker') return hearing(options, heard);
      const random = (length: number) =>
        isUp && !isSalted && length === 32 ? zeros.slice() : systemRandom(length);
      return { ...options, random };
    });
    isUp = true;
    const isThere = dealHalves(trials);
    const saidThere: boolean[] = [];
    const numbers = isThere.map(() => randomInt(cases));
    const found: (number | undefined)[] = [];
    for (let i = 0; i < trials; i++) {
      const [asked, other] = passports(2) as [string, string];
      await arena.relist('attacker', [asked]);
      await arena.relist('victim', [isThere[i] ? asked : other]);
      heard.length = 0;
      const { session } = await arena.run(
        'victim',
        matchesOf('attacker', ['victim'], { caseReference: `case ${numbers[i]}` }),
      );
      // hellos and mail between the nodes are no messages of a session
      const isMessage = (frame: Uint8Array): boolean => Buffer.from(frame).includes(`"session":"${session}"`);
      const messages = () =>
        heard
          .filter((frame) => isJsonFrame(frame) && isMessage(frame))
          .map((one) => parseMessage(one, 1 << 20));
      // the victim may be through before its last word has arrived
      const done = await until(
        () => messages().find((one) => one.type === 'done'),
        'the attacker hears the end',
      );
      const proposal = messages().find((one) => one.type === 'proposal');
      const opens = (matches: number): boolean => {
        const view = { session, to: 'victim', identifiers: matches, records: matches };
        const hash = domainHash('view', zeros, canonicalBytes(view));
        return done.view === Buffer.from(hash).toString('hex');
      };
      expect(done.view).toMatch(/^[0-9a-f]{64}$/);
      expect(proposal?.caseCommitment).toMatch(/^[0-9a-f]{64}$/);
      expect([opens(0), opens(1)]).toEqual(isSalted ? [false, false] : [!isThere[i], isThere[i]]);
      saidThere.push(opens(1));
      const references = Array.from({ length: cases }, (_, n) => n);
      found.push(
        references.find((n) => {
          const hash = createHash('sha256').update(zeros).update(`case ${n}`).digest('hex');
          return proposal?.caseCommitment === hash;
        }),
      );
    }
    return { number: answersOf(isThere, saidThere), reference: choicesOf(numbers, found, cases) };
  };
  const [off, on] = [await guess(false), await guess(true)];
  const attack = 'opening a commitment by guessing';
  settle({ attack, guard: 'salt, over the number of matches', off: off.number, on: on.number, most: null });
  settle({
    attack,
    guard: 'salt, over the case reference',
    off: off.reference,
    on: on.reference,
    most: null,
  });
});

test('confirming a guess without the stream', async () => {
  const trials = 12;
  const byte = 9;
  const heard: Uint8Array[] = [];
  const arena = await open(['attacker', 'victim'], (id, options) =>
    id === 'attacker' ? hearing(weakened(options, byte), heard) : options,
  );
  const isOne = dealHalves(trials);
  const off: boolean[] = [];
  const on: boolean[] = [];
  for (let i = 0; i < trials; i++) {
    const [one, other, ...rest] = passports(6) as [string, string, ...string[]];
    const mine = [one, other, ...rest];
    await arena.relist('attacker', mine);
    await arena.relist('victim', [isOne[i] ? one : other, ...rest]);
    heard.length = 0;
    const attacker = know(arena.inside('attacker'));
    const victim = know(arena.inside('victim'));
    const { state } = await arena.run('attacker', countsOf(['victim']));
    expect(state).toBe('done');
    const f = ownF(mine, attacker, scalarOf(byte));
    /** Whatever the guess would show as, were it there: elements, tags, sums and hashes of the list that it makes. */
    const signsOf = (guess: string): Uint8Array[] => {
      const elements = [guess, ...rest].map((number) => f.get(number) as Uint8Array);
      const tags = units(tagged(joined(elements), attacker), attacker.terms?.tagBytes).sort(Buffer.compare);
      const weights = joined(elements.map(() => Uint8Array.of(1, ...new Uint8Array(15))));
      const sum = engine.weightedSum(joined(elements), weights);
      const sorted = elements.toSorted(Buffer.compare);
      const hashes = [joined(tags), joined(sorted), joined(elements), ...tags, ...elements].map(
        (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
      );
      return [...tags, ...elements, sum, ...hashes];
    };
    const evidence = (frames: readonly Uint8Array[]): number =>
      occurrences(frames, signsOf(one)) - occurrences(frames, signsOf(other));
    const speaks = evidence(heard);
    expect(speaks, 'nothing speaks for either').toBe(0);
    on.push(speaks > 0);
    // the first draft's shared transcript held hashes of chunks; sentinels are known to every party
    const tags = [...f].map(([number, element]) => ({ number, tag: tagged(element, attacker) }));
    const isSentinel = (tag: Uint8Array): boolean =>
      tags.some((one) => one.number.startsWith('sentinel') && Buffer.compare(one.tag, tag) === 0);
    const real = units(joined(victim.tags), attacker.terms?.tagBytes).filter((tag) => !isSentinel(tag));
    expect(real).toHaveLength(1 + rest.length);
    const chunkHash = new Uint8Array(createHash('sha256').update(joined(real)).digest());
    off.push(evidence([...heard, chunkHash]) > 0);
  }
  settle({
    attack: 'confirming a guess without the stream',
    guard: 'salted commitments to holders only',
    off: answersOf(isOne, off),
    on: answersOf(isOne, on),
    most: null,
  });
});

/** Pairs of identifiers; of half of them, in random order, the first is the one. */
function dealPairs(count: number): { first: string; second: string; isFirst: boolean }[] {
  const numbers = passports(2 * count);
  const isFirst = dealHalves(count);
  return Array.from({ length: count }, (_, i) => ({
    first: numbers[2 * i] as string,
    second: numbers[2 * i + 1] as string,
    isFirst: isFirst[i] as boolean,
  }));
}

test('two parties without the collector', async () => {
  /**
   * Everything that both parties were sent, and what a victim multiplies for them: gamma sends H(x) instead of beta's
   * list, so that beta gets k·H(x) of the victim for every guess. The proof fails, but that is later.
   */
  const collude = async (isWeak: boolean) => {
    const heard: Uint8Array[] = [];
    const arena = await open(['alpha', 'beta', 'gamma'], (id, options) => {
      if (id !== 'alpha') return hearing(options, heard);
      return isWeak ? weakened(options, 7) : options;
    });
    const pairs = dealPairs(30);
    const guesses = shuffled(pairs.flatMap(({ first, second }) => [first, second]));
    await arena.relist(
      'alpha',
      pairs.map(({ first, second, isFirst }) => (isFirst ? first : second)),
    );
    await arena.relist('beta', guesses);
    const beta = know(arena.inside('beta'));
    const gamma = know(arena.inside('gamma'));
    const { steps } = arena.inside('gamma');
    const one = Uint8Array.of(1, ...new Uint8Array(31));
    const listen = steps.evaluate;
    let raw: Uint8Array | undefined;
    steps.evaluate = async (next, args) => {
      const [, list, start] = args as [string, number, number];
      const honest = (await listen?.(next, args)) as Uint8Array;
      if (list !== 1) return honest;
      raw ??= blinded(guesses, gamma, one);
      return raw.slice(start * unit, start * unit + honest.length);
    };
    const params = matchesAmong(['beta', 'gamma'], ['alpha'], { sentinels: 0 });
    const { state, error } = await arena.run('alpha', params);
    expect([state, error?.code]).toEqual(['aborted', 'chain.proof']);
    const multiplied = units(joined(beta.returned));
    expect(multiplied).toHaveLength(guesses.length);
    const signsOf = (guess: string): Uint8Array[] => [multiplied[guesses.indexOf(guess)] as Uint8Array];
    const said = pairs.map(({ first, second }) => {
      const evidence = occurrences(heard, signsOf(first)) - occurrences(heard, signsOf(second));
      if (!isWeak) expect(evidence, 'nothing speaks for either').toBe(0);
      return evidence > 0;
    });
    return answersOf(
      pairs.map(({ isFirst }) => isFirst),
      said,
    );
  };
  const [off, on] = [await collude(true), await collude(false)];
  settle({
    attack: 'two parties without the collector',
    guard: 'a second scalar for the own list',
    off,
    on,
    most: null,
  });
});

test('the collector with one party', async () => {
  const bytes = { alpha: 7, beta: 9, gamma: 11 };
  const collude = async (isWeak: boolean) => {
    const arena = await open(['alpha', 'beta', 'gamma'], (id, options) =>
      id === 'beta' || isWeak ? weakened(options, bytes[id as keyof typeof bytes]) : options,
    );
    // first: on alpha's list alone; second: on gamma's
    const deal = () => dealPairs(30).map(({ first, isFirst }) => ({ number: first, isAlpha: isFirst }));
    const [own, others] = [deal(), deal()];
    const all = [...own, ...others];
    await arena.relist(
      'alpha',
      all.filter(({ isAlpha }) => isAlpha).map(({ number }) => number),
    );
    await arena.relist(
      'gamma',
      all.filter(({ isAlpha }) => !isAlpha).map(({ number }) => number),
    );
    const mine = own.map(({ number }) => number);
    await arena.relist('beta', mine);
    const [alpha, beta, gamma] = ['alpha', 'beta', 'gamma'].map((id) => know(arena.inside(id)));
    if (!alpha || !beta || !gamma) throw new Error('no taps');
    const params = countsOf(['beta', 'gamma'], { sentinels: 0 });
    expect((await arena.run('alpha', params)).state).toBe('done');
    const width = beta.terms?.tagBytes ?? 0;
    const collected = [alpha, gamma].map(({ tags }) => units(joined(tags), width));
    const evidence = (elements: readonly Uint8Array[]): number => {
      const tags = elements.map((element) => tagged(element, beta));
      const [first, second] = collected.map((list) => occurrences(list, tags));
      return (first ?? 0) - (second ?? 0);
    };
    const f = ownF(mine, beta, scalarOf(bytes.beta));
    /** What beta can make of an identifier that is not on its list: its own scalar, and guesses at the others'. */
    const madeOf = (number: string): Uint8Array[] => {
      const mineOnly = blinded([number], beta, scalarOf(bytes.beta));
      const guessed = engine.evaluate(
        engine.evaluate(mineOnly, scalarOf(bytes.alpha)),
        scalarOf(bytes.gamma),
      );
      return [mineOnly, guessed];
    };
    const truths = (them: typeof all): boolean[] => them.map(({ isAlpha }) => isAlpha);
    const saidOwn = own.map(({ number }) => evidence([f.get(number) as Uint8Array]) > 0);
    const saidOthers = others.map(({ number }) => {
      const speaks = evidence(madeOf(number));
      if (!isWeak) expect(speaks, 'nothing speaks for either').toBe(0);
      return speaks > 0;
    });
    return {
      own: answersOf(truths(own), saidOwn),
      others: answersOf(truths(others), saidOthers),
    };
  };
  const [off, on] = [await collude(true), await collude(false)];
  // what protocol.md says it learns: of every identifier on the party's own list, on which lists it is
  expect(on.own).toMatchObject({ hits: { of: 15, are: 15 }, falseAlarms: { of: 15, are: 0 } });
  settle({
    attack: 'the collector with one party',
    guard: 'scalars of all parties',
    off: off.others,
    on: on.others,
    most: null,
  });
});
