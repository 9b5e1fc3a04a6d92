/**
 * `agreement …`: drafting, signing and reading standing agreements, on disk.
 */
import type { ArgumentSpec, CommandSpec } from '../args/types.ts';
import { dataOption, jsonOption, keyFileOption } from './common.ts';

const fileArg: ArgumentSpec = { name: 'FILE', help: 'a draft, or a signed agreement' };

export const agreementCommands: readonly CommandSpec[] = [
  {
    path: 'agreement new',
    summary: 'ask the questions of an agreement, and write a commented draft',
    details: [
      'Answers come from --set and --answers first, then from the terminal. What stays open is empty in the draft, and is listed. The draft is JSON with comment lines: the very form that is signed.',
    ],
    args: [{ name: 'FILE', help: 'where to write the draft; never over a file that is there' }],
    options: [
      {
        name: 'answers',
        value: 'FILE',
        help: 'answers as JSON: {"name":"pilot","parties":[{"id":"north"}]}',
      },
      { name: 'set', value: 'KEY=VALUE', multiple: true, help: 'one answer: parties.0.id=north' },
      { name: 'no-questions', help: 'ask nothing, also on a terminal' },
    ],
    examples: [
      { command: 'tallystick agreement new pilot.jsonc', does: 'asks on the terminal' },
      {
        command: 'tallystick agreement new pilot.jsonc --set name=pilot --set output=matches --no-questions',
        does: 'for scripts',
      },
    ],
    load: async () => (await import('./agreement.ts')).newRun,
  },
  {
    path: 'agreement show',
    summary: 'an agreement as one continuous page to read and print',
    args: [fileArg],
    options: [{ name: 'canonical', help: 'the bytes whose SHA-256 is the id, and nothing else' }],
    examples: [{ command: 'tallystick agreement show pilot.jsonc', does: 'with its id' }],
    load: async () => (await import('./agreement.ts')).showRun,
  },
  {
    path: 'agreement verify',
    summary: 'everything that is wrong with a draft or a signed agreement; exit code 2 where something is',
    args: [fileArg],
    options: [jsonOption],
    examples: [
      { command: 'tallystick agreement verify pilot.json', does: 'shape, contradictions, signatures' },
    ],
    load: async () => (await import('./agreement.ts')).verifyRun,
  },
  {
    path: 'agreement diff',
    summary: 'what changed between two agreements, in words',
    args: [
      { name: 'OLD', help: 'the one before' },
      { name: 'NEW', help: 'the one after' },
    ],
    options: [jsonOption],
    examples: [
      { command: 'tallystick agreement diff pilot-1.json pilot-2.jsonc', does: 'one line a change' },
    ],
    load: async () => (await import('./agreement.ts')).diffRun,
  },
  {
    path: 'agreement key',
    summary: 'what an agreement names of this data directory: id, fingerprint, public key',
    options: [dataOption, keyFileOption],
    examples: [{ command: 'tallystick agreement key --data ./north', does: 'while no node runs there' }],
    load: async () => (await import('./agreement-sign.ts')).keyRun,
  },
  {
    path: 'agreement sign',
    summary: "put this data directory's signature under an agreement",
    details: [
      'A draft needs --out; a signed agreement gets the signature added in its place, or under --out. --id is the id that `agreement show` printed, or its beginning: nobody signs what they have not read. The node of the directory must not be running.',
    ],
    args: [fileArg],
    options: [
      { name: 'id', value: 'ID', help: 'id of the agreement that was read; asked for on a terminal' },
      { name: 'out', value: 'FILE', help: 'where to write; never over a file that is there' },
      dataOption,
      keyFileOption,
      jsonOption,
    ],
    examples: [
      {
        command: 'tallystick agreement sign pilot.jsonc --out pilot.json --id 5f0c7a91 --data ./north',
        does: 'the first signature',
      },
      { command: 'tallystick agreement sign pilot.json --id 5f0c7a91 --data ./south', does: 'the next' },
    ],
    load: async () => (await import('./agreement-sign.ts')).signRun,
  },
  {
    path: 'agreement status',
    summary: 'whether an agreement stands and is in force; exit code 2 where not',
    args: [{ name: 'FILE', help: 'a signed agreement' }],
    options: [
      { name: 'messages', value: 'FILE', help: "members' messages, one JSON object a line, in their order" },
      jsonOption,
    ],
    examples: [{ command: 'tallystick agreement status pilot.json', does: 'signatures and time' }],
    load: async () => (await import('./agreement-status.ts')).run,
  },
];
