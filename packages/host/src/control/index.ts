/** The Unix socket between a running process and its commands: the public door of the room. */
export { callControl, type CallOptions } from './client.ts';
export { type LateMethods, serveLate } from './late.ts';
export { type ControlContext, type ControlHandlers, type ControlServer, serveControl } from './server.ts';
