/** The audit log as data: entries, tree, proofs: the public door of the room. */
export {
  type AuditEntry,
  encodeEntry,
  type EntryBody,
  type EntryType,
  entryTypes,
  parseEntry,
} from './entry.ts';
export { type Band, bandOf } from './fields.ts';
export { isConsistent, isIncluded } from './proof.ts';
export { emptyRoot, leafHash, MerkleTree, nodeHash, type TreeHead } from './tree.ts';
