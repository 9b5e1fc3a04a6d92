/**
 * `membership …`: the life of an agreement after signing.
 */
import type { ArgumentSpec, CommandSpec } from '../args/types.ts';
import { dataOption, jsonOption } from './common.ts';

const agreementArg: ArgumentSpec = {
  name: 'AGREEMENT',
  help: 'its name, or its id, or the first eight characters of it',
};
const options = [jsonOption, dataOption];

export const membershipCommands: readonly CommandSpec[] = [
  {
    path: 'membership status',
    summary:
      'whether anything stands against sessions, and what members said; exit code 2 where something does',
    details: [
      'Every member says "not suspended" on a schedule, signed. Where one has been silent for longer than the agreement allows, nothing runs: silence denies.',
    ],
    args: [{ ...agreementArg, optional: true }],
    options,
    examples: [
      { command: 'tallystick membership status', does: 'all agreements of this station' },
      { command: 'tallystick membership status three-rivers --json', does: 'one, for programs' },
    ],
    load: async () => (await import('./membership.ts')).statusRun,
  },
  {
    path: 'membership affirm',
    summary: 'say "not suspended" now, and ask the others for theirs',
    details: ['The node does this by itself; by hand it is for testing the lines.'],
    args: [agreementArg],
    options,
    examples: [{ command: 'tallystick membership affirm three-rivers', does: 'prints what came back' }],
    load: async () => (await import('./membership.ts')).affirmRun,
  },
  {
    path: 'membership suspend',
    summary: 'suspend an agreement, alone and at once',
    details: [
      'Live sessions under it end everywhere as the message arrives, and no new one starts. To resume, every member has to lift it.',
    ],
    args: [agreementArg],
    options: [
      {
        name: 'reason',
        value: 'REASON',
        help: 'incident, order, breach, review-late, ledger, precaution; stands in every log',
      },
      ...options,
    ],
    examples: [
      { command: 'tallystick membership suspend three-rivers --reason incident', does: 'binds at once' },
    ],
    load: async () => (await import('./membership.ts')).suspendRun,
  },
  {
    path: 'membership resume',
    summary: 'lift every suspension that stands, for this station',
    details: ['It ends when every member has lifted it: each party, and each oversight body.'],
    args: [agreementArg],
    options,
    examples: [
      { command: 'tallystick membership resume three-rivers', does: 'one voice of those that are needed' },
    ],
    load: async () => (await import('./membership.ts')).resumeRun,
  },
  {
    path: 'membership withdraw',
    summary: 'leave an agreement for good',
    details: [
      'There is no way back but a new version that all sign. Whether the agreement goes on for the rest, it says itself.',
    ],
    args: [agreementArg],
    options: [
      { name: 'id', value: 'ID', help: 'id of the agreement, or its beginning; asked for on a terminal' },
      ...options,
    ],
    examples: [{ command: 'tallystick membership withdraw three-rivers --id 5f0c7a91', does: 'for good' }],
    load: async () => (await import('./membership.ts')).withdrawRun,
  },
  {
    path: 'membership renew',
    summary:
      'tell the others that this station has signed the next version, which is in force once all have said so',
    args: [agreementArg, { name: 'FILE', help: 'the next version, with the own signature under it' }],
    options,
    examples: [
      {
        command: 'tallystick membership renew three-rivers three-rivers-3.json',
        does: 'after `agreement sign`',
      },
    ],
    load: async () => (await import('./membership.ts')).renewRun,
  },
  {
    path: 'membership rotate',
    summary: 'name a new key of this station, or of one of its officers',
    details: [
      "The new key is in a data directory of its own, made with `tallystick init`; it signs that it is there. An officer's new key counts at once. The station's own is its pin as well: every other member compares its fingerprint by another way and accepts it, then `tallystick identity replace` puts it in use, and partners pin it anew. The whole procedure is in docs/agreement.md.",
    ],
    args: [agreementArg],
    options: [
      { name: 'officer', value: 'ID', help: "the officer; without it, the station's own key" },
      { name: 'new', value: 'DIR', help: 'data directory of the new key' },
      {
        name: 'new-key-file',
        value: 'FILE',
        help: 'opens that directory; otherwise as --key-file elsewhere',
      },
      ...options,
    ],
    examples: [
      {
        command: 'tallystick membership rotate three-rivers --officer approver-1 --new ./approver-1-new',
        does: "an officer's, at once",
      },
      { command: 'tallystick membership rotate three-rivers --new ./north-new', does: "the station's own" },
    ],
    load: async () => (await import('./membership.ts')).rotateRun,
  },
  {
    path: 'membership accept',
    summary: 'accept the new key of another member, after comparing its fingerprint by another way',
    args: [
      agreementArg,
      { name: 'MEMBER', help: 'whose key it is' },
      { name: 'FINGERPRINT', help: 'as its people read it out to you' },
    ],
    options,
    examples: [
      {
        command:
          'tallystick membership accept three-rivers north sha256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
        does: 'refused where it is another key',
      },
    ],
    load: async () => (await import('./membership.ts')).acceptRun,
  },
];
