/**
 * Frames that are due, but not yet: channels of different peers are not ordered among each other.
 *
 * Purpose: what the table says to hold waits here until the state it is due in, in the order of arrival.
 * Does not know: what a frame says.
 */
import { TallyError } from '../errors/index.ts';
import { verdict, type Event, type Role, type State } from './table.ts';

/** More than the windows of all streams allow is an attack on our memory. */
const maxHeldFrames = 128;

interface HeldFrame {
  readonly from: string;
  readonly frame: Uint8Array;
  readonly event: Event;
}

export class HeldFrames {
  private frames: HeldFrame[] = [];

  /** Throws `wire.credit` when too many wait. */
  push(frame: HeldFrame): void {
    if (this.frames.length >= maxHeldFrames)
      throw new TallyError('wire.credit', 'held frames: too many', { among: [] });
    this.frames.push(frame);
  }

  /** The first that is not to be held any longer; throws `wire.order` where it never was due in this state. */
  next(role: Role, state: State): HeldFrame | undefined {
    const at = this.frames.findIndex((entry) => verdict(role, state, entry.event) !== 'hold');
    if (at < 0) return undefined;
    const [entry] = this.frames.splice(at, 1) as [HeldFrame];
    if (verdict(role, state, entry.event) === 'take') return entry;
    throw new TallyError('wire.order', `${entry.event}: not due in state ${state}`, { among: [entry.from] });
  }

  clear(): void {
    this.frames = [];
  }
}
