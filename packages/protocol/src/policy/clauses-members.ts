/**
 * Clauses about who: parties, suspension, withdrawal, the freshness of both, software.
 *
 * Assumes: facts with their shape. Does not know: what is asked.
 */
import { checkRequester } from './approvals.ts';
import { ageProblem, type Evaluator, hourMs, minuteMs, type StatedEvaluator } from './failure.ts';

/** Versions as numbers; undefined where the text is none. */
function versionOf(text: string): readonly number[] | undefined {
  return /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})$/.exec(text)?.slice(1).map(Number);
}

function isOlder(got: readonly number[], want: readonly number[]): boolean {
  const at = want.findIndex((part, i) => part !== got[i]);
  return at >= 0 && (got[at] as number) < (want[at] as number);
}

export const statedMemberClauses: Readonly<Record<string, StatedEvaluator>> = {
  *parties({ agreement, request }) {
    const isParty = (id: string): boolean => agreement.parties.some((party) => party.id === id);
    if (!isParty(request.proposer)) yield ['party.unknown', 'parties', 'request.proposer'];
    for (const [i, { party }] of request.lists.entries()) {
      if (!isParty(party)) yield ['party.unknown', 'parties', `request.lists.${i}.party`];
    }
  },
  *suite({ agreement, request }) {
    const suites: readonly string[] = agreement.suites;
    if (!suites.includes(request.suite)) yield ['suite.unknown', 'suites', 'request.suite'];
  },
};

export const memberClauses: Readonly<Record<string, Evaluator>> = {
  *takingPart({ request, state, bringers, stations }) {
    if (bringers.length < 2) yield ['party.alone', 'parties', 'request.lists'];
    if (!stations.includes(request.proposer)) yield ['party.absent', 'parties', 'request.proposer'];
    if (!stations.includes(state.self)) yield ['party.absent', 'parties', 'state.self'];
    for (const [i, { party }] of request.lists.entries()) {
      if (request.lists.findIndex((list) => list.party === party) !== i) {
        yield ['list.repeated', 'lists', `request.lists.${i}`];
      }
    }
  },
  requester: checkRequester,
  *membership(facts) {
    const { agreement, state } = facts;
    const problem = ageProblem(
      facts,
      state.membership.heardAtMs,
      agreement.freshness.membershipHours * hourMs,
    );
    if (problem) yield [`membership.${problem}`, 'freshness.membershipHours', 'state.membership.heardAtMs'];
  },
  *suspension({ state }) {
    for (const i of state.membership.suspendedBy.keys()) {
      yield ['suspended', 'suspension.by', `state.membership.suspendedBy.${i}`];
    }
  },
  *withdrawal({ agreement, state, stations }) {
    const clause = 'suspension.afterWithdrawal';
    for (const [i, id] of state.membership.withdrawn.entries()) {
      const at = `state.membership.withdrawn.${i}`;
      if (agreement.suspension.afterWithdrawal === 'ends-for-all')
        yield ['withdrawal.ends-for-all', clause, at];
      else if (stations.includes(id)) yield ['party.withdrawn', clause, at];
    }
  },
  *notSuspended(facts) {
    const { agreement, state } = facts;
    const { notSuspended, withdrawn } = state.membership;
    for (const { id } of [...agreement.parties, ...agreement.oversight]) {
      // Who has left is asked no more; whether the others may go on is the clause above.
      if (id === state.self || withdrawn.includes(id)) continue;
      const word = notSuspended.find(({ from }) => from === id);
      const problem = ageProblem(facts, word?.atMs, agreement.freshness.notSuspendedMinutes * minuteMs);
      if (problem) {
        yield [
          `not-suspended.${problem}`,
          'freshness.notSuspendedMinutes',
          `state.membership.notSuspended ${id}`,
        ];
      }
    }
  },
  *software({ agreement, state, stations }) {
    const clause = 'software.minVersion';
    const want = versionOf(agreement.software.minVersion) ?? [];
    for (const station of stations) {
      const said = state.software.find((one) => one.station === station);
      const got = said === undefined ? undefined : versionOf(said.version);
      if (got === undefined) yield ['software.unknown', clause, `state.software ${station}`];
      else if (isOlder(got, want)) yield ['software.too-old', clause, `state.software ${station}`];
    }
  },
  *log(facts) {
    const { agreement, state } = facts;
    const clause = 'freshness.witnessHours';
    if (!state.log.intact) yield ['log.broken', clause, 'state.log.intact'];
    if (!state.log.confirmed) yield ['log.unconfirmed', clause, 'state.log.confirmed'];
    const maxAgeMs = agreement.freshness.witnessHours * hourMs;
    const problem = ageProblem(facts, state.log.witnessedAtMs, maxAgeMs);
    if (problem) yield [`log.witness-${problem}`, clause, 'state.log.witnessedAtMs'];
    if (state.phase !== 'start') return;
    for (const party of facts.bringers) {
      if (party === state.self) continue;
      const shown = state.log.partners.find(({ station }) => station === party);
      const theirs = ageProblem(facts, shown?.witnessedAtMs, maxAgeMs);
      if (theirs) yield [`log.partner-${theirs}`, clause, `state.log.partners ${party}`];
    }
  },
};
