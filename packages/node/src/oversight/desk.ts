/**
 * Oversight, as a node sees it.
 *
 * Purpose: tell every oversight body of the agreement of a request, signed, until it has answered; take verdicts from
 * whoever brings them; give the guard what stands for and against a request; end what a veto forbids.
 * Assumes: mail proved who speaks; the body's signature says whose a verdict is. Does not know: decisions.
 */
import type { AgreementShelf } from '@tallystick/host/agreements';
import type { AuditLog } from '@tallystick/host/audit';
import type { Clock } from '@tallystick/host/clock';
import type { SigningIdentity } from '@tallystick/host/identity';
import { type Log, pub, pubError } from '@tallystick/host/log';
import type { Mail } from '@tallystick/host/mail';
import { createOutbox, type Outbox, type OutboxItem } from '@tallystick/host/outbox';
import type { Sealer } from '@tallystick/host/seal';
import type { Store } from '@tallystick/host/store';
import { createVerdictShelf, type VerdictShelf } from '@tallystick/host/verdicts';
import { asTallyError, type ErrorCode, TallyError } from '@tallystick/protocol/errors';
import { type PolicyRequest, type PolicyState, requestId, signNotice } from '@tallystick/protocol/policy';

export interface OversightDeskOptions {
  readonly identity: Pick<SigningIdentity, 'id' | 'sign'>;
  readonly store: Store;
  /** Opens with the data key of the store. */
  readonly sealer: Sealer;
  readonly agreements: Pick<AgreementShelf, 'get'>;
  /** Keys that replace those of an agreement, as membership messages have them. */
  keys(agreement: string): PolicyState['membership']['keys'];
  readonly audit: Pick<AuditLog, 'append'>;
  readonly mail: Pick<Mail, 'ask' | 'serve'>;
  readonly clock: Clock;
  readonly log: Log;
  /** A peer brought as a body's word what is none. */
  attempt(from: string, code: ErrorCode): void;
  /** Ends every live session of a request. */
  cancel(request: string, error: TallyError): void;
}

export interface OversightDesk extends Pick<VerdictShelf, 'vetoes' | 'authorisations'> {
  /**
   * Tells every oversight body of the agreement; logged and kept when it returns, sent until it is answered. Told
   * twice, it changes nothing. @throws TallyError `agreement.unknown`, `store.write`, `log.*`.
   */
  tell(request: PolicyRequest): void;
  /** The link is back: what waits is sent. */
  wake(): void;
  close(): void;
}

/** A body hears of a request that is over, too, where it was away: it has something to review then. */
const dayMs = 86_400_000;
const maxTold = 10_000;
const requestKind = 'oversight.request';

export function createOversightDesk(options: OversightDeskOptions): OversightDesk {
  const { identity, store, sealer, agreements, audit, mail, clock, log } = options;
  const verdicts = createVerdictShelf({
    store,
    sealer,
    audit,
    agreementOf(id) {
      const held = agreements.get(id);
      return held && { agreement: held.signed.agreement, replaced: options.keys(id) };
    },
  });
  verdicts.onNew((verdict) => {
    if (verdict.kind !== 'veto') return;
    const { request, by, reason } = verdict.veto;
    log.warn('oversight.veto', { request: pub(request), by: pub(by), reason: pub(reason) });
    options.cancel(request, new TallyError('agreement.denied', `request: vetoed by ${by}, ${reason}`));
  });

  /** Refused, it changes nothing and is noted; what fails here is no attempt. */
  const take = (from: string, verdict: unknown): void => {
    try {
      verdicts.take(verdict);
    } catch (thrown) {
      const { code } = asTallyError(thrown);
      if (code === 'verdict.invalid') options.attempt(from, code);
      throw thrown;
    }
  };

  /** What a body answers when it is told: what it, or another body, has said already. */
  const hearAnswer = (item: OutboxItem, answer: unknown): void => {
    const said = (answer as { verdicts?: unknown } | null)?.verdicts;
    for (const verdict of Array.isArray(said) ? said.slice(0, 64) : []) {
      try {
        take(item.to, verdict);
      } catch (thrown) {
        log.warn('oversight.verdict', { from: pub(item.to), error: pubError(thrown) });
      }
    }
  };
  const outbox: Outbox = createOutbox({ store, sealer, mail, clock, log, onAnswer: hearAnswer });
  mail.serve('oversight.verdict', (from, body) => {
    take(from, (body as { verdict?: unknown } | null)?.verdict);
    return {};
  });

  /** Since this start: telling again is no harm, and is not worth an entry. */
  const told = new Set<string>();
  return {
    vetoes: (request) => verdicts.vetoes(request),
    authorisations: (request) => verdicts.authorisations(request),
    tell(request) {
      const held = agreements.get(request.agreement);
      if (held === undefined)
        throw new TallyError('agreement.unknown', 'request.agreement: not installed here');
      const id = requestId(request);
      if (told.has(id)) return;
      const notice = signNotice(request, identity.id, (message) => identity.sign(message));
      for (const { id: to } of held.signed.agreement.oversight) {
        audit.append({
          type: 'notice',
          by: identity.id,
          session: null,
          agreement: request.agreement,
          request: id,
          to,
        });
        const untilMs = Math.max(request.expiresAtMs, clock.nowMs()) + dayMs;
        outbox.post({ to, kind: requestKind, about: id, body: notice, untilMs });
      }
      if (told.size >= maxTold) told.clear();
      told.add(id);
    },
    wake: () => void outbox.flush(),
    close: () => outbox.close(),
  };
}
