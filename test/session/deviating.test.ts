/**
 * Parties that deviate with valid elements, on the real stack: what the light form lets them do, and that the
 * verified form names the list and gives nobody a result.
 *
 * A deviating party here is a node whose vault answers otherwise; everything else of it is the product's own.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  commitScalar,
  createReferenceEngine,
  drawScalar,
  multiplyElement,
  proveDleq,
  tagElements,
} from '@tallystick/protocol/suite';
import type { FreezeSession, OpenedSession } from '@tallystick/node/vault';
import {
  clearSteps,
  countsOf,
  endEverywhere,
  expectSameEnd,
  type Insides,
  matchesAmong,
  matchesOf,
  nothingLeft,
  passports,
  startWorld,
  type World,
} from './world.ts';

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const engine = createReferenceEngine();
const width = 32;
const at = (bytes: Uint8Array, i: number, unit = width): Uint8Array => bytes.slice(i * unit, (i + 1) * unit);
const ids = ['alpha', 'beta', 'gamma'];
const shared = passports(20);
/** More than a chunk, so that some chunks are honest. */
const lists = Object.fromEntries(ids.map((id) => [id, [...shared, ...passports(30)]]));
let world: World;

beforeAll(async () => {
  world = await startWorld({ lists });
});
afterEach(() => {
  for (const id of ids) clearSteps(world.inside(id));
});
afterAll(() => world.close());

const run = async (params: Parameters<typeof countsOf>[1] & { with: string[] }): Promise<string> => {
  const { session } = await world.node('alpha').call('session.propose', params as never);
  return session;
};

/**
 * beta puts z·B among its first elements and returns z·K of alpha for a position of alpha's list: alpha multiplies
 * z·B by its own scalar and finds the two equal, although beta has nothing there.
 */
function forgeMatches(alpha: Insides, beta: Insides, forged: number): void {
  let commitment = new Uint8Array();
  alpha.steps.openSession = async (next) => {
    const opened = (await next()) as OpenedSession;
    commitment = new Uint8Array(opened.commitment); // public: it stands in alpha's consent
    return opened;
  };
  let terms: FreezeSession | undefined;
  beta.steps.freeze = (next, args) => {
    terms = args[1] as FreezeSession;
    return next();
  };
  const secrets: Uint8Array[] = [];
  let announce: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    announce = resolve;
  });
  beta.steps.readFirstStream = async (next, args) => {
    const stream = (await next()) as Uint8Array;
    if (args[1] !== 0) return stream;
    for (let i = 0; secrets.length < forged; ) {
      const z = drawScalar(random);
      const element = commitScalar(z); // z·B
      // it takes the place of one whose neighbours leave it there: the stream must increase
      const above = Buffer.compare(at(stream, i), element) < 0;
      const below = Buffer.compare(element, at(stream, i + 2)) < 0;
      if (!above || !below) continue;
      stream.set(element, (i + 1) * width);
      secrets.push(z);
      i += 2;
    }
    announce();
    return stream;
  };
  beta.steps.evaluatePeer = async (next, args) => {
    const units = (await next()) as Uint8Array;
    if (args[1] !== 0 || terms === undefined) return units;
    await ready;
    const { verified, tagContext, tagBytes } = terms;
    for (const [i, z] of secrets.entries()) {
      const element = multiplyElement(z, commitment); // z·K
      const unit = verified ? element : tagElements(element, tagContext, tagBytes);
      units.set(unit, i * unit.length);
    }
    return units;
  };
}

describe('direct: matches that the peer does not have', () => {
  const forged = 3;
  const lonely = (): Promise<World> => startWorld({ lists: { alpha: passports(40), beta: passports(40) } });

  test('stand in the light answer, and end the verified session by chain.proof', async () => {
    const apart = await lonely();
    try {
      const both = ['alpha', 'beta'];
      for (const verified of [false, true]) {
        forgeMatches(apart.inside('alpha'), apart.inside('beta'), forged);
        // beta asks for nothing itself: it would be the first to see that its stream was not its vault's
        const params = matchesOf('beta', ['alpha'], { verified });
        const { session } = await apart.node('alpha').call('session.propose', params);
        if (verified) await expectSameEnd(apart, session, both, 'chain.proof');
        else {
          const [alpha] = await endEverywhere(apart, session);
          expect(alpha).toMatchObject({ state: 'done', verification: 'unverified' });
          expect(alpha?.matches).toEqual({ identifiers: forged, records: forged });
        }
        for (const id of both) clearSteps(apart.inside(id));
      }
    } finally {
      await apart.close();
    }
  });
});

