import { expect, it } from 'vitest';
import { giveBack } from './give-back.ts';

it('zeroes a buffer before it lets go of it, and may be asked twice', () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const { buffer } = bytes;
  // what the runtime is given, it is given zeroed
  const given: number[][] = [];
  Object.assign(buffer, { transfer: () => void given.push([...new Uint8Array(buffer)]) });
  giveBack(buffer);
  expect(given).toEqual([[0, 0, 0]]);
  expect(bytes).toEqual(new Uint8Array(3));
  const other = new Uint8Array(8);
  giveBack(other.buffer);
  giveBack(other.buffer);
  expect(other.length).toBe('transfer' in ArrayBuffer.prototype ? 0 : 8);
});
