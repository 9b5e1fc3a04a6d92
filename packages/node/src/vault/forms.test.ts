/**
 * Vaults end to end, in both forms, against the plaintext answer. All vaults are real workers.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { verifyPossession } from '@tallystick/protocol/suite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openVault, type Vault } from './index.ts';
import {
  codeOf,
  importInto,
  openOn,
  plainMatches,
  type PlainRecord,
  plainSet,
  randomLists,
  random,
  ranges,
  type SealedList,
  temporaryFolder,
  writeList,
} from './vault.testkit.ts';

const chunk = 7;
const tagBytes = 10;

describe('vaults', () => {
  let vaults: Vault[] = [];
  let lists: PlainRecord[][] = [];
  let sealed: SealedList[] = [];
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const dst = new TextEncoder().encode('vault test');
  const context = random(32);

  beforeAll(async () => {
    folder = await temporaryFolder();
    // one with a pool, the others without: who computes must not show
    vaults = await Promise.all([
      openVault({ threads: 2, subBatchElements: 5, engine: 'reference' }),
      openVault({ inline: true, engine: 'reference' }),
      openVault({ inline: true, engine: 'reference' }),
    ]);
    lists = randomLists(3, 24);
    sealed = await Promise.all(
      vaults.map(async (vault, i) => {
        await vault.unlock(random(32));
        return importInto(vault, await writeList(folder.path, `${i}.csv`, lists[i] as PlainRecord[]));
      }),
    );
  });
  afterEach(async () => {
    await Promise.all(vaults.map((vault) => vault.endSession('s')));
  });
  afterAll(async () => {
    await Promise.all(vaults.map((vault) => vault.close()));
    await folder.remove();
  });

  const at = (i: number) => ({
    vault: vaults[i] as Vault,
    list: lists[i] as PlainRecord[],
    sealed: sealed[i] as SealedList,
  });

  it('direct: both receivers learn what the plaintext comparison says, record by record', async () => {
    const sides = [at(0), at(1)];
    const opened = await Promise.all(sides.map(({ vault, sealed: own }) => openOn(vault, own, dst)));
    const counts = opened.map(({ count }) => count);
    expect(counts).toEqual(sides.map(({ list }) => plainSet(list).size));
    for (const [i, { commitment, possession, records, duplicates }] of opened.entries()) {
      const list = sides[i]?.list as PlainRecord[];
      const statement = { dst, nodeId: 'node', proposalHash: new Uint8Array(32) };
      expect(verifyPossession(commitment, statement, possession)).toBe(true);
      expect(records).toBe(list.length);
      const named = list.reduce((sum, record) => sum + (record.passport === '' ? 1 : 2), 0);
      expect(duplicates).toBe(named - plainSet(list).size);
    }
    const progress: number[] = [];
    await Promise.all(
      sides.map(async ({ vault }, i) => {
        await vault.blindList('s', ({ done }) => progress.push(done));
        await vault.freeze('s', {
          tagContext: context,
          tagBytes,
          peerCount: counts[1 - i] as number,
          receives: true,
        });
      }),
    );
    expect(progress).toContain(counts[0]);
    for (const [i, { vault }] of sides.entries()) {
      const peer = sides[1 - i]?.vault as Vault;
      const jobs = ranges(counts[i] as number, chunk).map(async ({ start, size }) => {
        const elements = await vault.readFirstStream('s', start, size);
        return { start, tags: await peer.evaluatePeer('s', start, elements, true) };
      });
      for (const { start, tags } of await Promise.all(jobs)) await vault.absorbReturned('s', start, tags);
    }
    for (const [i, { vault, list, sealed: own }] of sides.entries()) {
      const expected = plainMatches(list, plainSet(sides[1 - i]?.list as PlainRecord[]));
      const { sealedResult, ...got } = await vault.matchDirect('s');
      expect(got).toEqual({ records: expected.records, identifiers: expected.identifiers });
      expect(await vault.resultCounts(sealedResult)).toEqual(got);
      const out = join(folder.path, `${i}.matches.jsonl`);
      await vault.exportResult(sealedResult, own.pieces, out);
      expect((await stat(out)).mode & 0o777).toBe(0o600);
      const lines = (await readFile(out, 'utf8'))
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line));
      expect(lines.map((line) => line.id as string).toSorted()).toEqual(expected.ids);
      expect(lines.every((line) => line.matched.length > 0)).toBe(true);
      // another list's pieces do not open under this result
      const other = vault.exportResult(sealedResult, own.pieces.slice(1), `${out}.2`);
      expect(await codeOf(other)).toBe('store.corrupt');
      expect((await readdir(folder.path)).filter((name) => name.startsWith(`${i}.matches.jsonl.`))).toEqual(
        [],
      );
    }
  });

  it('direct, one receiver: the other gets nothing to compare', async () => {
    const [a, b] = [at(0), at(1)];
    const [openA, openB] = await Promise.all([
      openOn(a.vault, a.sealed, dst),
      openOn(b.vault, b.sealed, dst),
    ]);
    await Promise.all([a.vault.blindList('s'), b.vault.blindList('s')]);
    await a.vault.freeze('s', { tagContext: context, tagBytes, peerCount: openB.count, receives: true });
    await b.vault.freeze('s', { tagContext: context, tagBytes, peerCount: openA.count, receives: false });
    const mine = await a.vault.readFirstStream('s', 0, openA.count);
    await a.vault.absorbReturned('s', 0, await b.vault.evaluatePeer('s', 0, mine, true));
    expect(await codeOf(a.vault.matchDirect('s'))).toBe('chain.incomplete');
    const theirs = await b.vault.readFirstStream('s', 0, openB.count);
    expect(await a.vault.evaluatePeer('s', 0, theirs, false)).toEqual(new Uint8Array(0));
    const { records } = await a.vault.matchDirect('s');
    expect(records).toBe(plainMatches(a.list, plainSet(b.list)).records);
    expect(await codeOf(b.vault.absorbReturned('s', 0, new Uint8Array(tagBytes)))).toBe('session.state');
    expect(await codeOf(b.vault.matchDirect('s'))).toBe('session.state');
  });

  it('sealed, three parties: equal tags are equal identifiers, and bits come back to records', async () => {
    const all = [at(0), at(1), at(2)];
    const opened = await Promise.all(
      all.map(({ vault, sealed: own }) => openOn(vault, own, dst, { form: 'sealed' })),
    );
    await Promise.all(
      all.map(async ({ vault }) => {
        await vault.blindList('s');
        await vault.freeze('s', { tagContext: context, tagBytes, peerCount: 0, receives: false });
      }),
    );
    const tags = await Promise.all(
      all.map(async ({ vault }, list) => {
        const count = opened[list]?.count as number;
        const done = ranges(count, chunk).map(async ({ start, size }) => {
          let elements = await vault.readFirstStream('s', start, size);
          for (const hop of [1, 2]) {
            const next = all[(list + hop) % 3] as { vault: Vault };
            elements = await next.vault.evaluate('s', list, start, elements);
          }
          await vault.finishChain('s', start, elements);
        });
        await Promise.all(done);
        expect(await vault.sortedTags('s')).toEqual({ count });
        const bytes = Buffer.from(await vault.readSortedTags('s', 0, count));
        return Array.from({ length: count }, (_, i) =>
          bytes.toString('hex', i * tagBytes, (i + 1) * tagBytes),
        );
      }),
    );
    for (const own of tags) expect(own).toEqual([...new Set(own)].toSorted());
    const sets = tags.map((own) => new Set(own));
    const plain = lists.map(plainSet);
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const shared = (tags[i] as string[]).filter((tag) => sets[j]?.has(tag)).length;
      expect(shared).toBe([...(plain[i] as Set<string>)].filter((one) => plain[j]?.has(one)).length);
    }
    const inAll = (tags[0] as string[]).filter((tag) => sets[1]?.has(tag) && sets[2]?.has(tag)).length;
    expect(inAll).toBe(
      [...(plain[0] as Set<string>)].filter((one) => plain[1]?.has(one) && plain[2]?.has(one)).length,
    );

    const [a, b] = [all[0] as (typeof all)[0], all[1] as (typeof all)[0]];
    const bits = new Uint8Array(Math.ceil((tags[0] as string[]).length / 8));
    for (const [i, tag] of (tags[0] as string[]).entries()) {
      if (sets[1]?.has(tag)) bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
    }
    const expected = plainMatches(a.list, plainSet(b.list));
    const { records, identifiers } = await a.vault.matchBits('s', bits);
    expect({ records, identifiers }).toEqual({
      records: expected.records,
      identifiers: expected.identifiers,
    });
    expect(await codeOf(a.vault.matchBits('s', new Uint8Array(bits.length + 1)))).toBe('chain.count');
  });
});
