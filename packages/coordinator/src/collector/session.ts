/**
 * One session as its collector.
 *
 * Purpose: pumps the collector's machine; consents by itself once every other station of the agreement has a channel that
 * is with the very key the agreement names, and the terms say what the request says; where it was given the standing
 * agreement, only to what that permits to be asked. Of two collectors the first dials the second.
 * Assumes: channels are greeted. Does not know: other sessions; members, approvals, ledgers: nobody relies on its consent.
 */
import { type AuditLog, SessionLog } from '@tallystick/host/audit';
import type { Channel } from '@tallystick/host/channel';
import type { Clock } from '@tallystick/host/clock';
import {
  type Fingerprint,
  fingerprintOfPublicKey,
  parseFingerprint,
  type SigningIdentity,
} from '@tallystick/host/identity';
import type { KeptLedger } from '@tallystick/host/ledger';
import { type Log, pub, pubError } from '@tallystick/host/log';
import { nativeSha256, type PumpOutput, SessionPump } from '@tallystick/host/pump';
import type { Random } from '@tallystick/host/random';
import type { Agreement, StandingAgreement, Station } from '@tallystick/protocol/agreement';
import { encodeHex } from '@tallystick/protocol/bytes';
import { CollectorMachine, notedHead, type Outcome, stationsOf } from '@tallystick/protocol/chain';
import { asTallyError, TallyError } from '@tallystick/protocol/errors';
import { checkStatedTerms, decideStated, type FailedClause } from '@tallystick/protocol/policy';
import type { Limits, MessageOf } from '@tallystick/protocol/wire';
import type { CollectorWitnesses } from './witnesses.ts';

export interface CollectorSessionOptions {
  readonly id: string;
  readonly identity: SigningIdentity;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly limits: Limits;
  readonly openMs: number;
  readonly ledger: KeptLedger;
  /** Absent: none is kept. */
  readonly audit: AuditLog | undefined;
  /** Who cosigns it; as `audit`. */
  readonly witnesses: CollectorWitnesses | undefined;
  /** Standing agreements that it was given, by id. */
  readonly held: ReadonlyMap<string, StandingAgreement>;
  /** A greeted channel to the other collector of a session. */
  readonly dial: (peer: string, expected: Fingerprint, session: string) => Promise<Channel>;
}

export class CollectorSession {
  /** Resolves when the session is over and has left nothing behind. Never rejects. */
  readonly ended: Promise<void>;
  private readonly options: CollectorSessionOptions;
  private readonly pump: SessionPump<CollectorMachine>;
  private readonly audit: SessionLog | undefined;
  private proposal: MessageOf<'proposal'> | undefined;
  private cancelOpening: () => void;

  constructor(options: CollectorSessionOptions) {
    this.options = options;
    const { identity, clock, random, limits, openMs, audit, ledger } = options;
    this.audit = audit && new SessionLog({ audit, identity }, options.id);
    this.pump = new SessionPump({
      machine: new CollectorMachine({
        id: identity.id,
        sign: (message) => identity.sign(message),
        random,
        limits,
        nowMs: clock.nowMs(),
        sha256: nativeSha256,
        ledger: this.audit?.around(ledger) ?? ledger,
        onRelease: (proposal, transcript) => this.audit?.released(proposal, transcript),
      }),
      clock,
      onOutput: (output) => this.take(output),
    });
    this.ended = this.pump.ended;
    this.cancelOpening = clock.setTimer(clock.nowMs() + openMs, () =>
      this.cancel(new TallyError('session.deadline', `channels: not all open within ${openMs} ms`)),
    );
  }

  /** Who brings a list, once it was proposed. */
  get parties(): readonly string[] {
    return this.proposal?.agreement.parties.map(({ id }) => id) ?? [];
  }

  /** Throws `wire.order`, `session.unknown`; the channel is then closed. */
  accept(peer: string, channel: Channel): void {
    this.pump.attach(peer, channel);
    this.pump.listen(peer);
    if (this.proposal !== undefined) this.consentIfReady(this.proposal);
  }

  cancel(error: TallyError): void {
    const { machine } = this.pump;
    if (!machine.over) this.pump.act((_, nowMs) => machine.cancel(error, nowMs));
  }

  private take(output: PumpOutput): void {
    const { log, id } = this.options;
    switch (output.type) {
      case 'offer':
        if (output.proposal.session !== this.options.id) {
          return this.cancel(
            new TallyError('wire.message', 'proposal: names another session than its channel', {
              among: [output.proposal.proposer],
            }),
          );
        }
        return this.offered(output.proposal);
      case 'frozen':
        if (this.proposal !== undefined) this.options.ledger.confirm(this.proposal);
        log.info('collector.frozen', { session: pub(id), parties: pub(output.sizes.length) });
        return;
      case 'progress':
        return;
      case 'finished':
        this.cancelOpening();
        this.endLedger(true);
        this.tellResult(resultOf(output.outcome, output.transcript));
        log.info('collector.over', { session: pub(id), state: pub('done') });
        return;
      case 'aborted':
        this.cancelOpening();
        this.endLedger(false);
        this.tellResult({ outcome: 'aborted', transcript: null, code: output.error.code, records: null });
        log.info('collector.over', {
          session: pub(id),
          state: pub('aborted'),
          error: pubError(output.error),
        });
        return;
    }
  }

