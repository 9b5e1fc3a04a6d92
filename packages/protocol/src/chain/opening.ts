/**
 * The opening of a session: proposal, consents, freeze.
 *
 * Purpose: what every station does until all have bound the same consents; nothing derived from a list leaves before.
 * Assumes: messages were verified as their sender's (station.ts).
 * Does not know: streams, the barrier, deadlines' lengths.
 */
import type { Agreement } from '../agreement/ephemeral.ts';
import { encodeHex, equalBytes, parseHex } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import type { ListShape } from '../privacy/cells.ts';
import { maxClockSkewMs } from '../wire/limits.ts';
import { signMessage, type MessageOf } from '../wire/messages.ts';
import {
  checkConsent,
  checkConsentsTogether,
  checkProposal,
  hashConsents,
  hashProposal,
} from './consents.ts';
import { Deadlines } from './deadlines.ts';
import { shapesOf } from './labels.ts';
import { isProved } from './plan.ts';
import { StationBase } from './station-base.ts';
import type { ConsentFacts, StationOptions } from './types.ts';

export abstract class OpeningStation extends StationBase {
  protected proposalHash: Uint8Array = new Uint8Array(32);
  protected consentsHash: Uint8Array = new Uint8Array(32);
  /** Announced sizes, by party index; known from `freezing` on. */
  protected sizes: readonly number[] = [];
  /** The same with the sizes under each label, where a list has labels. */
  protected lists: readonly ListShape[] = [];
  /** Units of each list's streams: its size and the sentinels. */
  protected totals: readonly number[] = [];
  protected readonly consents = new Map<string, MessageOf<'consent'>>();
  protected readonly deadlines: Deadlines;
  protected readonly freezes = new Set<string>();
  /** The session whose stored answer is this one's: nothing runs. */
  protected repeats: string | undefined;

  constructor(options: StationOptions) {
    super(options);
    this.deadlines = new Deadlines(options.limits, options.nowMs);
  }

  protected abstract checkRole(agreement: Agreement): void;
  protected abstract takeHeld(): void;
  /** Every station bound the same consents. */
  protected abstract onFrozen(): void;

  /** We take part: our signed consent goes to every station. Call once, after an `offer` or a proposal of our own. */
  consent(facts: ConsentFacts, nowMs: number): void {
    this.guard(nowMs, () => {
      if (this.state !== 'offered')
        throw new TallyError('session.state', `consent: not possible in ${this.state}`);
      const body = {
        type: 'consent' as const,
        session: this.sessionId,
        from: this.id,
        proposalHash: encodeHex(this.proposalHash),
        identifiers: facts.identifiers,
        labels: facts.labels?.map(({ labels, size }) => ({ labels: [...labels], size })) ?? null,
        keyCommitment: facts.keyCommitment && encodeHex(facts.keyCommitment),
        possession: facts.possession && encodeHex(facts.possession),
        listVersion: facts.listVersion,
        ledger: [...facts.ledger],
        channels: [...facts.channels].sort((a, b) => (a.peer < b.peer ? -1 : 1)),
        approvals: [...(facts.approvals ?? [])],
        log: facts.log ?? null,
        atMs: nowMs,
      };
      const consent = signMessage(body, this.options.sign);
      checkConsent(consent, this.agreement, this.proposalHash, this.options.limits.maxIdentifiers);
      this.consents.set(this.id, consent);
      this.state = 'consenting';
      this.broadcast(consent);
      this.freezeIfReady();
      this.takeHeld();
    });
  }

  /** We do not take part; coded reasons go to every station (AMLA art. 40: a refusal gives its reasons). */
  refuse(reasons: readonly string[], nowMs: number): void {
    this.guard(nowMs, () => {
      if (this.state !== 'offered')
        throw new TallyError('session.state', `refuse: not possible in ${this.state}`);
      this.decline(reasons);
    });
  }

