import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vitest/config';
import { LongestFirst } from './scripts/vitest/longest-first.ts';

const conditions = ['@tallystick/source', 'node', 'import', 'module', 'default'];
/** A list for each project, and no `exclude` of its own: that would take the place of the command line's. */
const files = ['packages', 'test'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
);
const tests = files.filter((path) => /^(?:packages\/\w+\/src|test)\/.*\.test\.ts$/.test(path));

/**
 * Files that share a process, and so pay for their imports once: all but those that start other processes, and those that
 * replace modules or methods or change what all of a process has.
 */
const mayShare = /^(?:packages|test\/(?:agreement|docs|house|kernel|misbehaviour|oracle|records))\//;
const mayNot = /\bvi\.(?:mock|spyOn)\(|\bprocess\.env\[|\bsetFlagsFromString\(/;
const together = tests.filter((path) => mayShare.test(path) && !mayNot.test(readFileSync(path, 'utf8')));
const alone = tests.filter((path) => !together.includes(path));

/** Modules of the sources that tests have another one for, which may import the real one. */
const replacements = [
  {
    real: resolve('packages/protocol/src/signature/index.ts'),
    replacement: resolve('scripts/vitest/remembered-signatures.ts'),
  },
  { real: resolve('packages/host/src/install/index.ts'), replacement: resolve('scripts/vitest/built.ts') },
];
const replaceModules: Plugin = {
  name: 'modules of tests',
  enforce: 'pre',
  async resolveId(source, importer, options) {
    if (!/(?:signature|install)(?:\/index\.ts)?$/.test(source)) return null;
    const found = await this.resolve(source, importer, { ...options, skipSelf: true });
    const other = replacements.find(({ real }) => real === found?.id);
    return other === undefined || importer === other.replacement ? found : other.replacement;
  },
};

const globalSetup = './scripts/vitest/build-once.ts';
const common = {
  plugins: [replaceModules],
  resolve: { conditions },
  ssr: { resolve: { conditions } },
};

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: '100%',
    // Child processes and workers of the tests find the sources the same way.
    execArgv: ['--conditions=@tallystick/source'],
    reporters: ['default', './scripts/summary-reporter.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      { ...common, extends: true, test: { name: 'alone', include: alone, globalSetup } },
      {
        ...common,
        extends: true,
        test: { name: 'together', include: together, isolate: false, globalSetup },
      },
    ],
  },
});
