/**
 * The first frame each way on a channel: which protocol version the two ends speak, and who says what of itself.
 *
 * Purpose: one negotiation for nodes and coordinators, with a deadline; what the peer says of its software and its
 * clock.
 * Assumes: the channel is authenticated and nothing was read from it. Does not know: sessions.
 */
import { asTallyError, type ErrorCode, TallyError } from '@tallystick/protocol/errors';
import { encodeHello, parseHello } from '@tallystick/protocol/wire';
import type { Channel } from '../channel/types.ts';
import type { Clock } from '../clock/index.ts';

/** What this software calls itself to peers. */
export const softwareName = 'tallystick/0.1.0';

/** What a peer said of itself as its channel opened. */
export interface Greeting {
  readonly protocol: number;
  /** What follows the `/` of what it calls its software; it proves nothing. */
  readonly version: string;
  /**
   * How far its clock is from ours at most, in milliseconds, positive where it is ahead: the hello left it somewhere
   * between our sending ours and our reading it, and the farther of the two counts. So a hello that took long makes a
   * clock look worse, never better.
   */
  readonly offsetMs: number;
}

const unfit: readonly ErrorCode[] = ['wire.version', 'wire.frame', 'wire.message', 'wire.length'];

/** Whether a greeting ended by what the peer said, whose key was proved; silence and a link that broke are nobody's. */
export const isUnfit = (code: ErrorCode): boolean => unfit.includes(code);

/**
 * Sends our hello, reads the peer's, returns what it says. The channel is closed with the code of a failure.
 * @throws TallyError `wire.version`, `wire.frame`, `wire.message`, `wire.length`, `session.deadline`, `peer.left`.
 */
export async function greet(channel: Channel, clock: Clock, waitMs: number): Promise<Greeting> {
  let cancel: () => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = clock.setTimer(clock.nowMs() + waitMs, () =>
      reject(new TallyError('session.deadline', `hello: none within ${waitMs} ms`)),
    );
  });
  try {
    return await Promise.race([exchange(channel, clock), late]);
  } catch (thrown) {
    const error = asTallyError(thrown);
    void channel.close(error.code);
    throw error;
  } finally {
    cancel();
  }
}

async function exchange(channel: Channel, clock: Clock): Promise<Greeting> {
  const sentAtMs = clock.nowMs();
  await channel.send(encodeHello(softwareName, sentAtMs));
  const frame = await channel.receive();
  if (frame === undefined) throw new TallyError('peer.left', 'hello: the channel ended before it');
  const { protocol, software, atMs } = parseHello(frame);
  const bounds = [atMs - sentAtMs, atMs - clock.nowMs()] as const;
  const offsetMs = Math.abs(bounds[0]) > Math.abs(bounds[1]) ? bounds[0] : bounds[1];
  return { protocol, version: software.slice(software.indexOf('/') + 1), offsetMs };
}
