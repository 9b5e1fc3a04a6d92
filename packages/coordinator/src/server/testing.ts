/** A coordinator with nodes on loopback, for tests; `dispose` ends all of it. */
import {
  type ConnectOptions,
  connectCoordinator,
  type Channel,
  type CoordinatorLink,
} from '@tallystick/host/channel';
import { systemClock } from '@tallystick/host/clock';
import { createIdentity, type SigningIdentity } from '@tallystick/host/identity';
import { systemRandom } from '@tallystick/host/random';
import { type Coordinator, type CoordinatorOptions, startCoordinator } from './index.ts';

export const newIdentity = (id: string): Promise<SigningIdentity> =>
  createIdentity(id, systemClock, systemRandom);

export interface Place {
  readonly coordinator: Coordinator;
  readonly a: SigningIdentity;
  readonly b: SigningIdentity;
  readonly linkA: CoordinatorLink;
  readonly linkB: CoordinatorLink;
  /** a dials b; both pin rightly. */
  pair(tag?: string): Promise<{ client: Channel; server: Channel }>;
  dispose(): Promise<void>;
}

export async function startPlace(
  options: CoordinatorOptions = {},
  connect: Partial<ConnectOptions> = {},
): Promise<Place> {
  const coordinator = await startCoordinator(options);
  const [a, b] = [await newIdentity('a'), await newIdentity('b')];
  const linkA = await connectCoordinator({ url: coordinator.url, identity: a, ...connect });
  const linkB = await connectCoordinator({ url: coordinator.url, identity: b, ...connect });
  return {
    coordinator,
    a,
    b,
    linkA,
    linkB,
    async pair(tag = 'test') {
      const serving = new Promise<Channel>((resolve, reject) => {
        linkB.onRing((ring) => void ring.accept(a.fingerprint).then(resolve, reject));
      });
      const [client, server] = await Promise.all([linkA.dial('b', b.fingerprint, tag), serving]);
      return { client, server };
    },
    async dispose() {
      await Promise.all([linkA.close(), linkB.close()]);
      await coordinator.close();
    },
  };
}
