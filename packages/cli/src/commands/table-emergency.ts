/**
 * `emergency …`: declared by an approver, reviewed by oversight, told to everybody who decides.
 */
import type { CommandSpec, OptionSpec } from '../args/types.ts';
import { dataOption, jsonOption, keyFileOption } from './common.ts';

const agreementOption: OptionSpec = { name: 'agreement', value: 'FILE', help: 'the signed agreement' };
const outOption: OptionSpec = {
  name: 'out',
  value: 'FILE',
  help: 'where the signed message is written; never over a file that is there',
};

export const emergencyCommands: readonly CommandSpec[] = [
  {
    path: 'emergency declare',
    summary: 'sign the declaration of an emergency, as an approver of a party',
    details: [
      "The data directory is the officer's own. Nothing runs on a declaration alone: every request under it needs the approvals of the tier. It lapses by itself, and oversight must review it in time, or the tier locks. Nothing is sent: `tallystick emergency tell` does.",
    ],
    options: [
      agreementOption,
      {
        name: 'grounds',
        value: 'WORD',
        help: 'why: danger-to-life, planned-attack, flight, missing-child, loss-of-evidence, attack-on-systems',
      },
      outOption,
      dataOption,
      keyFileOption,
      jsonOption,
    ],
    examples: [
      {
        command:
          'tallystick emergency declare --agreement pilot.json --grounds planned-attack --out emergency.json --data ./approver-1',
        does: 'prints its id, which requests name',
      },
    ],
    load: async () => (await import('./emergency.ts')).declareRun,
  },
  {
    path: 'emergency review',
    summary: 'sign the review of an emergency, as an oversight body with the power to authorise',
    details: [
      '`not-justified` ends the emergency at once. A tier that was locked because the review was late is open again.',
    ],
    args: [{ name: 'EMERGENCY', help: 'its id, as `tallystick emergency list` shows it' }],
    options: [
      agreementOption,
      { name: 'finding', value: 'WORD', help: 'justified or not-justified' },
      outOption,
      dataOption,
      keyFileOption,
      jsonOption,
    ],
    examples: [
      {
        command: `tallystick emergency review ${'5f0c7a91'.repeat(8)} --finding justified --agreement pilot.json --out review.json --data ./watch`,
        does: 'while no process runs in the directory of the body',
      },
    ],
    load: async () => (await import('./emergency.ts')).reviewRun,
  },
  {
    path: 'emergency tell',
    summary: 'give a declaration or a review to the node, which tells every party and oversight',
    args: [{ name: 'FILE', help: 'what `emergency declare` or `emergency review` wrote' }],
    options: [dataOption, jsonOption],
    examples: [
      { command: 'tallystick emergency tell emergency.json --data ./north', does: 'says who has heard' },
    ],
    load: async () => (await import('./emergency.ts')).tellRun,
  },
  {
    path: 'emergency list',
    summary: 'emergencies that the node has heard of: in force, waiting for review, locking the tier',
    options: [dataOption, jsonOption],
    examples: [{ command: 'tallystick emergency list --data ./north', does: 'newest first' }],
    load: async () => (await import('./emergency.ts')).listRun,
  },
];
