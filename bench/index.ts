/**
 * `npm run bench -- SUBCOMMAND`: how fast, how much, beside whom.
 *
 * Purpose: choose what is measured, print one object or a table, keep the result.
 * Assumes: run from sources. Does not know: how anything is measured; never judges a figure.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchKernel } from './kernel.ts';
import { benchParties } from './parties.ts';
import { benchPeers } from './peers.ts';
import { benchPsi } from './psi.ts';
import { resultsFolder, writeReadme } from './readme.ts';
import { type BenchOptions, type BenchPart, type BenchResult, describeMachine } from './report.ts';

const help = `Usage: npm run bench -- SUBCOMMAND [options]

  kernel    µs an element, of every engine and of what it is compared with
  psi       a session between two nodes, from end to end, n = 2^12 … 2^17 (under ten minutes)
  parties   a count between N = 2 … 8 parties
  peers     the same lists through other software, in the same run
  all       all of these, in this order
  report    writes the tables of bench/README.md from bench/results

  --json         print one object and nothing else on standard output
  --smoke        smallest sizes: to see that everything is reported; kept nowhere unless --out says so
  --full         psi adds n = 2^20, once, form direct-one
  --from LOG     psi starts with n = 2^LOG, 12 (all) to 16: less time, fewer points for slopes
  --out FILE     keep the result here; default bench/results/DATE-NODE[.SUBCOMMAND].json
  --no-install   peers that are not in the cache are absent
  --help

Examples:
  npm run bench -- psi
  npm run --silent bench -- all --full --json > all.json
  npm run bench -- peers --smoke
`;

type Subcommand = 'kernel' | 'psi' | 'parties' | 'peers';
type RunOptions = BenchOptions & { readonly mayInstall: boolean };

const benches: Readonly<Record<Subcommand, (options: RunOptions) => Promise<BenchPart>>> = {
  kernel: benchKernel,
  psi: benchPsi,
  parties: benchParties,
  peers: benchPeers,
};

const names = Object.keys(benches) as Subcommand[];

function keepPath(subcommand: string, date: Date): string {
  const part = subcommand === 'all' ? '' : `.${subcommand}`;
  return join(resultsFolder, `${date.toISOString().slice(0, 10)}-${process.version}${part}.json`);
}

function printTable({ rows, ratios, machine }: BenchResult): void {
  const show = (value: number): string => Number(value.toPrecision(4)).toString();
  const width = Math.max(...rows.map(({ name }) => name.length), 0);
  for (const { name, unit, median, min, max, runs } of rows) {
    const spread = runs > 1 ? ` (${show(min)} to ${show(max)}, ${runs} runs)` : '';
    process.stdout.write(`${name.padEnd(width)}  ${show(median)} ${unit}${spread}\n`);
  }
  for (const [name, value] of Object.entries(ratios)) process.stdout.write(`${name}  ${show(value)}\n`);
  for (const absent of machine.absent) process.stdout.write(`absent: ${absent}\n`);
}

/** Exit code: 0, or 2 for arguments that are no use. */
async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      smoke: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      from: { type: 'string', default: '12' },
      out: { type: 'string' },
      'no-install': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [subcommand, ...rest] = positionals;
  if (values.help) return say(help, 0);
  if (subcommand === 'report' && rest.length === 0) {
    writeReadme();
    return 0;
  }
  const chosen = subcommand === 'all' ? names : names.filter((name) => name === subcommand);
  if (chosen.length === 0 || rest.length > 0) {
    process.stderr.write(`bench: want one of ${names.join(', ')}, all, report\n\n${help}`);
    return 2;
  }

  if (!/^1[2-6]$/.test(values.from)) {
    process.stderr.write(`bench: --from: want 12 to 16, got ${values.from}\n`);
    return 2;
  }

  const { json, smoke, full } = values;
  const date = new Date();
  const options: RunOptions = {
    smoke,
    full,
    fromLog: Number(values.from),
    mayInstall: !values['no-install'],
    say: (line) => process.stderr.write(`${line}\n`),
  };
  const parts: BenchPart[] = [];
  for (const name of chosen) parts.push(await benches[name](options));
  const size = smoke ? 'smoke' : full ? 'full' : 'normal';
  const absent = parts.flatMap((part) => part.absent ?? []);
  const result: BenchResult = {
    machine: describeMachine(date, `npm run bench -- ${args.join(' ')}`, size, absent),
    node: process.version,
    rows: parts.flatMap((part) => part.rows),
    ratios: Object.assign({}, ...parts.map((part) => part.ratios)) as Record<string, number>,
  };
  const text = `${JSON.stringify(result, null, 2)}\n`;
  const out = values.out ?? (smoke ? undefined : keepPath(subcommand as string, date));
  if (out !== undefined) {
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, text);
    options.say(`kept in ${out}`);
  }
  if (json) process.stdout.write(text);
  else printTable(result);
  return 0;
}

function say(text: string, code: number): number {
  process.stdout.write(text);
  return code;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  const { code, message } = thrown as { code?: string; message?: string };
  process.stderr.write(`bench: ${message ?? 'failed'}\n`);
  process.exitCode = code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1;
}
