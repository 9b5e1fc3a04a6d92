/**
 * `npm run examples`: runs every example and holds it to its answer.
 *
 * Purpose: what is not run is already broken. Assumes: the examples' lists are synthetic and small.
 * Does not know: how the product works.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildBelow } from './build/bundle.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);
const tallystick = join(await buildBelow('.cache/built'), 'tallystick.mjs');
const node = async (...args: string[]): Promise<string> =>
  (await run(process.execPath, args, { cwd: root, maxBuffer: 1 << 24 })).stdout;

interface Answer {
  readonly parties: readonly { readonly id: string; readonly matches: { readonly records: number } | null }[];
  readonly counts: readonly { readonly in: readonly string[]; readonly exactly: number }[] | null;
  readonly oracle: { readonly equal: boolean };
}

const scenario = async (name: string, file = 'scenario'): Promise<Answer> =>
  JSON.parse(await node(tallystick, 'run', `examples/${name}/${file}.json`, '--json', '--quiet')) as Answer;

/** Codes of the clauses that deny it, as people are told them. */
const denialsOf = async (name: string, file: string): Promise<string> => {
  const denied = scenario(name, file).then(() => 'nothing denied it');
  return denied.catch(({ code, stderr }: { code: number; stderr: string }) => {
    const clauses = [...stderr.matchAll(/^ {4}.*\(([a-z.-]+)\)$/gm)].map(([, clause]) => clause);
    return `exit ${code}: ${[...new Set(clauses)].join(', ')}`;
  });
};

/** The whole text that people see, and the plot beside it; with noise they are others every time. */
async function shown(name: string): Promise<{ readonly text: string; readonly plot: string }> {
  const out = await mkdtemp(join(tmpdir(), 'tallystick-example-'));
  const scenario = `examples/${name}/scenario.json`;
  const text = await node(tallystick, 'run', scenario, '--quiet', '--out', out);
  const plot = await readFile(join(out, 'counts.svg'), 'utf8');
  await rm(out, { recursive: true });
  return { text, plot };
}

/** An example that is a program, as one runs it by hand. */
const program = (file: string, ...args: string[]): Promise<string> =>
  node('--conditions=@tallystick/source', '--import', 'tsx', `examples/${file}`, ...args);

/** Prints its story, and returns the last line without the number of outcomes. */
async function drill(): Promise<string> {
  const out = await mkdtemp(join(tmpdir(), 'tallystick-drill-report-'));
  const text = program('drill/drill.ts', '--out', out).catch(({ stdout, stderr }: Record<string, string>) => {
    console.error(stderr);
    return stdout ?? '';
  });
  console.log(await text);
  await rm(out, { recursive: true, force: true });
  return (await text).trimEnd().split('\n').at(-1)?.replace(/^\d+ /, '') ?? '';
}

const matchesOf = (answer: Answer): string =>
  answer.parties.map((party) => `${party.id} ${party.matches?.records ?? 'none'}`).join(', ');
const countsOf = (answer: Answer): string =>
  (answer.counts ?? []).map((row) => `${row.in.join('+')} ${row.exactly}`).join(', ');

const examples: readonly { readonly name: string; readonly want: string; run(): Promise<string> }[] = [
  {
    name: 'in-memory',
    want: 'passport:KA4419083, name:irena kalvari',
    run: async () => {
      const out = await program('in-memory.ts');
      return out
        .split('\n')
        .slice(1, -1)
        .map((line) => line.trim())
        .join(', ');
    },
  },
  { name: 'two-nodes', want: 'north 2, south 2', run: async () => matchesOf(await scenario('two-nodes')) },
  {
    name: 'under-agreement, permitted',
    want: 'north 2, south 2',
    run: async () => matchesOf(await scenario('under-agreement', 'permitted')),
  },
  {
    name: 'under-agreement, denied',
    want: 'exit 4: use.prohibited, list.recipe',
    run: () => denialsOf('under-agreement', 'denied'),
  },
  {
    name: 'three-party-counts',
    want: 'east 1, west 0, east+west 1, centre 1, east+centre 0, west+centre 1, east+west+centre 1',
    run: async () => countsOf(await scenario('three-party-counts')),
  },
  {
    name: 'five-agencies',
    want: '31 combinations, by category and tier, as near as the noise allows, plotted, who learned what',
    run: async () => {
      const { text, plot } = await shown('five-agencies');
      console.log(text);
      const [, rows = ''] = /\n {2}on the lists of.*\n([\s\S]*?)\n\n/.exec(text) ?? [];
      const near = text.includes('equal, or as near as the noise allows')
        ? 'as near as the noise allows'
        : 'wrong';
      const [, small = 'nothing merged'] = /registry by tier: announced .*(\(.*\))/.exec(text) ?? [];
      const labels = small === '(review, unlabelled)' ? 'by category and tier' : small;
      const drawn = /<svg[\s\S]*<\/svg>/.test(plot) ? 'plotted' : 'not plotted';
      const learned = /who learned what/i.exec(text)?.[0].toLowerCase() ?? 'not said who learned what';
      return `${rows.split('\n').length} combinations, ${labels}, ${near}, ${drawn}, ${learned}`;
    },
  },
  { name: 'drill', want: 'outcomes, all as expected', run: drill },
];

for (const example of examples) {
  const got = await example.run();
  if (got === example.want) console.log(`${example.name}: ${got}`);
  else {
    console.error(`${example.name}: want ${example.want}; got ${got}`);
    process.exitCode = 1;
  }
}
