/** Counts among ten parties, the most there can be, over real processes; and that eleven, or one, are refused. */
import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { ResultJson } from '../../packages/cli/src/render/index.ts';
import { cli, ownTmp } from './helpers.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let tmp: Awaited<ReturnType<typeof ownTmp>>;
beforeAll(async () => {
  tmp = await ownTmp();
});
afterAll(() => tmp.remove());

/** Lists of `n` parties, each person on each list with a chance of its own; a document each. */
async function scenario(n: number): Promise<{ path: string; holders: Map<number, string[]> }> {
  const ids = Array.from({ length: n }, (_, i) => `p${i}`);
  const holders = new Map<number, string[]>();
  const numbers = Array.from({ length: 24 }, () => randomInt(1e8, 1e9));
  for (const number of numbers) {
    const commonness = randomInt(1, 10);
    holders.set(
      number,
      ids.filter(() => randomInt(10) < commonness),
    );
  }
  for (const id of ids) {
    const mine = [...holders].filter(([, who]) => who.includes(id)).map(([number]) => number);
    // one of its own, so that no list is empty
    const own = randomInt(1e9, 2e9);
    holders.set(own, [id]);
    const rows = [own, ...mine].map((number, i) => `${id}-${i},Person ${i},passport,NO,P${number}`);
    const header = 'id,name,documentKind,documentCountry,documentNumber';
    await writeFile(join(tmp.path, `${id}.csv`), `${[header, ...rows].join('\n')}\n`);
  }
  const path = join(tmp.path, `of-${n}.json`);
  const parties = ids.map((id) => ({ id, list: `${id}.csv` }));
  await writeFile(
    path,
    JSON.stringify({ parties, subject: 'person', recipe: 'document', output: { kind: 'counts' } }),
  );
  return { path, holders };
}

it('counts every combination of ten lists', async () => {
  const { path, holders } = await scenario(10);
  const done = await cli(['run', path, '--json', '--quiet'], { env: { TMPDIR: tmp.path } });
  expect(done.err).toBe('');
  expect(done.code).toBe(0);
  const { counts, form, verified, oracle } = JSON.parse(done.out) as ResultJson;
  expect({ form, verified, equal: oracle.equal }).toEqual({ form: 'sealed', verified: true, equal: true });
  expect(counts).toHaveLength(2 ** 10 - 1);
  const all = [...holders.values()];
  for (const { in: lists, exactly, atLeast } of counts ?? []) {
    const on = all.filter((who) => lists.every((id) => who.includes(id)));
    expect(atLeast).toBe(on.length);
    expect(exactly).toBe(on.filter((who) => who.length === lists.length).length);
  }
});

it.each([1, 11])('refuses %i parties, and says how many there may be', async (n) => {
  const { path } = await scenario(n);
  const done = await cli(['run', path, '--json', '--quiet'], { env: { TMPDIR: tmp.path } });
  expect(done.code).toBe(2);
  expect(done.out).toBe('');
  expect(done.err).toMatch(/scenario\.invalid/);
  expect(done.err).toMatch(/parties: .*(2|10)/);
});
