/**
 * Results go when they are due, with a trace in the log, and out of the files; what is not due stays.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AuditLog, openAuditLog } from '@tallystick/host/audit';
import { type FakeClock, fakeClock } from '@tallystick/host/clock';
import { createIdentity, type SigningIdentity } from '@tallystick/host/identity';
import { silentLog } from '@tallystick/host/log';
import { systemRandom } from '@tallystick/host/random';
import { createSealer, dataKeyBytes } from '@tallystick/host/seal';
import { openStore, type Store } from '@tallystick/host/store';
import { parseEntry } from '@tallystick/protocol/audit';
import type { SessionDetail } from '../control/api.ts';
import { keepRetention } from '../daemon/retention.ts';
import { createNodeStore, type NodeStore } from '../daemon/store.ts';
import { describeSession, newFacts } from '../session/detail.ts';
import { dayMs, retentionDays, retentionOf } from './due.ts';
import type { RetentionKeeper } from './keeper.ts';

let directory: string;
let clock: FakeClock;
let self: SigningIdentity;
let raw: Store;
let store: NodeStore;
let audit: AuditLog;
let keeper: RetentionKeeper;
const key = randomBytes(dataKeyBytes);

function open(): void {
  raw = openStore(directory, { ownerVerified: true });
  store = createNodeStore(raw, createSealer(key, systemRandom), systemRandom);
  audit = openAuditLog({
    store: raw,
    sealer: createSealer(key, systemRandom),
    clock,
    random: systemRandom,
    identity: self,
  });
  keeper = keepRetention({ store, audit, clock, log: silentLog, self: self.id });
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tallystick-retention-'));
  clock = fakeClock(1_700_000_000_000);
  self = await createIdentity('north', clock, systemRandom);
  open();
});
afterEach(async () => {
  keeper.stop();
  store.close();
  await rm(directory, { recursive: true, force: true });
});

const noBytes = { sent: 0, received: 0 };
const purposeText = 'a test of retention';

/** A session that ended now, with matches. */
function ended(days: number): SessionDetail {
  const facts = newFacts(randomBytes(16).toString('hex'), 'north', clock.nowMs(), days);
  facts.state = 'done';
  facts.endedAtMs = clock.nowMs();
  facts.transcript = randomBytes(32);
  const counters = { bytes: noBytes, transport: noBytes };
  const detail = describeSession(facts, counters, [], clock.nowMs());
  return { ...detail, purpose: purposeText, matches: { records: 3, identifiers: 4 } };
}

function keep(detail: SessionDetail, listId = 'ab'): Uint8Array {
  const sealed = new Uint8Array(randomBytes(randomInt(40, 9000)));
  store.putSession(detail, { sealed, listId }, undefined);
  return sealed;
}

async function files(): Promise<Buffer> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((one) => one.isFile()).map((one) => one.name);
  return Buffer.concat(await Promise.all(names.map((name) => readFile(join(directory, name)))));
}

/** Whether any stretch of it is there. */
function isLeft(all: Buffer, sealed: Uint8Array): boolean {
  for (let at = 0; at + 24 <= sealed.length; at += 24)
    if (all.includes(Buffer.from(sealed.subarray(at, at + 24)))) return true;
  return false;
}

const expiries = (): string[] =>
  [...audit.leaves()]
    .map((leaf) => parseEntry(leaf))
    .flatMap((entry) => (entry.type === 'expire' ? [entry.session ?? ''] : []));

