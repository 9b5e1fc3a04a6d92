import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemRandom } from '../random/index.ts';
import {
  createDataKey,
  createSealer,
  openDataKey,
  parseKeyEnvelope,
  readSecret,
  sealOverheadBytes,
} from './index.ts';

const cheap = { N: 1024, r: 8, p: 1 };
const bytes = (text: string) => new TextEncoder().encode(text);
const coded = (code: string) => expect.objectContaining({ code });
const newSealer = () => createSealer(systemRandom(32), systemRandom);

it('gives back what was sealed, and shows nothing of it', () => {
  const sealer = newSealer();
  const plain = bytes('passport:AFG:O1234567');
  const sealed = sealer.seal(plain, 'list/a/0');
  expect(sealed.length).toBe(plain.length + sealOverheadBytes);
  expect(Buffer.from(sealed).includes('1234567')).toBe(false);
  expect(sealer.unseal(sealed, 'list/a/0')).toEqual(plain);
  expect(sealer.unseal(sealer.seal(new Uint8Array(0), ''), '')).toHaveLength(0);
  expect(sealer.seal(plain, 'c')).not.toEqual(sealer.seal(plain, 'c'));
});

it('refuses every changed byte, another place, another key, and what is cut', () => {
  const sealer = newSealer();
  const sealed = sealer.seal(bytes('abc'), 'list/a/0');
  for (let at = 0; at < sealed.length; at++) {
    const bent = sealed.slice();
    bent[at] = (bent[at] ?? 0) ^ 1;
    expect(() => sealer.unseal(bent, 'list/a/0')).toThrow(coded('store.corrupt'));
  }
  for (let length = 0; length < sealed.length; length++) {
    expect(() => sealer.unseal(sealed.slice(0, length), 'list/a/0')).toThrow(coded('store.corrupt'));
  }
  expect(() => sealer.unseal(sealed, 'list/a/1')).toThrow(coded('store.corrupt'));
  expect(() => newSealer().unseal(sealed, 'list/a/0')).toThrow(coded('store.corrupt'));
});

it('cannot be used once it is destroyed, and leaves the caller its own key', () => {
  const key = systemRandom(32);
  const before = key.slice();
  const sealer = createSealer(key, systemRandom);
  sealer.destroy();
  expect(() => sealer.seal(bytes('x'), '')).toThrow(coded('internal.bug'));
  expect(key).toEqual(before);
});

it('opens the data key with the right secret only', async () => {
  const { dataKey, envelope } = await createDataKey(bytes('right'), systemRandom, cheap);
  const stored = parseKeyEnvelope(JSON.parse(JSON.stringify(envelope)));
  expect(await openDataKey(stored, bytes('right'))).toEqual(dataKey);
  await expect(openDataKey(stored, bytes('wrong'))).rejects.toMatchObject({ code: 'store.key' });
  await expect(openDataKey(stored, bytes(''))).rejects.toMatchObject({ code: 'store.key' });
  expect(JSON.stringify(envelope)).not.toContain(Buffer.from(dataKey).toString('base64'));
  const other = await createDataKey(bytes('right'), systemRandom, cheap);
  expect(other.dataKey).not.toEqual(dataKey);
});

it('refuses an envelope that was changed or costs too much or too little', async () => {
  const { envelope } = await createDataKey(bytes('right'), systemRandom, cheap);
  const kdf = (change: object) => ({ ...envelope, kdf: { ...envelope.kdf, ...change } });
  await expect(openDataKey(kdf({ N: 2048 }), bytes('right'))).rejects.toMatchObject({ code: 'store.key' });
  for (const bad of [
    kdf({ N: 2 ** 24 }),
    kdf({ N: 2 }),
    kdf({ r: 1000 }),
    { ...envelope, version: 2 },
    null,
  ]) {
    expect(() => parseKeyEnvelope(bad)).toThrow(coded('store.corrupt'));
  }
});

it('reads the secret from a passphrase, a file or a variable', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tallystick-seal-'));
  try {
    const path = join(directory, 'key');
    const fromFile = async (contents: string | Uint8Array) => {
      await writeFile(path, contents);
      return readSecret({ kind: 'file', path });
    };
    expect(await fromFile('secret\n')).toEqual(bytes('secret'));
    expect(await fromFile('secret\r\n')).toEqual(bytes('secret'));
    expect(await fromFile('secret\n\n')).toEqual(bytes('secret\n'));
    expect(await fromFile(Uint8Array.of(13))).toEqual(Uint8Array.of(13));
    await expect(fromFile('\n')).rejects.toMatchObject({ code: 'argument.invalid' });
    await expect(fromFile('x'.repeat(5000))).rejects.toMatchObject({ code: 'file.unreadable' });
    await expect(readSecret({ kind: 'file', path: join(directory, 'none') })).rejects.toMatchObject({
      code: 'file.missing',
    });
    // é in its two Unicode spellings is one passphrase.
    const passphrase = (text: string) => readSecret({ kind: 'passphrase', passphrase: text });
    expect(await passphrase('caf\u00e9')).toEqual(await passphrase('cafe\u0301'));
    expect(await readSecret({ kind: 'env', name: 'K' }, { K: 'v' })).toEqual(bytes('v'));
    await expect(readSecret({ kind: 'env', name: 'K' }, {})).rejects.toMatchObject({
      code: 'argument.invalid',
    });
    await expect(readSecret({ kind: 'env', name: 'K' }, { K: '' })).rejects.toMatchObject({
      code: 'argument.invalid',
    });
  } finally {
    await rm(directory, { recursive: true });
  }
});
