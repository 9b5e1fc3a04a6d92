/**
 * `bench psi`: what a session between two nodes costs, from end to end.
 *
 * Purpose: CPU, kernel share, bytes, memory and time of the forms, light and verified, over n, beside native X25519 measured
 * between the sessions.
 * Assumes: nothing else works on this machine; how fast it is drifts all the same, so at the ratios' size a session's CPU
 * time is counted in X25519s of `openssl speed` before and after it. Does not know: how sessions are run.
 */
import { tagBytesFor } from '@tallystick/protocol/suite';
import { codedTagsBytes, defaultChunkElements, defaultSentinels } from '@tallystick/protocol/wire';
import { type Form, forms, type LightForm } from './forms.ts';
import { type House, openHouse, type SessionCost } from './house.ts';
import { nativeX25519TogetherUs, nativeX25519Us } from './openssl.ts';
import {
  type BenchOptions,
  type BenchPart,
  median,
  medianOfRatios,
  type Row,
  rowOf,
  slope,
} from './report.ts';

/**
 * Light and verified forms are compared here: a session is short enough for the two of a pair to meet the same machine, and
 * long enough for what does not grow with n to be nothing.
 */
const verifiedN = 2 ** 15;
const verifiedRuns = 3;
/** At the ratios' size, of a form that no ratio there is about: so that all is done in ten minutes. */
const fewerRuns = { form: 'direct-both', runs: 2 };
/** Ratios are of n = 2^17, or of the largest n below where there is none. */
const ratioN = 2 ** 17;

interface Size {
  readonly n: number;
  readonly runs: number;
}

function sizesOf({ smoke, full, fromLog }: BenchOptions): Size[] {
  if (smoke) return [32, 64].map((n) => ({ n, runs: 1 }));
  const runs: Record<number, number> = { [ratioN]: 3, [verifiedN]: verifiedRuns };
  const sizes = [12, 13, 14, 15, 16, 17]
    .filter((log) => log >= fromLog)
    .map((log) => ({ n: 2 ** log, runs: runs[2 ** log] ?? 1 }));
  return full ? [...sizes, { n: 2 ** 20, runs: 1 }] : sizes;
}

/**
 * What is measured at a size: the verified forms beside the light ones at one of them, and at every smoke size; above the
 * ratios' size memory is what matters: one form, once.
 */
function formsAt(n: number): readonly Form[] {
  if (n > ratioN) return ['direct-one'];
  const isSmoke = n < 2 ** 12;
  return n === verifiedN || isSmoke ? forms : ['direct-one', 'direct-both', 'sealed'];
}

function ratioSizeOf(sizes: readonly Size[]): number {
  return Math.max(...sizes.map(({ n }) => n).filter((n) => n <= ratioN));
}

/** Native X25519, one at a time and two at once, as two nodes keep two cores busy. */
interface Yardstick {
  readonly aloneUs: number;
  readonly togetherUs: number;
}

/** One session and the memory it needed at most. */
export interface Run extends SessionCost {
  readonly peakNodeBytes: number;
  readonly peakCoordinatorBytes: number;
}

export async function runOnce(house: House, form: Form): Promise<Run> {
  await house.resetPeaks();
  const cost = await house.session(form);
  const peaks = await house.peaks();
  return { ...cost, peakNodeBytes: Math.max(...peaks.nodes), peakCoordinatorBytes: peaks.coordinator };
}

interface MeasuredRun extends Run {
  /** Mean of before and after; absent below the ratios' size, and where there is no usable openssl. */
  readonly native?: Yardstick;
}

type Take = (run: MeasuredRun) => number;

function meanOf(before: Yardstick | undefined, after: Yardstick | undefined): { native?: Yardstick } {
  if (before === undefined || after === undefined) return {};
  return {
    native: {
      aloneUs: (before.aloneUs + after.aloneUs) / 2,
      togetherUs: (before.togetherUs + after.togetherUs) / 2,
    },
  };
}

