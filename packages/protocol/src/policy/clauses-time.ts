/**
 * Clauses about time: the agreement's life, its versions, the proposal's life, clocks.
 *
 * Assumes: facts with their shape. Does not know: who takes part.
 */
import { instantMs } from '../agreement/instant.ts';
import { type Evaluator, minuteMs, secondMs, type StatedEvaluator } from './failure.ts';

const startMs = (instant: string): number => instantMs(instant) ?? Number.POSITIVE_INFINITY;
const endMs = (instant: string): number => instantMs(instant) ?? Number.NEGATIVE_INFINITY;

export const statedTimeClauses: Readonly<Record<string, StatedEvaluator>> = {
  *sameAgreement({ agreementId, request }) {
    if (request.agreement !== agreementId) yield ['agreement.other', 'agreement', 'request.agreement'];
  },
  *notBefore({ agreement, nowMs }) {
    if (nowMs < startMs(agreement.notBefore)) yield ['time.not-yet', 'notBefore', 'now'];
  },
  *notAfter({ agreement, request, nowMs }) {
    const end = endMs(agreement.notAfter);
    if (nowMs >= end) yield ['time.over', 'notAfter', 'now'];
    if (request.expiresAtMs > end) yield ['time.beyond-end', 'notAfter', 'request.expiresAtMs'];
  },
  *proposalLife({ agreement, request, nowMs }) {
    const { createdAtMs, expiresAtMs } = request;
    const clause = 'caps.proposalMinutes';
    if (nowMs >= expiresAtMs) yield ['proposal.expired', clause, 'request.expiresAtMs'];
    if (expiresAtMs - createdAtMs > agreement.caps.proposalMinutes * minuteMs) {
      yield ['proposal.too-long', clause, 'request.expiresAtMs'];
    }
    if (createdAtMs - nowMs > agreement.freshness.clockSeconds * secondMs) {
      yield ['proposal.from-future', 'freshness.clockSeconds', 'request.createdAtMs'];
    }
  },
};

export const timeClauses: Readonly<Record<string, Evaluator>> = {
  *version({ agreement, agreementId, state, nowMs }) {
    for (const [i, other] of state.versions.entries()) {
      if (other.id === agreementId) continue;
      if (other.version === agreement.version) yield ['version.conflict', 'version', `state.versions.${i}`];
      if (other.version > agreement.version && nowMs >= other.notBeforeMs) {
        yield ['version.superseded', 'version', `state.versions.${i}`];
      }
      if (other.version === agreement.version - 1 && other.id !== agreement.supersedes) {
        yield ['version.other-line', 'supersedes', `state.versions.${i}`];
      }
    }
  },
  *renewal({ state, nowMs }) {
    for (const [i, { fromMs }] of state.membership.renewed.entries()) {
      if (nowMs >= fromMs) yield ['version.renewed', 'version', `state.membership.renewed.${i}`];
    }
  },
  *singleUse({ request, state }) {
    if (state.noncesSeen.includes(request.nonce)) {
      yield ['proposal.replayed', 'caps.proposalMinutes', 'request.nonce'];
    }
  },
  *ownClock({ state }) {
    if (!state.clock.trusted) yield ['clock.jumped', 'freshness.clockSeconds', 'state.clock.trusted'];
  },
  *partnersClocks({ agreement, state, stations }) {
    const clause = 'freshness.clockSeconds';
    for (const station of stations) {
      if (station === state.self) continue;
      const measured = state.clock.offsets.filter(({ peer }) => peer === station);
      if (measured.length === 0) yield ['clock.unknown', clause, `state.clock.offsets ${station}`];
      if (measured.some(({ offsetMs }) => Math.abs(offsetMs) > agreement.freshness.clockSeconds * secondMs)) {
        yield ['clock.off', clause, `state.clock.offsets ${station}`];
      }
    }
  },
};
