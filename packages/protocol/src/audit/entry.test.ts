import { describe, expect, it } from 'vitest';
import { utf8 } from '../bytes/index.ts';
import { encodeBase64, parseBase64 } from '../bytes/base64.ts';
import { type AuditEntry, bandOf, encodeEntry, parseEntry } from './index.ts';

const hex = (bytes: number): string => 'ab'.repeat(bytes);
const entry: AuditEntry = {
  index: 3,
  before: hex(32),
  atMs: 17,
  type: 'consent',
  by: 'a',
  session: hex(16),
  agreement: null,
  request: null,
  proposal: hex(32),
  identifiers: 'under-100',
  log: { size: 2, root: hex(32) },
};
const text = (): string => new TextDecoder().decode(encodeEntry(entry));
const refused = expect.objectContaining({ code: 'log.entry' });

describe('audit entry', () => {
  it('has one spelling', () => {
    expect(parseEntry(encodeEntry(entry))).toEqual(entry);
    expect(() => parseEntry(utf8(` ${text()}`))).toThrow(refused);
    expect(() => parseEntry(utf8(JSON.stringify(entry)))).toThrow(refused);
    expect(() => parseEntry(utf8(`\ufeff${text()}`))).toThrow(refused);
    expect(() => parseEntry(Uint8Array.of(0xff))).toThrow(refused);
  });

  it.each([
    ['a field of another type', { ...entry, reasons: [] }],
    ['a field too few', { ...entry, proposal: undefined }],
    ['an unknown type', { ...entry, type: 'gossip' }],
    ['a type from the prototype', { ...entry, type: 'constructor' }],
    ['a number where a band belongs', { ...entry, identifiers: 7 }],
    ['nothing', null],
  ])('is refused with %s', (_, value) => {
    expect(() => encodeEntry(value as AuditEntry)).toThrow(refused);
  });

  it('says no small number', () => {
    expect([0, 1, 9, 10, 99, 100, 99_999, 100_000, 10_000_000].map(bandOf)).toEqual([
      'under-10',
      'under-10',
      'under-10',
      'under-100',
      'under-100',
      'under-1000',
      'under-100000',
      'more',
      'more',
    ]);
  });
});

describe('base64', () => {
  it('has one spelling (RFC 4648 §10)', () => {
    const words = ['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'];
    expect(words.map((word) => encodeBase64(utf8(word)))).toEqual([
      '',
      'Zg==',
      'Zm8=',
      'Zm9v',
      'Zm9vYg==',
      'Zm9vYmE=',
      'Zm9vYmFy',
    ]);
    for (const word of words) expect(parseBase64(encodeBase64(utf8(word)))).toEqual(utf8(word));
    for (const bad of ['Zg', 'Zg=', 'Zh==', 'Zm9=', 'Z===', '====', 'Zm 9', 'Zm9v\n', 'Zm-_']) {
      expect(() => parseBase64(bad)).toThrow(expect.objectContaining({ code: 'wire.message' }));
    }
  });
});
