/** Somebody else than the coordinator collects: a station that brings no list, and whom the agreement names. */
import { type AuditLog, createWitnessStore, openAuditLog, type WitnessStore } from '@tallystick/host/audit';
import { systemClock } from '@tallystick/host/clock';
import { systemRandom } from '@tallystick/host/random';
import { createSealer } from '@tallystick/host/seal';
import { memoryStore } from '@tallystick/host/store';
import { parseCheckpoint } from '@tallystick/protocol/audit';
import { encodeHex } from '@tallystick/protocol/bytes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  countsOf,
  endAt,
  matchesAmong,
  nothingLeft,
  passports,
  startWorld,
  until,
  type World,
} from './world.ts';

const [all, some, own] = [passports(7), passports(5), passports(9)];
const lists = { alpha: [...all, ...some], beta: [...all, ...own], gamma: [...all, ...some] };
const parties = Object.keys(lists);

describe('a collector that is not the coordinator', () => {
  let world: World;
  let witnesses: WitnessStore;
  let audit: AuditLog;
  let fingerprint = '';
  beforeAll(async () => {
    const store = memoryStore();
    const sealer = createSealer(systemRandom(32), systemRandom);
    witnesses = createWitnessStore(store, sealer);
    world = await startWorld({
      lists,
      collectors: ['notary'],
      adjustCollector(options) {
        const { identity } = options;
        fingerprint = identity.fingerprint;
        audit = openAuditLog({ store, sealer, clock: systemClock, random: systemRandom, identity });
        return { ...options, audit, witnesses };
      },
    });
  });
  afterAll(() => world.close());

  test('merges counts, and the coordinator collects nothing', async () => {
    const { session } = await world
      .node('beta')
      .call('session.propose', countsOf(['alpha', 'gamma'], { collectors: ['notary'] }));
    expect(world.coordinator.stats.collecting).toBe(0);
    const details = await Promise.all(parties.map((id) => endAt(world.node(id), session)));
    for (const detail of details) {
      expect(detail).toMatchObject({ state: 'done', collectors: ['notary'] });
      const exactly = new Map(detail.counts?.map((row) => [row.in.join(), row.exactly]));
      expect(exactly.get('alpha,beta,gamma')).toBe(all.length);
      expect(exactly.get('alpha,gamma')).toBe(some.length);
      expect(exactly.get('beta')).toBe(own.length);
    }
    await nothingLeft(world);
  });

  test('has its log cosigned by the parties of its sessions, and cosigns theirs', async () => {
    await until(
      () => (witnesses.allWitnessed().length === parties.length ? true : undefined),
      'every party has cosigned',
    );
    expect(new Set(witnesses.allWitnessed().map(({ station }) => station))).toEqual(new Set(parties));
    for (const id of parties) {
      const { watched } = await world.node(id).call('audit.show', { limit: 1 });
      const held = watched.find(({ station }) => station === 'notary');
      expect(held).toMatchObject({ broken: null, fingerprint });
      const { size, root } = parseCheckpoint(held?.checkpoint ?? '');
      expect(encodeHex(audit.tree.root(size))).toBe(encodeHex(root));
    }
  });

  test('returns matches', async () => {
    const { session } = await world
      .node('alpha')
      .call('session.propose', matchesAmong(['beta', 'gamma'], ['gamma'], { collectors: ['notary'] }));
    const details = await Promise.all(parties.map((id) => endAt(world.node(id), session)));
    expect(details.map((detail) => [detail.collectors, detail.matches?.identifiers])).toEqual([
      [['notary'], undefined],
      [['notary'], undefined],
      [['notary'], all.length],
    ]);
    await nothingLeft(world);
  });

  test.each([
    ['alpha', 'who proposes'],
    ['beta', 'another party'],
  ])('is not %s, %s: whoever brings a list does not collect', async (id) => {
    const params = countsOf(['beta', 'gamma'], { collectors: [id] });
    await expect(world.node('alpha').call('session.propose', params)).rejects.toMatchObject({
      code: 'agreement.invalid',
      message: expect.stringContaining('brings no list'),
    });
    await nothingLeft(world);
  });

  test('is nobody who was not pinned, and no node: a node brings lists', async () => {
    const propose = (collector: string) =>
      world.node('alpha').call('session.propose', countsOf(['beta'], { collectors: [collector] }));
    await expect(propose('stranger')).rejects.toMatchObject({ code: 'peer.unknown' });
    const { session } = await propose('gamma');
    const ends = await Promise.all(['alpha', 'beta', 'gamma'].map((id) => endAt(world.node(id), session)));
    expect(ends.map(({ state, error }) => [state, error?.code])).toEqual(
      ['alpha', 'beta', 'gamma'].map(() => ['aborted', 'agreement.invalid']),
    );
    await nothingLeft(world);
  });
});
