/** Lists cut by a label, on the inline vault. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sentinelLabel } from '@tallystick/protocol/chain';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openVault } from './client.ts';
import type { OpenedSession, OpenSession, Vault } from './types.ts';
import { codeOf, random, ranges, termsOf } from './vault.testkit.ts';

let folder = '';
let vault: Vault;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallystick-labels-'));
  vault = await openVault({ inline: true });
  await vault.unlock(random(32));
});
afterEach(() => vault.endSession('s'));
afterAll(async () => {
  await vault.close();
  await rm(folder, { recursive: true, force: true });
});

/** A record: a passport number, and tiers as one cell has them. */
type Row = readonly [number: string, tiers: readonly string[]];

/** Opens a sealed session on a list of these rows. */
async function open(rows: readonly Row[], change: Partial<OpenSession>): Promise<OpenedSession> {
  const path = join(folder, 'list.csv');
  const lines = rows.map(([number, tiers], i) => `${i},nobody,${number},${tiers.join(';')}`);
  await writeFile(path, ['id,name,number,Risk tier', ...lines, ''].join('\n'));
  const chunks: Uint8Array[] = [];
  const columns = { labels: { tier: 'risk tier' }, documents: [{ kind: 'passport', number: 'number' }] };
  const { meta } = await vault.importList(path, { format: 'csv', columns }, 0, (chunk) => {
    chunks.push(new Uint8Array(chunk));
  });
  const request: OpenSession = {
    session: 's',
    listId: meta.listId,
    form: 'sealed',
    subject: 'any',
    recipes: ['document'],
    agreementId: random(32),
    nodeId: 'node',
    proposalHash: random(32),
    maxIdentifiers: 1000,
    labels: { field: 'tier', labels: tiers, minSize: 0 },
    ...change,
  };
  return vault.openSession(request, chunks);
}

/** The label bytes of the sorted tags, as if nobody else had evaluated the list. */
async function labelBytes(size: number, sentinels: number): Promise<number[]> {
  const units = size + sentinels;
  await vault.freeze('s', termsOf(0, [units, 1], { sentinels, receives: false, peerReceives: false }));
  await vault.blindList('s');
  await vault.finishChain('s', 0, await vault.readFirstStream('s', 0, units));
  await vault.sortTags('s');
  const bytes: number[] = [];
  for (const range of ranges(units, 7)) bytes.push(...(await vault.readLabels('s', range.start, range.size)));
  return bytes;
}

const tiers = ['high', 'medium', 'low', 'unlabelled'];
const rowsOf = fc.array(
  fc.tuple(
    fc.integer({ min: 1_000_000, max: 1_000_011 }).map((n) => `Q${n}`),
    fc.uniqueArray(fc.constantFrom('high', 'medium', 'low'), { maxLength: 2 }),
  ),
  { minLength: 1, maxLength: 20 },
);

describe('a list cut by a label', () => {
  it('announces, and gives to its tags, the first declared label of any record (oracle: maps)', async () => {
    await fc.assert(
      fc.asyncProperty(
        rowsOf,
        fc.integer({ min: 0, max: 6 }),
        fc.constantFrom(null, 5),
        async (rows, minSize, padTo) => {
          const labels = { field: 'tier', labels: tiers, minSize };
          const opened = await open(rows, { labels, padTo });
          const best = new Map<string, string>();
          for (const [number, own] of rows) {
            for (const label of own.length === 0 ? ['unlabelled'] : own) {
              const before = best.get(number) ?? label;
              best.set(number, tiers.indexOf(label) < tiers.indexOf(before) ? label : before);
            }
          }
          const sizes = (opened.labels ?? []).map(
            (group) => [...best.values()].filter((label) => group.labels.includes(label)).length,
          );
          const padded = sizes.map((size) =>
            padTo === null ? size : Math.max(1, Math.ceil(size / padTo)) * padTo,
          );
          expect(opened.labels?.flatMap((group) => group.labels).toSorted()).toEqual(tiers.toSorted());
          expect(opened.labels?.map(({ size }) => size)).toEqual(padded);
          if (sizes.length > 1) expect(Math.min(...sizes)).toBeGreaterThanOrEqual(minSize);
          const size = padded.reduce((sum, one) => sum + one, 0);
          expect(opened.count + opened.fillers).toBe(size);
          const bytes = await labelBytes(size, 3);
          const counted = padded.map((_, group) => bytes.filter((byte) => byte === group).length);
          expect(counted).toEqual(padded);
          expect(bytes.filter((byte) => byte === sentinelLabel)).toHaveLength(3);
          await vault.endSession('s');
        },
      ),
      { numRuns: 12, endOnFailure: true },
    );
  });

  it('is refused where a record has a label that is not declared, or none and that is not', async () => {
    const labels = { field: 'tier', labels: ['high', 'low'], minSize: 0 };
    expect(await codeOf(open([['Q1000001', ['high']]], { labels }))).toBeUndefined();
    await vault.endSession('s');
    expect(await codeOf(open([['Q1000001', ['high', 'middling']]], { labels }))).toBe('list.label');
    expect(await codeOf(open([['Q1000001', []]], { labels }))).toBe('list.label');
    expect(await codeOf(open([['Q1000001', ['high']]], { labels: { ...labels, field: 'other' } }))).toBe(
      'list.label',
    );
  });

  it('gives no labels that the agreement does not name, and none of positions that there are not', async () => {
    await open([['Q1000001', ['high']]], { labels: null });
    await labelBytes(1, 0).catch(() => undefined);
    expect(await codeOf(vault.readLabels('s', 0, 1))).toBe('session.state');
    await vault.endSession('s');
    await open([['Q1000001', ['high']]], {});
    expect(await labelBytes(1, 0)).toEqual([0]);
    expect(await codeOf(vault.readLabels('s', 0, 2))).toBe('chain.position');
  });
});
