/** Channels between nodes, and the link to the coordinator: the public door of the room. */
export * from './types.ts';
export { defaultPingMs, keepAlive } from './keepalive.ts';
export { type ConnectOptions, connectCoordinator } from './link.ts';
export {
  memoryChannelPair,
  type MemoryPairOptions,
  memoryCoordinator,
  type MemoryCoordinator,
  type LinkFaults,
} from './memory.ts';
export * from './rendezvous.ts';
export { listenSockets, type Socket, type SocketServer } from './socket.ts';