  private decline(reasons: readonly string[]): void {
    const proposalHash = encodeHex(this.proposalHash);
    const body = { type: 'refusal' as const, session: this.sessionId, from: this.id, proposalHash };
    this.broadcast(signMessage({ ...body, reasons: [...reasons] }, this.options.sign));
    this.end(new TallyError('consent.refused', `${this.id} refused: ${reasons.join(', ')}`), this.id);
  }

  /** Our own proposal, or one that arrived: checks its form and enters `offered`. */
  protected takeProposal(from: string, proposal: MessageOf<'proposal'>): void {
    const agreement = checkProposal(from, proposal, this.id, this.now);
    this.checkRole(agreement);
    this.proposal = proposal;
    this.note(proposal);
    this.proposalHash = hashProposal(proposal);
    this.state = 'offered';
    this.deadlines.watch(this.others(), this.now);
    this.emit({ type: 'offer', proposal, proposalHash: this.proposalHash });
  }

  protected takeConsent(consent: MessageOf<'consent'>): void {
    if (this.consents.has(consent.from)) throw new TallyError('wire.order', 'consent: given twice');
    checkConsent(consent, this.agreement, this.proposalHash, this.options.limits.maxIdentifiers);
    if (Math.abs(this.now - consent.atMs) > maxClockSkewMs) {
      throw new TallyError('consent.clock', 'consent.atMs: too far from our clock');
    }
    if (this.isBeyondOwnLimit(consent)) return this.decline(['rule.partner-identifiers']);
    this.options.ledger?.compare(this.known, consent);
    this.consents.set(consent.from, consent);
    this.weigh();
    this.freezeIfReady();
  }

  /** Our own rule on what a partner may bring: whatever is agreed, and before anything of our list leaves. */
  private isBeyondOwnLimit({ from, identifiers }: MessageOf<'consent'>): boolean {
    const asked = isProved(this.agreement, this.partyIds.indexOf(from)) ? 1 : 0;
    return identifiers + asked > this.options.limits.maxPartnerIdentifiers;
  }

  /** All consents are in and ours is given: charge the session, bind them, and tell everybody what we bound. */
  private freezeIfReady(): void {
    const stations = this.stations();
    if (this.state !== 'consenting' || stations.some((station) => !this.consents.has(station.id))) return;
    checkConsentsTogether(this.consents, this.id);
    const denied = this.options.deniesStart?.(this.known, this.consents) ?? [];
    if (denied.length > 0) return this.decline(denied);
    this.repeats = this.options.ledger?.charge(this.known, this.consents);
    this.lists = shapesOf(this.agreement, this.consents);
    this.consentsHash = hashConsents(this.consents, this.agreement, this.proposalHash);
    this.sizes = this.lists.map(({ size }) => size);
    this.totals = this.sizes.map((size) => size + this.agreement.sentinels);
    this.state = 'freezing';
    this.deadlines.moved(this.now);
    const body = { session: this.sessionId, from: this.id, consentsHash: encodeHex(this.consentsHash) };
    this.broadcast(this.signed({ type: 'freeze', ...body }));
  }

  protected takeFreeze(freeze: MessageOf<'freeze'>): void {
    if (this.freezes.has(freeze.from)) throw new TallyError('wire.order', 'freeze: given twice');
    if (!equalBytes(parseHex(freeze.consentsHash), this.consentsHash)) {
      throw new TallyError('consent.mismatch', `freeze.consentsHash: ${freeze.from} saw other consents`);
    }
    this.freezes.add(freeze.from);
    this.weigh();
    // Nothing derived from a list leaves before every station bound the same consents (no equivocation).
    if (this.freezes.size < this.others().length) return;
    const labels = this.partyIds.map((id) => this.consents.get(id)?.labels ?? null);
    this.emit({ type: 'frozen', sizes: this.sizes, labels });
    if (this.repeats !== undefined) return this.finish({ kind: 'stored', session: this.repeats });
    this.onFrozen();
  }
}
