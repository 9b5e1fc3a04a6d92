import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBase64 } from '../bytes/base64.ts';
import { encodeHex, utf8 } from '../bytes/index.ts';
import {
  type Checkpoint,
  cosign,
  cosignedAtMs,
  encodeNote,
  encodeSignatureLine,
  encodeVerifierKey,
  isCheckpointSigned,
  isOfKey,
  keyIdOf,
  parseCheckpoint,
  parseNote,
  parseSignatureLine,
  parseVerifierKey,
  signCheckpoint,
  withSignatures,
  witnessKey,
} from './index.ts';

const refused = expect.objectContaining({ code: 'log.note' });
const keys = (seed: number) => {
  const secret = new Uint8Array(32).fill(seed);
  return { publicKey: ed25519.getPublicKey(secret), sign: (m: Uint8Array) => ed25519.sign(m, secret) };
};

describe('signed notes, vectors of golang.org/x/mod/sumdb/note (note_test.go, package documentation)', () => {
  const verifier = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  const secret = parseBase64('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz').slice(1);
  const text =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
  const note = `${text}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;

  it('reads and writes the verifier key', () => {
    const key = parseVerifierKey(verifier);
    expect([key.name, key.type, encodeHex(keyIdOf(key))]).toEqual(['PeterNeumann', 'note', 'c74f20a3']);
    expect(encodeVerifierKey(key)).toBe(verifier);
    const enoch = 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop';
    expect(encodeVerifierKey(parseVerifierKey(enoch))).toBe(enoch);
  });

  it('makes the published note byte for byte, and takes it', () => {
    const key = parseVerifierKey(verifier);
    expect(encodeHex(ed25519.getPublicKey(secret))).toBe(encodeHex(key.publicKey));
    const line = { name: key.name, keyId: keyIdOf(key), bytes: ed25519.sign(utf8(text), secret) };
    expect(encodeNote({ text, signatures: [line] })).toBe(note);
    const parsed = parseNote(note);
    expect(parsed.text).toBe(text);
    expect(parsed.signatures.map((one) => isOfKey(one, key))).toEqual([true]);
  });

  it('reads and writes keys of cosigners (transparency-dev/formats, note_cosigv1_test.go)', () => {
    for (const text of [
      'TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6',
      'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2',
    ]) {
      expect(encodeVerifierKey(parseVerifierKey(text))).toBe(text);
    }
    for (const bad of [
      'bananas.sigstore.dev+12344556',
      'rekor.sigstore.dev+12345678+THIS_IS_NOT_BASE64!',
      'rekor.sigstore.dev+12345678+AwEB',
      'TEST+00000000+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6',
      'TE ST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6',
    ]) {
      expect(() => parseVerifierKey(bad)).toThrow(refused);
    }
  });

  it.each([
    ['no blank line', 'text\n— a AAAAAAA=\n'],
    ['no newline at the end', 'text\n\n— a AAAAAAA='],
    ['another dash', 'text\n\n- a AAAAAAA=\n'],
    ['no name', 'text\n\n—  AAAAAAA=\n'],
    ['a plus in the name', 'text\n\n— a+b AAAAAAA=\n'],
    ['a key id alone', 'text\n\n— a AAAAAA==\n'],
    ['a control character', 'te\u0001xt\n\n— a AAAAAAA=\n'],
    ['a carriage return', 'text\r\n\n— a AAAAAAA=\n'],
    ['no signature', 'text\n\n'],
  ])('refuses a note with %s', (_, bad) => {
    expect(() => parseNote(bad)).toThrow(refused);
  });
});

describe('checkpoints and cosignatures', () => {
  // The example of C2SP tlog-checkpoint and tlog-cosignature; its keys are not published.
  const example = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`;

  it('reads the example of the specification and writes it back', () => {
    const { origin, size, root, text, signatures } = parseCheckpoint(example);
    expect([origin, size]).toEqual(['example.com/behind-the-sofa', 20852163]);
    expect(encodeHex(root).slice(0, 8)).toBe('0ac5186a');
    expect(encodeNote({ text, signatures })).toBe(example);
    // The time in the witness's line: 1679315147 in the specification's cosigned message.
    const { bytes } = signatures[1] ?? { bytes: new Uint8Array(8) };
    expect(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0)).toBe(1_679_315_147n);
  });

  it.each([
    ['a leading zero', 'o\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'],
    ['a negative size', 'o\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'],
    ['a short root', 'o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jx\n'],
    ['no root', 'o\n1\n'],
    ['an empty origin', '\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'],
  ])('refuses %s', (_, text) => {
    expect(() => parseCheckpoint(`${text}\n— a AAAAAAA=\n`)).toThrow(refused);
  });

  const log = keys(1);
  const witness = keys(2);
  const key = witnessKey('b', witness.publicKey);
  const head = { size: 7, root: new Uint8Array(32).fill(5) };
  const signed = (): Checkpoint =>
    parseCheckpoint(signCheckpoint('tallystick/a/00', head, log.publicKey, log.sign));

  it('is signed by its log, and by no other key', () => {
    expect(isCheckpointSigned(signed(), log.publicKey)).toBe(true);
    expect(isCheckpointSigned(signed(), witness.publicKey)).toBe(false);
    const { text, signatures } = signed();
    const other = parseCheckpoint(encodeNote({ text: text.replace('\n7\n', '\n8\n'), signatures }));
    expect(isCheckpointSigned(other, log.publicKey)).toBe(false);
  });

  it('is cosigned with a time, which is covered too', () => {
    const line = cosign(signed(), key, 1_700_000_000_999, witness.sign);
    const cosigned = parseCheckpoint(withSignatures(signed(), [line]));
    expect(cosignedAtMs(cosigned, key)).toBe(1_700_000_000_000);
    expect(isCheckpointSigned(cosigned, log.publicKey)).toBe(true);
    expect(cosignedAtMs(signed(), key)).toBeUndefined();
    expect(cosignedAtMs(cosigned, witnessKey('c', witness.publicKey))).toBeUndefined();
    const again = cosign(signed(), key, 1_700_000_005_000, witness.sign);
    expect(parseCheckpoint(withSignatures(cosigned, [again])).signatures).toHaveLength(2);
  });

  it('takes no cosignature with a bit changed', () => {
    const line = cosign(signed(), key, 1_700_000_000_000, witness.sign);
    fc.assert(
      fc.property(fc.nat(line.bytes.length - 1), fc.nat(7), (at, bit) => {
        const bytes = line.bytes.map((byte, i) => (i === at ? byte ^ (1 << bit) : byte));
        const text = encodeSignatureLine({ ...line, bytes });
        const cosigned = parseCheckpoint(withSignatures(signed(), [parseSignatureLine(text)]));
        expect(cosignedAtMs(cosigned, key)).toBeUndefined();
      }),
      { endOnFailure: true, numRuns: 40 },
    );
  });
});