  private offered(proposal: MessageOf<'proposal'>): void {
    this.proposal = proposal;
    try {
      this.audit?.proposed(proposal);
    } catch (thrown) {
      return this.cancel(asTallyError(thrown));
    }
    this.consentIfReady(proposal);
    void this.dialOther(proposal.agreement);
  }

  /** Its numbers have left by now: what cannot be written is told to the operator. */
  private tellResult(result: Parameters<SessionLog['result']>[1]): void {
    const { log, id } = this.options;
    if (this.proposal === undefined) return;
    try {
      this.audit?.result(this.proposal, result);
    } catch (thrown) {
      log.error('collector.audit', { session: pub(id), error: pubError(thrown) });
    }
  }

  private endLedger(isDone: boolean): void {
    const { ledger, log, id } = this.options;
    if (this.proposal === undefined) return;
    try {
      ledger.end(this.proposal, isDone);
    } catch (thrown) {
      log.error('collector.ledger', { session: pub(id), error: pubError(thrown) });
    }
  }

  private async dialOther({ collectors }: Agreement): Promise<void> {
    const { identity, dial, id } = this.options;
    const [first, second] = collectors;
    if (first?.id !== identity.id || second === undefined || this.pump.machine.over) return;
    try {
      const pin = parseFingerprint(second.fingerprint, 'agreement.collectors');
      const channel = await dial(second.id, pin, id);
      this.accept(second.id, channel);
    } catch (thrown) {
      this.cancel(asTallyError(thrown));
    }
  }

  /** Terms that are not the request's, and what its agreement does not permit. */
  private against(proposal: MessageOf<'proposal'>): readonly FailedClause[] {
    const { held, clock } = this.options;
    const { request } = proposal;
    if (request === null) return [];
    const agreement = held.get(request.agreement);
    const denied = agreement === undefined ? [] : decideStated(agreement, request, clock.nowMs());
    return [...checkStatedTerms(request, proposal), ...denied];
  }

  private refuse(proposal: MessageOf<'proposal'>, failed: readonly FailedClause[]): void {
    const { log, id, identity } = this.options;
    for (const { clause, code } of failed) {
      log.warn('collector.denied', { session: pub(id), clause: pub(clause), code: pub(code) });
    }
    const reasons = [...new Set(failed.map(({ code }) => code))];
    try {
      this.audit?.refused(proposal, identity.id, reasons);
    } catch (thrown) {
      return this.cancel(asTallyError(thrown));
    }
    this.pump.act((machine, nowMs) => machine.refuse(reasons, nowMs));
  }

  /** The agreement is the only pin: every channel must be with a station of it, by key. */
  private consentIfReady(proposal: MessageOf<'proposal'>): void {
    const { agreement } = proposal;
    const { peers, machine } = this.pump;
    for (const peer of peers) {
      const station = stationsOf(agreement).find((one) => one.id === peer);
      const channel = this.pump.channelOf(peer);
      if (station === undefined || channel === undefined || !isBehind(station, channel)) {
        return this.cancel(
          new TallyError('channel.pin', `${peer}: its channel is not with a station of the agreement`),
        );
      }
    }
    if (!agreement.collectors.some((station) => isSelf(station, this.options.identity))) {
      return this.cancel(
        new TallyError('channel.pin', 'agreement.collectors: not the key of this collector'),
      );
    }
    if (peers.length < stationsOf(agreement).length - 1) return;
    this.cancelOpening();
    if (machine.state !== 'offered') return;
    const { ledger, witnesses, identity } = this.options;
    witnesses?.meet(agreement.parties);
    const failed = this.against(proposal);
    if (failed.length > 0) return this.refuse(proposal, failed);
    try {
      ledger.reserve(proposal, null);
      const log = witnesses?.own(this.parties) ?? null;
      this.audit?.consented(proposal, identity.id, 0, notedHead({ log }));
      const facts = {
        identifiers: 0,
        keyCommitment: null,
        possession: null,
        listVersion: null,
        ledger: ledger.statement(proposal, () => true),
        channels: this.pump.bindings(),
        log,
      };
      this.pump.act((_, nowMs) => machine.consent(facts, nowMs));
    } catch (thrown) {
      this.cancel(asTallyError(thrown));
    }
  }
}

const resultOf = ({ kind }: Outcome, transcript: Uint8Array) => ({
  outcome: kind === 'stored' ? ('stored' as const) : ('done' as const),
  transcript: encodeHex(transcript),
  code: null,
  records: null,
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function isBehind(station: Station, { facts }: Channel): boolean {
  return (
    station.fingerprint === facts.peerFingerprint &&
    station.publicKey === hex(facts.peerPublicKey) &&
    fingerprintOfPublicKey(facts.peerPublicKey) === facts.peerFingerprint
  );
}

function isSelf(station: Station, self: SigningIdentity): boolean {
  return station.fingerprint === self.fingerprint && station.publicKey === hex(self.publicKey);
}
