import type { AuditEntry, EntryBody } from '@tallystick/protocol/audit';
import { TallyError, type ErrorCode, errorTable } from '@tallystick/protocol/errors';
import { describe, expect, it } from 'vitest';
import { fakeClock } from '../clock/index.ts';
import { silentLog } from '../log/index.ts';
import { Attempts } from './index.ts';

const hourMs = 3_600_000;

function world() {
  const written: { from: string | null; code: string; count: number }[] = [];
  const clock = fakeClock();
  const append = (body: EntryBody): AuditEntry => {
    if (body.type === 'attempt') written.push({ from: body.from, code: body.code, count: body.count });
    return body as AuditEntry;
  };
  const attempts = new Attempts({ audit: { append }, clock, log: silentLog, self: 'a' });
  return { attempts, written, clock };
}

describe('attempts', () => {
  it('are written at once, and counted together until the hour is over', () => {
    const { attempts, written, clock } = world();
    for (let i = 0; i < 1000; i++) attempts.note({ from: 'b', code: 'wire.frame' });
    expect(written).toEqual([{ from: 'b', code: 'wire.frame', count: 1 }]);
    clock.advance(hourMs);
    attempts.note({ from: null, code: 'peer.unknown' });
    expect(written.slice(1)).toEqual([
      { from: 'b', code: 'wire.frame', count: 999 },
      { from: null, code: 'peer.unknown', count: 1 },
    ]);
    attempts.flush();
    expect(written).toHaveLength(3);
  });

  it('of many kinds take so many entries an hour and no more, and none is forgotten', () => {
    const { attempts, written } = world();
    const codes = Object.keys(errorTable).slice(0, 80) as ErrorCode[];
    for (const code of codes) attempts.note({ from: 'b', code });
    expect(written).toHaveLength(60);
    attempts.flush();
    expect(written.map(({ code }) => code).toSorted()).toEqual(codes.toSorted());
  });

  it('never throw: what was refused stays refused', () => {
    const append = (): never => {
      throw new TallyError('store.write', 'disk full');
    };
    const attempts = new Attempts({ audit: { append }, clock: fakeClock(), log: silentLog, self: 'a' });
    expect(() => attempts.note({ from: null, code: 'peer.unknown' })).not.toThrow();
  });
});
