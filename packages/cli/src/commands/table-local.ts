/**
 * `demo` and `run`: everything on one machine.
 */
import type { CommandSpec } from '../args/types.ts';
import { jsonOption, quietOption } from './common.ts';

export const localCommands: readonly CommandSpec[] = [
  {
    path: 'demo',
    summary: 'three synthetic watchlists, three nodes, one coordinator, and a true answer',
    details: [
      'Makes three lists in three formats from a seed, with people planted on several of them. Starts a coordinator and three nodes as processes of their own on this machine. Agencies a and b learn which of their own records they have in common; then all three learn how many identifiers are on each combination of lists. Both answers are compared with the plaintext ones.',
    ],
    options: [
      {
        name: 'seed',
        value: 'TEXT',
        help: 'make the same lists again; drawn and printed where it is not given',
      },
      { name: 'people', value: 'N', help: 'people on each list, 100 to 20000; 300 where it is not given' },
      { name: 'keep', value: 'DIR', help: 'keep the three lists, with a scenario for `run`, in DIR' },
      jsonOption,
      quietOption,
    ],
    examples: [
      { command: 'tallystick demo', does: 'the whole tour, under a minute' },
      { command: 'tallystick demo --seed 42 --people 1000', does: 'the same lists every time, larger' },
    ],
    load: async () => (await import('./demo.ts')).run,
  },
  {
    path: 'run',
    summary: 'compare your own lists on this machine, each party its own process',
    details: [
      'The scenario is a JSON file that says who brings which list, what is compared and what comes out; paths are relative to it. The README explains every field. Consent is given automatically: every list is yours here.',
    ],
    args: [{ name: 'SCENARIO', help: 'path of the scenario file' }],
    options: [
      jsonOption,
      {
        name: 'out',
        value: 'DIR',
        help: "write each receiver's own matching records to DIR/ID.matches.jsonl, or the counts to DIR/counts.json and as a plot to DIR/counts.svg, and what each party can prove of the session to DIR/ID.evidence.json (mode 0600)",
      },
      { name: 'no-oracle', help: 'do not compare with the plaintext answers' },
      quietOption,
    ],
    examples: [
      { command: 'tallystick run scenario.json', does: 'the answer as tables, with who learned what' },
      {
        command: 'tallystick run scenario.json --json --out matches',
        does: 'for programs; matching records as files',
      },
    ],
    load: async () => (await import('./run.ts')).run,
  },
];
