/**
 * Methods of the control API about standing agreements.
 *
 * Purpose: install, list, draft a request, propose it, acknowledge the clock.
 * Assumes: whoever calls is the node's owner. Does not know: what permits a session.
 */
import type { AgreementShelf, HeldAgreement } from '@tallystick/host/agreements';
import type { AuditLog } from '@tallystick/host/audit';
import type { Clock, ClockTrust } from '@tallystick/host/clock';
import type { SigningIdentity } from '@tallystick/host/identity';
import type { Random } from '@tallystick/host/random';
import { instantMs } from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import {
  checkRequestShape,
  judgeRequester,
  type PolicyRequest,
  type PolicyState,
  requestId,
} from '@tallystick/protocol/policy';
import type { RequestShelf } from '../daemon/requests.ts';
import { draftRequest, type SessionRegistry } from '../session/index.ts';
import type { InstalledAgreement, StandingResults, standingParams } from './standing-api.ts';
import type { z } from 'zod';

export interface StandingHost {
  readonly identity: SigningIdentity;
  readonly agreements: AgreementShelf;
  readonly requests: RequestShelf;
  readonly clockTrust: ClockTrust;
  readonly audit: AuditLog;
  readonly sessions: SessionRegistry;
  readonly clock: Clock;
  readonly random: Random;
  /** Keys that replace those of the agreement that a request names. */
  keysOf(request: PolicyRequest): PolicyState['membership']['keys'];
  /** Oversight has to authorise it before it is proposed. */
  tellOversight(request: PolicyRequest): void;
  /** An agreement was installed. */
  onAgreement(): void;
}

type Method = keyof typeof standingParams;
type StandingMethods = {
  readonly [M in Method]: (
    params: z.infer<(typeof standingParams)[M]>,
  ) => StandingResults[M] | Promise<StandingResults[M]>;
};

function facts({ id, signed: { agreement } }: HeldAgreement): InstalledAgreement {
  const { name, title, version, notBefore, notAfter, parties } = agreement;
  return { id, name, title, version, notBefore, notAfter, parties: parties.map((party) => party.id) };
}

/** By id, or the newest version of that name that has begun and not ended. Throws `argument.invalid`. */
export function findAgreement(agreements: AgreementShelf, text: string, nowMs: number): HeldAgreement {
  const known = agreements.get(text);
  if (known !== undefined) return known;
  const refuse = (want: string): TallyError => new TallyError('argument.invalid', `agreement: ${want}`);
  const all = agreements.list();
  const named = all.filter(({ signed }) => signed.agreement.name === text);
  if (named.length === 0) {
    const names = [...new Set(all.map(({ signed }) => signed.agreement.name))];
    throw refuse(`want ${names.join(', ') || 'an installed one'}`);
  }
  const newest = named.findLast(({ signed }) => (instantMs(signed.agreement.notBefore) ?? Infinity) <= nowMs);
  if (newest === undefined) {
    throw refuse(`${text} is not in force before ${named[0]?.signed.agreement.notBefore ?? ''}`);
  }
  const { notAfter } = newest.signed.agreement;
  if (nowMs >= (instantMs(notAfter) ?? 0)) throw refuse(`${text} has ended, ${notAfter}`);
  return newest;
}

/** @throws TallyError `argument.invalid` with every field. */
function parseRequest(request: unknown): PolicyRequest {
  const { value, problems } = checkRequestShape(request);
  if (value !== undefined) return value;
  const each = problems.map(({ path, code }) => `${path === '' ? 'request' : path} ${code}`);
  throw new TallyError('argument.invalid', `request: ${each.join('; ')}`);
}

export function standingMethods(host: StandingHost): StandingMethods {
  const { identity, agreements, requests, clockTrust, audit, sessions, clock, random } = host;
  const about = { by: identity.id, session: null, agreement: null, request: null };
  return {
    'agreement.install'({ agreement }) {
      const installed = agreements.install(agreement, clock.nowMs());
      host.onAgreement();
      return facts(installed);
    },
    'agreement.installed': () => agreements.list().map(facts),
    'session.request'(params) {
      const nowMs = clock.nowMs();
      const { id: agreementId, signed } = findAgreement(agreements, params.agreement, nowMs);
      const { agreement } = signed;
      const drafted = draftRequest({ params, agreement, agreementId, self: identity.id, nowMs, random });
      requests.put(drafted.id, drafted.caseReference, drafted.draft.expiresAtMs);
      return { id: drafted.id, draft: drafted.draft };
    },
    'session.requested'({ request }) {
      const value = parseRequest(request);
      const { agreement } = findAgreement(agreements, value.agreement, clock.nowMs()).signed;
      const [failed] = judgeRequester(agreement, value, host.keysOf(value));
      if (failed !== undefined)
        throw new TallyError('agreement.denied', `request: ${failed.clause} (${failed.code})`);
      const { oversight } = agreement.tiers.routine;
      if (value.tier === 'routine' && oversight === 'asked') host.tellOversight(value);
      return { id: requestId(value) };
    },
    'session.proposeRequest'({ request, approvals, list }) {
      const value = parseRequest(request);
      return sessions.proposeRequest({ ...value, approvals: [...value.approvals, ...approvals] }, list);
    },
    'clock.acknowledge'() {
      const { jumpMs } = clockTrust;
      const jumpedByMs = jumpMs === null ? null : Math.round(jumpMs);
      audit.append({ ...about, type: 'clock', jumpedByMs });
      clockTrust.acknowledge();
      return { jumpedByMs };
    },
  };
}
