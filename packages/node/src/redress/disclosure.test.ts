/** Which agreements have a say in a disclosure, and what each of them says. */
import type { HeldAgreement } from '@tallystick/host/agreements';
import { expect, test } from 'vitest';
import { forbidsDisclosure } from './disclosure.ts';

const nowMs = Date.parse('2027-06-01T00:00:00Z');

function held(id: string, name: string, redress: 'never' | 'by-officer', more: object = {}): HeldAgreement {
  const agreement = {
    name,
    version: 1,
    notBefore: '2027-01-01T00:00:00Z',
    notAfter: '2028-01-01T00:00:00Z',
    redress: { disclosure: redress },
    ...more,
  };
  return { id, signed: { agreement } } as unknown as HeldAgreement;
}

test('every agreement in force has to allow it, and every one of whose results were looked at', () => {
  const open = held('a', 'open', 'by-officer');
  const shut = held('b', 'shut', 'never');
  expect(forbidsDisclosure([], [], nowMs)).toBeUndefined();
  expect(forbidsDisclosure([open], ['a'], nowMs)).toBeUndefined();
  expect(forbidsDisclosure([open, shut], ['a'], nowMs)).toBe('shut');
  const over = held('b', 'over', 'never', { notAfter: '2027-06-01T00:00:00Z' });
  expect(forbidsDisclosure([open, over], ['a'], nowMs)).toBeUndefined();
  expect(forbidsDisclosure([open, over], ['a', 'b'], nowMs)).toBe('over');
  expect(forbidsDisclosure([open], ['a', 'gone'], nowMs)).toBeDefined();
});

test('a later version has the say as soon as it is in force, for new results', () => {
  const first = held('1', 'pact', 'never');
  const second = held('2', 'pact', 'by-officer', { version: 2, notBefore: '2027-06-01T00:00:00Z' });
  expect(forbidsDisclosure([first, second], [], nowMs - 1)).toBe('pact');
  expect(forbidsDisclosure([first, second], ['2'], nowMs)).toBeUndefined();
  expect(forbidsDisclosure([first, second], ['1'], nowMs)).toBe('pact');
  const stricter = held('3', 'pact', 'never', { version: 3, notBefore: '2027-09-01T00:00:00Z' });
  expect(forbidsDisclosure([second, stricter], ['2'], nowMs)).toBe('pact');
});
