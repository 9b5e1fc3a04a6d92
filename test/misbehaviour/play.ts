/**
 * One row being played: who tampers with what, what left whose hands, and what the network holds back.
 *
 * Purpose: between the nodes of a stage and the deeds of a row. Assumes: one session at a time.
 * Does not know: expectations.
 */
import type { VaultSteps } from '../session/insides.ts';
import type { MessageOf, SignedType } from '@tallystick/protocol/wire';
import type { Tamper } from '../session/insides.ts';
import { messageOf, type Pick } from './frames.ts';
import type { Stage } from './stage.ts';

export interface Sent {
  readonly from: string;
  readonly to: string;
  readonly frame: Uint8Array;
}

export class Play {
  readonly stage: Stage;
  /** Frames as they left a station, tampered with or not. */
  readonly sent: Sent[] = [];
  /** How often the deed was done: a row whose deed was never done has shown nothing. */
  fired = 0;
  session = '';
  /** Frames that left a station and reached none yet. */
  inFlight = 0;
  private readonly sending = new Map<string, Tamper[]>();
  private readonly taking = new Map<string, Tamper[]>();
  private readonly held = new Map<string, Uint8Array[]>();
  private readonly atEnd: (() => void)[] = [];

  constructor(stage: Stage) {
    this.stage = stage;
    for (const id of stage.stations) {
      const inside = stage.inside(id);
      inside.channels.length = 0;
      inside.send = (peer, frame) => {
        const frames = through(this.sending.get(id), peer, frame);
        for (const one of frames) this.sent.push({ from: id, to: peer, frame: one.slice() });
        const leaving = this.hold(id, peer, frames);
        this.inFlight += leaving.length;
        return leaving;
      };
      inside.take = (peer, frame) => {
        this.inFlight -= 1;
        return through(this.taking.get(id), peer, frame);
      };
    }
  }

  send(station: string, tamper: Tamper): void {
    this.sending.set(station, [...(this.sending.get(station) ?? []), tamper]);
  }

  take(station: string, tamper: Tamper): void {
    this.taking.set(station, [...(this.taking.get(station) ?? []), tamper]);
  }

  /** Steps before the calls of a station's vault. */
  vault(station: string): VaultSteps {
    return this.stage.inside(station).steps;
  }

  /** A message signed by a station's key. */
  sign<T extends SignedType>(station: string, body: { type: T }): MessageOf<T> {
    return this.stage.sign(station, body);
  }

  /** A frame beside those that the station's own software sends. */
  inject(from: string, to: string, frame: Uint8Array): void {
    this.sent.push({ from, to, frame: frame.slice() });
    this.inFlight += 1;
    void this.stage
      .channel(from, to)
      .send(frame)
      .catch(() => undefined);
  }

  /** From the first frame that fits on, the network keeps what this station sends to that peer. */
  holdFrom(station: string, pick: Pick): void {
    this.send(station, (peer, frame) => {
      const key = `${station}>${peer}`;
      if (pick(frame, peer) && !this.held.has(key)) {
        this.fired += 1;
        this.held.set(key, []);
      }
      return undefined;
    });
  }

  private hold(from: string, to: string, frames: readonly Uint8Array[]): readonly Uint8Array[] {
    const kept = this.held.get(`${from}>${to}`);
    if (kept === undefined) return frames;
    kept.push(...frames.map((frame) => frame.slice()));
    return [];
  }

  /** What was held goes out, in order. */
  letGo(): void {
    const held = [...this.held];
    this.held.clear();
    for (const [key, frames] of held) {
      const [from, to] = key.split('>') as [string, string];
      const channel = this.stage.channel(from, to);
      this.inFlight += frames.length;
      for (const frame of frames) void channel.send(frame).catch(() => undefined);
    }
  }

  /** Honest stations' messages of these types stay on the way. */
  slow(types: readonly string[], honest: readonly string[]): void {
    for (const station of honest) {
      this.send(station, (_, frame) => (types.includes(messageOf(frame)?.type ?? '') ? [] : undefined));
    }
  }

  /** Done when the row is over. */
  later(undo: () => void): void {
    this.atEnd.push(undo);
  }

  end(): void {
    for (const undo of this.atEnd) undo();
    for (const id of this.stage.stations) {
      const inside = this.stage.inside(id);
      inside.send = undefined;
      inside.take = undefined;
      for (const name of Object.keys(inside.steps) as (keyof VaultSteps)[]) delete inside.steps[name];
    }
  }
}

function through(
  tampers: readonly Tamper[] | undefined,
  peer: string,
  frame: Uint8Array,
): readonly Uint8Array[] {
  let frames: readonly Uint8Array[] = [frame];
  for (const tamper of tampers ?? []) frames = frames.flatMap((one) => tamper(peer, one) ?? [one]);
  return frames;
}
