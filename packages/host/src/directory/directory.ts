/**
 * A data directory: made once, opened at every start.
 *
 * Purpose: identity and data key, both sealed at rest from the first moment.
 * Assumes: whoever opens the directory for writing holds its control socket.
 * Does not know: what else is in the store, what runs in the directory.
 */
import { keyChange } from '@tallystick/protocol/audit';
import { openAuditLog } from '../audit/index.ts';
import { type Clock, systemClock } from '../clock/index.ts';
import { makePrivateDirectory } from '../files/index.ts';
import {
  createIdentity,
  encodeIdentity,
  type Identity,
  parseIdentity,
  publicIdentity,
  type SigningIdentity,
} from '../identity/index.ts';
import { type Random, systemRandom } from '../random/index.ts';
import {
  createDataKey,
  createSealer,
  openDataKey,
  parseKeyEnvelope,
  readSecret,
  type Sealer,
  type ScryptCost,
  type SecretSource,
} from '../seal/index.ts';
import { openStore, type Store } from '../store/index.ts';
import { TallyError } from '@tallystick/protocol/errors';

export interface InitOptions {
  readonly clock?: Clock;
  readonly random?: Random;
  /** Cheaper in tests only. */
  readonly scryptCost?: ScryptCost;
}

const envelopeKey = 'key-envelope';
const identityKey = 'self';
const identityContext = 'identity/self';

/**
 * Makes the directory (mode 0700), a data key under the operator's secret, and an identity of this id.
 * @throws TallyError `argument.invalid` where the directory holds a node already, `file.*`, `store.*`.
 */
export async function initDirectory(
  dataDir: string,
  id: string,
  key: SecretSource,
  options: InitOptions = {},
): Promise<Identity> {
  const { clock = systemClock, random = systemRandom } = options;
  await makePrivateDirectory(dataDir);
  const store = openStore(dataDir, { ownerVerified: false });
  try {
    if (store.get('identity', identityKey) !== undefined) {
      throw new TallyError('argument.invalid', `${dataDir}: holds a node already`);
    }
    const identity = await createIdentity(id, clock, random);
    const secret = await readSecret(key);
    const { dataKey, envelope } = await createDataKey(secret, random, options.scryptCost);
    secret.fill(0);
    const sealer = createSealer(dataKey, random);
    dataKey.fill(0);
    store.transaction(() => {
      store.put('meta', envelopeKey, envelope);
      putIdentity(store, sealer, identity);
    });
    sealer.destroy();
    return publicIdentity(identity);
  } finally {
    store.close();
  }
}

export interface UnlockedDirectory {
  readonly store: Store;
  readonly identity: SigningIdentity;
  /** 32 bytes, for the caller to zero. */
  readonly dataKey: Uint8Array;
}

/**
 * Opens a directory that `initDirectory` made. The caller holds the control socket.
 * @throws TallyError `file.missing` where there is none, `store.key`, `store.locked`, `store.corrupt`.
 */
export async function unlockDirectory(
  dataDir: string,
  key: SecretSource,
  random: Random,
): Promise<UnlockedDirectory> {
  const store = openStore(dataDir, { ownerVerified: true, mustExist: true });
  try {
    const kept = store.get('identity', identityKey) as { sealed: string } | undefined;
    const envelope = store.get('meta', envelopeKey);
    if (kept === undefined || envelope === undefined) {
      throw new TallyError('store.corrupt', `${dataDir}: holds no identity; want \`tallystick init\``);
    }
    const secret = await readSecret(key);
    const dataKey = await openDataKey(parseKeyEnvelope(envelope), secret);
    secret.fill(0);
    const sealer = createSealer(dataKey, random);
    const plain = sealer.unseal(Buffer.from(kept.sealed, 'base64'), identityContext);
    sealer.destroy();
    const identity = parseIdentity(plain);
    plain.fill(0);
    return { store, identity, dataKey };
  } catch (thrown) {
    store.close();
    throw thrown;
  }
}

/**
 * Puts another identity of the same id in the place of the directory's own, and has the one before it say so in the
 * audit log: one write, durable when it returns. Whoever pinned the one before refuses this one until it is pinned anew.
 * @throws TallyError `argument.invalid` for another id or the same key, `log.broken`, `store.write`.
 */
export function replaceIdentity(
  { store, identity, dataKey }: UnlockedDirectory,
  next: SigningIdentity,
  random: Random,
): void {
  if (next.id !== identity.id) {
    throw new TallyError('argument.invalid', `identity: want one of ${identity.id}, got one of ${next.id}`);
  }
  if (next.fingerprint === identity.fingerprint) {
    throw new TallyError('argument.invalid', `identity: this is the key of ${identity.id} already`);
  }
  const sealer = createSealer(dataKey, random);
  try {
    const audit = openAuditLog({ store, sealer, clock: systemClock, random, identity });
    const place = { station: identity.id, origin: audit.origin, index: audit.size };
    audit.appendWith(() => {
      putIdentity(store, sealer, next);
      return { entry: keyChange(place, next.publicKey, (bytes) => identity.sign(bytes)), result: undefined };
    });
  } finally {
    sealer.destroy();
  }
}

function putIdentity(store: Store, sealer: Sealer, identity: SigningIdentity): void {
  const plain = encodeIdentity(identity);
  const sealed = Buffer.from(sealer.seal(plain, identityContext)).toString('base64');
  plain.fill(0);
  store.put('identity', identityKey, { id: identity.id, fingerprint: identity.fingerprint, sealed });
}