/** The first chunk of a stream after somebody had his way with it; units of `unit` bytes. */
type Change = (bytes: Uint8Array) => Uint8Array;
const other = drawScalar(random);
const changes: readonly (readonly [string, Change, isEvery: boolean])[] = [
  ['replaces an element', (bytes) => (bytes.set(commitScalar(drawScalar(random)), 0), bytes), false],
  [
    'swaps two elements',
    (bytes) => {
      const first = at(bytes, 0);
      bytes.copyWithin(0, width, 2 * width);
      bytes.set(first, width);
      return bytes;
    },
    false,
  ],
  ['repeats an element', (bytes) => bytes.copyWithin(width, 0, width), false],
  [
    'uses another scalar for some',
    (bytes) => (bytes.set(engine.evaluate(at(bytes, 3), other), 3 * width), bytes),
    false,
  ],
  ['uses another scalar for all', (bytes) => engine.evaluate(bytes, other), true],
];

describe.each(changes)('a party that %s', (_, change, isEvery) => {
  const spoil = (id: string, method: 'evaluate' | 'evaluatePeer', isMeant: (args: unknown[]) => boolean) => {
    world.inside(id).steps[method] = async (next, args) => {
      const start = args[method === 'evaluate' ? 2 : 1];
      const units = (await next()) as Uint8Array;
      return isMeant(args) && (isEvery || start === 0) ? change(units) : units;
    };
  };

  test('direct: chain.proof, and no answer for anybody', async () => {
    spoil('beta', 'evaluatePeer', () => true);
    const session = await run(matchesOf('beta', ['alpha', 'beta']));
    await expectSameEnd(world, session, ['alpha', 'beta'], 'chain.proof');
  });

  test.each([
    ['counts', countsOf(['beta', 'gamma'])],
    ['matches', matchesAmong(['beta', 'gamma'], ['alpha', 'gamma'])],
  ])('sealed, %s: chain.proof, and no answer for anybody', async (__, params) => {
    spoil('beta', 'evaluate', (args) => args[1] === 0);
    await expectSameEnd(world, await run(params), ids, 'chain.proof');
  });
});

describe('a party that deviates and proves what it did', () => {
  test('direct: claims the product that fits, with a proof of another scalar', async () => {
    const { steps } = world.inside('beta');
    let proved = false;
    steps.evaluatePeer = async (next) => engine.evaluate((await next()) as Uint8Array, other);
    steps.prove = async (next, args) => {
      const honest = (await next()) as Uint8Array;
      const product = engine.evaluate(honest.slice(0, width), other);
      const { proof } = proveDleq(other, args[2] as Uint8Array, args[3] as Uint8Array, random(32));
      proved = true;
      return new Uint8Array(Buffer.concat([product, proof]));
    };
    const session = await run(matchesOf('beta', ['alpha', 'beta']));
    await expectSameEnd(world, session, ['alpha', 'beta'], 'chain.proof');
    expect(proved).toBe(true); // it came so far
  });

  test('sealed: multiplies the list and its fold by the same other scalar', async () => {
    const { steps } = world.inside('beta');
    steps.evaluate = async (next) => engine.evaluate((await next()) as Uint8Array, other);
    steps.prove = async (next, args) => {
      const honest = (await next()) as Uint8Array;
      const twice = proveDleq(other, honest.slice(0, 32), args[3] as Uint8Array, random(32));
      return new Uint8Array(Buffer.concat([twice.product, twice.proof]));
    };
    await expectSameEnd(world, await run(countsOf(['beta', 'gamma'])), ids, 'chain.proof');
  });

  test('sealed: both hops of a list collude: one replaces an element, both prove what is asked', async () => {
    world.inside('beta').steps.evaluate = async (next, args) => {
      const units = (await next()) as Uint8Array;
      if (args[1] === 0 && args[2] === 0) units.set(commitScalar(drawScalar(random)), 0);
      return units;
    };
    world.inside('gamma').steps.evaluate = async (next, args) => {
      const units = (await next()) as Uint8Array;
      if (args[1] === 0 && args[2] === 0) units.set(engine.evaluate(at(units, 0), other), 0);
      return units;
    };
    await expectSameEnd(world, await run(countsOf(['beta', 'gamma'])), ids, 'chain.proof');
  });
});

describe('light, the same deviation', () => {
  test('changes a count, and nobody is told', async () => {
    world.inside('beta').steps.evaluate = async (next, args) => {
      const units = (await next()) as Uint8Array;
      return args[1] === 0 ? engine.evaluate(units, other) : units;
    };
    // sentinels would show it: without them nothing does
    const session = await run(countsOf(['beta', 'gamma'], { verified: false, sentinels: 0 }));
    for (const detail of await endEverywhere(world, session)) {
      expect(detail).toMatchObject({ state: 'done', verification: 'unverified' });
      expect(detail.counts?.at(-1)).toMatchObject({ in: ids, exactly: 0 });
    }
    const again = await run(countsOf(['beta', 'gamma'], { verified: false }));
    await expectSameEnd(world, again, ids, 'chain.sentinel');
  });
});

test('after all that, a session still ends well', async () => {
  const session = await run(countsOf(['beta', 'gamma']));
  const details = await endEverywhere(world, session);
  expect(details.map((detail) => detail.counts?.at(-1)?.exactly)).toEqual(ids.map(() => shared.length));
  await nothingLeft(world);
});