/** Rows of one form at one n; `units` is how many identifiers (or pairs) share the cost. */
export function rowsOf(name: string, per: string, units: number, runs: readonly MeasuredRun[]): Row[] {
  const row = (field: string, unit: string, take: Take): Row =>
    rowOf(`${name}/${field}`, unit, runs.map(take));
  const rows = [
    row(`cpu-per-${per}`, 'us', (run) => run.cpuUs / units),
    row('kernel-share', 'ratio', (run) => run.kernelCpuUs / run.cpuUs),
    row(`kernel-cpu-per-${per}`, 'us', (run) => run.kernelCpuUs / units),
    row(`coordinator-cpu-per-${per}`, 'us', (run) => run.coordinatorCpuUs / units),
    row(`bytes-per-${per}`, 'bytes', (run) => run.bytes / units),
    row('peak-rss-node', 'bytes', (run) => run.peakNodeBytes),
    row('peak-rss-coordinator', 'bytes', (run) => run.peakCoordinatorBytes),
    row('wall', 'ms', (run) => run.wallMs),
  ];
  // where the system tells no CPU time of threads there is no share of it
  return rows.filter(({ name: of, max }) => max > 0 || !of.includes('kernel'));
}

/**
 * Bytes a sorted tag of a sealed session takes, coded and plain. Computed, not measured: what a chunk is long follows from
 * the announced sizes, and a collector refuses any other length.
 */
function tagBytesOf(n: number): { readonly coded: number; readonly plain: number } {
  const total = n + defaultSentinels;
  const plain = tagBytesFor([total, total]);
  let coded = 0;
  for (let from = 0; from < total; from += defaultChunkElements) {
    coded += codedTagsBytes(Math.min(defaultChunkElements, total - from), { tagBytes: plain, total });
  }
  return { coded: coded / total, plain };
}

class Measured {
  readonly rows: Row[] = [];
  /** In the order measured; empty where there is no usable openssl. */
  readonly yardsticks: Yardstick[] = [];
  readonly cells = new Map<string, MeasuredRun[]>();

  /** Native speed now. */
  async yardstick(): Promise<Yardstick | undefined> {
    const aloneUs = await nativeX25519Us(1);
    const togetherUs = await nativeX25519TogetherUs(1, 2);
    if (aloneUs === undefined || togetherUs === undefined) return undefined;
    const measured = { aloneUs, togetherUs };
    this.yardsticks.push(measured);
    return measured;
  }

  runs(form: Form, n: number): MeasuredRun[] {
    const key = `${form} ${n}`;
    const runs = this.cells.get(key) ?? [];
    this.cells.set(key, runs);
    return runs;
  }

  median(form: Form, n: number, take: Take): number {
    return median(this.runs(form, n).map(take));
  }
}

async function measure(
  measured: Measured,
  { n, runs }: Size,
  yardstickN: number,
  options: BenchOptions,
): Promise<void> {
  const house = await openHouse(2, n);
  try {
    const { nodes, coordinator } = await house.peaks();
    measured.rows.push(
      rowOf(`psi/import/n=${n}/cpu-per-identifier`, 'us', [house.importCpuUs / (2 * n)]),
      rowOf(`psi/import/n=${n}/peak-rss-node`, 'bytes', [Math.max(...nodes)]),
      rowOf(`psi/import/n=${n}/peak-rss-coordinator`, 'bytes', [coordinator]),
    );
    let before = n === yardstickN ? await measured.yardstick() : undefined;
    for (let run = 0; run < runs; run++) {
      for (const form of formsAt(n)) {
        if (n === ratioN && form === fewerRuns.form && run >= fewerRuns.runs) continue;
        const one = await runOnce(house, form);
        const after = n === yardstickN ? await measured.yardstick() : undefined;
        measured.runs(form, n).push({ ...one, ...meanOf(before, after) });
        before = after;
        options.say(
          `psi ${form} n=${n} run ${run + 1}/${runs}: ${(one.cpuUs / n).toFixed(1)} us a pair, ` +
            `kernel ${(one.kernelCpuUs / one.cpuUs).toFixed(3)}, ${(one.bytes / n).toFixed(1)} bytes, ` +
            `peak ${(one.peakNodeBytes / 1e6).toFixed(0)} MB, ${(one.wallMs / 1000).toFixed(1)} s ` +
            `(${house.engine})`,
        );
      }
    }
  } finally {
    await house.close();
  }
  for (const form of formsAt(n))
    measured.rows.push(...rowsOf(`psi/${form}/n=${n}`, 'pair', n, measured.runs(form, n)));
  if (!formsAt(n).includes('sealed')) return;
  const { coded, plain } = tagBytesOf(n);
  measured.rows.push(
    rowOf(`psi/sealed/n=${n}/tag-bytes-per-tag`, 'bytes', [coded]),
    rowOf(`psi/sealed/n=${n}/plain-tag-bytes-per-tag`, 'bytes', [plain]),
  );
}

