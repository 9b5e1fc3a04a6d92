/**
 * The people of a run's agreement: officers' keys, made here and gone with the run.
 *
 * Purpose: put this run's keys into an agreement and leave every other clause as it was; approve requests as its
 * approvers would. It shows what the agreement permits; it is nobody's consent.
 * Assumes: everything belongs to whoever runs this. Does not know: processes, sessions.
 */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { signEd25519 } from '@tallystick/host/identity';
import { systemRandom } from '@tallystick/host/random';
import type { StandingAgreement } from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import {
  type Approval,
  type PolicyRequest,
  type RequestDraft,
  requestId,
  signApproval,
  signRequest,
} from '@tallystick/protocol/policy';

/** What an agreement names of a station. */
export interface StationKey {
  readonly fingerprint: string;
  /** Hex. */
  readonly publicKey: string;
}

interface Key {
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

export interface Officers {
  /** The agreement with these officers' and these stations' keys; a station without one keeps the draft's. */
  fillIn(draft: StandingAgreement, stations: ReadonlyMap<string, StationKey>): StandingAgreement;
  /** The party's first analyst. */
  analystOf(party: string): string;
  /** The request as the proposer's first analyst signs it. */
  ask(draft: RequestDraft): PolicyRequest;
  /** As many approvals of a party as the request's tier needs, of approvers and custodians, or as many as there are. */
  approve(request: PolicyRequest, party: string): Approval[];
  /** Signs a message as an officer. */
  sign(party: string, officer: string, message: Uint8Array): Uint8Array;
}

function makeKey(): Key {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'jwk' }).x ?? '';
  return { privateKey, publicKey: Buffer.from(raw, 'base64url').toString('hex') };
}

export function makeOfficers({ parties, tiers }: StandingAgreement): Officers {
  const keys = new Map(
    parties.flatMap(({ id, officers }) =>
      officers.map((one) => [`${id}/${one.id}`, { role: one.role, ...makeKey() }] as const),
    ),
  );
  const keyOf = (party: string, officer: string): Key => {
    const key = keys.get(`${party}/${officer}`);
    if (key === undefined) throw new TallyError('internal.bug', `officers: none ${party}/${officer}`);
    return key;
  };
  const officersOf = (party: string, role: string): string[] =>
    (parties.find(({ id }) => id === party)?.officers ?? [])
      .filter((one) => one.role === role)
      .map(({ id }) => id);
  const sign: Officers['sign'] = (party, officer, message) =>
    signEd25519(keyOf(party, officer).privateKey, message);

  return {
    sign,
    fillIn(draft, stations) {
      const named = <T extends { id: string }>(station: T): T => ({
        ...station,
        ...stations.get(station.id),
      });
      return {
        ...draft,
        parties: draft.parties.map((party) => ({
          ...named(party),
          officers: party.officers.map((one) => ({ ...one, publicKey: keyOf(party.id, one.id).publicKey })),
        })),
        collectors: draft.collectors?.map(named) ?? null,
        oversight: draft.oversight.map((body) => ({
          ...body,
          publicKey: stations.get(body.id)?.publicKey ?? body.publicKey,
        })),
      };
    },
    analystOf: (party) => officersOf(party, 'analyst')[0] ?? '',
    ask: (draft) => signRequest(draft, (message) => sign(draft.proposer, draft.requester, message)),
    approve: (request, party) =>
      [
        ...officersOf(party, 'approver').slice(0, tiers[request.tier]?.approvals ?? 0),
        ...officersOf(party, 'custodian').slice(0, tiers[request.tier]?.custodians ?? 0),
      ].map((officer) => {
        const id = Buffer.from(systemRandom(16)).toString('hex');
        const body = {
          id,
          of: party,
          officer,
          request: requestId(request),
          expiresAtMs: request.expiresAtMs,
        };
        return signApproval(body, (message) => sign(party, officer, message));
      }),
  };
}
