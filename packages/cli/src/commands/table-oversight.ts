/**
 * `oversight …`: the process of an oversight body.
 */
import type { ArgumentSpec, CommandSpec } from '../args/types.ts';
import { dataOption, jsonOption, keyFileOption, verboseOption } from './common.ts';
import { pinOption } from './table-audit.ts';

const agreementArg: ArgumentSpec = {
  name: 'AGREEMENT',
  help: 'its name, or its id, or the first eight characters of it',
};
const requestArg: ArgumentSpec = { name: 'REQUEST', help: 'id of a request, or its beginning' };

export const oversightCommands: readonly CommandSpec[] = [
  {
    path: 'oversight init',
    summary: 'a data directory with a new identity for an oversight body: what an agreement says of it',
    args: [{ name: 'ID', help: 'what the agreement calls it: a-z, 0-9, -; at most 32' }],
    options: [dataOption, keyFileOption, jsonOption],
    examples: [
      {
        command: 'tallystick oversight init watch --data ./watch --key-file ./watch.key',
        does: 'prints id, public key and fingerprint',
      },
    ],
    load: async () => (await import('./oversight.ts')).initRun,
  },
  {
    path: 'oversight start',
    summary: 'run the process of an oversight body',
    details: [
      'It holds no list and sees none. It is told of every request under the agreements that are installed, and gives the signed word that nothing is suspended, without which no session runs.',
    ],
    options: [
      { name: 'coordinator', value: 'URL', help: 'ws://… or wss://…; remembered in the data directory' },
      dataOption,
      keyFileOption,
      verboseOption,
    ],
    examples: [
      {
        command: 'tallystick oversight start --data ./watch --coordinator ws://127.0.0.1:7600',
        does: 'until it is interrupted',
      },
    ],
    load: async () => (await import('./oversight.ts')).startRun,
  },
  {
    path: 'oversight install',
    summary: 'watch an agreement that everybody has signed, this body included',
    args: [{ name: 'FILE', help: 'a signed agreement' }],
    options: [dataOption, jsonOption],
    examples: [{ command: 'tallystick oversight install pilot.json --data ./watch', does: 'from now on' }],
    load: async () => (await import('./oversight.ts')).installRun,
  },
  {
    path: 'oversight status',
    summary: 'what this body watches, what waits, who has not answered',
    options: [dataOption, jsonOption],
    examples: [{ command: 'tallystick oversight status --data ./watch', does: 'everything at a glance' }],
    load: async () => (await import('./oversight.ts')).statusRun,
  },
  {
    path: 'oversight requests',
    summary: 'what was asked, newest first',
    options: [dataOption, jsonOption],
    examples: [{ command: 'tallystick oversight requests --data ./watch', does: 'one line a request' }],
    load: async () => (await import('./oversight.ts')).requestsRun,
  },
  {
    path: 'oversight show',
    summary: 'one request in words: who asks, why, for what; who told of it; what was said',
    args: [requestArg],
    options: [dataOption, jsonOption],
    examples: [{ command: 'tallystick oversight show 3f9a --data ./watch', does: 'all of it' }],
    load: async () => (await import('./oversight.ts')).showRun,
  },
  {
    path: 'oversight authorise',
    summary: 'say yes to a request: where the agreement asks oversight, it runs only then',
    args: [requestArg],
    options: [dataOption, jsonOption],
    examples: [
      { command: 'tallystick oversight authorise 3f9a --data ./watch', does: 'signed, and sent to all' },
    ],
    load: async () => (await import('./oversight.ts')).authoriseRun,
  },
  {
    path: 'oversight veto',
    summary: 'say no to a request: a session that runs is ended, one that has not begun is denied',
    details: ['A veto is for good. Whoever still wants to know asks anew.'],
    args: [requestArg],
    options: [
      {
        name: 'reason',
        value: 'CODE',
        help: 'no-legal-basis, other-purpose, disproportionate, unclear, repeated, conflict, inquiry, order',
      },
      dataOption,
      jsonOption,
    ],
    examples: [
      {
        command: 'tallystick oversight veto 3f9a --reason disproportionate --data ./watch',
        does: 'signed, and sent to all',
      },
    ],
    load: async () => (await import('./oversight.ts')).vetoRun,
  },
  {
    path: 'oversight review',
    summary: 'review an emergency: without it the imminent tier locks when its time is over',
    details: ['`tallystick emergency list` shows which wait. One that is not justified ends at once.'],
    args: [{ name: 'EMERGENCY', help: 'its id, or its beginning' }],
    options: [
      { name: 'finding', value: 'FINDING', help: 'justified, not-justified' },
      dataOption,
      jsonOption,
    ],
    examples: [
      {
        command: 'tallystick oversight review 91c0 --finding justified --data ./watch',
        does: 'signed, and sent to all',
      },
    ],
    load: async () => (await import('./oversight.ts')).reviewRun,
  },
  {
    path: 'oversight witness',
    summary: 'exchange heads of audit logs with the parties now, and see which logs this body cosigns',
    details: [
      'A body does so at its start and from time to time. A log that does not go on from the head that was cosigned before is refused, and shown so; `tallystick audit accept` takes it as it is, once its people have said why. `tallystick audit show` and `audit export` work here, too.',
    ],
    args: [{ name: 'STATION', help: 'one of them; everybody where not given', optional: true }],
    options: [dataOption, jsonOption],
    examples: [
      {
        command: 'tallystick oversight witness --data ./watch',
        does: 'whose log, how long, in order or not',
      },
    ],
    load: async () => (await import('./audit.ts')).witnessRun,
  },
  {
    path: 'oversight audit',
    summary:
      'exports of the parties: each verified and held against what this body witnessed, each two compared',
    details: [
      'Pins and heads are those that this body knows; --pin replaces one. Also found: a session that started under a watched agreement on a request of which nobody told. Exit code 1 where anything is wrong, 6 where a key is nobody’s.',
    ],
    args: [{ name: 'FILE', help: 'from `audit export`; one or more', repeated: true }],
    options: [pinOption, dataOption, jsonOption],
    examples: [
      {
        command: 'tallystick oversight audit north.audit south.audit --data ./watch',
        does: 'says nothing is wrong, or which entry is',
      },
    ],
    load: async () => (await import('./oversight-audit.ts')).run,
  },
  {
    path: 'oversight suspend',
    summary: 'suspend an agreement, at once and for everybody',
    details: [
      'Live sessions under it end. It is lifted when every member has lifted it, this body included.',
    ],
    args: [agreementArg],
    options: [
      {
        name: 'reason',
        value: 'REASON',
        help: 'incident, order, breach, review-late, ledger, precaution; stands in every log',
      },
      dataOption,
      jsonOption,
    ],
    examples: [
      {
        command: 'tallystick oversight suspend three-rivers --reason order --data ./watch',
        does: 'binds at once',
      },
    ],
    load: async () => (await import('./membership.ts')).suspendRun,
  },
  {
    path: 'oversight resume',
    summary: 'lift every suspension that stands, for this body',
    args: [agreementArg],
    options: [dataOption, jsonOption],
    examples: [
      {
        command: 'tallystick oversight resume three-rivers --data ./watch',
        does: 'one voice of those that are needed',
      },
    ],
    load: async () => (await import('./membership.ts')).resumeRun,
  },
];
