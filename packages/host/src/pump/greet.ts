/**
 * The first frame each way on a channel: which protocol version the two ends speak.
 *
 * Purpose: one negotiation for nodes and coordinators, with a deadline.
 * Assumes: the channel is authenticated and nothing was read from it. Does not know: sessions.
 */
import { asTallyError, TallyError } from '@tallystick/protocol/errors';
import { encodeHello, parseHello } from '@tallystick/protocol/wire';
import type { Channel } from '../channel/types.ts';
import type { Clock } from '../clock/index.ts';

/** What this software calls itself to peers. */
export const softwareName = 'tallystick/0.1.0';

/**
 * Sends our hello, reads the peer's, returns the version to speak. The channel is closed with the code of a failure.
 * @throws TallyError `wire.version`, `wire.frame`, `wire.message`, `wire.length`, `session.deadline`, `peer.left`.
 */
export async function greet(channel: Channel, clock: Clock, waitMs: number): Promise<number> {
  let cancel: () => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = clock.setTimer(clock.nowMs() + waitMs, () =>
      reject(new TallyError('session.deadline', `hello: none within ${waitMs} ms`)),
    );
  });
  try {
    return await Promise.race([exchange(channel), late]);
  } catch (thrown) {
    const error = asTallyError(thrown);
    void channel.close(error.code);
    throw error;
  } finally {
    cancel();
  }
}

async function exchange(channel: Channel): Promise<number> {
  await channel.send(encodeHello(softwareName));
  const frame = await channel.receive();
  if (frame === undefined) throw new TallyError('peer.left', 'hello: the channel ended before it');
  return parseHello(frame);
}
