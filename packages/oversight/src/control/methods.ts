/**
 * What the person at the desk can ask of the running process, over its control socket.
 *
 * Purpose: names, parameters, results and the methods themselves, each in a few lines over the process's parts.
 * Assumes: whoever calls owns the data directory. Does not know: the transport, the command line.
 */
import type { AgreementShelf } from '@tallystick/host/agreements';
import {
  type AuditHost,
  auditMethods,
  auditParams,
  type AuditResults,
  type LogWitness,
} from '@tallystick/host/audit';
import type { CoordinatorLink } from '@tallystick/host/channel';
import type { Clock } from '@tallystick/host/clock';
import {
  type Emergencies,
  emergencyMethods,
  emergencyParams,
  type EmergencyResults,
} from '@tallystick/host/emergencies';
import type { SigningIdentity } from '@tallystick/host/identity';
import {
  createMembershipMethods,
  type Members,
  membershipParams,
  type MembershipResults,
} from '@tallystick/host/membership';
import type { Outbox } from '@tallystick/host/outbox';
import { encodeHex } from '@tallystick/protocol/bytes';
import { TallyError } from '@tallystick/protocol/errors';
import { signEmergency, verdictFacts, vetoReasons } from '@tallystick/protocol/policy';
import { findingTerms, type SignedAgreement } from '@tallystick/protocol/agreement';
import { z } from 'zod';
import type { AskedRequest, Desk } from '../desk/index.ts';

const none = z.strictObject({});
/** Of a request's id: at least so much that nobody hits one by chance. */
const request = z.string().regex(/^[0-9a-f]{4,64}$/);

/** Parameters by method. Members, emergencies and the own log are asked in the same words as at a node. */
export const oversightParams = {
  ...membershipParams,
  ...emergencyParams,
  ...auditParams,
  'oversight.status': none,
  'oversight.install': z.strictObject({ signed: z.unknown() }),
  'oversight.requests': none,
  'oversight.show': z.strictObject({ request }),
  'oversight.authorise': z.strictObject({ request }),
  'oversight.veto': z.strictObject({ request, reason: z.enum(vetoReasons) }),
  'oversight.review': z.strictObject({
    /** Id of an emergency, or its beginning. */
    emergency: request,
    finding: z.enum(findingTerms),
  }),
} as const;

export type OversightMethod = keyof typeof oversightParams;
export type OversightParams<M extends OversightMethod> = z.infer<(typeof oversightParams)[M]>;

export interface OversightStatus {
  readonly id: string;
  readonly fingerprint: string;
  readonly publicKey: string;
  readonly coordinator: { readonly url: string; readonly state: string };
  readonly agreements: readonly {
    readonly id: string;
    readonly name: string;
    readonly version: number;
    readonly powers: readonly string[];
  }[];
  /** Requests that have not expired. */
  readonly open: number;
  /** Letters that somebody has not answered yet. */
  readonly waiting: readonly { readonly to: string; readonly kind: string }[];
}

/** One line of `oversight requests`. */
export interface RequestRow {
  readonly id: string;
  readonly agreement: string;
  readonly proposer: string;
  /** Whether the proposer has told, and so signed that it asks; else others say so. */
  readonly isSigned: boolean;
  readonly purpose: string;
  readonly tier: string;
  readonly toldAtMs: number;
  readonly toldBy: readonly string[];
  readonly expiresAtMs: number;
  readonly verdicts: readonly { readonly by: string; readonly kind: 'authorise' | 'veto' }[];
}

/** A request with everything about it; the agreement that it names, for words. */
export interface ShownRequest {
  readonly asked: AskedRequest;
  readonly signed: SignedAgreement;
}

export interface OversightResults extends MembershipResults, EmergencyResults, AuditResults {
  'oversight.status': OversightStatus;
  'oversight.install': { readonly id: string; readonly name: string; readonly version: number };
  'oversight.requests': readonly RequestRow[];
  'oversight.show': ShownRequest;
  'oversight.authorise': RequestRow;
  'oversight.veto': RequestRow;
  /** Who has heard it already. */
  'oversight.review': EmergencyResults['emergency.take'] & { readonly id: string };
}

