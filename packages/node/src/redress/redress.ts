/**
 * Redress: a person asks, this node answers, partners are told (docs/redress.md).
 *
 * Purpose: tickets, due dates, uniform answers; corrections out to the partners that received the record, and in from
 * them. Every step stands in the audit log before it takes effect.
 * Assumes: whoever opens and answers has checked who the person is. Does not know: the person's data, how mail travels.
 */
import type { AuditLog } from '@tallystick/host/audit';
import type { Clock } from '@tallystick/host/clock';
import { type Log, pub, pubError } from '@tallystick/host/log';
import type { Mail } from '@tallystick/host/mail';
import type { Random } from '@tallystick/host/random';
import { TallyError } from '@tallystick/protocol/errors';
import type { ControlParams, SessionDetail } from '../control/api.ts';
import type { EnquiryState, RedressResults } from '../control/redress.ts';
import type { SealedResult } from '../session/types.ts';
import type { HeldResult } from '../vault/enquiry-types.ts';
import type { SealedSource, Vault } from '../vault/types.ts';
import { correctionsFor, noteOutgoing } from './outgoing.ts';
import { receiver } from './receive.ts';
import type { KeptEnquiry, RedressShelf } from './shelf.ts';

export interface RedressHost {
  readonly self: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly audit: AuditLog;
  readonly mail: Pick<Mail, 'ask' | 'serve'>;
  readonly vault: Pick<
    Vault,
    'checkEnquiry' | 'foundSessions' | 'correctionTags' | 'meantRecords' | 'exportResult'
  >;
  readonly shelf: RedressShelf;
  sessions(): readonly SessionDetail[];
  session(id: string): SessionDetail | undefined;
  result(session: string): SealedResult | undefined;
  chunks(listId: string): SealedSource;
  /** The shortest that an agreement of this node asks for, or the default. */
  due(): { readonly acknowledgeDays: number; readonly decideDays: number };
  /** The own setting: whether an officer may decide to say whether something was held. It can only forbid. */
  readonly mayDisclose: boolean;
  /**
   * The name of an agreement that forbids to say so; undefined where none does.
   * @param under agreements of the results that an enquiry was compared with
   */
  forbidsDisclosure(under: readonly string[]): string | undefined;
}

export interface Redress {
  open(params: ControlParams<'redress.open'>): Promise<RedressResults['redress.open']>;
  answer(params: ControlParams<'redress.answer'>): Promise<EnquiryState>;
  list(): RedressResults['redress.list'];
  export(params: ControlParams<'redress.export'>): Promise<{ records: number }>;
  /** Sends what partners have not taken; again every ten minutes until they have. */
  deliver(): Promise<void>;
  stop(): void;
}

const dayMs = 86_400_000;
/** An enquiry is answered at the next whole tick after it was checked: the time says little of the work. */
export const tickMs = 1000;
const againMs = 600_000;

