/** A new key: the log goes on, says so with the word of the key before, and an export shows the chain. */
import { type EntryBody, parseExport, verifyExport } from '@tallystick/protocol/audit';
import { beforeAll, describe, expect, it } from 'vitest';
import { createWitnessStore, exportLog, openAuditLog } from '../audit/index.ts';
import { fakeClock } from '../clock/index.ts';
import { createIdentity, type SigningIdentity } from '../identity/index.ts';
import { systemRandom } from '../random/index.ts';
import { createSealer, dataKeyBytes } from '../seal/index.ts';
import { memoryStore, type Store } from '../store/index.ts';
import { replaceIdentity } from './index.ts';

const refusal: EntryBody = {
  type: 'refuse',
  by: 'a',
  session: null,
  agreement: null,
  request: null,
  proposal: 'ab'.repeat(32),
  reasons: ['purpose'],
};

describe('another identity in a directory', () => {
  let first: SigningIdentity;
  let second: SigningIdentity;
  beforeAll(async () => {
    [first, second] = (await Promise.all(
      [1, 2].map(() => createIdentity('a', fakeClock(), systemRandom)),
    )) as [SigningIdentity, SigningIdentity];
  });
  const world = () => {
    const store = memoryStore();
    const dataKey = systemRandom(dataKeyBytes);
    const open = (identity: SigningIdentity, on: Store = store) => {
      const sealer = createSealer(dataKey, systemRandom);
      const audit = openAuditLog({ store: on, sealer, clock: fakeClock(), random: systemRandom, identity });
      const witnesses = createWitnessStore(on, sealer);
      return { audit, file: () => parseExport(exportLog({ audit, witnesses, identity })) };
    };
    return { store, dataKey, open };
  };

  it('is named in the log by the one before; heads of either key verify, with the pin of either', () => {
    const { store, dataKey, open } = world();
    const before = open(first);
    before.audit.append(refusal);
    const [kept] = before.file().header.checkpoints;
    replaceIdentity({ store, identity: first, dataKey }, second, systemRandom);
    const after = open(second);
    expect([after.audit.broken, after.audit.origin]).toEqual([undefined, before.audit.origin]);
    after.audit.append(refusal);
    const file = after.file();
    for (const { fingerprint } of [first, second]) {
      const { report } = verifyExport(file, { pin: fingerprint, checkpoints: [kept as string] });
      expect(report).toMatchObject({
        findings: [],
        isPinned: true,
        fingerprint: second.fingerprint,
        earlier: [first.fingerprint],
        checkpoints: 2,
      });
    }
    // The key before opens the log no more.
    expect(open(first).audit.broken?.code).toBe('log.broken');
  });

  it('is not there where the log cannot be written', () => {
    const { store, dataKey, open } = world();
    open(first);
    const failing: Store = {
      ...store,
      put: (collection, key, value) => {
        if (collection === 'audit') throw new Error('disk full');
        store.put(collection, key, value);
      },
    };
    const replace = () => replaceIdentity({ store: failing, identity: first, dataKey }, second, systemRandom);
    expect(replace).toThrow('disk full');
    expect(store.get('identity', 'self')).toBeUndefined();
    expect([open(first).audit.broken, open(first).audit.size]).toEqual([undefined, 1]);
  });
});
