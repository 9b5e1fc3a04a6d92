export { callControl, type CallOptions } from './client.ts';
export { type ControlContext, type ControlHandlers, type ControlServer, serveControl } from './server.ts';
