import { defineConfig } from 'vitest/config';

const conditions = ['@tallystick/source', 'node', 'import', 'module', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: '100%',
    // Child processes and workers of the tests find the sources the same way.
    execArgv: ['--conditions=@tallystick/source'],
    reporters: ['default', './scripts/summary-reporter.ts'],
  },
});
