/**
 * A log that goes over to another key: its heads before and after, exports that mix them, and two exports compared.
 * Logs are invented; every forged head must be found, with its reason.
 */
import { describe, expect, it } from 'vitest';
import { encodeHex, utf8 } from '../bytes/index.ts';
import { fingerprintOfKey } from '../signature/index.ts';
import { hexOf, inventLog, type InventedLog, keysOf, sessionBodies } from './export.testkit.ts';
import {
  compareLogs,
  type EntryBody,
  keyChange,
  type LogReport,
  logOrigin,
  parseExport,
  signCheckpoint,
  verifyExport,
} from './index.ts';

/** As `compareLogs` takes it. */
const read = (of: InventedLog, header: Parameters<InventedLog['file']>[0] = {}) => {
  const parsed = parseExport(of.file(header));
  return { ...verifyExport(parsed), header: parsed.header };
};
const [first, second, third] = [keysOf(1), keysOf(2), keysOf(3)];
const origin = logOrigin('a', hexOf(1, 16));
type Keys = typeof first;

/** The entry at `index` with which the log goes over to `next`. */
const change = (index: number, next: Keys, by: Keys = first, of = origin): EntryBody =>
  keyChange({ station: 'a', origin: of, index }, next.publicKey, by.sign);

const bodies = sessionBodies('a', 10);
const more = sessionBodies('a', 20);
/** Entry 0 opens, 1 to 5 are a session, 6 names the second key, 7 to 11 are another session. */
const log = inventLog('a', 1, [...bodies, change(6, second), ...more]);
const head = (of: InventedLog, size: number, by: Keys): string =>
  signCheckpoint(origin, { size, root: of.tree.root(size) }, by.publicKey, by.sign);
const verify = (of: InventedLog, by: Keys, checkpoints: readonly string[], pin?: Keys): LogReport => {
  const header = { publicKey: encodeHex(by.publicKey), checkpoints: [...checkpoints] };
  const options = pin === undefined ? {} : { pin: fingerprintOfKey(pin.publicKey) };
  return verifyExport(parseExport(of.file(header)), options).report;
};
const problems = (report: LogReport) => report.findings.map(({ entry, problem }) => [entry, problem]);

describe('a log that goes over to another key', () => {
  const whole = log.tree.size;

  it('verifies under both, each for the heads of its time; with the pin of either, and of no other', () => {
    const heads = [head(log, 3, first), head(log, 6, first), head(log, 7, second), head(log, whole, second)];
    for (const pin of [first, second]) {
      expect(verify(log, second, heads, pin)).toMatchObject({ findings: [], isPinned: true, checkpoints: 4 });
    }
    expect(problems(verify(log, second, heads, third))).toEqual([[null, 'pin']]);
    expect(verify(log, second, heads).earlier).toEqual([fingerprintOfKey(first.publicKey)]);
  });

  it('takes no head of the key before that holds its change, and none of the new key from before', () => {
    const last = head(log, whole, second);
    expect(problems(verify(log, second, [head(log, 7, first), last]))).toEqual([[null, 'signature']]);
    expect(problems(verify(log, second, [head(log, 9, first), last]))).toEqual([[null, 'signature']]);
    expect(problems(verify(log, second, [head(log, 6, second), last]))).toEqual([[null, 'signature']]);
    // Whoever has the old key still cannot speak for the log.
    expect(problems(verify(log, first, [head(log, whole, first)]))).toContainEqual([null, 'signature']);
  });

  it.each([
    ['by nobody', change(6, second, third)],
    ['for another place', change(5, second)],
    ['for another log', change(6, second, first, logOrigin('a', hexOf(9, 16)))],
    ['by the new key itself', change(6, second, second)],
  ])('is refused where the new key is signed %s', (_, entry) => {
    const forged = inventLog('a', 1, [...bodies, entry, ...more]);
    const found = verify(forged, second, [head(forged, whole, second)], second);
    expect(found.findings[0]).toMatchObject({ entry: 6, problem: 'signature' });
  });

  it('may change again, and names the key of the file last', () => {
    const twice = inventLog('a', 1, [...bodies, change(6, second), change(7, third, second)]);
    const size = twice.tree.size;
    expect(verify(twice, third, [head(twice, 7, second), head(twice, size, third)], first).findings).toEqual(
      [],
    );
    expect(problems(verify(twice, second, [head(twice, size, third)]))).toEqual([[null, 'signature']]);
  });

  it('is cut off where a head of the new key is known', () => {
    const [line = '', ...lines] = new TextDecoder()
      .decode(log.file({ publicKey: encodeHex(second.publicKey), checkpoints: [head(log, whole, second)] }))
      .trimEnd()
      .split('\n');
    const cut = utf8(`${[line, ...lines.slice(0, 6)].join('\n')}\n`);
    expect(verifyExport(parseExport(cut)).report.findings[0]).toMatchObject({
      entry: 6,
      problem: 'truncated',
    });
  });

  it('is compared with heads that a partner witnessed under either key', () => {
    const ours = read(log, {
      publicKey: encodeHex(second.publicKey),
      checkpoints: [head(log, whole, second)],
    });
    const forged = inventLog('a', 1, [...more, change(6, second), ...bodies]);
    const b = inventLog('b', 5, []);
    for (const [size, key] of [
      [4, first],
      [9, second],
    ] as const) {
      const witnessedOf = (of: InventedLog) => ({
        witnessed: [{ station: 'a', publicKey: encodeHex(key.publicKey), checkpoint: head(of, size, key) }],
      });
      expect(
        compareLogs(ours, read(b, witnessedOf(log))).differences.filter(({ session }) => !session),
      ).toEqual([]);
      const text = `b cosigned another log at ${size} entries`;
      const { differences } = compareLogs(ours, read(b, witnessedOf(forged)));
      expect(differences).toContainEqual({ session: null, station: 'a', text });
    }
  });
});

