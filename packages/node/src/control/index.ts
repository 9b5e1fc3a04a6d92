/** The control API of a running node: the public door of the room. */
export * from './api.ts';
export { type ControlCall, createMethods, type MethodHost, type Methods } from './methods.ts';
