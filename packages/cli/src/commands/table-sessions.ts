/**
 * `session …`: propose, consent, watch, take the answer.
 */
import type { ArgumentSpec, CommandSpec, OptionSpec } from '../args/types.ts';
import {
  dataOption,
  jsonOption,
  keyFileOption,
  labelMinOption,
  labelOption,
  quietOption,
  recipeOption,
  subjectOption,
} from './common.ts';

const approvalOption: OptionSpec = {
  name: 'approval',
  value: 'FILE',
  multiple: true,
  help: 'under an agreement: what one of my officers, or oversight, signed',
};
const sessionArg: ArgumentSpec = { name: 'SESSION', help: 'its id, or the first characters of it' };

export const sessionCommands: readonly CommandSpec[] = [
  {
    path: 'session propose',
    summary: 'ask other nodes to compare lists',
    details: [
      'Two parties with --matches: each receiver learns which of its own records the other has. Three or more with --matches: which of its own records are on all lists, or on as many as --predicate or --at-least says; the collector returns them. Any number with --counts: everybody learns how many identifiers are on each combination of lists, and the collector merges. Nothing derived from a list leaves a node before every party has consented.',
    ],
    options: [
      { name: 'request', value: 'FILE', help: 'under an agreement: what was requested; with --list alone' },
      approvalOption,
      { name: 'with', value: 'ID', multiple: true, help: 'another party' },
      { name: 'list', value: 'NAME', help: 'my list, as `list list` shows it' },
      recipeOption,
      subjectOption,
      {
        name: 'matches',
        value: 'ID',
        multiple: true,
        help: 'who receives matches: an id, or several, one at a time',
      },
      { name: 'counts', help: 'numbers only' },
      {
        name: 'predicate',
        value: 'WHICH',
        help: 'three parties or more: all (where not given) or any other',
      },
      { name: 'at-least', value: 'NUMBER', help: 'three parties or more: on at least so many lists' },
      { name: 'which', help: 'three parties or more: receivers learn on which lists, too' },
      { name: 'verified', help: 'every party proves what it did; so it is where nothing is said' },
      { name: 'light', help: 'nothing is proved: for parties that trust each other’s software' },
      {
        name: 'collector',
        value: 'ID',
        multiple: true,
        help: "who merges the counts or returns the matches of three or more; the coordinator's own id where not given",
      },
      {
        name: 'min-count',
        value: 'N',
        help: 'counts: withhold numbers below N, and what would give them away',
      },
      { name: 'epsilon', value: 'E', help: 'counts: add noise for this epsilon, from 0.000001 to 20' },
      { name: 'identifiers-per-record', value: 'M', help: 'with --epsilon: leave out more of one record' },
      { name: 'pad-to', value: 'N', help: 'counts: fill lists with random elements to a multiple of N' },
      labelOption,
      labelMinOption,
      {
        name: 'cap',
        value: 'NAME=N',
        multiple: true,
        help: 'agree on a cap for every list: sessions, records, versions or epsilon in period-days (7)',
      },
      { name: 'purpose', value: 'TEXT', help: 'what for; every party sees it and the agreement holds it' },
      { name: 'case', value: 'TEXT', help: 'my own case reference: others see a commitment to it only' },
      { name: 'expires', value: 'MINUTES', help: 'how long the others have to consent; 60 where not given' },
      dataOption,
      jsonOption,
    ],
    examples: [
      {
        command:
          'tallystick session propose --with south --list people --recipe document --subject person --matches north --matches south --purpose "fraud case 7"',
        does: 'both learn which of their own records the other has',
      },
      {
        command:
          'tallystick session propose --with south --with west --list people --recipe name --subject person --counts --purpose statistics',
        does: 'three parties, numbers only',
      },
      {
        command:
          'tallystick session propose --with south --list people --recipe name --subject person --counts --label north:tier=high,low,unlabelled --label south:category=fraud,tax --purpose statistics',
        does: 'numbers by risk tier against category',
      },
    ],
    load: async () => (await import('./session.ts')).proposeRun,
  },
  {
    path: 'session consent',
    summary: 'agree to a proposal, with one of my lists',
    args: [sessionArg],
    options: [
      { name: 'list', value: 'NAME', help: 'my list, as `list list` shows it' },
      approvalOption,
      dataOption,
      jsonOption,
    ],
    examples: [
      { command: 'tallystick session consent 3f8a --list people', does: 'it starts when all have consented' },
    ],
    load: async () => (await import('./session.ts')).consentRun,
  },
  {
    path: 'session refuse',
    summary: 'turn a proposal down, with coded reasons that its parties see',
    args: [sessionArg],
    options: [
      {
        name: 'reason',
        value: 'CODE',
        multiple: true,
        help: 'such as purpose.missing; person.declined where not given',
      },
      dataOption,
      jsonOption,
    ],
    examples: [
      { command: 'tallystick session refuse 3f8a --reason purpose.missing', does: 'it ends for everybody' },
    ],
    load: async () => (await import('./session.ts')).refuseRun,
  },
  {
    path: 'session cancel',
    summary: 'end a session for everybody',
    args: [sessionArg],
    options: [dataOption, jsonOption],
    examples: [{ command: 'tallystick session cancel 3f8a', does: 'no partial result is written' }],
    load: async () => (await import('./session.ts')).cancelRun,
  },
  {
    path: 'session list',
    summary: 'the sessions of this node, newest first',
    options: [dataOption, jsonOption],
    examples: [{ command: 'tallystick session list', does: 'ids, states, parties' }],
    load: async () => (await import('./session.ts')).listRun,
  },
  {
    path: 'session show',
    summary: 'one session: what was agreed, what came out, who learned what',
    args: [sessionArg],
    options: [
      {
        name: 'out',
        value: 'FILE',
        help: 'also write my own matching records to FILE (JSON lines, mode 0600)',
      },
      dataOption,
      jsonOption,
    ],
    examples: [
      { command: 'tallystick session show 3f8a --out matches.jsonl', does: 'the answer, and my records' },
    ],
    load: async () => (await import('./session-show.ts')).showRun,
  },
  {
    path: 'session explain',
    summary: 'why a session was permitted or denied, in words',
    details: [
      'Every clause that was looked at, with its path: pins, own rules and the ledger; under a standing agreement its clauses, with their text. Who was asked and what they said, who approved, what it costs in the ledger. A proposal that this node denied itself is a session that never began, and is explained likewise.',
    ],
    args: [sessionArg],
    options: [dataOption, jsonOption],
    examples: [{ command: 'tallystick session explain 3f8a', does: 'clause by clause' }],
    load: async () => (await import('../explain/run.ts')).run,
  },
  {
    path: 'session watch',
    summary: 'progress of a session until it is over, then its answer',
    args: [sessionArg],
    options: [
      {
        name: 'out',
        value: 'FILE',
        help: 'also write my own matching records to FILE (JSON lines, mode 0600)',
      },
      dataOption,
      jsonOption,
      quietOption,
    ],
    examples: [{ command: 'tallystick session watch 3f8a', does: 'exit code 4 where another party refused' }],
    load: async () => (await import('./session-show.ts')).watchRun,
  },
  {
    path: 'session export',
    summary: 'the evidence of a session as a file, for an auditor',
    details: [
      'Everything that was signed in the session, by this node and to it, under the signature of this node. Without --with-salts the file opens no commitment to a stream: who reads it learns what was agreed, the released numbers and that the proofs hold. Salts let whoever has them test a guess about a whole stream; they are for an adjudicator whom the parties agree on.',
    ],
    args: [sessionArg],
    options: [
      { name: 'out', value: 'FILE', help: 'where to write it (JSON, mode 0600)' },
      { name: 'with-salts', help: 'with what opens commitments to streams and to my own matches' },
      dataOption,
      keyFileOption,
    ],
    examples: [
      { command: 'tallystick session export 3f8a --out evidence.json', does: 'for an auditor' },
      {
        command: 'tallystick session export 3f8a --out sealed.json --with-salts',
        does: 'for an adjudicator alone',
      },
    ],
    load: async () => (await import('./session-export.ts')).run,
  },
  {
    path: 'verify',
    summary: 'check the signatures and proofs of a session again, without any peer',
    details: [
      'From public keys and what was signed alone: agreement, signatures, consents with their proofs of possession, both ends of every channel, the freeze, commitments to streams, every proof of a hop, transcript, result. Each check says what it proves and what it does not. Lists and streams are not in it: they are erased when a session ends.',
      'The node of --data may run or be stopped; where it is stopped, its secret is needed. Exit code 0: verified; 1: something does not fit; 6: nothing failed, but the session was light or did not finish.',
    ],
    args: [{ ...sessionArg, optional: true }],
    options: [
      { name: 'file', value: 'FILE', help: 'a file of `session export` or `run --out`, instead of a node' },
      {
        name: 'pin',
        value: 'ID=FINGERPRINT',
        multiple: true,
        help: 'the key that you know this station by; the pins of the node count too',
      },
      dataOption,
      keyFileOption,
      jsonOption,
    ],
    examples: [
      { command: 'tallystick verify 3f8a', does: 'a session of my own node' },
      { command: 'tallystick verify --file evidence.json --json', does: 'a file, for programs' },
    ],
    load: async () => (await import('./verify.ts')).run,
  },
];
