/**
 * Timing leak test in the manner of dudect (O. Reparaz, J. Balasch, I. Verbauwhede, "Dude, is my code constant time?",
 * DATE 2017): Welch's t over the times of one fixed scalar against random ones, interleaved in random order.
 *
 * The fixed scalar is 2: half of it is 1, all of whose digits but one are zero, the case in which careless code is
 * fastest. 2 × 1,500 samples of one call on one pair of elements; the slowest tenth of all is cut off, as dudect does,
 * because it measures the machine and not the code. V8 compiles with the optimising compiler at once, or the change of
 * compilers would fall among the samples. dudect calls |t| above 10 certain and below 4.5 nothing
 * found. A measurement of the real builds may be repeated twice (a leak would show every time); the control build,
 * which skips zero digits, must be flagged.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { builds, compile } from '../../scripts/kernel-build.ts';
import { hex, instantiate, kernelNames, littleEndian, readKernel } from './engines.ts';
import { multiplesOfBase } from './vectors.ts';

setFlagsFromString('--no-liftoff');

const samplesPerClass = 1500;
const certain = 10;
const nothing = 4.5;

interface Kernel {
  memory: { buffer: ArrayBuffer };
  input: { value: number };
  scalar: { value: number };
  init(): void;
  setScalar(): void;
  evaluate(count: number): number;
}

function randomScalar(): Uint8Array {
  const scalar = randomBytes(32);
  scalar[31] = (scalar[31] ?? 0) & 0x0f; // below 2^252, so below the order
  return scalar;
}

/** Welch's t statistic of two samples. */
function welch(a: readonly number[], b: readonly number[]): number {
  const moments = (x: readonly number[]): { mean: number; variance: number } => {
    const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
    return { mean, variance: x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (x.length - 1) };
  };
  const [p, q] = [moments(a), moments(b)];
  return (p.mean - q.mean) / Math.sqrt(p.variance / a.length + q.variance / b.length);
}

/** |t| of fixed against random scalars for one build. */
function measure(bytes: Uint8Array): number {
  const kernel = instantiate<Kernel>(bytes);
  kernel.init();
  const memory = new Uint8Array(kernel.memory.buffer);
  memory.set(hex(...multiplesOfBase.slice(0, 2)), kernel.input.value);
  const fixed = littleEndian(2n);
  const time = (scalar: Uint8Array): number => {
    memory.set(scalar, kernel.scalar.value);
    const start = performance.now();
    kernel.setScalar();
    kernel.evaluate(2);
    return performance.now() - start;
  };
  for (let i = 0; i < 100; i++) time(i % 2 === 0 ? fixed : randomScalar());
  const order = Uint8Array.from(randomBytes(2 * samplesPerClass), (byte) => byte & 1);
  const scalars = Array.from(order, (isFixed) => (isFixed === 1 ? fixed : randomScalar()));
  const times = scalars.map(time);
  const cut = times.toSorted((x, y) => x - y)[Math.floor(times.length * 0.9)] ?? 0;
  const kept = (isFixed: number): number[] =>
    times.filter((value, i) => order[i] === isFixed && value <= cut);
  return Math.abs(welch(kept(1), kept(0)));
}

describe('time does not tell the scalar', () => {
  it.each(kernelNames)('the control build that skips zero digits is flagged (%s)', async (name) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'kernel-leaky-'));
    try {
      const file = path.join(folder, 'leaky.wasm');
      await compile(file, builds[name], 'assembly/testing/leaky.ts');
      expect(measure(readFileSync(file))).toBeGreaterThan(certain);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each(kernelNames)('the %s build is not', (name) => {
    const bytes = readKernel(name);
    const found: number[] = [];
    do found.push(measure(bytes));
    while ((found.at(-1) ?? 0) >= nothing && found.length < 3);
    expect(Math.min(...found)).toBeLessThan(nothing);
  });
});