export function createRedress(host: RedressHost): Redress {
  const { self, clock, random, log, audit, vault, shelf } = host;
  let cancel: () => void = () => undefined;
  let delivering: Promise<void> | undefined;
  let isStopped = false;
  const about = { by: self, session: null, agreement: null, request: null };
  const receiving = receiver(host);
  host.mail.serve('redress.correction', (from, body) => receiving.take(from, body));

  const need = (ticket: string): KeptEnquiry => {
    const found = shelf.enquiries().find((one) => one.ticket === ticket);
    if (found === undefined) throw new TallyError('redress.unknown', 'ticket: no enquiry of this ticket');
    return found;
  };

  const tick = (): Promise<void> => {
    const nowMs = clock.nowMs();
    return new Promise((resolve) => clock.setTimer(nowMs - (nowMs % tickMs) + tickMs, resolve));
  };

  async function send(enquiry: KeptEnquiry): Promise<void> {
    for (const { to, correction } of enquiry.outgoing) {
      try {
        await host.mail.ask(to, 'redress.correction', correction);
      } catch (thrown) {
        log.warn('redress.undelivered', { to: pub(to), error: pubError(thrown) });
        continue;
      }
      if (isStopped) return;
      const now = need(enquiry.ticket);
      const outgoing = now.outgoing.filter((one) => one.correction.correction !== correction.correction);
      shelf.putEnquiry({ ...now, outgoing });
    }
  }

  async function deliverAll(): Promise<void> {
    for (const enquiry of shelf.enquiries())
      if (!isStopped && enquiry.outgoing.length > 0) await send(enquiry);
    if (isStopped || !shelf.enquiries().some(({ outgoing }) => outgoing.length > 0)) return;
    cancel();
    cancel = clock.setTimer(clock.nowMs() + againMs, () => void deliver());
  }

  const deliver = (): Promise<void> =>
    (delivering ??= deliverAll()
      .catch((thrown: unknown) => log.error('redress.deliver', { error: pubError(thrown) }))
      .finally(() => {
        delivering = undefined;
      }));

  return {
    async open(source) {
      const under = new Set<string>();
      const { subject, salt, finding } = await vault.checkEnquiry(source, heldResults(host, under));
      await tick();
      const nowMs = clock.nowMs();
      const { acknowledgeDays, decideDays } = host.due();
      const enquiry: KeptEnquiry = {
        ticket: Buffer.from(random(16)).toString('hex'),
        subject,
        openedAtMs: nowMs,
        acknowledgeByMs: nowMs + acknowledgeDays * dayMs,
        decideByMs: nowMs + decideDays * dayMs,
        acknowledgedAtMs: null,
        decided: null,
        under: [...under],
        finding: Buffer.from(finding).toString('base64'),
        outgoing: [],
      };
      const { ticket, acknowledgeByMs, decideByMs } = enquiry;
      audit.append({ ...about, type: 'redress-open', ticket, subject, acknowledgeByMs, decideByMs });
      shelf.putEnquiry(enquiry);
      return { ...stateOf(enquiry, nowMs), receipt: salt };
    },

    async answer({ ticket, outcome, discloseBy }) {
      const enquiry = need(ticket);
      if (enquiry.decided !== null || enquiry.finding === null) {
        throw new TallyError('redress.decided', 'ticket: this enquiry is decided');
      }
      if (discloseBy !== null && !host.mayDisclose) {
        throw new TallyError('redress.disclosure', 'disclose: this node does not allow it');
      }
      const forbids = discloseBy === null ? undefined : host.forbidsDisclosure(enquiry.under);
      if (forbids !== undefined) {
        throw new TallyError(
          'redress.forbidden',
          `disclose: redress.disclosure of ${forbids}: want "by-officer", got "never"`,
        );
      }
      const isFinal = outcome !== 'acknowledged';
      if (!isFinal && discloseBy !== null) {
        throw new TallyError('argument.invalid', 'disclose: want a decision, got an acknowledgement');
      }
      const finding = Buffer.from(enquiry.finding, 'base64');
      const sessions = await vault.foundSessions(finding);
      const isPutRight = outcome === 'corrected' || outcome === 'erased';
      const outgoing = isPutRight ? await correctionsFor(host, finding, sessions, outcome) : [];
      await tick();
      // Another answer may have come meanwhile.
      const now = need(ticket);
      if (now.decided !== null) throw new TallyError('redress.decided', 'ticket: this enquiry is decided');
      const nowMs = clock.nowMs();
      const isLate = nowMs > (isFinal ? now.decideByMs : now.acknowledgeByMs);
      const isDisclosed = discloseBy !== null;
      audit.append({ ...about, type: 'redress-answer', ticket, answer: outcome, isLate, isDisclosed });
      noteOutgoing(host, outgoing);
      const acknowledgedAtMs = now.acknowledgedAtMs ?? nowMs;
      const disclosed = discloseBy === null ? null : { held: sessions.length > 0, by: discloseBy };
      const decided = isFinal ? { outcome, atMs: nowMs, disclosed } : null;
      const { finding: found } = now;
      const answered = { ...now, acknowledgedAtMs, decided, finding: isFinal ? null : found, outgoing };
      shelf.putEnquiry(answered);
      if (isFinal) shelf.scrub();
      void deliver();
      return stateOf(answered, nowMs);
    },

    list: () => ({
      enquiries: shelf.enquiries().map((one) => stateOf(one, clock.nowMs())),
      corrections: shelf.corrections().map(({ correctionBody: _, ...rest }) => rest),
    }),

    export: (params) => receiving.export(params),
    deliver,
    stop() {
      isStopped = true;
      cancel();
    },
  };
}

/** Every result that is held, with its list; the agreements that they came about under go into `under`. */
function* heldResults(
  host: RedressHost,
  under: Set<string>,
): Generator<HeldResult & { chunks: SealedSource }> {
  for (const { session, recipes, subject, request } of host.sessions()) {
    const result = host.result(session);
    if (result === undefined || subject === null) continue;
    if (request != null) under.add(request.agreement);
    yield { session, recipes, subject, sealed: result.sealed, chunks: host.chunks(result.listId) };
  }
}

/** What anybody may see of it: nothing in it depends on what was found, unless that was disclosed. */
function stateOf(
  { finding: _, outgoing: __, under: ___, ...enquiry }: KeptEnquiry,
  nowMs: number,
): EnquiryState {
  const { decided, acknowledgedAtMs, acknowledgeByMs, decideByMs } = enquiry;
  const isDecideOverdue = decided === null && nowMs > decideByMs;
  const isAcknowledgeOverdue = acknowledgedAtMs === null && nowMs > acknowledgeByMs;
  return { ...enquiry, overdue: isDecideOverdue ? 'decide' : isAcknowledgeOverdue ? 'acknowledge' : null };
}
