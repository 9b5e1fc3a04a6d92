/** Kept ledgers: durable, found when they were edited, copied or rolled back, equal at all sides, never overspent. */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSealer } from '../seal/index.ts';
import { memoryStore, openStore, type Store } from '../store/index.ts';
import { createLedgerBooks } from './books.ts';
import { dataKeyOf, nowMs, proposalOf, runSession, type Side, sideOn } from './ledger.testkit.ts';
import { acceptLedger, reportLedgers } from './report.ts';
import { defaultLocalCaps } from './station.ts';

const coded = (code: string, text = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(text) });
const booksOf = (store: Store, fill = 1) =>
  createLedgerBooks(
    store,
    createSealer(dataKeyOf(fill), (n) => new Uint8Array(n)),
  );
const reports = (store: Store, id: string) => reportLedgers(booksOf(store), id, defaultLocalCaps);
const headOf = (store: Store, id: string) => reports(store, id)[0]?.head;
const spent = (store: Store, owner: string) =>
  reports(store, owner)[0]?.lists.find((list) => list.owner === owner)?.spent;

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tallystick-ledger-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

for (const kind of ['memory', 'SQLite'] as const) {
  describe(`a kept ledger: ${kind}`, () => {
    let store: Store;
    let other: Store;
    let north: Side;
    let south: Side;
    beforeEach(() => {
      store = kind === 'memory' ? memoryStore() : openStore(root, { ownerVerified: true });
      other = memoryStore();
      [north, south] = [sideOn(store, 'north'), sideOn(other, 'south')];
    });
    afterEach(() => {
      store.close();
      other.close();
    });

    it('is charged by a session, equal at both sides, and kept', () => {
      expect(runSession([north, south], proposalOf(1))).toEqual([undefined, undefined]);
      runSession([north, south], proposalOf(2, { verified: false }));
      expect(headOf(store, 'north')).toBe(headOf(other, 'south'));
      // the verified form is one evaluation more
      expect(spent(store, 'north')).toMatchObject({
        sessions: 2,
        records: 11 + 10,
        versions: 1,
        microEpsilon: 0,
      });
      const again = sideOn(store, 'north');
      again.ledger.recover();
      expect(runSession([again, south], proposalOf(3, { purpose: 'another' }))).toHaveLength(2);
    });

    it('answers a repeat, whatever it is for, and charges a new version', () => {
      runSession([north, south], proposalOf(1));
      const before = headOf(store, 'north');
      const repeat = proposalOf(2, { purpose: 'other words' });
      expect(runSession([north, south], repeat)).toEqual(Array(2).fill(proposalOf(1).session));
      expect(headOf(store, 'north')).toBe(before);
      const renewed = { ...south, list: { version: 'ff'.repeat(32), identifiers: 11 } };
      expect(runSession([north, renewed], proposalOf(3))).toEqual([undefined, undefined]);
      expect(spent(other, 'south')).toMatchObject({ sessions: 2, records: 11 + 12, versions: 2 });
    });

    it('refuses above a cap, by name, at each step, and stays as it is', () => {
      const caps = { sessions: 2, records: 21, versions: 1 };
      runSession([north, south], proposalOf(1, { caps }));
      runSession([north, south], proposalOf(2, { caps, verified: false }));
      const before = headOf(store, 'north');
      const third = proposalOf(3, { caps, purpose: 'more', collector: 'c' });
      expect(north.ledger.findings(third, north.list?.version)).toEqual(['cap.sessions', 'cap.records']);
      expect(south.ledger.findings(third), 'before a list is chosen').toEqual([
        'cap.sessions',
        'cap.records',
      ]);
      const more = proposalOf(3, { caps: { ...caps, sessions: 3, records: 30 }, collector: 'c' });
      expect(north.ledger.findings(more, 'ff'.repeat(32))).toEqual(['cap.versions']);
      expect(south.ledger.findings(more)).toEqual([]);
      const budget = coded('privacy.budget', 'cap.sessions');
      expect(() => north.ledger.reserve(third, north.list ?? null)).toThrow(budget);
      expect(headOf(store, 'north')).toBe(before);
    });

    it('refuses at the charge what a partner’s list would pass', () => {
      const caps = { versions: 1 };
      runSession([north, south], proposalOf(1, { caps }));
      // A partner whose own ledger denies nothing: its next version is charged by us as well.
      const loose = { ...south, list: { version: 'ff'.repeat(32), identifiers: 10 } };
      const proposal = proposalOf(2, { caps });
      const statement = south.ledger.statement(proposal, () => true);
      north.ledger.reserve(proposal, north.list ?? null);
      const consent = { ...proposal, type: 'consent' as const };
      const consents = new Map(
        [north, loose].map(({ id, list }) => [
          id,
          {
            ...consent,
            from: id,
            listVersion: list?.version ?? null,
            identifiers: 10,
            ledger: statement,
          } as never,
        ]),
      );
      const before = headOf(store, 'north');
      expect(() => north.ledger.charge(proposal, consents)).toThrow(coded('privacy.budget', 'south'));
      expect(headOf(store, 'north')).toBe(before);
    });

    it('keeps own caps with one partner, over groups, agreements and periods of others', () => {
      const strict = { ...defaultLocalCaps, sessions: 2 };
      const mine = sideOn(store, 'north', strict);
      runSession([mine, south], proposalOf(1, { caps: { periodDays: 1, sessions: 9 } }));
      const west = sideOn(memoryStore(), 'west');
      const among = { parties: ['north', 'south', 'west'], collector: 'c' };
      const c = { ...sideOn(memoryStore(), 'c'), list: undefined } as unknown as Side;
      runSession([mine, south, west, c], proposalOf(2, among));
      expect(mine.ledger.findings(proposalOf(3, { verified: false }))).toEqual(['cap.sessions']);
      expect(south.ledger.findings(proposalOf(3, { verified: false }))).toEqual([]);
      expect(mine.ledger.findings(proposalOf(3, { parties: ['north', 'west'] }))).toEqual([]);
      const later = proposalOf(3, { atMs: nowMs + 7 * 86_400_000 });
      expect(mine.ledger.findings(later)).toEqual([]);
    });

    it('adds up epsilon, at a collector too, which forgets nothing that all parties know', () => {
      const caps = { microEpsilon: 1_000_000 };
      const kept = memoryStore();
      const c = { ...sideOn(kept, 'c'), list: undefined } as unknown as Side;
      const noised = (n: number, microEpsilon: number) =>
        proposalOf(n, { caps, collector: 'c', microEpsilon });
      runSession([north, south, c], noised(1, 600_000));
      expect(spent(store, 'north')).toMatchObject({ microEpsilon: 600_000, records: 0 });
      expect(north.ledger.findings(noised(2, 400_001))).toEqual(['cap.epsilon']);
      expect(north.ledger.findings(noised(2, 400_000))).toEqual([]);
      // One that lost its ledger is refused once, and has it back. What it had charged by then is charged to all.
      const fresh = { ...sideOn(memoryStore(), 'c'), list: undefined } as unknown as Side;
      expect(() => runSession([fresh, north, south], noised(3, 1))).toThrow(
        coded('privacy.ledger', 'c lacks'),
      );
      runSession([fresh, north, south], noised(4, 2));
      runSession([north, south, fresh], noised(5, 399_997));
      expect(() => runSession([fresh, north, south], noised(6, 1))).toThrow(coded('privacy.budget'));
    });

    it('takes up what only a partner charged, and never gives it back', () => {
      runSession([north, south], proposalOf(1), ['north']);
      expect(headOf(store, 'north')).not.toBe(headOf(other, 'south'));
      runSession([north, south], proposalOf(2, { verified: false }));
      expect(headOf(store, 'north')).toBe(headOf(other, 'south'));
      expect(spent(other, 'south')).toMatchObject({ sessions: 2 });
    });

    it('holds a reservation until the session is over, and not over a restart', () => {
      const caps = { sessions: 1 };
      north.ledger.reserve(proposalOf(1, { caps }), north.list ?? null);
      expect(north.ledger.findings(proposalOf(2, { caps }))).toEqual(['cap.sessions']);
      const restarted = sideOn(store, 'north');
      restarted.ledger.recover();
      expect(restarted.ledger.findings(proposalOf(2, { caps }))).toEqual([]);
    });

    it('of a node that does not know what its partner shows starts nothing until it accepted', () => {
      const blank = memoryStore();
      runSession([north, south], proposalOf(1));
      const restored = sideOn(blank, 'south');
      // Each side finds it by itself.
      expect(() => runSession([north, restored], proposalOf(2))).toThrow(
        coded('privacy.ledger', 'south lacks'),
      );
      expect(() => runSession([restored, north], proposalOf(3))).toThrow(
        coded('privacy.ledger', 'north shows'),
      );
      expect(restored.ledger.findings(proposalOf(4))).toEqual(['ledger.suspended']);
      const nextPeriod = proposalOf(4, { atMs: nowMs + 30 * 86_400_000 });
      expect(restored.ledger.findings(nextPeriod)).toEqual(['ledger.suspended']);
      expect(reports(blank, 'south')).toMatchObject([
        { state: 'suspended', dispute: { station: 'north', reason: 'unknown' } },
      ]);
      const name = reports(blank, 'south')[0]?.ledger ?? '';
      expect(() => acceptLedger(booksOf(blank), 'ffff', nowMs)).toThrow(coded('argument.invalid'));
      expect(acceptLedger(booksOf(blank), name.slice(0, 6), nowMs)).toBe(1);
      expect(() => acceptLedger(booksOf(blank), name, nowMs)).toThrow(coded('argument.invalid', 'dispute'));
      expect(headOf(blank, 'south')).toBe(headOf(store, 'north'));
      // It has no answer to repeat any more: charged in full.
      expect(runSession([north, restored], proposalOf(5))).toEqual([undefined, undefined]);
    });

    it('that was edited, or is another node’s, opens for nobody', () => {
      runSession([north, south], proposalOf(1));
      const [document] = store.list('ledgers');
      if (document === undefined) throw new Error('no ledger');
      const { sealed } = document.value as { sealed: string };
      const broken = (text: string) => {
        store.put('ledgers', document.key, { sealed: text });
        expect(north.ledger.findings(proposalOf(2))).toEqual(['ledger.broken']);
        expect(() => north.ledger.reserve(proposalOf(2), north.list ?? null)).toThrow(
          coded('privacy.ledger'),
        );
        expect(() => north.ledger.statement(proposalOf(2), () => true)).toThrow(coded('privacy.ledger'));
        expect(reports(store, 'north')).toMatchObject([{ state: 'broken', head: null }]);
      };
      const bytes = Buffer.from(sealed, 'base64');
      bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
      broken(bytes.toString('base64'));
      broken('');
      const foreign = memoryStore();
      runSession([sideOn(foreign, 'north', undefined, 2), sideOn(memoryStore(), 'south')], proposalOf(1));
      const [stolen] = foreign.list('ledgers').map(({ value }) => value as { sealed: string });
      broken(stolen?.sealed ?? '');
    });

    it('in another place is another ledger: it does not open there', () => {
      runSession([north, south], proposalOf(1));
      const [document] = store.list('ledgers');
      if (document === undefined) throw new Error('no ledger');
      const next = document.key.replace(/\d+\+/, (start) => `${Number.parseInt(start, 10) + 7}+`);
      store.put('ledgers', next, document.value);
      expect(reports(store, 'north').map(({ state }) => state)).toEqual(['broken', 'open']);
    });

    it('that does not open is given up by an operator, and the partner’s taken over', () => {
      runSession([north, south], proposalOf(1));
      const [document] = store.list('ledgers');
      store.put('ledgers', document?.key ?? '', { sealed: 'AAAA' });
      const name = reports(store, 'north')[0]?.ledger ?? '';
      expect(acceptLedger(booksOf(store), name, nowMs)).toBe(0);
      expect(() => runSession([north, south], proposalOf(2))).toThrow(coded('privacy.ledger'));
      expect(acceptLedger(booksOf(store), name, nowMs)).toBe(1);
      runSession([north, south], proposalOf(3));
      expect(headOf(store, 'north')).toBe(headOf(other, 'south'));
    });
  });
}

