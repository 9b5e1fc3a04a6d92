/**
 * Every bench at smoke size, as it is called: that it ends well and reports every field. Never how fast.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import type { BenchResult } from '../../bench/report.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const entry = fileURLToPath(new URL('../../bench/index.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'tallystick-bench-test-'));
const run = promisify(execFile);

/** Another NODE_OPTIONS than ours would reach every process of the bench. */
const env = { ...process.env, NODE_OPTIONS: '' };

function bench(...args: string[]) {
  const loader = ['--conditions=@tallystick/source', '--import', 'tsx'];
  return run(process.execPath, [...loader, entry, ...args], { cwd: root, env, maxBuffer: 1 << 24 });
}

async function smoke(subcommand: string, ...args: string[]): Promise<BenchResult> {
  const out = join(directory, `${subcommand}.json`);
  const { stdout } = await bench(subcommand, '--smoke', '--json', '--out', out, ...args);
  expect(readFileSync(out, 'utf8')).toBe(stdout);
  return JSON.parse(stdout) as BenchResult; // one object and nothing else
}

function expectWhole(result: BenchResult): void {
  expect(Object.keys(result).sort()).toEqual(['machine', 'node', 'ratios', 'rows']);
  expect(result.node).toBe(process.version);
  const { cpu, cores, memoryBytes, commit, size, command } = result.machine;
  for (const text of [cpu, commit, command]) expect(text).not.toBe('');
  expect(cores).toBeGreaterThan(0);
  expect(memoryBytes).toBeGreaterThan(0);
  expect(size).toBe('smoke');
  for (const row of result.rows) {
    const { median, min, max, runs, ...names } = row;
    expect(Object.keys(names).sort(), row.name).toEqual(['name', 'unit']);
    expect([min, median, max].every(Number.isFinite), row.name).toBe(true);
    expect(min <= median && median <= max, row.name).toBe(true);
    expect(runs, row.name).toBeGreaterThan(0);
  }
  const names = result.rows.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const [name, ratio] of Object.entries(result.ratios)) expect(Number.isFinite(ratio), name).toBe(true);
}

const knowsThreadCpu = process.platform === 'linux';

function sessionFields(per: string): string[] {
  const kernel = knowsThreadCpu ? ['kernel-share', `kernel-cpu-per-${per}`] : [];
  const memory = ['peak-rss-node', 'peak-rss-coordinator'];
  return [`cpu-per-${per}`, `coordinator-cpu-per-${per}`, `bytes-per-${per}`, 'wall', ...memory, ...kernel];
}

describe('bench at smoke size', { timeout: 300_000 }, () => {
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('kernel reports every engine, or names what does not load here', async () => {
    const result = await smoke('kernel');
    expectWhole(result);
    const names = result.rows.map(({ name }) => name);
    const absent = result.machine.absent.join();
    for (const operation of ['evaluate', 'hash-and-blind']) {
      for (const engine of ['portable', 'reference'])
        expect(names).toContain(`kernel/${operation}/${engine}`);
      for (const engine of ['fused', 'libsodium-wasm']) {
        expect(names.includes(`kernel/${operation}/${engine}`) || absent.includes(engine)).toBe(true);
      }
    }
    for (const operation of ['weighted-sum', 'decode-check']) {
      expect(names).toContain(`kernel/${operation}/portable`);
    }
    for (const native of ['openssl', 'sodium-native']) {
      expect(names.includes(`kernel/x25519/${native}`) || absent.includes(native)).toBe(true);
    }
    const wanted = {
      'evaluate.fused/native-x25519': ['evaluate/fused', 'x25519/openssl'],
      'evaluate.fused/noble': ['evaluate/fused', 'evaluate/reference'],
      'evaluate.portable/libsodium-wasm': ['evaluate/portable', 'evaluate/libsodium-wasm'],
    };
    for (const [ratio, rows] of Object.entries(wanted)) {
      const isMeasured = rows.every((row) => names.includes(`kernel/${row}`));
      expect(ratio in result.ratios, ratio).toBe(isMeasured);
    }
  });

  it('psi reports every field of every form', async () => {
    const result = await smoke('psi');
    expectWhole(result);
    const names = result.rows.map(({ name }) => name);
    for (const form of [
      'direct-one',
      'direct-one-verified',
      'direct-both',
      'direct-both-verified',
      'sealed',
      'sealed-verified',
    ]) {
      for (const n of [32, 64]) {
        expect(names).toEqual(
          expect.arrayContaining(sessionFields('pair').map((field) => `psi/${form}/n=${n}/${field}`)),
        );
      }
      expect(names).toContain(`psi/${form}/growth-exponent`);
    }
    expect(names).toContain('psi/import/n=64/cpu-per-identifier');
    const [coded, plain] = ['tag-bytes-per-tag', 'plain-tag-bytes-per-tag'].map((field) =>
      result.rows.find(({ name }) => name === `psi/sealed/n=64/${field}`),
    );
    expect(result.ratios['psi.tags.delta/plain']).toBeCloseTo((coded?.median ?? 0) / (plain?.median ?? 0));
    expect(coded?.median).toBeLessThan(plain?.median ?? 0);
    const isNative = names.includes('psi/native-x25519');
    expect(isNative || result.machine.absent.some((text) => text.includes('X25519'))).toBe(true);
    expect(Object.keys(result.ratios).sort()).toEqual(
      [
        'psi.both.verified/light',
        'psi.sealed.verified/light',
        'psi.bytes-per-pair',
        'psi.rss-bytes-per-identifier',
        'psi.sealed/direct',
        'psi.tags.delta/plain',
        'psi.verified/light',
        ...(knowsThreadCpu ? ['psi.kernel-share'] : []),
        ...(isNative ? ['psi.cpu-per-pair/native-x25519', 'psi.cpu-per-pair/native-x25519-two-at-once'] : []),
      ].sort(),
    );
    // 32 + 32 bytes of elements and a tag at least: a meter that reads nothing would tell less
    expect(result.ratios['psi.bytes-per-pair']).toBeGreaterThan(64);
  });

  it('parties reports every N', async () => {
    const result = await smoke('parties');
    expectWhole(result);
    const names = result.rows.map(({ name }) => name);
    for (const parties of [2, 3]) {
      for (const field of sessionFields('identifier-and-party')) {
        expect(names).toContain(`parties/N=${parties}/n=32/${field}`);
      }
    }
    expect(Object.keys(result.ratios)).toEqual(['parties.cpu-per-party.3/2']);
  });

  it('peers reports both sides, or names who is absent', async () => {
    const result = await smoke('peers');
    expectWhole(result);
    if (result.rows.length === 0) {
      expect(result.machine.absent.join()).toContain('@openmined/psi.js');
      expect(result.ratios).toEqual({});
      return;
    }
    for (const side of ['tallystick', 'psi.js']) {
      for (const field of ['cpu-per-pair', 'bytes-per-pair', 'wall']) {
        expect(result.rows.map(({ name }) => name)).toContain(`peers/${side}/n=32/${field}`);
      }
    }
    expect(Object.keys(result.ratios)).toEqual(['psi.cpu-per-pair/psi.js']);
  });

  it('helps, and refuses what it does not know', async () => {
    const { stdout } = await bench('--help');
    for (const word of ['kernel', 'psi', 'parties', 'peers', 'Examples']) expect(stdout).toContain(word);
    await expect(bench('speed')).rejects.toMatchObject({ code: 2 });
    await expect(bench('psi', '--fast')).rejects.toMatchObject({ code: 2 });
  });
});
