/**
 * One safeguard, as data, and short forms of places in the code.
 *
 * Purpose: rows are in safeguards-rows*.ts. Does not know: which there are.
 */
import type { TestId } from './evidence.ts';

/** A file, and a text in it without which it would not do what the row says. */
export type Place = readonly [file: string, has: string];

export interface Safeguard {
  readonly safeguard: string;
  /** Path of a field of the agreement; or `rules`, the node's own; or `always`: no clause says it, and none can switch it off. */
  readonly clause: string;
  readonly enforced: readonly Place[];
  /** A case of a decision by base and name, or any other test by file and name. */
  readonly refuses: string | TestId;
  /** Path of a field of the report. */
  readonly report: string;
}

export const clauses = (name: string, has: string): Place => [
  `packages/protocol/src/policy/clauses-${name}.ts`,
  `'${has}'`,
];
/** A clause about how old something is. */
export const aged = (what: string, separator = '.'): Place => [
  'packages/protocol/src/policy/clauses-members.ts',
  `\`${what}${separator}\${problem}\``,
];
/** Where the guard of a running node learns a fact: without it every session would be denied, and the clause be idle. */
export const knows = (fact: string): Place => ['packages/node/src/daemon/guarding.ts', `${fact}: (`];
export const costs: Place = ['packages/node/src/guard/standing.ts', 'ledger: standingCosts('];
export const once: Place = ['packages/node/src/daemon/guarding.ts', 'singleUse: createSingleUse('];
export const denied = 'groups.clauses';
/** An agreement that is refused is no denial of a session. */
export const attempted = 'events.attempts';
