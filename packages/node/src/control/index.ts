export * from './api.ts';
export { type ControlCall, createMethods, type MethodHost, type Methods } from './methods.ts';
