/**
 * Exit codes.
 *
 * Purpose: the one table between an error's code and what the shell sees; the help and the README print it.
 * Assumes: every failure is a `TallyError`. Does not know: where it came from.
 */
import type { ErrorCode, TallyError } from '@tallystick/protocol/errors';

/** Exit code → what it means. */
export const exitMeanings: readonly (readonly [number, string])[] = [
  [0, 'done; answers equal the plaintext answers where they were checked'],
  [1, 'the protocol failed, or its answers differ from the plaintext answers'],
  [2, 'the command line or the scenario is wrong'],
  [3, 'a list or a file is wrong'],
  [4, 'another party refused, left, did not answer, or is not who it should be'],
  [5, 'this machine: no coordinator or node answers, wrong key, store, memory, Node.js version'],
  [
    6,
    'verify: nothing failed, but the result is not proved: a light session, one that repeated an answer or did not finish',
  ],
  [7, 'redress list, incident list: something is overdue'],
  [130, 'interrupted (SIGINT); 143 for SIGTERM, 129 for SIGHUP'],
];

/** Of `verify`, where nothing failed and nothing is proved. */
export const unverifiedExit = 6;

/** Of `redress list` and `incident list`, where a due date has passed. */
export const overdueExit = 7;

/** Rooms of codes; a row of `single` goes before. */
const rooms: Readonly<Record<string, number>> = {
  argument: 2,
  scenario: 2,
  recipe: 2,
  privacy: 2,
  redress: 2,
  file: 3,
  list: 3,
  text: 3,
  wire: 1,
  element: 1,
  scalar: 1,
  chain: 1,
  consent: 4,
  request: 2,
  verdict: 4,
  agreement: 4,
  emergency: 4,
  membership: 4,
  mail: 4,
  session: 4,
  peer: 4,
  channel: 4,
  compute: 5,
  vault: 5,
  store: 5,
  control: 5,
  oracle: 1,
  evidence: 3,
  log: 5,
  report: 3,
  internal: 1,
};

const single: Partial<Record<ErrorCode, number>> = {
  // A refusal before anything was said, no failure of the protocol.
  'wire.version': 4,
  'log.entry': 3,
  'log.note': 3,
  'log.export': 3,
  'log.fork': 4,
  'recipe.unicode': 5,
  'agreement.invalid': 2,
  'control.request': 2,
  'agreement.unknown': 2,
  'verdict.power': 2,
  'session.unknown': 2,
  'session.state': 2,
  'session.busy': 5,
  'peer.unknown': 2,
  'channel.refused': 5,
  'channel.listen': 5,
  'list.unknown': 2,
};

/** The exit code of an error; 1 for a room this table does not know. */
export function exitCodeOf(error: TallyError): number {
  return single[error.code] ?? rooms[error.code.split('.')[0] as string] ?? 1;
}

const signalNumbers: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** 128 plus the signal's number, as shells have it. */
export function exitCodeOfSignal(name: string): number {
  return 128 + (signalNumbers[name] ?? 2);
}
