/** What a session writes as it starts: the charge and its entry are one, and the start comes after both. */
import { parseEntry } from '@tallystick/protocol/audit';
import type { StationLedger } from '@tallystick/protocol/chain';
import type { MessageOf } from '@tallystick/protocol/wire';
import { describe, expect, it } from 'vitest';
import { fakeClock } from '../clock/index.ts';
import { proposalOf } from '../ledger/ledger.testkit.ts';
import { systemRandom } from '../random/index.ts';
import { createSealer } from '../seal/index.ts';
import { memoryStore, type Store } from '../store/index.ts';
import { openAuditLog, SessionLog, tellInterrupted } from './index.ts';

const proposal = proposalOf(1);
const consents = new Map(['north', 'south'].map((from) => [from, { from } as MessageOf<'consent'>]));

/** @param charged what the ledger answers, after it has written */
function world(charged: () => string | undefined) {
  const store = memoryStore();
  let left = Number.POSITIVE_INFINITY;
  const failing: Store = {
    ...store,
    put: (collection, key, value) => {
      if (collection === 'audit' && key === 'head' && left-- <= 0) throw new Error('disk full');
      store.put(collection, key, value);
    },
  };
  const clock = fakeClock();
  const dataKey = systemRandom(32);
  const identity = { id: 'north', publicKey: systemRandom(32), sign: () => systemRandom(64) };
  const open = (on: Store) =>
    openAuditLog({
      store: on,
      sealer: createSealer(dataKey, systemRandom),
      clock,
      random: systemRandom,
      identity,
    });
  const audit = open(failing);
  const ledger: StationLedger = {
    compare: () => undefined,
    charge: () => {
      store.put('ledgers', 'book', { spent: 1 });
      return charged();
    },
  };
  const log = new SessionLog({ audit, identity }, proposal.session);
  const { charge } = log.around(ledger);
  return {
    store,
    log,
    charge: () => charge(proposal, consents),
    /** The process starts again. */
    restart: () => {
      const again = open(store);
      tellInterrupted(again, 'north');
      return [...again.leaves()].map(parseEntry);
    },
    fillDiskAfter: (writes: number): void => void (left = writes),
    /** As the process finds it when it starts again. */
    types: () => [...open(store).leaves()].map((leaf) => parseEntry(leaf).type),
  };
}

describe('the start of a session', () => {
  it('is written after the charge, and the charge with its entry', () => {
    const { charge, types } = world(() => undefined);
    expect(charge()).toBeUndefined();
    expect(types()).toEqual(['open', 'ledger', 'start']);
  });

  it('cannot be where the charge cannot be written: neither charge nor entry is left', () => {
    const { charge, types, store, fillDiskAfter } = world(() => undefined);
    fillDiskAfter(0);
    expect(charge).toThrow('disk full');
    expect(store.get('ledgers', 'book')).toBeUndefined();
    expect(types()).toEqual(['open']);
  });

  it('that cannot be written leaves the charge, told and never refunded, and no freeze', () => {
    const { charge, types, store, fillDiskAfter } = world(() => undefined);
    fillDiskAfter(1);
    expect(charge).toThrow('disk full');
    expect(store.get('ledgers', 'book')).toEqual({ spent: 1 });
    expect(types()).toEqual(['open', 'ledger']);
  });

  it('tells of no charge where an earlier answer stands, or the ledger refuses', () => {
    const repeated = world(() => 'earlier');
    expect(repeated.charge()).toBe('earlier');
    expect(repeated.types()).toEqual(['open', 'start']);
    const refused = world(() => {
      throw new Error('over budget');
    });
    expect(refused.charge).toThrow('over budget');
    expect([refused.types(), refused.store.get('ledgers', 'book')]).toEqual([['open'], undefined]);
  });
});

describe('a session that was under way when the process stopped', () => {
  it('has an end in the log from the next start on, once', () => {
    const { log, charge, restart } = world(() => undefined);
    log.proposed(proposal);
    charge();
    const entries = restart();
    expect(entries.at(-1)).toMatchObject({
      type: 'result',
      session: proposal.session,
      outcome: 'aborted',
      transcript: null,
      code: 'peer.left',
    });
    expect(restart()).toEqual(entries);
  });

  it('is told of by nobody where it had ended, or where nobody had proposed it', () => {
    const { charge, restart } = world(() => undefined);
    charge();
    expect(restart().map(({ type }) => type)).toEqual(['open', 'ledger', 'start']);
    const ended = world(() => undefined);
    ended.log.proposed(proposal);
    const facts = { transcript: null, code: 'session.cancelled', records: null } as const;
    ended.log.result(proposal, { outcome: 'aborted', ...facts });
    expect(ended.restart().map(({ type }) => type)).toEqual(['open', 'propose', 'result']);
  });
});
