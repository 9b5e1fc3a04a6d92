/** A node's key, certificate and fingerprint: the public door of the room. */
export {
  createIdentity,
  encodeIdentity,
  parseIdentity,
  publicIdentity,
  type Identity,
  type SigningIdentity,
} from './identity.ts';
export {
  fingerprintOfCertificate,
  fingerprintOfPublicKey,
  fingerprintOfSpki,
  parseFingerprint,
  parseNodeId,
  type Fingerprint,
} from './names.ts';
export { signEd25519, verifyEd25519 } from './signature.ts';
