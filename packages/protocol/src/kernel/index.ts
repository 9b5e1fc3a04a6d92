export * from './engine.ts';
export * from './select.ts';
export * from './selftest.ts';
export { compileKernel, type WasmModule } from './webassembly.ts';
