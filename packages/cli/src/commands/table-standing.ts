/**
 * What a node holds of standing agreements, and requests under them.
 */
import type { CommandSpec } from '../args/types.ts';
import {
  dataOption,
  jsonOption,
  labelMinOption,
  labelOption,
  recipeOption,
  subjectOption,
} from './common.ts';

export const standingCommands: readonly CommandSpec[] = [
  {
    path: 'agreement install',
    summary: 'give the node a signed agreement: from then on it takes part in nothing without one',
    details: [
      'Refused, with every problem named, unless everybody has signed it and it names this node with its key; and where another agreement claims to be the same version. Oversight bodies are known by the keys that it names; partners are still pinned with `peer add`.',
    ],
    args: [{ name: 'FILE', help: 'signed by all' }],
    options: [dataOption, jsonOption],
    examples: [{ command: 'tallystick agreement install pilot.json', does: 'its id, if it is taken' }],
    load: async () => (await import('../standing/run.ts')).installRun,
  },
  {
    path: 'agreement installed',
    summary: 'the agreements that the node holds',
    options: [dataOption, jsonOption],
    examples: [{ command: 'tallystick agreement installed', does: 'names, versions, lives, ids' }],
    load: async () => (await import('../standing/run.ts')).installedRun,
  },
  {
    path: 'session request',
    summary: 'draft a request under an agreement, for approvers to read and sign',
    details: [
      "The node adds times, a nonce, the commitment to the case and what it may cost; the analyst's own key, in --signer, signs it. Nothing is sent but to oversight, where the tier has it asked. Approvers sign the file with `tallystick approve`; then `session propose --request`. Where the agreement leaves one choice it need not be said.",
    ],
    options: [
      { name: 'agreement', value: 'NAME', help: 'of an installed agreement, or its id' },
      { name: 'officer', value: 'ID', help: 'my officer who wants to know, an analyst' },
      {
        name: 'signer',
        value: 'DIR',
        help: "data directory of that officer's own key, which signs the request",
      },
      {
        name: 'signer-key-file',
        value: 'FILE',
        help: 'opens that directory; otherwise as --key-file elsewhere',
      },
      { name: 'purpose', value: 'ID', help: 'one of the purposes of the agreement' },
      { name: 'use', value: 'USE', multiple: true, help: 'what the result is for: investigative-lead, …' },
      { name: 'tier', value: 'TIER', help: 'routine (where not given) or imminent' },
      { name: 'emergency', value: 'ID', help: 'tier imminent: the declaration that it runs under' },
      { name: 'case', value: 'TEXT', help: 'my case reference: others see a commitment to it only' },
      { name: 'output', value: 'ID', help: 'one of the outputs of the agreement' },
      { name: 'with', value: 'ID', multiple: true, help: 'another party' },
      recipeOption,
      subjectOption,
      { name: 'category', value: 'PARTY=CATEGORY', multiple: true, help: "which of a party's lists" },
      { name: 'to', value: 'ID', multiple: true, help: 'who receives matches; I, where not given' },
      { name: 'predicate', value: 'WHICH', help: 'matches among three or more: all, any or at-least' },
      { name: 'at-least', value: 'NUMBER', help: 'on at least so many lists' },
      { name: 'which', help: 'receivers learn on which lists, too' },
      { name: 'verified', help: 'every party proves what it did; so it is where nothing is said' },
      { name: 'light', help: 'not proved, where the agreement permits it' },
      labelOption,
      labelMinOption,
      { name: 'min-count', value: 'N', help: 'counts: withhold numbers below N; as agreed where not given' },
      {
        name: 'epsilon',
        value: 'E',
        help: 'counts: noise for this epsilon, where noise is agreed; at most as agreed',
      },
      {
        name: 'identifiers-per-record',
        value: 'M',
        help: 'counts: leave out more of one record; at most as agreed',
      },
      { name: 'pad-to', value: 'N', help: 'counts: fill lists to a multiple of N; at least as agreed' },
      { name: 'collector', value: 'ID', multiple: true, help: 'who merges; the first of those agreed' },
      {
        name: 'records',
        value: 'N',
        help: "the most that any list may announce and be charged; a session's share of what is agreed for a day, where not given",
      },
      { name: 'retention-days', value: 'N', help: 'how long results are kept; as agreed where not given' },
      { name: 'expires', value: 'MINUTES', help: 'how long it stays open; at most as agreed' },
      { name: 'out', value: 'FILE', help: 'where to write it; never over a file that is there' },
      dataOption,
      jsonOption,
    ],
    examples: [
      {
        command:
          'tallystick session request --agreement pilot --officer ana --signer ./ana --purpose find --use investigative-lead --case "fraud 7" --output pair --with south --recipe document --out request.json',
        does: 'to be approved',
      },
      {
        command:
          'tallystick session request --agreement figs --officer ana --signer ./ana --purpose trends --use statistics --case 7 --output numbers --with south --recipe name --min-count 25 --label north:tier=high,low --out ask.json',
        does: 'numbers by risk tier, none below 25',
      },
    ],
    load: async () => (await import('../standing/run.ts')).requestRun,
  },
  {
    path: 'clock acknowledge',
    summary: "this machine's clock jumped, somebody has looked at it, and it is right",
    options: [dataOption, jsonOption],
    examples: [
      { command: 'tallystick clock acknowledge', does: 'sessions under agreements may start again' },
    ],
    load: async () => (await import('../standing/run.ts')).clockRun,
  },
];
