/** Embedded storage behind a port: the public door of the room. */
export { memoryStore } from './memory.ts';
export { openStore, type OpenStoreOptions, storeFileName } from './sqlite.ts';
export { type Collection, collections, type Json, type ListQuery, type Store } from './types.ts';
