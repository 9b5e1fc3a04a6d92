/** The bound checker passes the kernel's sources and fails on each of several formulas broken on purpose. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const assembly = path.join(root, 'packages/protocol/kernel/assembly');

/** What the checker prints; `failed` where it exits with an error. */
function check(sources: string, build: string): { failed: boolean; text: string } {
  const script = path.join(root, 'scripts/kernel-bounds.ts');
  const args = [
    '--conditions=@tallystick/source',
    '--import',
    'tsx',
    script,
    '--sources',
    sources,
    '--build',
    build,
  ];
  try {
    return {
      failed: false,
      text: execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }),
    };
  } catch (thrown) {
    return { failed: true, text: (thrown as { stderr: string }).stderr };
  }
}

/** File, what stands there, what is put in its place, and what the checker must say. */
const breakages: readonly (readonly [string, string, string, string, RegExp])[] = [
  [
    'a cached difference that is not carried: loose times loose',
    'point.ts',
    'subTight(o + 80, p + 80, p)',
    'sub(o + 80, p + 80, p)',
    /fused: \|a·b\| can reach 2\^102[^]*in addCached/,
  ],
  [
    'a product of sums of sums',
    'ristretto.ts',
    'mulLoose(U1 + t, A, ONE_MINUS_D_SQ)',
    'add(A, A, A);\n  mulLoose(U1 + t, A, ONE_MINUS_D_SQ)',
    /fused: \|a·b\| can reach 2\^102[^]*in startMap/,
  ],
  [
    'a loose factor in a product for tight ones',
    'encode.ts',
    'mulLoose(A, A, MAGIC)',
    'mul(A, A, MAGIC)',
    /fused: \|a·b\| can reach 2\^102[^]*in finishEncoding/,
  ],
  [
    'a bias too small for the columns',
    'field-fused-constants.ts',
    '0x4004000000000000; // 2^62',
    '0x0044000000000000; // 2^54',
    /fused: a biased column can be negative/,
  ],
  [
    'a canonical form of a loose value',
    'ristretto.ts',
    'toWords(W, p + 80)',
    'add(p + 80, p + 80, p + 80);\n  toWords(W, p + 80)',
    /fused: a sum of doubles can round[^]*in toWords/,
  ],
  [
    'a first pass that starts too low, in integers',
    'field-portable.ts',
    '0x4000000002000000',
    '0x0020000002000000',
    /portable: a biased column can be negative/,
  ],
  [
    'a message longer than its room',
    'layout.ts',
    'MESSAGE_BYTES: i32 = 1024',
    'MESSAGE_BYTES: i32 = 1270',
    /portable: layout: regions overlap or do not fit/,
  ],
  [
    'a limb that 19 times overflows 32 bits',
    'field-portable.ts',
    'const n1 = i32x4.mul(b1, k19)',
    'const n1 = i32x4.mul(i32x4.mul(b1, k19), k19)',
    /portable: a 32-bit limb can overflow/,
  ],
];

describe('bound checker', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'kernel-broken-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('holds for the sources as they are', () => {
    for (const build of ['fused', 'portable']) {
      const { failed, text } = check(assembly, build);
      expect(text).toMatch(new RegExp(`^${build}: \\d+ limb products, largest `));
      expect(failed).toBe(false);
    }
  });

  it.each(breakages)('fails on %s', (_what, file, from, to, message) => {
    const copy = path.join(folder, 'assembly');
    cpSync(assembly, copy, { recursive: true });
    const text = readFileSync(path.join(copy, file), 'utf8');
    expect(text.split(from)).toHaveLength(2);
    writeFileSync(path.join(copy, file), text.replace(from, to));
    const result = check(copy, message.source.startsWith('fused') ? 'fused' : 'portable');
    expect(result.failed).toBe(true);
    expect(result.text).toMatch(message);
  });
});
