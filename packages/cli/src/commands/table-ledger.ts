/**
 * `ledger …`: what sessions have cost, and what is left.
 */
import type { CommandSpec } from '../args/types.ts';
import { dataOption, jsonOption } from './common.ts';

export const ledgerCommands: readonly CommandSpec[] = [
  {
    path: 'ledger show',
    summary: 'what sessions have cost each list, and what is left',
    details: [
      'One ledger for each group of parties and each period: budget, spent and left of every party’s lists. Its head is the same at every party; where it is not, sessions are refused.',
    ],
    options: [dataOption, jsonOption],
    examples: [{ command: 'tallystick ledger show', does: 'the latest period first' }],
    load: async () => (await import('./ledger.ts')).showRun,
  },
  {
    path: 'ledger accept',
    summary: "take a partner's ledger over where ours is behind or was damaged",
    details: [
      'After a node was restored from a backup its partner shows sessions that it does not know, and nothing runs. Ask the partner’s people first what happened. Accepting only raises what is charged. A ledger that was damaged is given up; the partner’s is shown at the next session and then accepted.',
    ],
    args: [{ name: 'LEDGER', help: 'its name in `ledger show`, or the first characters of it' }],
    options: [dataOption],
    examples: [
      { command: 'tallystick ledger accept 3fa94c', does: 'sessions with these parties can run again' },
    ],
    load: async () => (await import('./ledger.ts')).acceptRun,
  },
];
