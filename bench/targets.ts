/**
 * What the figures are wanted to be.
 *
 * Purpose: the table of targets as data, so that README's table is made and not written.
 * Assumes: figures of one run on one machine. Does not know: how they are measured.
 */
import type { BenchResult } from './report.ts';

export interface Target {
  readonly figure: string;
  /** A figure may be wanted at most or at least. */
  readonly bound: 'most' | 'least';
  /** By major version of Node. */
  readonly wanted: Readonly<Record<string, number>>;
  /** The figure of a result; undefined where it was not measured. */
  of(result: Pick<BenchResult, 'rows' | 'ratios'>): number | undefined;
}

function ratio(figure: string, bound: Target['bound'], node20: number, node24: number): Target {
  return { figure, bound, wanted: { 20: node20, 24: node24 }, of: ({ ratios }) => ratios[figure] };
}

const fullN = 2 ** 20;
const peakRow = `psi/direct-one/n=${fullN}/peak-rss-node`;
const peakWanted = 200e6 + 250 * fullN;

export const targets: readonly Target[] = [
  ratio('evaluate.fused/native-x25519', 'most', 1.1, 0.8),
  ratio('evaluate.fused/noble', 'most', 1 / 40, 1 / 50),
  ratio('evaluate.portable/libsodium-wasm', 'most', 0.65, 0.65),
  ratio('psi.cpu-per-pair/native-x25519', 'most', 5.2, 4),
  ratio('psi.cpu-per-pair/psi.js', 'most', 1 / 16, 1 / 20),
  ratio('psi.kernel-share', 'least', 0.85, 0.8),
  ratio('psi.sealed/direct', 'most', 1.6, 1.6),
  ratio('psi.verified/light', 'most', 1.15, 1.15),
  ratio('psi.both.verified/light', 'most', 1.15, 1.15),
  ratio('psi.sealed.verified/light', 'most', 1.15, 1.15),
  ratio('psi.bytes-per-pair', 'most', 76, 76),
  {
    figure: 'peak RSS of a node at n = 2^20, in MB',
    bound: 'most',
    wanted: { 20: peakWanted / 1e6, 24: peakWanted / 1e6 },
    of({ rows }) {
      const row = rows.find(({ name }) => name === peakRow);
      return row && row.median / 1e6;
    },
  },
];

export function isMet({ bound }: Target, value: number, wanted: number): boolean {
  return bound === 'most' ? value <= wanted : value >= wanted;
}
