/**
 * The desk of an oversight body: what is asked comes in, what the body says goes out.
 *
 * Purpose: take requests from the parties that they concern; sign authorisations and vetoes; see that every member
 * hears them. A verdict is logged and kept before it leaves.
 * Assumes: mail proved who speaks; agreements were verified. Does not know: lists, results, what the person at the desk
 * thinks.
 */
import type { AgreementShelf } from '@tallystick/host/agreements';
import type { AuditLog } from '@tallystick/host/audit';
import type { Clock } from '@tallystick/host/clock';
import type { SigningIdentity } from '@tallystick/host/identity';
import type { Outbox } from '@tallystick/host/outbox';
import type { Random } from '@tallystick/host/random';
import type { VerdictShelf } from '@tallystick/host/verdicts';
import type { StandingAgreement } from '@tallystick/protocol/agreement';
import { encodeHex } from '@tallystick/protocol/bytes';
import { TallyError } from '@tallystick/protocol/errors';
import {
  parseNotice,
  type PolicyRequest,
  type PolicyState,
  requestId,
  signApproval,
  signVeto,
  type Verdict,
  verdictFacts,
  type VetoReason,
} from '@tallystick/protocol/policy';
import type { KnownRequest, RequestBook } from './book.ts';

export interface DeskOptions {
  readonly identity: Pick<SigningIdentity, 'id' | 'sign'>;
  readonly book: RequestBook;
  readonly verdicts: VerdictShelf;
  readonly agreements: Pick<AgreementShelf, 'get'>;
  /** Keys that replace those of an agreement, as membership messages have them. */
  keys(agreement: string): PolicyState['membership']['keys'];
  readonly audit: Pick<AuditLog, 'append'>;
  readonly outbox: Pick<Outbox, 'post'>;
  readonly clock: Clock;
  readonly random: Random;
}

/** A request with what bodies have said about it. */
export interface AskedRequest extends KnownRequest {
  readonly verdicts: readonly Verdict[];
}

/** Requests that one party told of first and that are open: nobody has so many on purpose. */
const maxOpen = 1_000;
/** Verdicts are brought to members for so long after the request is over: a session may still run. */
const dayMs = 86_400_000;

export class Desk {
  private readonly options: DeskOptions;

  constructor(options: DeskOptions) {
    this.options = options;
  }

  /**
   * A party tells of a request, twice as well as once.
   * @returns what is known about it.
   * @throws TallyError `wire.message`, `agreement.unknown`, `notice.invalid`, `session.busy`: then nothing was kept.
   */
  hear(from: string, body: unknown): { verdicts: readonly Verdict[] } {
    const { request, signature } = parseNotice(from, body, (agreement) => {
      const held = this.options.agreements.get(agreement);
      return held && { agreement: held.signed.agreement, replaced: this.options.keys(agreement) };
    });
    const { book, verdicts, audit, identity, clock } = this.options;
    const id = requestId(request);
    const known = book.get(id) ?? { id, request, toldBy: [] };
    if (!known.toldBy.some(({ by }) => by === from)) {
      if (known.toldBy.length === 0) this.checkRoom(from);
      const { agreement } = request;
      audit.append({ type: 'notice', by: from, session: null, agreement, request: id, to: identity.id });
      book.put({ ...known, toldBy: [...known.toldBy, { by: from, atMs: clock.nowMs(), signature }] });
    }
    return { verdicts: verdicts.about(id) };
  }

  /** Newest first. */
  list(): readonly AskedRequest[] {
    const { book, verdicts } = this.options;
    const firstMs = ({ toldBy }: KnownRequest): number => toldBy[0]?.atMs ?? 0;
    return [...book.list()]
      .sort((a, b) => firstMs(b) - firstMs(a))
      .map((known) => ({ ...known, verdicts: verdicts.about(known.id) }));
  }

  /** By its id, or a beginning that fits one only. @throws TallyError `request.unknown`. */
  find(beginning: string): AskedRequest {
    const found = this.list().filter(({ id }) => id.startsWith(beginning));
    const [one] = found;
    if (one !== undefined && found.length === 1) return one;
    throw new TallyError('request.unknown', `request: ${found.length} of that id or beginning`);
  }

  /** @throws TallyError `request.unknown`, `request.over`, `verdict.power`. */
  authorise(beginning: string): AskedRequest {
    const { id, request, verdicts } = this.find(beginning);
    const { identity, clock, random } = this.options;
    this.checkPower(request, 'authorise');
    const own = verdicts.filter((one) => verdictFacts(one).by === identity.id);
    if (own.some(({ kind }) => kind === 'veto')) throw new TallyError('request.over', 'request: vetoed here');
    if (own.some(({ kind }) => kind === 'authorise')) return this.find(id);
    if (clock.nowMs() >= request.expiresAtMs) throw new TallyError('request.over', 'request: has expired');
    const body = {
      id: encodeHex(random(16)),
      of: identity.id,
      officer: null,
      request: id,
      expiresAtMs: request.expiresAtMs,
    };
    const approval = signApproval(body, (message) => identity.sign(message));
    return this.say(request, { kind: 'authorise', agreement: request.agreement, approval });
  }

  /** @throws TallyError `request.unknown`, `verdict.power`. */
  veto(beginning: string, reason: VetoReason): AskedRequest {
    const { id, request, verdicts } = this.find(beginning);
    const { identity, clock } = this.options;
    this.checkPower(request, 'veto');
    if (verdicts.some((one) => one.kind === 'veto' && one.veto.by === identity.id)) return this.find(id);
    const body = { agreement: request.agreement, request: id, by: identity.id, reason, atMs: clock.nowMs() };
    return this.say(request, { kind: 'veto', veto: signVeto(body, (message) => identity.sign(message)) });
  }

  private say(request: PolicyRequest, verdict: Verdict): AskedRequest {
    const { verdicts, outbox, identity, clock } = this.options;
    verdicts.take(verdict);
    const { parties, oversight } = this.agreementOf(request);
    const { request: about } = verdictFacts(verdict);
    const untilMs = Math.max(request.expiresAtMs, clock.nowMs()) + dayMs;
    for (const { id: to } of [...parties, ...oversight]) {
      if (to === identity.id) continue;
      const at = `${about}/${verdict.kind}`;
      outbox.post({ to, kind: 'oversight.verdict', about: at, body: { verdict }, untilMs });
    }
    return this.find(about);
  }

  private agreementOf({ agreement: id }: PolicyRequest): StandingAgreement {
    const held = this.options.agreements.get(id);
    if (held === undefined)
      throw new TallyError('agreement.unknown', 'request.agreement: not installed here');
    return held.signed.agreement;
  }

  private checkRoom(from: string): void {
    const nowMs = this.options.clock.nowMs();
    const open = this.options.book
      .list()
      .filter(({ request, toldBy }) => toldBy[0]?.by === from && request.expiresAtMs > nowMs);
    if (open.length >= maxOpen) {
      throw new TallyError('session.busy', `request: ${maxOpen} that ${from} told of are open already`);
    }
  }

  private checkPower(request: PolicyRequest, power: 'authorise' | 'veto'): void {
    const { identity } = this.options;
    const { oversight } = this.agreementOf(request);
    const body = oversight.find(({ id }) => id === identity.id);
    if (body?.powers.includes(power) === true) return;
    throw new TallyError('verdict.power', `${power}: the agreement does not give ${identity.id} that power`);
  }
}