describe('heads that were shown with consents', () => {
  const consent = (body: EntryBody, shown: { size: number; root: string } | null): EntryBody =>
    body.type === 'consent' && body.by === 'a' ? { ...body, log: shown } : body;
  const late = (index: number): number => 1_800_000_000_000 + 3_600_000 * index;
  const end = (self: string): EntryBody[] => sessionBodies(self, 90).slice(0, 1);
  const make = (station: string, seed: number, shown: { size: number; root: string } | null) =>
    inventLog(
      station,
      seed,
      [...sessionBodies(station, 10).map((body) => consent(body, shown)), ...end(station)],
      late,
    );
  const plain = make('a', 1, null);
  const good = { size: 2, root: encodeHex(plain.tree.root(2)) };
  const compared = (a: InventedLog, b: InventedLog) => {
    const [one, other] = [read(a), read(b)];
    const texts = (found: ReturnType<typeof compareLogs>) => found.differences.map(({ text }) => text);
    expect(texts(compareLogs(other, one)).toSorted()).toEqual(texts(compareLogs(one, other)).toSorted());
    return compareLogs(one, other);
  };

  it('are heads of the export, in both logs alike', () => {
    const { same, differences } = compared(make('a', 1, good), make('b', 2, good));
    expect([same, differences]).toEqual([2, []]);
  });

  it('show a log that was written anew since, and one that was cut', () => {
    const session = '0a'.repeat(16);
    const other = { size: 2, root: 'ee'.repeat(32) };
    // The forger tells the same head, as it must, and still cannot have it.
    expect(compared(make('a', 1, other), make('b', 2, other)).differences).toEqual([
      { session, station: 'a', text: 'its log was another one at its consent, over 2 entries' },
    ]);
    const long = { size: 60, root: 'ee'.repeat(32) };
    expect(compared(make('a', 1, long), make('b', 2, long)).differences).toEqual([
      { session, station: 'a', text: 'it had 60 entries at its consent, and has 7' },
    ]);
  });

  it('show who tells the other head', () => {
    const { differences } = compared(make('a', 1, null), make('b', 2, good));
    expect(differences.map(({ text }) => text)).toEqual(['the consent of a shows another head']);
  });
});
