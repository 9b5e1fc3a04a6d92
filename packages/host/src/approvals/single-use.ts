/**
 * What may be used once: approvals, and proposals by their nonce.
 *
 * Purpose: a session claims the nonce and the approvals of its request before it acts on them; whoever brings them
 * again, in another session, finds them taken. They are kept until they have expired and a day longer, on disk, so that
 * neither a restart nor a clock that was set back within the day makes them good again.
 * Assumes: one process owns the store. Ids are random and say nothing. Does not know: whether an approval counts.
 */
import { TallyError } from '@tallystick/protocol/errors';
import type { PolicyRequest, PolicyState } from '@tallystick/protocol/policy';
import type { Clock } from '../clock/index.ts';
import type { Store } from '../store/index.ts';

type Once = Pick<PolicyState, 'approvalsUsed' | 'noncesSeen'>;

export interface SingleUse {
  /** Those of a request that another session has claimed: facts for a decision. */
  taken(session: string, request: PolicyRequest): Once;
  /**
   * Claims what the request brings, for this session; again for the same session is no error. Durable when it returns.
   * @throws TallyError `agreement.denied` where another session was first: then nothing is claimed; `store.write`.
   */
  claim(session: string, request: PolicyRequest): void;
}

const collection = 'used';
const marginMs = 86_400_000;

interface Claim {
  readonly session: string;
  readonly keepUntilMs: number;
}

interface Item {
  readonly key: string;
  readonly expiresAtMs: number;
}

const nonceKey = (nonce: string): string => `nonce/${nonce}`;
const approvalKey = (id: string): string => `approval/${id}`;

const itemsOf = ({ nonce, expiresAtMs, approvals }: PolicyRequest): Item[] => [
  { key: nonceKey(nonce), expiresAtMs },
  ...approvals.map((one) => ({ key: approvalKey(one.id), expiresAtMs: one.expiresAtMs })),
];

export function createSingleUse(store: Store, clock: Clock): SingleUse {
  const isTaken = (session: string, key: string): boolean => {
    const claim = store.get(collection, key) as Claim | undefined;
    return claim !== undefined && claim.session !== session;
  };

  /** In a transaction. */
  const forgetExpired = (): void => {
    const nowMs = clock.nowMs();
    for (const { key, value } of store.list(collection)) {
      if ((value as unknown as Claim).keepUntilMs < nowMs) store.delete(collection, key);
    }
  };

  return {
    taken: (session, { nonce, approvals }) => ({
      noncesSeen: isTaken(session, nonceKey(nonce)) ? [nonce] : [],
      approvalsUsed: approvals.map(({ id }) => id).filter((id) => isTaken(session, approvalKey(id))),
    }),
    claim(session, request) {
      store.transaction(() => {
        forgetExpired();
        for (const { key, expiresAtMs } of itemsOf(request)) {
          if (isTaken(session, key)) {
            throw new TallyError('agreement.denied', `request: ${key.split('/')[0] ?? ''} was used before`);
          }
          store.put(collection, key, { session, keepUntilMs: expiresAtMs + marginMs });
        }
      });
    },
  };
}
