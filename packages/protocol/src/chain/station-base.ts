/**
 * What every station has: its state, what it says to whom, and how its session ends.
 *
 * Purpose: the lowest layer of a station's machine: outputs in order, sending and signing, one place where whatever
 * is wrong becomes an abort for everybody.
 * Assumes: subclasses set `proposal` before they send.
 * Does not know: which message does what (opening.ts, station.ts), deadlines.
 */
import type { Agreement, Station as StationInfo } from '../agreement/ephemeral.ts';
import { asTallyError, TallyError } from '../errors/index.ts';
import {
  encodeMessage,
  signMessage,
  type Message,
  type MessageOf,
  type SignedType,
} from '../wire/messages.ts';
import { blaming } from './blame.ts';
import { stationsOf } from './consents.ts';
import { HeldFrames } from './held.ts';
import type { Role, State } from './table.ts';
import type { ChainOutput, Outcome, StationOptions } from './types.ts';

export abstract class StationBase {
  readonly id: string;
  state: State = 'waiting';
  protected role: Role = 'sealed';
  protected readonly options: StationOptions;
  protected now: number;
  protected proposal: MessageOf<'proposal'> | undefined;
  protected transcript: Uint8Array = new Uint8Array(32);
  protected readonly held = new HeldFrames();
  /** Whose words are being judged by themselves. */
  private speaker: string | undefined;
  private readonly outputs: ChainOutput[] = [];

  constructor(options: StationOptions) {
    this.id = options.id;
    this.options = options;
    this.now = options.nowMs;
  }

  /** Outputs since the last call, in the order in which they must happen. */
  poll(): ChainOutput[] {
    return this.outputs.splice(0);
  }

  get over(): boolean {
    return this.state === 'done' || this.state === 'aborted';
  }

  /** Ends the session here and tells every station why. */
  cancel(error: TallyError, nowMs: number): void {
    this.now = nowMs;
    this.abort(blaming(error, []), this.id);
  }

  get sessionId(): string {
    return this.known.session;
  }

  get agreement(): Agreement {
    return this.known.agreement;
  }

  protected get known(): MessageOf<'proposal'> {
    if (this.proposal === undefined) throw new TallyError('session.state', 'session: no proposal yet');
    return this.proposal;
  }

  protected get beforeFreeze(): boolean {
    return this.state === 'offered' || this.state === 'consenting';
  }

  protected get partyIds(): readonly string[] {
    return this.agreement.parties.map((party) => party.id);
  }

  protected stations(): readonly StationInfo[] {
    return stationsOf(this.agreement);
  }

  protected others(): string[] {
    return this.proposal === undefined
      ? []
      : this.stations()
          .map((s) => s.id)
          .filter((id) => id !== this.id);
  }

  protected send(to: string, bytes: Uint8Array): void {
    this.outputs.push({ type: 'send', to, bytes });
  }

  /** A message leaves, or was accepted as its sender's. */
  protected note(_message: Message): void {}

  protected message(to: string, message: Message): void {
    this.note(message);
    this.send(to, encodeMessage(message));
  }

  protected broadcast(message: Message): void {
    this.note(message);
    const bytes = encodeMessage(message);
    for (const to of this.others()) this.send(to, bytes);
  }

  protected emit(output: ChainOutput): void {
    this.outputs.push(output);
  }

  protected signed<T extends SignedType>(body: Omit<MessageOf<T>, 'signature'> & { type: T }): MessageOf<T> {
    return signMessage(body, this.options.sign);
  }

  /** What follows looks at this station's words by themselves: what is wrong with them is its own doing. */
  protected judge(station: string): void {
    this.speaker = station;
  }

  /** What follows is our own work, or holds the words of several against each other: nobody is to blame for it yet. */
  protected weigh(): void {
    this.speaker = undefined;
  }

  /** Runs an input; whatever it throws ends the session. */
  protected guard(nowMs: number, input: () => void): void {
    this.now = nowMs;
    this.weigh();
    try {
      input();
    } catch (thrown) {
      const error = asTallyError(thrown);
      // A call of the driver's that came too late or too early changes nothing.
      if (error.code === 'session.state') throw error;
      this.abort(blaming(error, this.speaker === undefined ? [] : [this.speaker]), this.id);
    }
  }

  /** Ends the session here and for everybody, with one reason. */
  protected abort(error: TallyError, by: string): void {
    if (this.over) return;
    if (this.proposal !== undefined) {
      this.broadcast({ type: 'abort', session: this.sessionId, code: error.abort });
    }
    this.end(error, by);
  }

  protected end(error: TallyError, by: string): void {
    this.state = 'aborted';
    this.held.clear();
    this.emit({ type: 'aborted', error, by });
  }

  protected finish(outcome: Outcome): void {
    this.state = 'done';
    this.held.clear();
    this.emit({ type: 'finished', outcome, transcript: this.transcript });
  }
}
