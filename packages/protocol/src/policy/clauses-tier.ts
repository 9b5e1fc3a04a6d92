/**
 * Clauses about urgency: which tier, whose approvals, oversight's word, emergencies and their reviews.
 *
 * Assumes: facts with their shape. An emergency is one declaration, named by its time. Does not know: who asked whom.
 */
import { checkApprovals } from './approvals.ts';
import { type Evaluator, type Facts, hourMs, secondMs } from './failure.ts';

/** Whose approvals must be there: the proposer's always, one's own before consenting, everybody's before the start. */
function dueParties({ request, state, bringers }: Facts): readonly string[] {
  switch (state.phase) {
    case 'propose':
      return [request.proposer];
    case 'consent':
      return bringers.filter((id) => id === request.proposer || id === state.self);
    case 'start':
      return bringers;
  }
}

export const tierClauses: Readonly<Record<string, Evaluator>> = {
  *tier({ agreement, request, output, outputPath }) {
    if (output !== undefined && !output.tiers.includes(request.tier)) {
      yield ['tier.not-of-output', `${outputPath}.tiers`, 'request.tier'];
    }
    if (agreement.tiers[request.tier] === null)
      yield ['tier.absent', `tiers.${request.tier}`, 'request.tier'];
  },
  *approvals(facts) {
    const { agreement, request, state } = facts;
    const { failures, approvers } = checkApprovals(facts);
    yield* failures;
    const needed = agreement.tiers[request.tier]?.approvals ?? 0;
    for (const party of dueParties(facts)) {
      if ((approvers.get(party)?.size ?? 0) < needed) {
        yield [
          'approval.too-few',
          `tiers.${request.tier}.approvals`,
          `request.approvals ${party} ${state.phase}`,
        ];
      }
    }
  },
  *oversight({ agreement, request, ...facts }) {
    if (request.tier !== 'routine' || agreement.tiers.routine.oversight !== 'asked') return;
    const { authorisers } = checkApprovals({ agreement, request, ...facts });
    if (authorisers.size === 0) {
      yield ['oversight.not-authorised', 'tiers.routine.oversight', 'request.approvals'];
    }
  },
  *veto({ state, requestId }) {
    for (const [i, veto] of state.vetoes.entries()) {
      if (veto.request === requestId) yield ['oversight.veto', 'oversight', `state.vetoes.${i}`];
    }
  },
  *declaration({ agreement, request, nowMs }) {
    const { declaredAtMs } = request;
    const { imminent } = agreement.tiers;
    if (request.tier === 'routine') {
      if (declaredAtMs !== null) yield ['emergency.not-imminent', 'tiers.routine', 'request.declaredAtMs'];
      return;
    }
    const clause = 'tiers.imminent.lastsHours';
    if (declaredAtMs === null) yield ['emergency.undeclared', clause, 'request.declaredAtMs'];
    if (declaredAtMs === null || imminent === null) return;
    if (declaredAtMs - nowMs > agreement.freshness.clockSeconds * secondMs) {
      yield ['emergency.from-future', clause, 'request.declaredAtMs'];
    }
    const endMs = declaredAtMs + imminent.lastsHours * hourMs;
    if (nowMs >= endMs) yield ['emergency.lapsed', clause, 'request.declaredAtMs'];
    if (request.expiresAtMs > endMs) yield ['emergency.outlived', clause, 'request.expiresAtMs'];
  },
  *reviews({ agreement, request, state, nowMs }) {
    const { imminent } = agreement.tiers;
    if (request.tier !== 'imminent' || imminent === null) return;
    const open = [...state.emergencies.entries()].filter(([, { reviewedAtMs }]) => reviewedAtMs === null);
    for (const [i, { declaredAtMs }] of open) {
      if (nowMs - declaredAtMs > imminent.reviewWithinHours * hourMs) {
        yield ['tier.locked', 'tiers.imminent.reviewWithinHours', `state.emergencies.${i}`];
      }
    }
    const others = new Set(open.map(([, { declaredAtMs }]) => declaredAtMs));
    others.delete(request.declaredAtMs ?? -1);
    if (others.size >= imminent.maxUnreviewed) {
      yield ['emergency.too-many', 'tiers.imminent.maxUnreviewed', 'state.emergencies'];
    }
  },
};
