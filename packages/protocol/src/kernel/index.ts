/** The WebAssembly curve kernel as a group engine: the public door of the room. */
export * from './engine.ts';
export * from './select.ts';
export * from './selftest.ts';
export { compileKernel, type WasmModule } from './webassembly.ts';
