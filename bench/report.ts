/**
 * What every bench gives: rows and ratios, and the one object that is printed and kept.
 *
 * Purpose: one shape for all subcommands, one place that does statistics over runs.
 * Assumes: figures are finite numbers; absent ones are not given, never guessed.
 * Does not know: what was measured.
 */
import { execFileSync } from 'node:child_process';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';

export interface Row {
  /** Path-like, e.g. `psi/direct-one/n=4096/cpu-per-pair`. */
  readonly name: string;
  /** Unit of median, min and max, e.g. `us`, `bytes`, `ratio`. */
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

/** What one subcommand measured. */
export interface BenchPart {
  readonly rows: readonly Row[];
  /** Cost of the left name over cost of the right. */
  readonly ratios: Readonly<Record<string, number>>;
  /** What could not be measured here, and why; named, never guessed. */
  readonly absent?: readonly string[];
}

export interface BenchOptions {
  /** Smallest sizes: to see that everything is reported, not to know how fast it is. */
  readonly smoke: boolean;
  /** Adds n = 2^20 once. */
  readonly full: boolean;
  /** Log of the smallest n of psi, 12 to 17; nothing where it is a smoke run. */
  readonly fromLog: number;
  /** For people, a line at a time. */
  readonly say: (line: string) => void;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly openssl: string;
  /** Of the sources; `+` where they had changes that were not committed. */
  readonly commit: string;
  /** ISO 8601, when the run began. */
  readonly date: string;
  /** By the clock, all of the run, in seconds; absent in results kept before runs were timed. */
  readonly elapsedS?: number;
  readonly command: string;
  readonly size: 'smoke' | 'normal' | 'full';
  readonly absent: readonly string[];
}

export interface BenchResult {
  readonly machine: Machine;
  readonly node: string;
  readonly rows: readonly Row[];
  readonly ratios: Readonly<Record<string, number>>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** The median of the runs' own ratios: what drifts from run to run is in both of a pair. */
export function medianOfRatios(left: readonly number[], right: readonly number[]): number {
  if (left.length !== right.length) throw new Error('ratio: wants as many runs on either side');
  return median(left.map((value, run) => value / (right[run] as number)));
}

/** One value for each run; at least one. */
export function rowOf(name: string, unit: string, values: readonly number[]): Row {
  if (values.length === 0 || !values.every(Number.isFinite)) throw new Error(`row ${name}: wants numbers`);
  return {
    name,
    unit,
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    runs: values.length,
  };
}

/** Slope of the least-squares line through the points. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (at: 0 | 1): number => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const meanX = mean(0);
  const meanY = mean(1);
  let over = 0;
  let under = 0;
  for (const [x, y] of points) {
    over += (x - meanX) * (y - meanY);
    under += (x - meanX) ** 2;
  }
  return over / under;
}

function output(command: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

function commitOf(): string {
  const commit = output('git', ['rev-parse', '--short=12', 'HEAD']);
  if (commit === undefined) return 'unknown';
  const sources = ['.', ':!bench/results', ':!bench/README.md']; // what runs before this one wrote is no source
  const changed = output('git', ['status', '--porcelain', '--untracked-files=no', '--', ...sources]);
  return changed === '' ? commit : `${commit}+`;
}

export function describeMachine(
  date: Date,
  command: string,
  size: Machine['size'],
  absent: readonly string[],
): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${platform()} ${release()} ${arch()}`,
    openssl: output('openssl', ['version']) ?? 'absent',
    commit: commitOf(),
    date: date.toISOString(),
    elapsedS: Math.round((Date.now() - date.getTime()) / 1000),
    command,
    size,
    absent,
  };
}