it('a whole directory that went back opens, and its partner refuses it', async () => {
  const [live, backup] = [join(root, 'live'), join(root, 'backup')];
  await mkdir(live, { mode: 0o700 });
  const south = sideOn(memoryStore(), 'south');
  let store = openStore(live, { ownerVerified: true });
  runSession([sideOn(store, 'north'), south], proposalOf(1));
  store.close();
  await cp(live, backup, { recursive: true });
  store = openStore(live, { ownerVerified: true });
  runSession([sideOn(store, 'north'), south], proposalOf(2, { verified: false }));
  store.close();
  store = openStore(backup, { ownerVerified: true });
  const restored = sideOn(store, 'north');
  restored.ledger.recover();
  expect(() => runSession([south, restored], proposalOf(3))).toThrow(coded('privacy.ledger', 'north lacks'));
  expect(() => runSession([restored, south], proposalOf(4))).toThrow(coded('privacy.ledger', 'south shows'));
  store.close();
});

it.each([
  ['reserved', undefined],
  ['charged', 1],
])('killed after it was %s', async (until, sessions) => {
  const child = fileURLToPath(new URL('./ledger.child.ts', import.meta.url));
  const tsx = createRequire(import.meta.url).resolve('tsx');
  const args = ['--conditions=@tallystick/source', '--import', tsx, child, root, until];
  const run = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  run.stdout.once('data', () => run.kill('SIGKILL'));
  await new Promise((resolve) => run.once('close', resolve));
  expect(run.signalCode).toBe('SIGKILL');
  const store = openStore(root, { ownerVerified: true });
  const north = sideOn(store, 'north');
  north.ledger.recover();
  expect(spent(store, 'north')?.sessions).toBe(sessions ?? 0);
  // Whatever the partner charged meanwhile: it is taken up, or equal already.
  const other = memoryStore();
  const south = sideOn(other, 'south');
  runSession([south, sideOn(memoryStore(), 'north')], proposalOf(1), ['south']);
  runSession([north, south], proposalOf(2, { verified: false }));
  expect(headOf(store, 'north')).toBe(headOf(other, 'south'));
  expect(spent(store, 'north')?.sessions).toBe(2);
  store.close();
});
