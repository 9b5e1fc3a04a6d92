/**
 * `incident …`: what went wrong under an agreement, and that it was told in time.
 */
import type { CommandSpec } from '../args/types.ts';
import { dataOption, jsonOption } from './common.ts';

export const incidentCommands: readonly CommandSpec[] = [
  {
    path: 'incident open',
    summary: 'write an incident to the log; prints whom the agreement says to tell, and by when',
    details: [
      'Nothing is sent: people tell the contact, by the way that they agreed on. Nothing of what happened is written but its kind: disclosure (somebody learned what they should not), loss, key (a key is in the wrong hands), misuse, error, outage.',
    ],
    options: [
      { name: 'agreement', value: 'NAME', help: 'of an installed agreement, or its id' },
      { name: 'kind', value: 'KIND', help: 'disclosure, loss, key, misuse, error or outage' },
      {
        name: 'known-at',
        value: 'TIME',
        help: 'since when it is known (UTC, as 2027-01-01T09:30:00Z); now where not given',
      },
      dataOption,
      jsonOption,
    ],
    examples: [
      {
        command: 'tallystick incident open --agreement pilot --kind loss --known-at 2027-03-01T08:00:00Z',
        does: 'its id, and by when the contact is to be told',
      },
    ],
    load: async () => (await import('../incident/run.ts')).openRun,
  },
  {
    path: 'incident notified',
    summary: 'the contact was told: written to the log, and whether that was late',
    args: [{ name: 'INCIDENT', help: 'its id, or the first characters of it' }],
    options: [dataOption, jsonOption],
    examples: [{ command: 'tallystick incident notified 7c02', does: 'after the telephone call' }],
    load: async () => (await import('../incident/run.ts')).notifiedRun,
  },
  {
    path: 'incident list',
    summary: 'incidents and by when they are to be told; exit code 7 where one is late and not told',
    options: [dataOption, jsonOption],
    examples: [{ command: 'tallystick incident list', does: 'newest first' }],
    load: async () => (await import('../incident/run.ts')).listRun,
  },
];
