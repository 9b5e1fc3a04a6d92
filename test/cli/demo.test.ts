/** The demonstration with a seed that nobody chose: true answers, one JSON object, and the same again. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { checkPlanted, makeDemoLists } from '../../packages/cli/src/demo/lists.ts';
import type { ResultJson } from '../../packages/cli/src/render/index.ts';
import { cli, isThere, ownTmp } from './helpers.ts';

// Many processes on what may be a busy machine: the limit is for what hangs, not for what is slow.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let tmp: Awaited<ReturnType<typeof ownTmp>>;
beforeAll(async () => {
  tmp = await ownTmp();
});
afterAll(() => tmp.remove());

interface DemoJson {
  readonly seed: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly sessions: readonly ResultJson[];
  readonly oracle: { readonly checked: boolean; readonly equal: boolean };
}

/** The engine that doctor names; the reference engine only where it says that neither build of the kernel is usable. */
async function doctorsEngine(): Promise<string> {
  const { out } = await cli(['doctor', '--data', join(tmp.path, 'none'), '--json']);
  const findings = JSON.parse(out) as { what: string; found: string }[];
  const found = (what: string): string => findings.find((one) => one.what === what)?.found ?? '';
  const isRefused = (build: string): boolean => found(`  ${build}`).startsWith('not usable: ');
  const engine = found('engine').split(',')[0] ?? '';
  const wanted = isRefused('fused') ? (isRefused('portable') ? 'reference' : 'portable') : 'fused';
  expect(engine).toBe(wanted);
  return engine;
}

it('gives true answers for a fresh seed, and its lists run again', async () => {
  const seed = randomBytes(4).toString('hex');
  const keep = join(tmp.path, 'kept');
  const env = { TMPDIR: tmp.path };
  const done = await cli(['demo', '--seed', seed, '--people', '100', '--json', '--quiet', '--keep', keep], {
    env,
  });
  expect(done.code, `${seed}: ${done.err}`).toBe(0);
  const json = JSON.parse(done.out) as DemoJson;
  expect(json).toMatchObject({ seed, oracle: { checked: true, equal: true } });
  // every node computes with what doctor says is the engine of this machine
  const engine = await doctorsEngine();
  expect(Object.keys(json.engines)).toHaveLength(3);
  expect([...new Set(Object.values(json.engines))]).toEqual([engine]);
  expect(done.err).toContain(`engine of the nodes: ${engine};`);
  expect(json.sessions.map((session) => session.form)).toEqual(['direct', 'sealed']);
  expect(json.sessions.every((session) => session.oracle.equal)).toBe(true);
  for (const wanted of [
    seed,
    'in Cyrillic and in Latin letters',
    'Near misses',
    'Who learned what',
    '(use.prohibited)',
    'verification says: entry ',
  ]) {
    expect(done.err).toContain(wanted);
  }
  expect(done.err).not.toContain('MATCHED');
  expect(await isThere(join(keep, 'counts.json'))).toBe(true);

  const again = await cli(['run', join(keep, 'matches.json'), '--json', '--quiet', '--no-oracle'], { env });
  expect((JSON.parse(again.out) as ResultJson).oracle).toEqual({ checked: false, equal: null });
  const first = json.sessions[0];
  expect((JSON.parse(again.out) as ResultJson).parties).toEqual(first?.parties);
  expect(await tmp.leftovers()).toEqual([]);
});

it('notices a planted person who did not match, and one who should not have', async () => {
  const lists = await makeDemoLists(join(tmp.path, 'check'), 'check', 100);
  const [a, b] = lists.parties.map((party) => party.id) as [string, string];
  const { pairs } = checkPlanted(
    lists,
    new Map([
      [a, []],
      [b, []],
    ]),
  );
  const right = (id: string) =>
    pairs.filter((pair) => pair.matches).map((pair) => ({ id: pair.records.get(id) ?? '', matched: ['x'] }));
  const wrong = pairs.find((pair) => !pair.matches)?.records.get(a) ?? '';
  const check = (first: { id: string; matched: string[] }[]) =>
    checkPlanted(
      lists,
      new Map([
        [a, first],
        [b, right(b)],
      ]),
    ).differences;
  expect(check(right(a))).toEqual([]);
  expect(check(right(a).slice(1))).toEqual([`${a}: 1 planted records did not match`]);
  expect(check([...right(a), { id: wrong, matched: ['x'] }])).toEqual([
    `${a}: 1 records match that were not planted`,
  ]);
});
