/** The audit log as data: entries, tree, proofs: the public door of the room. */
export {
  type Checkpoint,
  cosign,
  cosignedAtMs,
  isCheckpointSigned,
  logKey,
  logOrigin,
  parseCheckpoint,
  signCheckpoint,
  withSignatures,
  witnessedAtMs,
  witnessKey,
} from './checkpoint.ts';
export { type ComparedLog, type Comparison, compareLogs } from './compare.ts';
export { encodeProof, isProofText, isProved, parseProof, type EntryProof } from './proof-file.ts';
export {
  encodeExport,
  type ExportHeader,
  type LogExport,
  maxExportBytes,
  parseExport,
} from './export.ts';
export {
  encodeNote,
  encodeSignatureLine,
  encodeVerifierKey,
  isOfKey,
  keyIdOf,
  type NoteKey,
  type NoteSignature,
  parseNote,
  parseSignatureLine,
  parseVerifierKey,
} from './note.ts';
export { type LogFinding, type LogReport, type VerifiedLog, verifyExport } from './verify.ts';
export {
  type AuditEntry,
  encodeEntry,
  type EntryBody,
  type EntryType,
  entryTypes,
  parseEntry,
} from './entry.ts';
export { type Band, bandOf } from './fields.ts';
export { keyAt, keyChange, type LogKey } from './keys.ts';
export { isConsistent, isIncluded } from './proof.ts';
export { emptyRoot, leafHash, MerkleTree, nodeHash, type TreeHead } from './tree.ts';