/** CPU time of the verified forms over the light ones', pair by pair of neighbours; none where no size has both. */
function verifiedRatiosOf(measured: Measured, sizes: readonly Size[]): Record<string, number> {
  const n = sizes.map((size) => size.n).findLast((of) => formsAt(of).includes('sealed-verified'));
  if (n === undefined) return {};
  const cpu = (form: Form): number[] => measured.runs(form, n).map((run) => run.cpuUs);
  const over = (form: LightForm): number => medianOfRatios(cpu(`${form}-verified`), cpu(form));
  return {
    'psi.verified/light': over('direct-one'),
    'psi.both.verified/light': over('direct-both'),
    'psi.sealed.verified/light': over('sealed'),
  };
}

function ratiosOf(measured: Measured, sizes: readonly Size[]): Record<string, number> {
  const n = ratioSizeOf(sizes);
  const direct = (take: Take): number => measured.median('direct-one', n, take);
  const kernelUs = direct((run) => run.kernelCpuUs);
  const memory = sizes
    .filter((size) => size.n <= ratioN)
    .map((size) => [size.n, measured.median('direct-one', size.n, (run) => run.peakNodeBytes)] as const);
  const hasNative = measured.yardsticks.length > 0;
  // CPU time in X25519s of its own moment, so that runs minutes apart can be compared
  const cost: Take = (run) => run.cpuUs / (run.native?.aloneUs ?? 1);
  const costs = (form: Form): number[] => measured.runs(form, n).map(cost);
  const tags = tagBytesOf(n);
  const ratios: Record<string, number> = {
    'psi.tags.delta/plain': tags.coded / tags.plain,
    'psi.bytes-per-pair': direct((run) => run.bytes) / n,
    'psi.rss-bytes-per-identifier': slope(memory),
    'psi.sealed/direct': medianOfRatios(costs('sealed'), costs('direct-one')),
  };
  Object.assign(ratios, verifiedRatiosOf(measured, sizes));
  if (kernelUs > 0) ratios['psi.kernel-share'] = direct((run) => run.kernelCpuUs / run.cpuUs);
  if (hasNative) {
    ratios['psi.cpu-per-pair/native-x25519'] = direct(cost) / n;
    ratios['psi.cpu-per-pair/native-x25519-two-at-once'] =
      direct((run) => run.cpuUs / (run.native?.togetherUs ?? 1)) / n;
  }
  return ratios;
}

export async function benchPsi(options: BenchOptions): Promise<BenchPart> {
  const measured = new Measured();
  const sizes = sizesOf(options);
  for (const size of sizes) await measure(measured, size, ratioSizeOf(sizes), options);
  for (const form of forms) {
    const points = sizes
      .filter(({ n }) => formsAt(n).includes(form))
      .map(({ n }) => [Math.log(n), Math.log(measured.median(form, n, (run) => run.cpuUs))] as const);
    if (points.length > 1)
      measured.rows.push(rowOf(`psi/${form}/growth-exponent`, 'exponent', [slope(points)]));
  }
  const absent: string[] = [];
  const { yardsticks } = measured;
  if (yardsticks.length > 0) {
    measured.rows.push(
      rowOf(
        'psi/native-x25519',
        'us',
        yardsticks.map(({ aloneUs }) => aloneUs),
      ),
      rowOf(
        'psi/native-x25519-two-at-once',
        'us',
        yardsticks.map(({ togetherUs }) => togetherUs),
      ),
    );
  } else absent.push('psi: native X25519: no usable openssl here');
  return { rows: measured.rows, ratios: ratiosOf(measured, sizes), absent };
}