test('each result goes on its day and no sooner, out of every file; its hash and the log stay', async () => {
  const kept = [1, 2, 2, 5].map((days) => {
    const detail = ended(days);
    return { days, detail, sealed: keep(detail), commitment: store.sessionDigest(detail.session) };
  });
  keeper.run();
  expect(await files().then((all) => kept.every(({ sealed }) => isLeft(all, sealed)))).toBe(true);
  for (let day = 1; day <= 5; day++) {
    clock.advance(dayMs - 1);
    const before = kept.filter(({ days }) => days < day);
    expect(expiries()).toHaveLength(before.length);
    clock.advance(1);
    const all = await files();
    for (const { days, detail, sealed } of kept) {
      const isGone = days <= day;
      expect(isLeft(all, sealed)).toBe(!isGone);
      expect(store.result(detail.session)?.sealed).toEqual(isGone ? undefined : sealed);
      const now = store.session(detail.session);
      expect(now?.matches).toEqual(isGone ? null : detail.matches);
      expect(now?.retention.deletedAtMs).toBe(isGone ? (detail.retention.dueAtMs ?? 0) : null);
      expect([now?.transcript, now?.purpose]).toEqual([detail.transcript, purposeText]);
    }
  }
  expect(expiries().toSorted()).toEqual(kept.map(({ detail }) => detail.session).toSorted());
  const logged = [...audit.leaves()].map((leaf) => parseEntry(leaf));
  for (const { detail, commitment } of kept) {
    const entry = logged.find((one) => one.type === 'expire' && one.session === detail.session);
    expect(entry).toMatchObject({ commitment, reason: 'retention.due', by: 'north' });
  }
});

test('what fell due while the node was stopped goes at the start', async () => {
  const sealed = keep(ended(1));
  store.close();
  clock.advance(3 * dayMs);
  open();
  keeper.run();
  expect(isLeft(await files(), sealed)).toBe(false);
});

test('what was deleted before a crash, and not scrubbed, is scrubbed at the start', async () => {
  const detail = ended(1);
  const sealed = keep(detail);
  keeper.run();
  store.expireSession(detail);
  expect(isLeft(await files(), sealed)).toBe(true);
  const again = keepRetention({ store, audit, clock, log: silentLog, self: self.id });
  again.run();
  again.stop();
  expect(isLeft(await files(), sealed)).toBe(false);
});

test('without the entry in the log nothing is deleted, and it is tried again', () => {
  const detail = ended(1);
  keep(detail);
  const append = audit.append.bind(audit);
  let fails = true;
  audit.append = (body) => {
    if (fails) throw new Error('the disk is full');
    return append(body);
  };
  keeper.run();
  clock.advance(dayMs);
  expect(store.result(detail.session)).toBeDefined();
  fails = false;
  clock.advance(dayMs);
  expect(store.result(detail.session)).toBeUndefined();
});

test('a list that was removed goes with the last result that is of it', () => {
  const draft = store.draftList();
  draft.put(new Uint8Array(randomBytes(64)), 0);
  const list = {
    name: 'people',
    listId: 'cd',
    chunks: 1,
    format: 'csv',
    records: 1,
    rejected: 0,
    listDate: '',
    importedAtMs: 0,
    version: '00',
  };
  draft.commit(list);
  keep(ended(1), 'cd');
  keep(ended(2), 'cd');
  store.removeList('people');
  keeper.run();
  clock.advance(dayMs);
  expect([...store.chunks('cd')]).toHaveLength(1);
  clock.advance(dayMs);
  expect(() => store.chunks('cd')).toThrow(expect.objectContaining({ code: 'list.unknown' }));
});

test('no timer is left behind', () => {
  keep(ended(1));
  keeper.run();
  keeper.run();
  expect(clock.pending).toBe(1);
  keeper.stop();
  expect(clock.pending).toBe(0);
});

test('the days: agreed, shortened by the own setting, or thirty; a repeat is due with its original', () => {
  expect([retentionDays(null, undefined), retentionDays(null, 7)]).toEqual([30, 7]);
  expect([retentionDays(90, undefined), retentionDays(90, 7), retentionDays(5, 7)]).toEqual([90, 7, 5]);
  const original = retentionOf(3, 1000, undefined);
  expect(original.dueAtMs).toBe(1000 + 3 * dayMs);
  expect(retentionOf(3, 1000 + dayMs, original).dueAtMs).toBe(original.dueAtMs);
  expect(retentionOf(1, 1000 + dayMs, original).dueAtMs).toBe(1000 + 2 * dayMs);
  expect(retentionOf(3, null, undefined).dueAtMs).toBeNull();
});
