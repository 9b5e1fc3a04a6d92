/** The ciphersuite: group port, hashing, scalars, tags, proofs: the public door of the room. */
export * from './dleq.ts';
export * from './group.ts';
export * from './possession.ts';
export * from './hash.ts';
export * from './reference.ts';
export * from './scalar.ts';
export * from './tag.ts';
export * from './weights.ts';
