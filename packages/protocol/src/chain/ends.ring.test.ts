import { describe, expect, it } from 'vitest';
import { TallyError } from '../errors/index.ts';
import { isJsonFrame, parseMessage } from '../wire/index.ts';
import { Ring } from './ring.testkit.ts';

function typeOf(frame: Uint8Array): string {
  return isJsonFrame(frame) ? parseMessage(frame, 1e6).type : 'chunk';
}
const opening = (frame: Uint8Array) => ['proposal', 'consent', 'freeze'].includes(typeOf(frame));
const alive = (frame: Uint8Array) => ['alive', 'abort'].includes(typeOf(frame));
const isDone = (frame: Uint8Array) => typeOf(frame) === 'done';

describe('leaving, cancelling, waiting', () => {
  const lists = { a: ['1', '2'], b: ['2', '3'], c: ['2'] };

  it('a cancelled session ends for everybody as cancelled', () => {
    // c never answers: a and b wait for its consent
    const ring = new Ring({ lists, tamper: (from, _to, frame) => (from === 'c' ? [] : [frame]) }).run();
    expect(ring.machine('b').state).toBe('consenting');
    ring.machine('b').cancel(new TallyError('session.cancelled', 'cancelled'), ring.nowMs);
    ring.settle();
    for (const { error } of ring.places.values()) expect(error?.code).toBe('session.cancelled');
  });

  it('a silent station ends the session at its deadline, for everybody by one code', () => {
    const ring = new Ring({
      lists,
      tamper: (from, _to, frame) => (from === 'b' && !opening(frame) ? [] : [frame]),
    }).run();
    expect(ring.machine('a').state).toBe('streaming');
    const { silentMs, heartbeatMs } = { silentMs: 30_000, heartbeatMs: 5_000 };
    for (let ms = 0; ms < silentMs + heartbeatMs; ms += heartbeatMs) {
      ring.pass(heartbeatMs);
    }
    ring.settle();
    for (const { error } of ring.places.values()) expect(error?.code).toBe('session.deadline');
  });

  it('keeps waiting while heartbeats arrive, but not past the stall limit', () => {
    const ring = new Ring({
      lists,
      limits: { stallMs: 60_000 },
      tamper: (from, _to, frame) => (from === 'b' && !opening(frame) && !alive(frame) ? [] : [frame]),
    }).run();
    for (let ms = 0; ms < 50_000; ms += 5_000) {
      ring.pass(5_000);
      ring.settle();
    }
    expect(ring.machine('a').state).toBe('streaming');
    for (let ms = 0; ms < 15_000; ms += 5_000) {
      ring.pass(5_000);
      ring.settle();
    }
    for (const { error } of ring.places.values()) expect(error?.code).toBe('session.deadline');
  });

  it('a proposal that is not answered expires', () => {
    const ring = new Ring({
      lists,
      tamper: (from, _to, frame) => (from === 'c' ? [] : [frame]),
      limits: { silentMs: 1e9 },
    }).run();
    expect(ring.machine('a').state).toBe('consenting');
    ring.pass(600_001);
    expect(ring.place('a').machine.state).toBe('aborted');
    ring.settle();
    expect(ring.place('a').error?.code).toBe('consent.expired');
  });

  it('a partner that announces more than a station’s own limit is refused by it, before a freeze', () => {
    // lists of two, two and one, and the question of a proof
    const most = 3;
    for (const [maxPartnerIdentifiers, code] of [
      [most - 1, 'consent.refused'],
      [most, undefined],
    ] as const) {
      const ring = new Ring({ lists, limits: { maxPartnerIdentifiers } }).run();
      for (const { error } of ring.places.values()) expect(error?.code).toBe(code);
      const refusals = ring.sent.flatMap(({ frame }) => {
        const message = isJsonFrame(frame) ? parseMessage(frame, 1e6) : undefined;
        return message?.type === 'refusal' ? message.reasons : [];
      });
      expect(refusals.length > 0).toBe(code !== undefined);
      expect(refusals.every((reason) => reason === 'rule.partner-identifiers')).toBe(true);
      expect(ring.sent.some(({ frame }) => typeOf(frame) === 'chunk')).toBe(code === undefined);
    }
  });

  describe('a channel that ends in the closing', () => {
    const left = new TallyError('peer.left', 'left');
    const both = { kind: 'matches' as const, to: ['a', 'b'], predicate: null, which: false };

    it('ends the session where we have not said that we are done: the other cannot have left in order', () => {
      const ring = new Ring({
        lists: { a: lists.a, b: lists.b },
        output: both,
        holds: (id, job) => id === 'b' && job.op === 'match',
      }).run();
      expect(ring.machine('a').state).toBe('closing');
      expect(ring.machine('b').state).toBe('closing');
      ring.machine('b').closed('a', left, ring.nowMs);
      ring.settle();
      expect(ring.place('b').error?.code).toBe('peer.left');
    });

    it('is in order where both have said it', () => {
      const ring = new Ring({
        lists,
        tamper: (from, to, frame) => (from === 'c' && to === 'b' && isDone(frame) ? [] : [frame]),
      }).run();
      expect(ring.machine('a').state).toBe('done');
      ring.machine('b').closed('a', left, ring.nowMs);
      expect(ring.machine('b').state).toBe('closing');
      ring.machine('b').closed('c', left, ring.nowMs);
      expect(ring.machine('b').state).toBe('aborted');
    });
  });
});
