/** Padded lists and the most that a record may bring, on the inline vault. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { randomBytes, randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { elementBytes } from '@tallystick/protocol/suite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openVault } from './client.ts';
import type { FreezeSession, OpenSession, OpenedSession, Vault } from './types.ts';

let folder = '';
let vault: Vault;
let chunks: Uint8Array[];
let listId = '';
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** A list of so many people; each has so many aliases, so one identifier more under recipe `name`. */
async function bring(people: number, aliases: number): Promise<void> {
  const word = (): string => `zq${randomBytes(6).toString('hex').replace(/\d/g, 'k')}`;
  const rows = Array.from({ length: people }, (_, i) => {
    const names = Array.from({ length: aliases + 1 }, () => `${word()} ${word()}`);
    return `${i},${names[0]},${names.slice(1).join(';')}`;
  });
  const path = join(folder, 'list.csv');
  await writeFile(path, ['id,name,aliases', ...rows, ''].join('\n'));
  chunks = [];
  const { meta } = await vault.importList(path, { format: 'csv' }, Date.now(), (chunk) => {
    chunks.push(new Uint8Array(chunk));
  });
  listId = meta.listId;
}

function open(change: Partial<OpenSession>): Promise<OpenedSession> {
  const request: OpenSession = {
    session: 's',
    listId,
    form: 'sealed',
    subject: 'any',
    recipes: ['name'],
    agreementId: random(32),
    nodeId: 'node',
    proposalHash: random(32),
    maxIdentifiers: 1000,
    ...change,
  };
  return vault.openSession(
    request,
    chunks.map((chunk) => new Uint8Array(chunk)),
  );
}

const terms = (own: number, sentinels: number): FreezeSession => ({
  tagContext: random(32),
  tagBytes: 16,
  parties: ['node', 'other'],
  self: 0,
  totals: [own + sentinels, 1 + sentinels],
  sentinels,
  verified: false,
  receives: false,
  peerReceives: false,
  which: false,
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ts-padding-'));
  vault = await openVault({ inline: true });
  await vault.unlock(random(32));
});
afterEach(async () => {
  await vault.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a padded list', () => {
  it('is announced as the next multiple', async () => {
    const padTo = 64;
    for (const people of [1, padTo - 1, padTo, padTo + 1]) {
      await bring(people, 0);
      const { count, fillers } = await open({ padTo });
      expect([people, count, (count + fillers) % padTo]).toEqual([people, people, 0]);
      expect(count + fillers).toBe(people > padTo ? 2 * padTo : padTo);
      await vault.endSession('s');
    }
    const { fillers } = await open({});
    expect(fillers).toBe(0);
  });

  it('has one more element for each filler, all different, and no other sentinel', async () => {
    const people = 5 + randomInt(20);
    await bring(people, 0);
    const sentinels = 3;
    const { count, fillers } = await open({ padTo: 32 });
    const size = count + fillers;
    await vault.freeze('s', terms(size, sentinels));
    await vault.blindList('s');
    const stream = await vault.readFirstStream('s', 0, size + sentinels);
    const elements = Array.from({ length: size + sentinels }, (_, i) =>
      Buffer.from(stream.subarray(i * elementBytes, (i + 1) * elementBytes)).toString('hex'),
    );
    expect(new Set(elements).size).toBe(size + sentinels);
    expect(elements).toEqual(elements.toSorted());
    // what comes back is what went out: the hops are of no matter here
    await vault.finishChain('s', 0, stream);
    const found = await vault.sortTags('s');
    expect(found.length).toBe(sentinels * 16);
    const tags = await vault.readSortedTags('s', 0, size + sentinels);
    expect(tags.length).toBe((size + sentinels) * 16);
  });

  it('that would be too long is refused', async () => {
    await bring(40, 0);
    await expect(open({ padTo: 64, maxIdentifiers: 63 })).rejects.toMatchObject({ code: 'list.cap' });
    await expect(open({ padTo: 64, maxIdentifiers: 64, session: 't' })).resolves.toBeDefined();
  });
});

describe('a record', () => {
  it('brings at most what it may, and what was cut is counted', async () => {
    await bring(10, 3);
    expect(await open({ session: 'all' })).toMatchObject({ count: 40, cut: 0 });
    expect(await open({ session: 'two', identifiersPerRecord: 2 })).toMatchObject({ count: 20, cut: 20 });
    expect(await open({ session: 'four', identifiersPerRecord: 4 })).toMatchObject({ count: 40, cut: 0 });
  });
});
