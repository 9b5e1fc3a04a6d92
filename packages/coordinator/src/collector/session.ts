/**
 * One session as its collector.
 *
 * Purpose: pumps the collector's machine; consents by itself once every other station of the agreement has a channel that
 * is with the very key the agreement names, and the terms say what the request says. Of two collectors the first dials
 * the second.
 * Assumes: channels are greeted. Does not know: other sessions; standing agreements, so nobody relies on its consent.
 */
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
import type { Agreement, Station } from '@tallystick/protocol/agreement';
import { CollectorMachine, stationsOf } from '@tallystick/protocol/chain';
import { asTallyError, TallyError } from '@tallystick/protocol/errors';
import { checkStatedTerms } from '@tallystick/protocol/policy';
import type { Limits, MessageOf } from '@tallystick/protocol/wire';

export interface CollectorSessionOptions {
  readonly id: string;
  readonly identity: SigningIdentity;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly limits: Limits;
  readonly openMs: number;
  readonly ledger: KeptLedger;
  /** A greeted channel to the other collector of a session. */
  readonly dial: (peer: string, expected: Fingerprint, session: string) => Promise<Channel>;
}

export class CollectorSession {
  /** Resolves when the session is over and has left nothing behind. Never rejects. */
  readonly ended: Promise<void>;
  private readonly options: CollectorSessionOptions;
  private readonly pump: SessionPump<CollectorMachine>;
  private proposal: MessageOf<'proposal'> | undefined;
  private cancelOpening: () => void;

  constructor(options: CollectorSessionOptions) {
    this.options = options;
    const { identity, clock, random, limits, openMs } = options;
    this.pump = new SessionPump({
      machine: new CollectorMachine({
        id: identity.id,
        sign: (message) => identity.sign(message),
        random,
        limits,
        nowMs: clock.nowMs(),
        sha256: nativeSha256,
        ledger: options.ledger,
      }),
      clock,
      onOutput: (output) => this.take(output),
    });
    this.ended = this.pump.ended;
    this.cancelOpening = clock.setTimer(clock.nowMs() + openMs, () =>
      this.cancel(new TallyError('session.deadline', `channels: not all open within ${openMs} ms`)),
    );
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
            new TallyError('wire.message', 'proposal: names another session than its channel'),
          );
        }
        this.proposal = output.proposal;
        this.consentIfReady(this.proposal);
        return void this.dialOther(this.proposal.agreement);
      case 'frozen':
        if (this.proposal !== undefined) this.options.ledger.confirm(this.proposal);
        log.info('collector.frozen', { session: pub(id), parties: pub(output.sizes.length) });
        return;
      case 'progress':
        return;
      case 'finished':
        this.cancelOpening();
        this.endLedger(true);
        log.info('collector.over', { session: pub(id), state: pub('done') });
        return;
      case 'aborted':
        this.cancelOpening();
        this.endLedger(false);
        log.info('collector.over', { session: pub(id), state: pub('aborted'), code: pub(output.error.code) });
        return;
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
    const { ledger, log, id } = this.options;
    const differs = proposal.request === null ? [] : checkStatedTerms(proposal.request, proposal);
    if (differs.length > 0) {
      for (const { clause, code } of differs)
        log.warn('collector.denied', { session: pub(id), clause: pub(clause), code: pub(code) });
      const reasons = [...new Set(differs.map(({ code }) => code))];
      return this.pump.act((_, nowMs) => machine.refuse(reasons, nowMs));
    }
    try {
      ledger.reserve(proposal, null);
      const facts = {
        identifiers: 0,
        keyCommitment: null,
        possession: null,
        listVersion: null,
        ledger: ledger.statement(proposal, () => true),
        channels: this.pump.bindings(),
      };
      this.pump.act((_, nowMs) => machine.consent(facts, nowMs));
    } catch (thrown) {
      this.cancel(asTallyError(thrown));
    }
  }
}

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
