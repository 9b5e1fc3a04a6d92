import { describe, expect, it } from 'vitest';
import { errorTable } from '../errors/index.ts';
import {
  encodeChunkFrame,
  encodeMessage,
  messageTypes,
  type Message,
  type StreamKind,
} from '../wire/index.ts';
import { Ring } from './ring.testkit.ts';
import { states, verdict, type Event, type Role, type State } from './table.ts';

const kinds: readonly StreamKind[] = ['stream', 'returned', 'tags', 'marks', 'labels'];
const events: readonly Event[] = [...messageTypes, ...kinds.map((kind) => `chunk-${kind}` as const)];
const roles: readonly Role[] = ['direct', 'sealed', 'collector'];

/** What nobody may send before every station froze the same consents. */
const later: readonly Event[] = [
  ...kinds.map((kind) => `chunk-${kind}` as const),
  'seal',
  'prove',
  'proof',
  'barrier',
  'sentinels',
  'view',
  'done',
];

/** The states in which a role can be: a collector has no streams, and only the sealed form collects. */
function reachable(role: Role, state: State): boolean {
  if (role === 'collector') return state !== 'streaming';
  return role === 'sealed' || state !== 'collecting';
}

describe('the transition table', () => {
  it('lets nothing derived from a list in before every freeze', () => {
    for (const role of roles) {
      for (const state of ['waiting', 'offered', 'consenting'] as const) {
        for (const event of later) {
          expect(verdict(role, state, event)).toBe('refuse');
        }
      }
    }
  });

  it('takes tags at the collector only, and only after the barrier', () => {
    for (const role of roles) {
      for (const state of states) {
        const taken = verdict(role, state, 'chunk-tags') === 'take';
        expect(taken).toBe(role === 'collector' && state === 'collecting');
      }
    }
  });

  it('is over when it is over', () => {
    for (const role of roles) {
      for (const event of events) {
        expect(verdict(role, 'done', event)).toBe('drop');
        expect(verdict(role, 'aborted', event)).toBe('drop');
      }
    }
  });

  it('holds only what becomes due: every held event is taken in some later state', () => {
    for (const role of roles) {
      for (const event of events) {
        const held = states.findLastIndex((state) => verdict(role, state, event) === 'hold');
        if (held < 0) continue;
        expect(states.slice(held).some((state) => verdict(role, state, event) === 'take')).toBe(true);
      }
    }
  });
});

/** A message of each kind that its schema takes, unsigned or with a signature that verifies under nobody's key. */
function sample(ring: Ring, event: Event): Uint8Array {
  const session = ring.proposal.session;
  const hash = '11'.repeat(32);
  const signature = '22'.repeat(64);
  const place = { kind: 'stream' as const, list: 0, hop: 0 };
  const signed = { session, from: 'a', signature };
  const messages: Record<string, Message> = {
    proposal: ring.proposal,
    consent: {
      ...signed,
      type: 'consent',
      proposalHash: hash,
      identifiers: 1,
      labels: null,
      keyCommitment: null,
      possession: null,
      listVersion: null,
      ledger: [],
      channels: [],
      approvals: [],
      log: null,
      atMs: ring.nowMs,
    },
    refusal: { ...signed, type: 'refusal', proposalHash: hash, reasons: ['purpose.unknown'] },
    freeze: { ...signed, type: 'freeze', consentsHash: hash },
    seal: { ...signed, type: 'seal', ...place, salt: hash, commitment: hash },
    barrier: { ...signed, type: 'barrier', consentsHash: hash, checked: 'complete', sent: [], received: [] },
    prove: { ...signed, type: 'prove', list: 0, hop: 1, element: hash },
    proof: {
      ...signed,
      type: 'proof',
      list: 0,
      hop: 1,
      element: hash,
      product: hash,
      proof: signature,
      input: hash,
      output: hash,
    },
    sentinels: { ...signed, type: 'sentinels', tags: '' },
    seed: { ...signed, type: 'seed', commitment: hash },
    share: { ...signed, type: 'share', share: hash },
    view: {
      ...signed,
      type: 'view',
      transcript: hash,
      exactly: [1, 2, 3],
      release: null,
      cells: null,
      salt: hash,
    },
    done: { ...signed, type: 'done', transcript: hash, view: null },
    credit: { type: 'credit', session, ...place, chunks: 1 },
    alive: { type: 'alive', session, phase: 'consent', done: 0, total: 1 },
    abort: { type: 'abort', session, code: errorTable['session.cancelled'].abort },
  };
  const message = messages[event];
  if (message !== undefined) return encodeMessage(message);
  const kind = event.slice('chunk-'.length) as StreamKind;
  return encodeChunkFrame(
    { kind, list: 0, hop: 0, chunk: 0, payload: new Uint8Array(32) },
    new Uint8Array(32),
  );
}

describe('every (role, state, message) on a real machine', () => {
  for (const role of roles) {
    for (const state of states.filter((s) => reachable(role, s))) {
      it(`${role} in ${state}: refuses what is not due, by code, and never throws`, () => {
        for (const event of events) {
          const ring = new Ring({
            lists: { a: ['1'], b: ['2'] },
            output:
              role === 'direct'
                ? { kind: 'matches', to: ['a', 'b'], predicate: null, which: false }
                : { kind: 'counts' },
          });
          const id = role === 'collector' ? 'zz-collector' : 'b';
          const machine = ring.machine(id);
          if (state !== 'waiting') {
            machine.receive('a', encodeMessage(ring.proposal), ring.nowMs);
            // the machine is put into the state; what it does there with this event is what is tested
            machine.state = state;
          } else {
            Object.assign(machine, { role });
          }
          machine.poll();
          machine.receive('a', sample(ring, event), ring.nowMs);
          const what = verdict(role, state, event);
          const chunkTooEarly =
            event.startsWith('chunk-') && ['waiting', 'offered', 'consenting'].includes(state);
          if (what === 'drop' || what === 'hold') {
            expect(machine.poll(), `${event}: ${what}`).toEqual([]);
            expect(machine.state).toBe(state);
          } else if (what === 'refuse' || chunkTooEarly) {
            expect(machine.state, event).toBe('aborted');
            const aborted = machine.poll().find((output) => output.type === 'aborted');
            expect(aborted?.type === 'aborted' && aborted.error.code, event).toMatch(/^wire\.(order|frame)$/);
          } else if (event === 'alive') {
            expect(machine.state).toBe(state);
          } else if (event === 'abort') {
            expect(machine.state).toBe('aborted');
          }
        }
      });
    }
  }
});
