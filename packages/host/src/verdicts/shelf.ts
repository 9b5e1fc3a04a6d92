/**
 * Verdicts of oversight bodies, as a station keeps them.
 *
 * Purpose: believe a verdict once, keep it for good, give the guard what stands for and against a request. Who
 * brought it does not matter: the body's signature does.
 * Assumes: one process owns the store; `agreementOf` knows present keys. A verdict is written to the audit log before
 * it is kept, and kept before anybody acts on it. Does not know: mail, sessions.
 */
import {
  parseVerdict,
  type Approval,
  type Verdict,
  verdictFacts,
  vetoHash,
} from '@tallystick/protocol/policy';
import { TallyError } from '@tallystick/protocol/errors';
import type { AuditLog } from '../audit/index.ts';
import type { Sealer } from '../seal/index.ts';
import type { Store } from '../store/index.ts';

/** Authorisations of one body for one request; a key that signs more is not in the right hands. */
const maxAuthorisations = 16;

export interface VerdictShelf {
  /**
   * Durable when it returns. True: it is new; false: it was kept before, or the body has vetoed already.
   * @throws TallyError `verdict.invalid`: then nothing was kept; `store.write`, `log.*`.
   */
  take(value: unknown): { readonly verdict: Verdict; readonly isNew: boolean };
  /** Everything kept about a request. */
  about(request: string): readonly Verdict[];
  /** Who vetoed a request: `PolicyState.vetoes`. */
  vetoes(request: string): { by: string; request: string }[];
  /** To be added to a request's approvals. */
  authorisations(request: string): Approval[];
  /** Told of every verdict that is new, after it was kept. */
  onNew(hear: (verdict: Verdict) => void): void;
}

export interface VerdictShelfOptions {
  readonly store: Store;
  /** Opens with the data key of the store. */
  readonly sealer: Sealer;
  /** Undefined where this station does not hold the agreement. */
  readonly agreementOf: Parameters<typeof parseVerdict>[1];
  readonly audit: Pick<AuditLog, 'append'>;
}

const collection = 'verdicts';

function placeOf(verdict: Verdict): string {
  const { request, by } = verdictFacts(verdict);
  return verdict.kind === 'veto'
    ? `${request}/veto/${by}`
    : `${request}/authorise/${by}/${verdict.approval.id}`;
}

export function createVerdictShelf({ store, sealer, agreementOf, audit }: VerdictShelfOptions): VerdictShelf {
  const listeners: ((verdict: Verdict) => void)[] = [];

  const open = (place: string, value: unknown): Verdict => {
    const { sealed } = value as { sealed: string };
    const plain = sealer.unseal(Buffer.from(sealed, 'base64'), `verdict/${place}`);
    return JSON.parse(new TextDecoder().decode(plain)) as Verdict;
  };
  const about = (request: string): Verdict[] =>
    store.list(collection, { prefix: `${request}/` }).map(({ key, value }) => open(key, value));

  /** A key that signed one may have been replaced since. */
  const isStillGood = (verdict: Verdict): boolean => {
    try {
      return parseVerdict(verdict, agreementOf) !== undefined;
    } catch {
      return false;
    }
  };

  const append = (verdict: Verdict): void => {
    const { agreement, request, by } = verdictFacts(verdict);
    const common = { by, session: null, agreement, request };
    if (verdict.kind === 'authorise') {
      audit.append({ type: 'authorise', ...common, approval: verdict.approval.id });
    } else {
      const { reason } = verdict.veto;
      audit.append({ type: 'veto', ...common, message: vetoHash(verdict.veto), reason });
    }
  };

  return {
    take(value) {
      const verdict = parseVerdict(value, agreementOf);
      const place = placeOf(verdict);
      const { request, by } = verdictFacts(verdict);
      const before = about(request).filter((one) => verdictFacts(one).by === by);
      const isKnown = before.some((one) => placeOf(one) === place || one.kind === 'veto');
      if (isKnown) return { verdict, isNew: false };
      if (verdict.kind === 'authorise' && before.length >= maxAuthorisations) {
        throw new TallyError(
          'verdict.invalid',
          `verdict: ${maxAuthorisations} authorisations are kept already`,
        );
      }
      append(verdict);
      const plain = new TextEncoder().encode(JSON.stringify(verdict));
      const sealed = Buffer.from(sealer.seal(plain, `verdict/${place}`)).toString('base64');
      store.put(collection, place, { sealed });
      for (const hear of listeners) hear(verdict);
      return { verdict, isNew: true };
    },
    about,
    vetoes: (request) =>
      about(request).flatMap((one) => (one.kind === 'veto' ? [{ by: one.veto.by, request }] : [])),
    authorisations: (request) =>
      about(request).flatMap((one) => (one.kind === 'authorise' && isStillGood(one) ? [one.approval] : [])),
    onNew: (hear) => void listeners.push(hear),
  };
}
