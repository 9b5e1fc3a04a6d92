/** The WebSocket + TLS adapter against the contract of channels, through a real coordinator on loopback. */
import { channelContract } from '@tallystick/host/contracts';
import { startPlace } from './testing.ts';

channelContract('WebSocket and TLS', async (maxFrameBytes) => {
  const place = await startPlace({}, { maxFrameBytes });
  const { client, server } = await place.pair();
  return { client, server, cut: () => void place.coordinator.close(), dispose: place.dispose };
});
