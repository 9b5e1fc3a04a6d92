/**
 * `init`, `coordinator`, `node`, `collector`, `peer …`, `doctor`.
 */
import type { CommandSpec } from '../args/types.ts';
import { dataOption, jsonOption, keyFileOption, verboseOption } from './common.ts';
import { heldOption } from './held-agreements.ts';

export const nodeCommands: readonly CommandSpec[] = [
  {
    path: 'init',
    summary: 'make a data directory with a new identity, and print its fingerprint',
    details: [
      'The identity key and everything that the node stores are sealed under a data key. It comes from --key-file (32 random bytes as 64 hex digits; made where the file does not exist yet), from TALLYSTICK_KEY (64 hex digits), from TALLYSTICK_PASSPHRASE, or is asked for as a passphrase. The node needs the same one to start.',
    ],
    args: [{ name: 'ID', help: 'short name of the agency: a-z, 0-9 and -' }],
    options: [dataOption, keyFileOption, jsonOption],
    examples: [
      { command: 'tallystick init north', does: 'asks for a passphrase' },
      { command: 'tallystick init north --data ./north --key-file north.key', does: 'without asking' },
    ],
    load: async () => (await import('./init.ts')).run,
  },
  {
    path: 'coordinator',
    summary: 'run the meeting place: directory, relay, collector of counts',
    options: [
      { name: 'host', value: 'ADDRESS', help: 'address to listen on; 127.0.0.1 where not given' },
      { name: 'port', value: 'N', help: 'port to listen on; 7600 where not given, 0 for any' },
      { name: 'allow', value: 'FINGERPRINT', multiple: true, help: 'only these nodes may connect' },
      heldOption,
      dataOption,
      keyFileOption,
      verboseOption,
    ],
    examples: [
      { command: 'tallystick coordinator --port 7600', does: 'until it is interrupted' },
      {
        command: 'tallystick coordinator --port 7600 --agreement pilot.json',
        does: 'as collector refuses, too, what the agreement does not permit',
      },
    ],
    load: async () => (await import('./coordinator.ts')).run,
  },
  {
    path: 'node',
    summary: "run this agency's node",
    details: [
      'Own caps are about my own lists and each partner, whatever is agreed: sessions, records, versions or epsilon in period-days. Where none is given they are generous; `ledger show` tells what is left.',
    ],
    options: [
      { name: 'coordinator', value: 'URL', help: 'ws://… or wss://…; remembered in the data directory' },
      {
        name: 'own-cap',
        value: 'NAME=N',
        multiple: true,
        help: 'such as sessions=20; remembered, all together',
      },
      {
        name: 'partner-identifiers',
        value: 'N',
        help: 'refuse a session in which a partner announces more, whatever is agreed; remembered',
      },
      {
        name: 'threads',
        value: 'N',
        help: 'of the pool that computes; as many as there are cores where not given; remembered',
      },
      {
        name: 'rules',
        value: 'FILE',
        help: 'what this node forbids beyond its agreements, a list of rules as JSON; remembered',
      },
      {
        name: 'retention-days',
        value: 'DAYS',
        help: 'delete the result of a session, and its evidence, so many days after its end; 30, or as agreed, where not given; remembered',
      },
      {
        name: 'redress-disclose',
        help: 'officers may decide to tell a person whether something was held, where every agreement allows it; not remembered',
      },
      dataOption,
      keyFileOption,
      verboseOption,
    ],
    examples: [
      { command: 'tallystick node --coordinator ws://127.0.0.1:7600', does: 'until it is interrupted' },
    ],
    load: async () => (await import('./node.ts')).run,
  },
  {
    path: 'identity replace',
    summary: "put another key in the place of this data directory's own",
    details: [
      'The new key is in a data directory of its own, made with `tallystick init` and the same id. Every partner has pinned the old one: under a standing agreement first `membership rotate`, then wait until all have accepted, then this, with the node stopped; partners then remove the old pin and add the new one. Sessions, lists and logs stay. The directory of the new key is not needed afterwards: destroy it.',
    ],
    options: [
      { name: 'new', value: 'DIR', help: 'data directory of the new key' },
      {
        name: 'new-key-file',
        value: 'FILE',
        help: 'opens that directory; otherwise as --key-file elsewhere',
      },
      dataOption,
      keyFileOption,
    ],
    examples: [
      {
        command: 'tallystick identity replace --new ./north-new --data ./north',
        does: 'while no node runs there',
      },
    ],
    load: async () => (await import('./identity-replace.ts')).run,
  },
  {
    path: 'collector',
    summary: 'collect for sessions that name me: somebody who brings no list and is not the coordinator',
    details: [
      'It takes tags, merges them and tells every party the same counts, or every receiver what matched. It always learns the exact numbers. Parties pin it like any peer and name it with `session propose --collector ID`.',
    ],
    options: [
      { name: 'coordinator', value: 'URL', help: 'ws://… or wss://…; remembered in the data directory' },
      heldOption,
      dataOption,
      keyFileOption,
      verboseOption,
    ],
    examples: [
      {
        command: 'tallystick collector --data ./notary --coordinator ws://127.0.0.1:7600',
        does: 'until it is interrupted',
      },
    ],
    load: async () => (await import('./collector.ts')).run,
  },
  {
    path: 'doctor',
    summary: 'what this machine has, and whether a node can run on it',
    options: [{ name: 'coordinator', value: 'URL', help: 'also try to reach it' }, dataOption, jsonOption],
    examples: [{ command: 'tallystick doctor --coordinator ws://127.0.0.1:7600', does: 'everything' }],
    load: async () => (await import('./doctor.ts')).run,
  },
  {
    path: 'peer add',
    summary: 'trust another node: its id and the fingerprint that you compared by another way',
    args: [
      { name: 'ID', help: "the other node's id" },
      { name: 'FINGERPRINT', help: 'as `tallystick init` printed it there' },
    ],
    options: [dataOption],
    examples: [
      {
        command: 'tallystick peer add south sha256:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
        does: 'sessions with it can now be proposed and consented to',
      },
    ],
    load: async () => (await import('./peer.ts')).addRun,
  },
  {
    path: 'peer list',
    summary: 'the nodes that this one trusts',
    options: [dataOption, jsonOption],
    examples: [{ command: 'tallystick peer list', does: 'with who is online' }],
    load: async () => (await import('./peer.ts')).listRun,
  },
  {
    path: 'peer remove',
    summary: 'trust a node no longer',
    args: [{ name: 'ID', help: "the other node's id" }],
    options: [dataOption],
    examples: [{ command: 'tallystick peer remove south', does: 'no new session with it' }],
    load: async () => (await import('./peer.ts')).removeRun,
  },
];
