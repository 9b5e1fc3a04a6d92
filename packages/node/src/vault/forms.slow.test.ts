/**
 * Vaults end to end, in both forms, against the plaintext answer. All vaults are real workers.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { elementDst, verifyDleq, verifyPossession } from '@tallystick/protocol/suite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FreezeSession, type MatchOutcome, openVault, type Vault } from './index.ts';
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
  termsOf,
  writeList,
} from './vault.testkit.ts';

const chunk = 7;
const tagBytes = 8; // as termsOf has it

describe('vaults', () => {
  let vaults: Vault[] = [];
  let lists: PlainRecord[][] = [];
  let sealed: SealedList[] = [];
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const agreement = random(32);

  beforeAll(async () => {
    folder = await temporaryFolder();
    // one with a pool, the others without: who computes must not show
    vaults = await Promise.all([
      openVault({ threads: 2, subBatchElements: 5, engine: 'portable' }),
      openVault({ inline: true, engine: 'portable' }),
      openVault({ inline: true, engine: 'portable' }),
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

  interface Side {
    readonly vault: Vault;
    readonly list: PlainRecord[];
    readonly sealed: SealedList;
    readonly count: number;
    readonly commitment: Uint8Array;
    readonly terms: FreezeSession;
  }

  /** Opens, freezes and blinds a session at the first vaults; positions count sentinels. */
  async function start(
    parties: number,
    form: 'direct' | 'sealed',
    change: (self: number) => Partial<FreezeSession> = () => ({}),
  ): Promise<Side[]> {
    const sides = Array.from({ length: parties }, (_, i) => at(i));
    const opened = await Promise.all(
      sides.map(({ vault, sealed: own }) => openOn(vault, own, agreement, { form })),
    );
    const sentinels = change(0).sentinels ?? 0;
    const totals = opened.map(({ count }) => count + sentinels);
    return Promise.all(
      sides.map(async (side, i) => {
        const terms = termsOf(i, totals, change(i));
        // both at once, as a session does: what is fixed goes first
        await Promise.all([side.vault.freeze('s', terms), side.vault.blindList('s')]);
        const { count, commitment } = opened[i] as (typeof opened)[0];
        return { ...side, count, commitment, terms };
      }),
    );
  }

  const other = (sides: readonly Side[], i: number): Side => sides[1 - i] as Side;

  /** Every first stream to the peer and back. */
  async function exchange(sides: readonly Side[]): Promise<void> {
    for (const [i, { vault, count, terms }] of sides.entries()) {
      const give = !terms.receives ? 'nothing' : terms.verified ? 'elements' : 'tags';
      const jobs = ranges(count, chunk).map(async ({ start, size }) => {
        const elements = await vault.readFirstStream('s', start, size);
        return { start, units: await other(sides, i).vault.evaluatePeer('s', start, elements, give) };
      });
      for (const { start, units } of await Promise.all(jobs)) {
        if (give !== 'nothing') await vault.absorbReturned('s', start, units);
      }
    }
  }

  async function expectRecords(side: Side, outcome: MatchOutcome, others: ReadonlySet<string>, name: string) {
    const want = plainMatches(side.list, others);
    const { sealedResult, ...got } = outcome;
    expect(got).toEqual({ records: want.records, identifiers: want.identifiers });
    expect(await side.vault.resultCounts(sealedResult)).toEqual(got);
    const out = join(folder.path, name);
    await side.vault.exportResult(sealedResult, side.sealed.pieces, out, null);
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    const text = await readFile(out, 'utf8');
    const lines = text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as { id: string; matched: string[]; matchedOn?: string[][] });
    expect(lines.map((line) => line.id).toSorted()).toEqual(want.ids);
    expect(lines.every((line) => line.matched.length > 0)).toBe(true);
    return { lines, out };
  }

  it('commits to what it holds', async () => {
    for (const [i, { vault, list, sealed: own }] of [at(0), at(1)].entries()) {
      const { count, commitment, possession, records, duplicates } = await openOn(vault, own, agreement);
      expect(count, `list ${i}`).toBe(plainSet(list).size);
      const statement = { dst: elementDst(agreement), nodeId: 'node', proposalHash: new Uint8Array(32) };
      expect(verifyPossession(commitment, statement, possession)).toBe(true);
      expect(records).toBe(list.length);
      const named = list.reduce((sum, record) => sum + (record.passport === '' ? 1 : 2), 0);
      expect(duplicates).toBe(named - plainSet(list).size);
    }
  });

  it.each([false, true])(
    'direct, verified %s: both learn what the plaintext comparison says',
    async (verified) => {
      const sides = await start(2, 'direct', () => ({ verified }));
      await exchange(sides);
      for (const [i, side] of sides.entries()) {
        const others = plainSet(other(sides, i).list);
        const name = `${i}-${verified}.matches.jsonl`;
        const outcome = await side.vault.match('s');
        const { out } = await expectRecords(side, outcome, others, name);
        // another list's pieces do not open under this result
        const wrong = side.vault.exportResult(
          outcome.sealedResult,
          side.sealed.pieces.slice(1),
          `${out}.2`,
          null,
        );
        expect(await codeOf(wrong)).toBe('store.corrupt');
        expect((await readdir(folder.path)).filter((file) => file.startsWith(`${name}.`))).toEqual([]);
      }
    },
  );

  it('direct, one receiver: the other gets nothing to compare', async () => {
    const sides = await start(2, 'direct', (self) => ({ receives: self === 0, peerReceives: self === 1 }));
    const [a, b] = sides as [Side, Side];
    const mine = await a.vault.readFirstStream('s', 0, a.count);
    expect(await codeOf(b.vault.evaluatePeer('s', 0, mine, 'elements'))).toBe('session.state');
    await a.vault.absorbReturned('s', 0, await b.vault.evaluatePeer('s', 0, mine, 'tags'));
    expect(await codeOf(a.vault.match('s'))).toBe('chain.incomplete');
    const theirs = await b.vault.readFirstStream('s', 0, b.count);
    expect(await codeOf(a.vault.evaluatePeer('s', 0, theirs, 'tags'))).toBe('session.state');
    expect(await a.vault.evaluatePeer('s', 0, theirs, 'nothing')).toEqual(new Uint8Array(0));
    const { records } = await a.vault.match('s');
    expect(records).toBe(plainMatches(a.list, plainSet(b.list)).records);
    expect(await codeOf(b.vault.absorbReturned('s', 0, new Uint8Array(tagBytes)))).toBe('session.state');
    expect(await codeOf(b.vault.match('s'))).toBe('session.state');
  });

  it('direct, verified: folds both ends with private weights, and proves once, to a peer that receives', async () => {
    const only = (self: number) => ({ verified: true, receives: self === 0, peerReceives: self === 1 });
    for (const change of [() => ({ verified: true }), only]) {
      const sides = await start(2, 'direct', change);
      const [a, b] = sides as [Side, Side];
      const statement = random(40);
      const first = await a.vault.readFirstStream('s', 0, a.count);
      expect(await codeOf(a.vault.foldOwn('s'))).toBe('chain.incomplete');
      expect(await codeOf(b.vault.prove('s', 0, first.slice(0, 32), statement))).toBe('chain.incomplete');
      await exchange(sides);
      const folded = await a.vault.foldOwn('s');
      const fold = folded.slice(0, 32);
      expect(await codeOf(b.vault.prove('s', 1, fold, statement))).toBe('chain.position');
      // a peer that gets nothing back has nothing proved, and no evaluation
      const other = await codeOf(a.vault.prove('s', 1, fold, statement));
      expect(other).toBe(change === only ? 'chain.position' : undefined);
      const proved = await b.vault.prove('s', 0, fold, statement);
      expect(proved.subarray(0, 32)).toEqual(folded.subarray(32));
      const holds = (key: Uint8Array): boolean =>
        verifyDleq(key, fold, proved.subarray(0, 32), statement, proved.subarray(32));
      expect([holds(b.commitment), holds(a.commitment)]).toEqual([true, false]);
      expect(await codeOf(b.vault.prove('s', 0, fold, statement))).toBe('chain.position');
      // what was folded is gone
      expect(await codeOf(a.vault.foldOwn('s'))).toBe('session.state');
      expect(await codeOf(a.vault.readFirstStream('s', 0, 1))).toBe('session.state');
      await Promise.all(sides.map(({ vault }) => vault.endSession('s')));
    }
  });

  /** Every list once round all vaults and back; the elements as they came back. */
  async function ring(sides: readonly Side[]): Promise<void> {
    await Promise.all(
      sides.map(async ({ vault, terms }, list) => {
        const jobs = ranges(terms.totals[list] as number, chunk).map(async ({ start, size }) => {
          let elements = await vault.readFirstStream('s', start, size);
          for (let hop = 1; hop < sides.length; hop++) {
            const next = sides[(list + hop) % sides.length] as Side;
            elements = await next.vault.evaluate('s', list, start, elements);
          }
          await vault.finishChain('s', start, elements);
        });
        await Promise.all(jobs);
      }),
    );
  }

  const tagsIn = (bytes: Uint8Array): string[] =>
    ranges(bytes.length / tagBytes, 1).map(({ start }) =>
      Buffer.from(bytes).toString('hex', start * tagBytes, (start + 1) * tagBytes),
    );

  const sentinels = 5;

  it('sealed: private weights fold the chain to what its hops prove', async () => {
    const sides = await start(3, 'sealed', () => ({ verified: true, sentinels }));
    const [a] = sides as [Side, Side, Side];
    expect(await codeOf(a.vault.foldOwn('s'))).toBe('chain.incomplete');
    expect(await codeOf(a.vault.prove('s', 1, random(32), random(4)))).toBe('chain.incomplete');
    await ring(sides);
    const folds = await Promise.all(sides.map(({ vault }) => vault.foldOwn('s')));
    for (const [list, folded] of folds.entries()) {
      let element = folded.slice(0, 32);
      for (const hop of [1, 2]) {
        const { vault, commitment } = sides[(list + hop) % 3] as Side;
        const statement = random(16);
        const proved = await vault.prove('s', list, element, statement);
        const product = proved.slice(0, 32);
        expect(verifyDleq(commitment, element, product, statement, proved.subarray(32))).toBe(true);
        // the same or another element: an evaluation for nothing
        expect(await codeOf(vault.prove('s', list, product, statement))).toBe('chain.position');
        element = product;
      }
      expect(element).toEqual(folded.slice(32));
    }
    expect(await codeOf(a.vault.prove('s', 0, folds[1]?.slice(0, 32) as Uint8Array, random(4)))).toBe(
      'chain.position',
    );
  });

  it('sealed: weights are drawn anew in every session, and there are none after its end', async () => {
    const sums: string[] = [];
    for (let run = 0; run < 2; run++) {
      const sides = await start(2, 'sealed', () => ({ verified: true }));
      await ring(sides);
      const [{ vault }] = sides as [Side];
      const folding = vault.foldOwn('s');
      sums.push(Buffer.from(await folding).toString('hex'));
      await sides[1]?.vault.endSession('s');
      const late = codeOf(sides[1]?.vault.foldOwn('s') as Promise<Uint8Array>);
      expect(await late).toBe('session.unknown');
      await vault.endSession('s');
    }
    expect(new Set(sums).size).toBe(2);
  });

  it.each([false, true])(
    'sealed, which lists %s: tags, sentinels, and marks come back to records',
    async (which) => {
      const sides = await start(3, 'sealed', (self) => ({ sentinels, which, receives: self !== 1 }));
      await ring(sides);
      const found = await Promise.all(sides.map(({ vault }) => vault.sortTags('s')));
      expect(new Set(found.map((tags) => tagsIn(tags).join())).size).toBe(1);
      const special = new Set(tagsIn(found[0] as Uint8Array));
      expect(special.size).toBe(sentinels);
      const tags = await Promise.all(
        sides.map(async ({ vault, count }) => tagsIn(await vault.readSortedTags('s', 0, count + sentinels))),
      );
      for (const own of tags) expect(own).toEqual([...new Set(own)].toSorted());
      const sets = tags.map((own) => new Set(own));
      const maskOf = (tag: string): number =>
        sets.reduce((mask, set, list) => (set.has(tag) ? mask | (1 << list) : mask), 0);
      const plain = lists.map(plainSet);
      const plainMask = (one: string): number =>
        plain.reduce((mask, set, list) => (set.has(one) ? mask | (1 << list) : mask), 0);
      const union = new Set(plain.flatMap((set) => [...set]));
      const unionTags = new Set(tags.flat().filter((tag) => !special.has(tag)));
      for (let mask = 1; mask < 8; mask++) {
        const has = (at: (one: string) => number, all: Iterable<string>): number =>
          [...all].filter((one) => at(one) === mask).length;
        expect(has(maskOf, unionTags), `combination ${mask}`).toBe(has(plainMask, union));
      }

      const width = which ? 2 : 1;
      for (const self of [0, 2]) {
        const side = sides[self] as Side;
        const own = tags[self] as string[];
        const marks = new Uint8Array(own.length * width);
        for (const [i, tag] of own.entries()) {
          const mask = special.has(tag) ? 0 : maskOf(tag);
          if (mask !== 7 && mask !== ((1 << self) | 2)) continue;
          marks[i * width + width - 1] = which ? mask : 1;
        }
        expect(await codeOf(side.vault.match('s'))).toBe('chain.incomplete');
        for (const { start, size } of ranges(own.length, chunk))
          await side.vault.absorbMarks('s', start, marks.slice(start * width, (start + size) * width));
        const others = plain[1] as ReadonlySet<string>;
        const { lines } = await expectRecords(
          side,
          await side.vault.match('s'),
          others,
          `marks-${which}-${self}`,
        );
        for (const { matched, matchedOn } of lines) {
          const text = (identifier: string): string => identifier.slice(identifier.lastIndexOf(':') + 1);
          const want = matched.map((identifier) =>
            [0, 1, 2]
              .filter((list) => list !== self && ((plainMask(text(identifier)) >> list) & 1) === 1)
              .map((list) => `node-${list}`),
          );
          expect(matchedOn).toEqual(which ? want : undefined);
        }
      }
    },
  );

  it('sealed: takes marks in order, once, of its own list, and never of a sentinel', async () => {
    const sides = await start(3, 'sealed', (self) => ({ sentinels, which: true, receives: self === 0 }));
    await ring(sides);
    const [{ vault, count }, b] = sides as [Side, Side];
    const marks = (mask: number, units = 1): Uint8Array =>
      new Uint8Array(Array.from({ length: units }, () => [mask >> 8, mask & 0xff]).flat());
    expect(await codeOf(vault.absorbMarks('s', 0, marks(3)))).toBe('session.state'); // not sorted yet
    await vault.sortTags('s');
    await b.vault.sortTags('s');
    // only the own list, not the own list, a list that is none
    for (const bad of [1, 2, 6, 9, 0x101]) {
      expect(await codeOf(vault.absorbMarks('s', 0, marks(bad))), `mask ${bad}`).toBe('wire.message');
    }
    expect(await codeOf(vault.absorbMarks('s', 0, new Uint8Array(3)))).toBe('chain.count');
    expect(await codeOf(vault.absorbMarks('s', 1, marks(3)))).toBe('chain.position');
    expect(await codeOf(vault.absorbMarks('s', 0, marks(3, count + sentinels + 1)))).toBe('chain.count');
    expect(await codeOf(b.vault.absorbMarks('s', 0, marks(3)))).toBe('session.state'); // receives nothing
    await vault.absorbMarks('s', 0, marks(3, count + sentinels));
    expect(await codeOf(vault.absorbMarks('s', 0, marks(3)))).toBe('chain.position');
    expect(await codeOf(vault.match('s'))).toBe('chain.sentinel');
  });
});
