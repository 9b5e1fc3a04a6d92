/**
 * The channels of one session: who dials whom, who is still awaited, who should not be here.
 *
 * Purpose: every pair of stations has one channel before anybody consents, within the time that machines have for it.
 * Assumes: pins are the authority on who a peer is; the proposer has dialled everybody.
 * Does not know: decisions, lists.
 */
import type { Channel } from '@tallystick/host/channel';
import { greet, type Greeting, isUnfit, type SessionPump } from '@tallystick/host/pump';
import { type PartyMachine, stationsOf } from '@tallystick/protocol/chain';
import { asTallyError, TallyError } from '@tallystick/protocol/errors';
import type { SessionFacts } from './detail.ts';
import type { SessionHost } from './types.ts';

/** How long a better reason for a call that failed may take, in milliseconds. */
const graceMs = 2_000;

/** A channel to a station of a session. */
export interface Called {
  readonly channel: Channel;
  readonly greeting: Greeting;
  /** How many entries its log had at least before the channel was opened; null: nothing of it is known. */
  readonly knownLog: number | null;
}

/**
 * Opens a channel and greets. Whatever the station consents to comes after what is known of its log here. A greeting
 * that does not fit stands in the audit log of who called and of who was called, as an attempt.
 */
export async function call(
  { shownLogs, clock, openMs, attempts }: Pick<SessionHost, 'shownLogs' | 'clock' | 'openMs' | 'attempts'>,
  peer: string,
  open: () => Promise<Channel>,
): Promise<Called> {
  const knownLog = shownLogs.known(peer);
  const channel = await open();
  try {
    return { channel, greeting: await greet(channel, clock, openMs), knownLog };
  } catch (thrown) {
    const { code } = asTallyError(thrown);
    if (isUnfit(code)) attempts.note({ from: peer, code });
    throw thrown;
  }
}

export interface ChannelsContext {
  readonly host: SessionHost;
  readonly facts: SessionFacts;
  readonly pump: SessionPump<PartyMachine>;
  /** A channel that we dialled. */
  accept(peer: string, called: Called): void;
  /** Ends the session for everybody. */
  cancel(error: TallyError): void;
}

export class SessionChannels {
  private readonly context: ChannelsContext;
  private cancelWaiting: () => void = () => undefined;

  constructor(context: ChannelsContext) {
    this.context = context;
  }

  /** People may take their time to consent; machines may not take theirs to connect. */
  await(what: string): void {
    const { clock, openMs } = this.context.host;
    this.wait(openMs, clock.nowMs(), () =>
      this.context.cancel(new TallyError('session.deadline', `${what} within ${openMs} ms`)),
    );
  }

  /** Nothing is awaited any more. */
  settle(): void {
    this.cancelWaiting();
  }

  /** Of two stations that did not propose, the one before the other dials: every pair has one channel. */
  async dialOthers(): Promise<void> {
    const { host, facts } = this.context;
    const ids = this.stationIds();
    const self = host.identity.id;
    if (facts.proposer === self) return;
    const ahead = ids.slice(ids.indexOf(self) + 1).filter((id) => id !== facts.proposer);
    await Promise.all(ahead.map((id) => this.dial(id)));
  }

  /** A peer with a channel that takes no part. */
  get stranger(): string | undefined {
    const ids = this.stationIds();
    return this.context.pump.peers.find((peer) => !ids.includes(peer));
  }

  get isConnected(): boolean {
    return this.context.pump.peers.length === this.stationIds().length - 1;
  }

  private stationIds(): string[] {
    const agreement = this.context.facts.proposal?.agreement;
    return agreement ? stationsOf(agreement).map((station) => station.id) : [];
  }

  private async dial(peer: string): Promise<void> {
    const { host, facts, pump } = this.context;
    try {
      const pin = host.peers().get(peer);
      if (pin === undefined) throw new TallyError('peer.unknown', `${peer}: not pinned`);
      const called = await call(host, peer, () => host.dial(peer, pin, facts.session));
      if (pump.machine.over) {
        return void called.channel.close(facts.failure?.error.code ?? 'session.unknown');
      }
      this.context.accept(peer, called);
    } catch (thrown) {
      this.failed(peer, asTallyError(thrown));
    }
  }

  /**
   * A station that does not take our call has often refused the session, and has told the proposer why: that reason
   * is the one to report, so it gets a moment to arrive.
   */
  private failed(peer: string, error: TallyError): void {
    const { host, pump } = this.context;
    if (pump.machine.over) return;
    this.wait(Math.min(host.openMs, graceMs), host.clock.nowMs(), () => {
      if (!pump.machine.over) pump.act((machine, nowMs) => machine.closed(peer, error, nowMs));
    });
  }

  private wait(forMs: number, nowMs: number, then: () => void): void {
    this.cancelWaiting();
    this.cancelWaiting = this.context.host.clock.setTimer(nowMs + forMs, then);
  }
}