export interface MethodHost extends AuditHost {
  readonly identity: SigningIdentity;
  readonly coordinatorUrl: string;
  readonly link: Pick<CoordinatorLink, 'state'>;
  readonly agreements: AgreementShelf;
  readonly desk: Desk;
  readonly outbox: Pick<Outbox, 'waiting'>;
  readonly members: Members;
  readonly emergencies: Emergencies;
  readonly witness: LogWitness;
  readonly clock: Clock;
  /** A new agreement is in force here. */
  installed(): void;
}

export type Methods = {
  readonly [M in OversightMethod]: (
    params: OversightParams<M>,
  ) => OversightResults[M] | Promise<OversightResults[M]>;
};

function rowOf({ id, request: asked, toldBy, verdicts }: AskedRequest): RequestRow {
  const { agreement, proposer, purpose, tier, expiresAtMs } = asked;
  return {
    id,
    agreement,
    proposer,
    isSigned: toldBy.some(({ by }) => by === proposer),
    purpose,
    tier,
    toldAtMs: toldBy[0]?.atMs ?? 0,
    toldBy: toldBy.map(({ by }) => by),
    expiresAtMs,
    verdicts: verdicts.map((one) => ({ by: verdictFacts(one).by, kind: one.kind })),
  };
}

export function createMethods({ identity, agreements, desk, outbox, ...host }: MethodHost): Methods {
  const asked = emergencyMethods(host.emergencies);
  return {
    ...createMembershipMethods(host.members, host.clock),
    ...asked,
    ...auditMethods({ identity, ...host }),
    'oversight.status': () => ({
      id: identity.id,
      fingerprint: identity.fingerprint,
      publicKey: encodeHex(identity.publicKey),
      coordinator: { url: host.coordinatorUrl, state: host.link.state },
      agreements: agreements.list().map(({ id, signed: { agreement } }) => ({
        id,
        name: agreement.name,
        version: agreement.version,
        powers: agreement.oversight.find((body) => body.id === identity.id)?.powers ?? [],
      })),
      open: desk.list().filter(({ request: { expiresAtMs } }) => expiresAtMs > host.clock.nowMs()).length,
      waiting: outbox.waiting.map(({ to, kind }) => ({ to, kind })),
    }),
    'oversight.install'({ signed }) {
      const { id, signed: held } = agreements.install(signed, host.clock.nowMs());
      host.installed();
      return { id, name: held.agreement.name, version: held.agreement.version };
    },
    'oversight.requests': () => desk.list().map(rowOf),
    'oversight.show'({ request: beginning }) {
      const asked = desk.find(beginning);
      const held = agreements.get(asked.request.agreement);
      if (held === undefined)
        throw new TallyError('agreement.unknown', 'request.agreement: not installed here');
      return { asked, signed: held.signed };
    },
    'oversight.authorise': ({ request: beginning }) => rowOf(desk.authorise(beginning)),
    'oversight.veto': ({ request: beginning, reason }) => rowOf(desk.veto(beginning, reason)),
    async 'oversight.review'({ emergency: beginning, finding }) {
      const found = host.emergencies.list().filter(({ id }) => id.startsWith(beginning));
      const [one] = found;
      if (one === undefined || found.length > 1) {
        throw new TallyError('request.unknown', `emergency: ${found.length} of that id or beginning`);
      }
      const { id, agreement } = one;
      const body = {
        agreement: agreement.id,
        atMs: host.clock.nowMs(),
        by: identity.id,
        emergency: id,
        finding,
      };
      const message = signEmergency({ type: 'review', ...body }, (bytes) => identity.sign(bytes));
      return { id, ...(await asked['emergency.take']({ message })) };
    },
  };
}
