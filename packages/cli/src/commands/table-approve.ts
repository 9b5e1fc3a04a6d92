/**
 * `approve …`: an officer's signature under a request, without any node.
 */
import type { ArgumentSpec, CommandSpec, OptionSpec } from '../args/types.ts';
import { dataOption, jsonOption, keyFileOption } from './common.ts';

const requestArg: ArgumentSpec = {
  name: 'REQUEST',
  help: 'the file that `tallystick session request` wrote',
};
const agreementOption: OptionSpec = {
  name: 'agreement',
  value: 'FILE',
  help: 'the signed agreement: purposes and outputs are shown in its words, roles and keys are checked',
};

export const approveCommands: readonly CommandSpec[] = [
  {
    path: 'approve',
    summary: "show a request in words, and put an approver's signature under it",
    details: [
      "The data directory is the officer's own, made with `tallystick init`; no node runs there, and nothing is sent. --id is the id of the request that was read, or its beginning: nobody approves what they have not read. The approval is good for this one request, once, until it expires.",
    ],
    args: [requestArg],
    options: [
      { name: 'out', value: 'FILE', help: 'where the approval is written; never over a file that is there' },
      { name: 'id', value: 'ID', help: 'id of the request that was read; asked for on a terminal' },
      {
        name: 'officer',
        value: 'ID',
        help: "the officer's id in the agreement; that of the directory where not given",
      },
      { name: 'of', value: 'PARTY', help: "the officer's party; found in the agreement where that is given" },
      agreementOption,
      {
        name: 'expires',
        value: 'HOURS',
        help: 'hours until the approval expires; with the request where not given',
      },
      dataOption,
      keyFileOption,
      jsonOption,
    ],
    examples: [
      {
        command:
          'tallystick approve request.json --agreement pilot.json --out approval.json --data ./approver-1',
        does: 'shows it, and asks for the beginning of its id',
      },
      {
        command:
          'tallystick approve request.json --of north --officer approver-1 --id 5f0c7a91 --expires 4 --out approval.json --data ./approver-1',
        does: 'for scripts, without the agreement at hand',
      },
    ],
    load: async () => (await import('./approve.ts')).approveRun,
  },
  {
    path: 'approve verify',
    summary: 'whether an approval counts for a request; exit code 4 where it does not',
    details: [
      'Against the agreement alone: whether it was used before, and keys that were rotated since, only nodes know.',
    ],
    args: [{ name: 'APPROVAL', help: 'the file that `tallystick approve` wrote' }],
    options: [
      { name: 'request', value: 'FILE', help: 'the request that it is for' },
      agreementOption,
      jsonOption,
    ],
    examples: [
      {
        command: 'tallystick approve verify approval.json --request request.json --agreement pilot.json',
        does: 'role, key, signature, time',
      },
    ],
    load: async () => (await import('./approve.ts')).verifyRun,
  },
];
