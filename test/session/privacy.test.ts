/**
 * Counts with a minimum, noise and padding between real nodes: what every party is told, and what is refused.
 */
import type { SessionDetail } from '@tallystick/node/control';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  clearSteps,
  countsOf,
  endEverywhere,
  expectSameEnd,
  passports,
  startWorld,
  type World,
} from './world.ts';

const ids = ['alpha', 'beta', 'gamma'];
const names = (mask: number): string[] => ids.filter((_, bit) => (mask >> bit) & 1);
/** Identifiers on exactly the lists of mask m, at m − 1. */
const sizes = [40, 45, 3, 50, 30, 35, 60];
const lists: Record<string, string[]> = { alpha: [], beta: [], gamma: [] };
const exactly: number[] = sizes.map((size, i) => {
  const shared = passports(size);
  for (const id of names(i + 1)) lists[id]?.push(...shared);
  return shared.length;
});

let world: World;
beforeAll(async () => {
  world = await startWorld({ lists, limits: { releaseTickMs: 50 } });
});
afterAll(() => world.close());
afterEach(() => ids.forEach((id) => clearSteps(world.inside(id))));

async function ended(change: Parameters<typeof countsOf>[1]): Promise<SessionDetail> {
  const { session } = await world.node('alpha').call('session.propose', countsOf(['beta', 'gamma'], change));
  const details = await endEverywhere(world, session);
  const [first] = details;
  if (first === undefined) throw new Error('no detail');
  for (const detail of details) {
    expect(detail).toMatchObject({ state: 'done', error: null });
    expect([detail.counts, detail.release]).toEqual([first.counts, first.release]);
  }
  return first;
}

describe('counts', () => {
  test('without settings are exact, with thresholds and union', async () => {
    const { counts, release, privacy, padTo } = await ended({});
    expect([privacy, padTo]).toEqual([null, null]);
    expect(counts?.map((row) => row.exactly)).toEqual(exactly);
    expect(counts?.every((row) => row.reason === undefined)).toBe(true);
    const inAtLeast = [1, 2, 3].map((t) => ({
      count: exactly.reduce((sum, count, i) => sum + (names(i + 1).length >= t ? count : 0), 0),
    }));
    expect(release).toEqual({ noise: null, inAtLeast, union: inAtLeast[0] });
  });

  test('with a minimum are true or withheld with a reason', async () => {
    const { counts, release, privacy } = await ended({ privacy: { minCount: 10 } });
    expect(privacy).toMatchObject({ minCount: 10, microEpsilon: null });
    const held = counts?.flatMap((row, i) => (row.exactly === null ? [i + 1] : [])) ?? [];
    expect(held).toContain(3);
    expect(held.length, 'one alone would follow from the sizes').toBeGreaterThan(1);
    for (const [i, row] of (counts ?? []).entries()) {
      if (row.exactly !== null) expect(row.exactly).toBe(exactly[i]);
      else expect(row.reason?.exactly).toBe(i === 2 ? 'below-minimum' : 'complementary');
    }
    expect(release?.union).toEqual({ count: null, reason: 'below-minimum' });
  });

  test('with noise name it, and every party holds the same', async () => {
    const { counts, release } = await ended({ privacy: { epsilon: '0.5', identifiersPerRecord: 1 } });
    expect(release?.noise).toEqual({ mechanism: 'laplace', scale: '8/1' });
    // seven draws of this scale in one vector are all zero less often than once in 10^8
    expect(counts?.map((row) => row.exactly)).not.toEqual(exactly);
  });

  test('of padded lists announce a size class', async () => {
    const padTo = 128;
    const { counts, parties, own, release } = await ended({ padTo });
    for (const { id, identifiers } of parties) {
      expect(identifiers).toBe(Math.ceil((lists[id]?.length ?? 0) / padTo) * padTo);
    }
    const mine = parties.find((party) => party.id === 'alpha')?.identifiers ?? 0;
    expect(own).toMatchObject({
      identifiers: lists['alpha']?.length,
      fillers: mine - (lists['alpha']?.length ?? 0),
    });
    expect(release?.union).toEqual({ count: null, reason: 'padded' });
    for (const [i, row] of (counts ?? []).entries()) {
      expect(row.exactly).toBe(row.in.length === 1 ? null : exactly[i]);
    }
  });

  test('of a party that announces another size end for everybody', async () => {
    world.inside('beta').steps.openSession = async (next) => ({ ...((await next()) as object), fillers: 1 });
    const params = countsOf(['beta', 'gamma'], { padTo: 128 });
    const { session } = await world.node('alpha').call('session.propose', params);
    await expectSameEnd(world, session, ids, 'chain.count');
  });
});

describe('a proposal', () => {
  const noisy = { epsilon: 1, identifiersPerRecord: 1 };
  test.each<[string, Parameters<typeof countsOf>[1], string]>([
    ['an epsilon of zero', { privacy: { ...noisy, epsilon: 0 } }, 'privacy.epsilon'],
    ['a negative epsilon', { privacy: { ...noisy, epsilon: -1 } }, 'privacy.epsilon'],
    ['an absurd epsilon', { privacy: { ...noisy, epsilon: 1e9 } }, 'privacy.epsilon'],
    ['a delta that is none', { privacy: { ...noisy, delta: 0.5 } }, 'privacy.delta'],
    ['an unknown setting', { privacy: { minCuont: 5 } }, 'privacy.policy'],
    ['padding to one', { padTo: 1 }, 'agreement.invalid'],
    [
      'noise for matches',
      { privacy: noisy, output: { kind: 'matches', to: ['alpha'] } },
      'agreement.invalid',
    ],
    ['padding for matches', { padTo: 64, output: { kind: 'matches', to: ['alpha'] } }, 'agreement.invalid'],
  ])('with %s is refused by code', async (_, change, code) => {
    const params = countsOf(['beta', 'gamma'], change);
    await expect(world.node('alpha').call('session.propose', params)).rejects.toMatchObject({ code });
  });
});
