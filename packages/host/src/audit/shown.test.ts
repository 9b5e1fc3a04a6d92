/**
 * Logs that consents show: what a station shows of its own, and what it makes of a partner's beside the heads that it holds.
 * Real logs on stores in memory; keys are drawn once.
 */
import { type EntryBody, parseCheckpoint, parseEntry, withSignatures } from '@tallystick/protocol/audit';
import { encodeHex } from '@tallystick/protocol/bytes';
import type { ShownLog } from '@tallystick/protocol/wire';
import { beforeAll, describe, expect, it } from 'vitest';
import { fakeClock } from '../clock/index.ts';
import { createIdentity, type SigningIdentity } from '../identity/index.ts';
import { silentLog } from '../log/index.ts';
import { systemRandom } from '../random/index.ts';
import { createSealer } from '../seal/index.ts';
import { memoryStore } from '../store/index.ts';
import { createWitnessStore, openAuditLog, ShownLogs } from './index.ts';

const clock = fakeClock(1_800_000_000_000);
const refusal: EntryBody = {
  type: 'refuse',
  by: 'a',
  session: null,
  agreement: null,
  request: null,
  proposal: 'ab'.repeat(32),
  reasons: ['purpose'],
};
const shownBy = (station: Station): ShownLog => station.shown.own([]);

type Station = ReturnType<typeof start>;
function start(identity: SigningIdentity) {
  const store = memoryStore();
  const sealer = createSealer(systemRandom(32), systemRandom);
  const audit = openAuditLog({ store, sealer, clock, random: systemRandom, identity });
  const kept = createWitnessStore(store, sealer);
  const grow = (n: number): void => {
    for (let i = 0; i < n; i++) audit.append(refusal);
  };
  const told = () =>
    [...audit.leaves()].map(parseEntry).flatMap((entry) => (entry.type === 'witness' ? [entry] : []));
  return { audit, kept, grow, told, shown: new ShownLogs({ audit, store: kept, identity, log: silentLog }) };
}

describe('what a consent shows of a log', () => {
  let a: SigningIdentity;
  let b: SigningIdentity;
  beforeAll(async () => {
    a = await createIdentity('a', clock, systemRandom);
    b = await createIdentity('b', clock, systemRandom);
  });
  /** b has cosigned the head of a's log. */
  const hold = (at: Station, of: Station): void =>
    at.kept.putHeld('a', {
      publicKey: encodeHex(a.publicKey),
      checkpoint: withSignatures(of.audit.checkpoint(), []),
      broken: null,
      told: [],
    });

  it('is the head over everything so far, and the newest one that a partner cosigned', () => {
    const [ours, cosign] = [start(a), start(a)];
    const put = (station: string, size: number): void => {
      ours.grow(size - ours.audit.size);
      const checkpoint = withSignatures(ours.audit.checkpoint(), []);
      ours.kept.putWitnessed(station, { publicKey: 'ab'.repeat(32), checkpoint, atMs: size });
    };
    expect(ours.shown.own(['b']).witnessed).toBeNull();
    for (const [station, size] of [
      ['b', 3],
      ['c', 5],
      ['watch', 9],
    ] as const)
      put(station, size);
    ours.grow(4);
    const { head, witnessed } = ours.shown.own(['b', 'c']);
    expect(parseCheckpoint(head)).toMatchObject({ size: 13, origin: ours.audit.origin });
    expect(parseCheckpoint(witnessed as string).size).toBe(5);
    // A head that an earlier key signed says nothing to who knows the new one.
    const checkpoint = withSignatures(cosign.audit.checkpoint(), []).replace(
      / \S+\n$/,
      ` ${'A'.repeat(92)}\n`,
    );
    ours.kept.putWitnessed('b', { publicKey: 'ab'.repeat(32), checkpoint, atMs: 20 });
    ours.kept.putWitnessed('c', { publicKey: 'ab'.repeat(32), checkpoint, atMs: 20 });
    expect(ours.shown.own(['b', 'c']).witnessed).toBeNull();
  });

  it('may be as long as what is known, or longer; of a log that nobody knows, anything', () => {
    const [ours, other] = [start(b), start(a)];
    expect(ours.shown.known('a')).toBeNull();
    expect(ours.shown.against('a', shownBy(other), null)).toBeNull();
    hold(ours, other);
    for (const more of [0, 1, 5]) {
      other.grow(more);
      expect(ours.shown.against('a', shownBy(other), ours.shown.known('a'))).toBeNull();
    }
    expect(ours.told()).toEqual([]);
  });

  it('may be overtaken by heads that were cosigned after the channel was opened', () => {
    const [ours, other] = [start(b), start(a)];
    hold(ours, other);
    const known = ours.shown.known('a');
    const consent = shownBy(other);
    other.grow(3);
    hold(ours, other);
    expect(ours.shown.against('a', consent, known)).toBeNull();
  });

  it.each([
    ['shorter', 'log.rollback', (other: Station) => other.grow(3)],
    ['of the same length with other entries', 'log.fork', () => undefined],
  ] as const)('is refused where the log is %s; written down once', (_, code, before) => {
    const [ours, other] = [start(b), start(a)];
    before(other);
    hold(ours, other);
    const held = ours.kept.held('a');
    const known = ours.shown.known('a');
    const size = code === 'log.rollback' ? (known ?? 0) : 1;
    const shorter = { head: noteOf(other, size - 1 || 1, code === 'log.fork'), witnessed: null };
    for (let i = 0; i < 2; i++) expect(ours.shown.against('a', shorter, known)).toBe(code);
    expect(ours.told()).toMatchObject([{ of: 'a', by: 'a', code }]);
    expect(ours.kept.held('a')).toEqual({ ...held, broken: code });
    // Until its people were asked, nothing that it shows is good.
    other.grow(9);
    expect(ours.shown.against('a', shownBy(other), known)).toBe(code);
    ours.kept.dropHeld('a');
    expect(ours.shown.against('a', shorter, known)).toBeNull();
  });

  it('is refused where it is another log of the same station', () => {
    const [ours, other, anew] = [start(b), start(a), start(a)];
    hold(ours, other);
    anew.grow(7);
    expect(ours.shown.against('a', shownBy(anew), ours.shown.known('a'))).toBe('log.fork');
  });

  /** A head of an earlier size of the same log, or with another root; signatures are looked at elsewhere. */
  function noteOf({ audit }: Station, size: number, isOther: boolean): string {
    const root = isOther ? systemRandom(32) : audit.tree.root(size);
    const [line] = withSignatures(audit.checkpoint(), []).split('\n').slice(-2);
    return `${audit.origin}\n${size}\n${Buffer.from(root).toString('base64')}\n\n${line}\n`;
  }
});
