/**
 * Sessions that do not end well: whoever ends them, wherever they stand, all sides are told the same code, no
 * result is kept, nothing is left running.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ProposeParams } from '@tallystick/node/control';
import type { Vault } from '@tallystick/node/vault';
import { TallyError } from '@tallystick/protocol/errors';
import { encodeHello } from './rogue.ts';
import {
  clearSteps,
  countsOf,
  endEverywhere,
  expectSameEnd as expectSameEndOf,
  holdAt,
  matchesOf,
  nothingLeft,
  passports,
  startWorld,
  type World,
} from './world.ts';

const ids = ['alpha', 'beta', 'gamma'];
let world: World;

beforeAll(async () => {
  const shared = passports(10);
  const lists = Object.fromEntries(ids.map((id) => [id, [...shared, ...passports(30)]]));
  world = await startWorld({ lists });
});
afterEach(() => {
  for (const id of ids) clearSteps(world.inside(id));
});
afterAll(() => world.close());

const expectSameEnd = (session: string, parties: readonly string[], code: string): Promise<void> =>
  expectSameEndOf(world, session, parties, code);

const direct: [string, ProposeParams, string[]] = [
  'direct',
  matchesOf('beta', ['alpha', 'beta']),
  ['alpha', 'beta'],
];
const sealed: [string, ProposeParams, string[]] = ['sealed', countsOf(['beta', 'gamma']), ids];
const stages: [string, ProposeParams, string[], keyof Vault][] = [
  ...(
    [
      'openSession',
      'blindList',
      'readFirstStream',
      'evaluatePeer',
      'absorbReturned',
      'foldOwn',
      'prove',
      'match',
    ] as const
  ).map((stage): [string, ProposeParams, string[], keyof Vault] => [...direct, stage]),
  ...(
    [
      'openSession',
      'blindList',
      'evaluate',
      'finishChain',
      'foldOwn',
      'prove',
      'sortTags',
      'readSortedTags',
    ] as const
  ).map((stage): [string, ProposeParams, string[], keyof Vault] => [...sealed, stage]),
];

describe.each(stages)('%s, standing still', (_, params, parties, stage) => {
  const reach = async (): Promise<string> => {
    const reached = holdAt(world.inside('beta'), stage);
    const { session } = await world.node('alpha').call('session.propose', params);
    await reached;
    return session;
  };

  test(`at ${stage}: the proposer cancels`, async () => {
    const session = await reach();
    await world.node('alpha').call('session.cancel', { session });
    await expectSameEnd(session, parties, 'session.cancelled');
  });

  test(`at ${stage}: the other cancels`, async () => {
    const session = await reach();
    await world.node('beta').call('session.cancel', { session });
    await expectSameEnd(session, parties, 'session.cancelled');
  });

  test(`at ${stage}: the other's channels end`, async () => {
    const session = await reach();
    await Promise.all(world.inside('beta').channels.map((channel) => channel.close()));
    await expectSameEnd(session, parties, 'peer.left');
  });

  test(`at ${stage}: the other's vault dies`, async () => {
    const { steps } = world.inside('beta');
    steps[stage] = () => Promise.reject(new TallyError('vault.died', 'vault: the worker stopped'));
    const { session } = await world.node('alpha').call('session.propose', params);
    await expectSameEnd(session, parties, 'vault.died');
  });
});

describe('a channel that breaks is not mended: there is no resume', () => {
  /** As a node that wants to go on where it was: the same session, over a new channel. */
  const dialAgain = async (session: string) => {
    const { link } = world.inside('beta');
    if (link === undefined) throw new Error('beta has no link');
    return link.dial('alpha', world.node('alpha').identity.fingerprint, session);
  };

  test('a second channel beside the first is closed, and the session stays', async () => {
    const [, params, parties] = direct;
    const reached = holdAt(world.inside('beta'), 'absorbReturned');
    const { session } = await world.node('alpha').call('session.propose', params);
    await reached;
    const second = await dialAgain(session);
    await second.send(encodeHello('rogue'));
    expect(await second.closed).toEqual({ by: 'peer', code: 'wire.order' });
    expect(await world.node('alpha').call('session.show', { session })).toMatchObject({ error: null });
    await world.node('alpha').call('session.cancel', { session });
    await expectSameEnd(session, parties, 'session.cancelled');
  });

  test.each([
    ['direct', direct[1], direct[2], 'absorbReturned'],
    ['sealed', sealed[1], sealed[2], 'evaluate'],
  ] as const)('%s: broken in the middle it ends for all, and is not taken up again', async (...row) => {
    const [, params, parties, stage] = row;
    const inside = world.inside('beta');
    const reached = holdAt(inside, stage);
    const before = inside.channels.length;
    const { session } = await world.node('alpha').call('session.propose', params);
    await reached;
    // One of its channels only: the others are told.
    await inside.channels[before]?.close();
    await expectSameEnd(session, parties, 'peer.left');
    await expect(dialAgain(session)).rejects.toMatchObject({ code: 'session.unknown' });
  });
});

describe('a party that deviates', () => {
  /** Changes what goes out first: a later chunk is refused for its order alone. */
  const deviate = (id: string, method: keyof Vault, change: (answer: Uint8Array) => Uint8Array): void => {
    const { steps } = world.inside(id);
    steps[method] = async (next) => {
      delete steps[method];
      return change((await next()) as Uint8Array);
    };
  };

  test.each([
    [
      'the identity in a first stream',
      'readFirstStream',
      (bytes: Uint8Array) => bytes.fill(0, 0, 32),
      'element.identity',
    ],
    [
      'no canonical encoding',
      'readFirstStream',
      (bytes: Uint8Array) => bytes.fill(255, 31, 32),
      'element.encoding',
    ],
    ['two elements exchanged', 'readFirstStream', (bytes: Uint8Array) => swapped(bytes), 'chain.sorted'],
  ] as const)('direct: %s', async (_, method, change, code) => {
    deviate('beta', method, change);
    const { session } = await world.node('alpha').call('session.propose', direct[1]);
    await expectSameEnd(session, direct[2], code);
  });

  test.each([
    [
      'a hop answers the identity',
      'evaluate',
      (bytes: Uint8Array) => bytes.fill(0, 0, 32),
      'element.identity',
    ],
    ['tags out of order', 'readSortedTags', (bytes: Uint8Array) => bytes.reverse(), 'chain.sorted'],
  ] as const)('sealed: %s', async (_, method, change, code) => {
    deviate('beta', method, change);
    const { session } = await world.node('alpha').call('session.propose', sealed[1]);
    await expectSameEnd(session, sealed[2], code);
  });
});

function swapped(bytes: Uint8Array): Uint8Array {
  const first = bytes.slice(0, 32);
  bytes.copyWithin(0, 32, 64);
  bytes.set(first, 32);
  return bytes;
}

test('after all that, a session still ends well', async () => {
  const { session } = await world.node('alpha').call('session.propose', sealed[1]);
  const details = await endEverywhere(world, session);
  expect(details.map(({ state, error }) => [state, error])).toEqual(ids.map(() => ['done', null]));
  await nothingLeft(world);
});
