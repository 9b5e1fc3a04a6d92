/**
 * Clauses about urgency: which tier, whose approvals and custodians' consent, oversight's word, emergencies and their reviews.
 *
 * Assumes: facts with their shape. An emergency is one signed declaration (emergency.ts). Does not know: who asked whom.
 */
import { checkApprovals } from './approvals.ts';
import { type Evaluator, type Facts, hourMs, secondMs, type StatedEvaluator } from './failure.ts';

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

export const statedTierClauses: Readonly<Record<string, StatedEvaluator>> = {
  *tier({ agreement, request, output, outputPath }) {
    if (output !== undefined && !output.tiers.includes(request.tier)) {
      yield ['tier.not-of-output', `${outputPath}.tiers`, 'request.tier'];
    }
    if (agreement.tiers[request.tier] === null)
      yield ['tier.absent', `tiers.${request.tier}`, 'request.tier'];
  },
};

export const tierClauses: Readonly<Record<string, Evaluator>> = {
  *approvals(facts) {
    const { agreement, request, state } = facts;
    const { failures, ...given } = checkApprovals(facts);
    yield* failures;
    const tier = agreement.tiers[request.tier];
    for (const party of dueParties(facts)) {
      const at = `request.approvals ${party} ${state.phase}`;
      const clause = `tiers.${request.tier}`;
      if ((given.approvers.get(party)?.size ?? 0) < (tier?.approvals ?? 0))
        yield ['approval.too-few', `${clause}.approvals`, at];
      if ((given.custodians.get(party)?.size ?? 0) < (tier?.custodians ?? 0))
        yield ['custodian.too-few', `${clause}.custodians`, at];
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
  *declaration({ agreement, request, state, nowMs }) {
    const { imminent } = agreement.tiers;
    if (request.tier === 'routine') {
      if (request.emergency !== null) yield ['emergency.not-imminent', 'tiers.routine', 'request.emergency'];
      return;
    }
    const clause = 'tiers.imminent.lastsHours';
    if (request.emergency === null) yield ['emergency.undeclared', clause, 'request.emergency'];
    if (request.emergency === null || imminent === null) return;
    const place = state.emergencies.findIndex(({ id }) => id === request.emergency);
    const declared = state.emergencies[place];
    if (declared === undefined) return yield ['emergency.unknown', clause, 'request.emergency'];
    const at = `state.emergencies.${place}`;
    if (declared.declaredAtMs - nowMs > agreement.freshness.clockSeconds * secondMs) {
      yield ['emergency.from-future', clause, at];
    }
    const endMs = declared.declaredAtMs + imminent.lastsHours * hourMs;
    if (nowMs >= endMs) yield ['emergency.lapsed', clause, at];
    if (request.expiresAtMs > endMs) yield ['emergency.outlived', clause, 'request.expiresAtMs'];
    if (declared.review?.finding === 'not-justified') {
      yield ['emergency.not-justified', 'tiers.imminent.oversight', at];
    }
  },
  *reviews({ agreement, request, state, nowMs }) {
    const { imminent } = agreement.tiers;
    if (request.tier !== 'imminent' || imminent === null) return;
    const open = [...state.emergencies.entries()].filter(([, { review }]) => review === null);
    for (const [i, { declaredAtMs }] of open) {
      if (nowMs - declaredAtMs > imminent.reviewWithinHours * hourMs) {
        yield ['tier.locked', 'tiers.imminent.reviewWithinHours', `state.emergencies.${i}`];
      }
    }
    const others = open.filter(([, { id }]) => id !== request.emergency);
    if (others.length >= imminent.maxUnreviewed) {
      yield ['emergency.too-many', 'tiers.imminent.maxUnreviewed', 'state.emergencies'];
    }
  },
};
