import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFrameParser, encodeEnd, encodeFrame, encodeReady, type FrameEvent } from './framing.ts';

const coded = (code: string) => expect.objectContaining({ code });
const word = (value: number) =>
  Uint8Array.of((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);

it('parses what was encoded, however the stream is cut', () => {
  const frames = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
  fc.assert(
    fc.property(
      frames,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      fc.integer({ min: 0, max: 999 }),
      (payloads, cuts, abort) => {
        const bytes = Buffer.concat([encodeReady(), ...payloads.map(encodeFrame), encodeEnd(abort)]);
        const parser = createFrameParser(40);
        const events: FrameEvent[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = cuts[i % cuts.length] ?? 1;
          events.push(...parser.push(bytes.subarray(at, at + size)));
          at += size;
        }
        expect(events).toEqual([
          { kind: 'ready' },
          ...payloads.map((frame) => ({ kind: 'frame', frame })),
          { kind: 'end', abort },
        ]);
      },
    ),
  );
});

it('refuses a length over the limit before the payload comes', () => {
  expect(createFrameParser(40).push(word(40))).toEqual([]);
  expect(() => createFrameParser(40).push(word(41))).toThrow(coded('wire.length'));
  expect(() => createFrameParser(40).push(word(0x7fff_ffff))).toThrow(coded('wire.length'));
});

it('refuses signals that it does not know', () => {
  for (const value of [0x8000_0001, 0xbfff_ffff, 0xc001_0000, 0xffff_ffff]) {
    expect(() => createFrameParser(40).push(word(value))).toThrow(coded('wire.frame'));
  }
});
