/** Nothing is used twice: not by another session, not after a restart, not by half. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PolicyRequest } from '@tallystick/protocol/policy';
import { expect, test } from 'vitest';
import { fakeClock } from '../clock/index.ts';
import { memoryStore, openStore } from '../store/index.ts';
import { createSingleUse } from './single-use.ts';

const day = 86_400_000;
const clock = fakeClock();
const startMs = clock.nowMs();

/** What is looked at of a request. */
const request = (nonce: string, ...approvals: string[]): PolicyRequest =>
  ({
    nonce: nonce.repeat(64),
    expiresAtMs: startMs + 1000,
    approvals: approvals.map((id) => ({ id: id.repeat(32), expiresAtMs: startMs + 2000 })),
  }) as PolicyRequest;
const none = { noncesSeen: [], approvalsUsed: [] };

test('what a session claimed is taken for every other, and for itself it is not', () => {
  const used = createSingleUse(memoryStore(), clock);
  expect(used.taken('one', request('a', '1'))).toEqual(none);
  used.claim('one', request('a', '1'));
  expect(used.taken('one', request('a', '1', '2'))).toEqual(none);
  used.claim('one', request('a', '1', '2'));
  expect(used.taken('two', request('a', '1', '3'))).toEqual({
    noncesSeen: ['a'.repeat(64)],
    approvalsUsed: ['1'.repeat(32)],
  });
  expect(used.taken('two', request('b', '2'))).toEqual({ noncesSeen: [], approvalsUsed: ['2'.repeat(32)] });
});

test('who comes second claims nothing at all', () => {
  const used = createSingleUse(memoryStore(), clock);
  used.claim('one', request('a', '1'));
  for (const second of [request('b', '3', '1'), request('a', '3')]) {
    expect(() => used.claim('two', second)).toThrow(expect.objectContaining({ code: 'agreement.denied' }));
  }
  expect(used.taken('three', request('b', '3'))).toEqual(none);
});

test('a restart forgets nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ts-used-'));
  try {
    const before = openStore(folder, { ownerVerified: true });
    createSingleUse(before, clock).claim('one', request('a', '1'));
    before.close();
    const after = openStore(folder, { ownerVerified: true });
    expect(createSingleUse(after, clock).taken('two', request('a', '1')).noncesSeen).toHaveLength(1);
    after.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('what has expired is forgotten a day later, and not before', () => {
  const later = fakeClock();
  const store = memoryStore();
  const used = createSingleUse(store, later);
  used.claim('one', request('a', '1'));
  later.advance(1000 + day);
  used.claim('two', request('b'));
  expect(used.taken('three', request('a', '1')).noncesSeen).toHaveLength(1);
  later.advance(1);
  used.claim('two', request('b'));
  expect(used.taken('three', request('a', '1'))).toEqual({ noncesSeen: [], approvalsUsed: ['1'.repeat(32)] });
  later.advance(1000);
  used.claim('two', request('b'));
  expect(store.list('used').map(({ key }) => key)).toEqual([`nonce/${'b'.repeat(64)}`]);
});
