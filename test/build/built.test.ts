/**
 * The built command runs where nothing of this project stands but its folder and the packages that it names.
 *
 * Purpose: `npm run build` gives something that can be installed; its manifest names what was tested here, to the byte.
 * Assumes: packages are installed in the root. Does not know: what the command does.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { manifestOf, shrinkwrapOf } from '../../scripts/build/manifest.ts';

interface Locked {
  readonly packages: Readonly<
    Record<string, { readonly version: string; readonly integrity?: string; readonly dev?: boolean }>
  >;
}

const run = promisify(execFile);
const read = async <T>(path: string): Promise<T> => JSON.parse(await readFile(path, 'utf8')) as T;
let away: string;

/** Node without any option or variable of this test run. */
const command = (...args: string[]): Promise<{ stdout: string }> =>
  run(process.execPath, [join(away, 'app/tallystick.mjs'), ...args], {
    cwd: away,
    env: { PATH: process.env['PATH'] },
    maxBuffer: 1 << 24,
  });

beforeAll(async () => {
  away = await mkdtemp(join(tmpdir(), 'ts-built-'));
  await cp(inject('builtFolder'), join(away, 'app'), { recursive: true });
  const { dependencies } = await read<{ dependencies: object }>(join(away, 'app/package.json'));
  for (const name of Object.keys(dependencies)) {
    const link = join(away, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(resolve('node_modules', name), link);
  }
});
afterAll(() => rm(away, { recursive: true, force: true }));

it('runs sessions, with children, vaults and pools of its own', async () => {
  const list = (rows: string): string => `id,name,birthDate,documentKind,documentNumber\n${rows}`;
  await writeFile(
    join(away, 'a.csv'),
    list('1,Ada Kron,1970,passport,SE7714401\n2,Bo Lind,1981,passport,SE7714402\n'),
  );
  await writeFile(
    join(away, 'b.csv'),
    list('7,B. Lind,,passport,SE7714402\n8,Cy Moe,1990,passport,SE7714403\n'),
  );
  await writeFile(
    join(away, 'scenario.json'),
    JSON.stringify({
      parties: ['a', 'b'].map((id) => ({ id, list: `${id}.csv` })),
      subject: 'person',
      recipe: 'document',
      output: { kind: 'matches', to: ['a', 'b'] },
    }),
  );
  const { stdout } = await command('run', 'scenario.json', '--json', '--quiet');
  const answer = JSON.parse(stdout) as {
    parties: { id: string; matches: { records: number } }[];
    oracle: unknown;
  };
  expect(answer.parties.map(({ id, matches }) => [id, matches.records])).toEqual([
    ['a', 1],
    ['b', 1],
  ]);
  expect(answer.oracle).toMatchObject({ checked: true, equal: true });
});

it('finds the builds of the kernel, and its version', async () => {
  const { version } = await read<{ version: string }>('package.json');
  expect((await command('--version')).stdout).toBe(`${version}\n`);
  const { stdout } = await command('doctor', '--json', '--data', join(away, 'none')).catch(
    (thrown: { stdout: string }) => thrown,
  );
  expect(stdout).toMatch(/"engine","found":"(fused|portable),/);
});

it('names exact versions of everything below it, as the lock file has them', async () => {
  const { packages } = await read<Locked>('package-lock.json');
  const manifest = manifestOf('tallystick.mjs');
  expect(Object.keys(manifest.dependencies)).toContain('@noble/curves');
  expect(Object.keys(manifest.dependencies)).not.toContain('tsx');
  const wrapped = (shrinkwrapOf(manifest) as unknown as Locked).packages;
  for (const [name, version] of Object.entries(manifest.dependencies)) {
    expect(wrapped[`node_modules/${name}`]?.version, name).toBe(version);
  }
  for (const [place, entry] of Object.entries(wrapped)) {
    if (place === '') continue;
    const { dev: _, ...locked } = packages[place] as Locked['packages'][string];
    expect(entry).toEqual(locked);
    expect(entry.integrity, place).toMatch(/^sha512-/);
  }
  expect(wrapped['node_modules/@noble/curves']).toBeDefined();
  expect(Object.keys(wrapped).some((place) => /vitest|typescript|esbuild/.test(place))).toBe(false);
});
