/**
 * `bench parties`: what a count between N parties costs each of them.
 *
 * Purpose: form `sealed`, N = 2 … 8, at one n.
 * Assumes: one machine stands for all, so CPU time tells and wall time does not. Does not know: how sessions are run.
 */
import { openHouse } from './house.ts';
import { rowsOf, type Run, runOnce } from './psi.ts';
import { type BenchOptions, type BenchPart, median, type Row } from './report.ts';

export async function benchParties(options: BenchOptions): Promise<BenchPart> {
  const most = options.smoke ? 3 : 8;
  const n = options.smoke ? 32 : 2 ** 12;
  const count = options.smoke ? 1 : 3;
  const rows: Row[] = [];
  const perParty: number[] = [];
  for (let parties = 2; parties <= most; parties++) {
    const house = await openHouse(parties, n);
    const runs: Run[] = [];
    try {
      for (let run = 0; run < count; run++) {
        const one = await runOnce(house, 'sealed');
        runs.push(one);
        options.say(
          `parties N=${parties} n=${n} run ${run + 1}/${count}: ` +
            `${(one.cpuUs / (parties * n)).toFixed(1)} us an identifier of each party`,
        );
      }
    } finally {
      await house.close();
    }
    rows.push(...rowsOf(`parties/N=${parties}/n=${n}`, 'identifier-and-party', parties * n, runs));
    perParty.push(median(runs.map((run) => run.cpuUs)) / parties);
  }
  const [two, ...more] = perParty as [number, ...number[]];
  return { rows, ratios: { [`parties.cpu-per-party.${most}/2`]: (more.at(-1) ?? two) / two } };
}
