import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeHex, utf8 } from '../bytes/index.ts';
import { fingerprintOfKey } from '../signature/index.ts';
import { forgeLine, inventLog, keysOf, sessionBodies } from './export.testkit.ts';
import { compareLogs, type EntryBody, type LogReport, parseExport, verifyExport } from './index.ts';

const bodies = [...sessionBodies('a', 10), ...sessionBodies('a', 20)];
const log = inventLog('a', 1, bodies);
const whole = log.file();
const text = new TextDecoder().decode(whole);
const headBytes = utf8(text.slice(0, text.indexOf('\n'))).length;
const [headLine = '', ...lines] = text.trimEnd().split('\n');
const fileOf = (changed: readonly string[]): Uint8Array => utf8(`${[headLine, ...changed].join('\n')}\n`);
const verify = (bytes: Uint8Array, options = {}): LogReport =>
  verifyExport(parseExport(bytes), options).report;
const firstOf = (bytes: Uint8Array, options = {}) => verify(bytes, options).findings[0];
const lineOf = (at: number): string => lines[at] as string;

describe('verification of an export', () => {
  it('passes a whole one, and says whose it is', () => {
    const report = verify(whole, { pin: fingerprintOfKey(log.keys.publicKey) });
    expect(report.findings).toEqual([]);
    expect(report).toMatchObject({ station: 'a', isPinned: true, entries: lines.length, checkpoints: 1 });
    expect(verify(whole).isPinned).toBe(false);
    expect(firstOf(whole, { pin: fingerprintOfKey(keysOf(9).publicKey) })?.problem).toBe('pin');
  });

  it('names the entry in which a byte was changed', () => {
    const start = headBytes + 1;
    fc.assert(
      fc.property(fc.integer({ min: start, max: whole.length - 2 }), fc.nat(7), (at, bit) => {
        const changed = whole.map((byte, i) => (i === at ? byte ^ (1 << bit) : byte));
        const index = whole.subarray(start, at).filter((byte) => byte === 0x0a).length;
        const found = firstOf(changed);
        // A line break between two entries belongs to both.
        const near = whole[at] === 0x0a ? [index, index + 1] : [index];
        expect(near).toContain(found?.entry);
      }),
      { endOnFailure: true, numRuns: 100 },
    );
  });

  it('finds every byte that is changed in the header', () => {
    fc.assert(
      fc.property(fc.nat(headBytes - 1), fc.nat(7), (at, bit) => {
        const changed = whole.map((byte, i) => (i === at ? byte ^ (1 << bit) : byte));
        let found: number;
        try {
          found = verify(changed).findings.length;
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'log.export' });
          return;
        }
        expect(found).toBeGreaterThan(0);
      }),
      { endOnFailure: true, numRuns: 60 },
    );
  });

  it('names an entry that was taken out, exchanged, doubled, or cut off at the end', () => {
    const last = lines.length - 1;
    for (let at = 0; at < lines.length; at++) {
      const dropped = firstOf(fileOf(lines.toSpliced(at, 1)));
      expect(dropped).toMatchObject({ entry: at, problem: at === last ? 'truncated' : 'dropped' });
      expect(firstOf(fileOf(lines.toSpliced(at, 0, lineOf(at))))).toMatchObject({
        entry: at + 1,
        problem: 'inserted',
      });
      if (at === last) continue;
      const swapped = lines.with(at, lineOf(at + 1)).with(at + 1, lineOf(at));
      expect(firstOf(fileOf(swapped))).toMatchObject({ entry: at, problem: 'reordered' });
    }
    expect(firstOf(fileOf(lines.slice(0, 4)))).toMatchObject({ entry: 4, problem: 'truncated' });
  });

  it('names an entry that was forged with its leaf hash', () => {
    const forge = (at: number): string =>
      forgeLine(lineOf(at), (entry) => {
        entry['by'] = 'c';
      });
    for (let at = 1; at < lines.length - 1; at++) {
      expect(firstOf(fileOf(lines.with(at, forge(at))))).toMatchObject({ entry: at, problem: 'unchained' });
    }
    const last = lines.length - 1;
    expect(firstOf(fileOf(lines.with(last, forge(last))))).toMatchObject({ problem: 'checkpoint' });
    const link = forgeLine(lineOf(3), (entry) => {
      entry['before'] = 'ab'.repeat(32);
    });
    expect(firstOf(fileOf(lines.with(3, link)))).toMatchObject({ entry: 3, problem: 'altered' });
  });

  it('holds a log that was written anew against a checkpoint that somebody kept', () => {
    const rewritten = inventLog('a', 1, bodies.toSpliced(2, 1));
    expect(verify(rewritten.file()).findings).toEqual([]);
    const kept = { checkpoints: [log.checkpoint(5)] };
    expect(firstOf(rewritten.file(), kept)).toMatchObject({ problem: 'checkpoint', entry: 0 });
    expect(firstOf(rewritten.file(), { checkpoints: [log.checkpoint(2), log.checkpoint(5)] })).toMatchObject({
      problem: 'checkpoint',
      entry: 2,
    });
    const shorter = inventLog('a', 1, bodies.slice(0, 4));
    expect(firstOf(shorter.file(), { checkpoints: [log.checkpoint(8)] })).toMatchObject({
      problem: 'truncated',
      entry: 5,
    });
  });

  it('wants a checkpoint over all entries, of this log and of this key', () => {
    expect(firstOf(log.file({ checkpoints: [log.checkpoint(4)] }))).toMatchObject({
      entry: 4,
      problem: 'checkpoint',
    });
    const other = inventLog('a', 2, bodies);
    expect(firstOf(log.file({ checkpoints: [log.checkpoint(), other.checkpoint()] }))?.text).toContain(
      'another log',
    );
    const forged = log.checkpoint().replace(/(\n— \S+ )(.*)\n$/, (_, name: string) => {
      const [line = ''] = inventLog('a', 2, bodies).checkpoint().split('\n').slice(-2);
      return `${name}${line.split(' ')[2]}\n`;
    });
    expect(firstOf(log.file({ checkpoints: [forged] }))?.problem).toBe('signature');
  });

  it('finds entries dated before those that they follow, and those that a witness contradicts', () => {
    const base = 1_800_000_000_000;
    const back = inventLog('a', 1, bodies, (index) => base - (index === 6 ? 5000 : 0) + 1000 * index);
    expect(firstOf(back.file())).toMatchObject({ entry: 6, problem: 'back-dated' });
    const witness = keysOf(3);
    const header = (atMs: number, size = 5) => ({
      checkpoints: [log.cosigned(size, 'w', witness, atMs), log.checkpoint()],
      witnesses: [{ station: 'w', publicKey: encodeHex(witness.publicKey) }],
    });
    expect(verify(log.file(header(base + 4000)))).toMatchObject({
      findings: [],
      witnesses: [{ station: 'w', size: 5, atMs: base + 4000 }],
    });
    const hourMs = 3_600_000;
    expect(firstOf(log.file(header(base + hourMs)))).toMatchObject({ entry: 5, problem: 'back-dated' });
    expect(firstOf(log.file(header(base - hourMs)))).toMatchObject({ entry: 4, problem: 'back-dated' });
    const strange = {
      ...header(base + 4000),
      checkpoints: [log.cosigned(5, 'w', keysOf(4), base), log.checkpoint()],
    };
    // A line of a key that nobody names is passed over, as the format has it.
    expect(verify(log.file(strange))).toMatchObject({ findings: [], witnesses: [] });
  });
});

describe('two logs compared', () => {
  const compared = (file: Uint8Array) => {
    const parsed = parseExport(file);
    return { ...verifyExport(parsed), header: parsed.header };
  };
  const closing = (self: string) => sessionBodies(self, 90).slice(0, 1);
  const late = (index: number): number => 1_800_000_000_000 + 3_600_000 * index;
  const of = (station: string, seed: number, sessions: readonly number[]) =>
    inventLog(
      station,
      seed,
      [...sessions.flatMap((session) => sessionBodies(station, session)), ...closing(station)],
      late,
    );
  const a = of('a', 1, [10, 20, 30]);

  it('finds the same sessions told in the same words', () => {
    const b = of('b', 2, [30, 10, 20]);
    const { same, differences } = compareLogs(compared(a.file()), compared(b.file()));
    expect(differences).toEqual([]);
    expect(same).toBe(4);
  });

  it('finds a session that the other does not have, whoever is named first', () => {
    const b = of('b', 2, [10, 30]);
    const want = [{ session: '14'.repeat(16), station: 'b', text: 'the session is missing' }];
    expect(compareLogs(compared(a.file()), compared(b.file())).differences).toEqual(want);
    expect(compareLogs(compared(b.file()), compared(a.file())).differences).toEqual(want);
  });

  it('finds another session hash, other consents, and an entry left out', () => {
    const other = sessionBodies('b', 20).map(
      (body): EntryBody => (body.type === 'result' ? { ...body, transcript: 'ee'.repeat(32) } : body),
    );
    const telling = (middle: readonly EntryBody[]) =>
      inventLog(
        'b',
        2,
        [...sessionBodies('b', 10), ...middle, ...sessionBodies('b', 30), ...closing('b')],
        late,
      );
    const texts = (log: ReturnType<typeof telling>): string[] =>
      compareLogs(compared(a.file()), compared(log.file())).differences.map((one) => one.text);
    expect(texts(telling(other))).toEqual(['its result has another session hash']);
    const consents = sessionBodies('b', 20).map(
      (body): EntryBody => (body.type === 'start' ? { ...body, consents: 'ee'.repeat(32) } : body),
    );
    expect(texts(telling(consents))).toEqual(['it started on other consents']);
    const silent = sessionBodies('b', 20).filter(({ type, by }) => type !== 'consent' || by !== 'b');
    expect(texts(telling(silent))).toEqual(['its consent is missing']);
  });

  describe('an end that is not told', () => {
    const ended = (self: string, session: number) => sessionBodies(self, session);
    const without = (bodies: readonly EntryBody[]) => bodies.filter(({ type }) => type !== 'result');
    const aborted = (self: string, session: number) =>
      sessionBodies(self, session).map(
        (body): EntryBody =>
          body.type === 'result'
            ? { ...body, outcome: 'aborted', transcript: null, code: 'peer.left', records: null }
            : body,
      );
    /** With entries `hours` after the session, so that the export is later. */
    const log = (self: string, bodies: readonly EntryBody[], hours: number) =>
      inventLog(
        self,
        self === 'a' ? 1 : 2,
        [...bodies, ...closing(self)],
        (index) => late(0) + 1000 * index + (index > bodies.length ? 3_600_000 * hours : 0),
      );
    const found = (ours: readonly EntryBody[], theirs: readonly EntryBody[], hours = 48) => {
      const { later, differences } = compareLogs(
        compared(log('a', ours, hours).file()),
        compared(log('b', theirs, hours).file()),
      );
      return [later, ...differences.map(({ station, text }) => `${station}: ${text}`)];
    };

    it('by one of them is found, also where the other tells of an abort', () => {
      expect(found(ended('a', 20), without(ended('b', 20)))).toEqual([0, 'b: its result is missing']);
      expect(found(without(ended('a', 20)), aborted('b', 20))).toEqual([0, 'a: its result is missing']);
    });

    it('by both is found once a session cannot be under way any more', () => {
      const neither = [without(ended('a', 20)), without(ended('b', 20))] as const;
      expect(found(...neither)).toEqual([0, 'a: it started, and neither log tells how it ended']);
      expect(found(...neither, 23)).toEqual([1]);
    });

    it('is no finding where both tell of an abort, or one of them an answer that the other did not get', () => {
      expect(found(aborted('a', 20), aborted('b', 20))).toEqual([0]);
      expect(found(ended('a', 20), aborted('b', 20))).toEqual([0]);
    });

    it('is no finding where it was not long before the other export', () => {
      expect(found(ended('a', 20), without(ended('b', 20)), 0)).toEqual([1]);
    });

    it('of a session that never started, and of which one of them never heard, is none', () => {
      const refused = aborted('a', 20).filter(({ type }) => type === 'propose' || type === 'result');
      expect(found(refused, [])).toEqual([0]);
    });
  });

  it('does not miss what came after the other export', () => {
    const b = of('b', 2, [10]);
    const longer = of('a', 1, [10, 20]);
    const { later, differences } = compareLogs(compared(longer.file()), compared(b.file()));
    expect([later, differences]).toEqual([1, []]);
  });

  it('finds that a log is not the one that the other witnessed', () => {
    const b = of('b', 2, [10, 20, 30]);
    const rewritten = of('b', 2, [20, 10, 30]);
    const held = {
      witnessed: [{ station: 'b', publicKey: encodeHex(b.keys.publicKey), checkpoint: b.checkpoint(4) }],
    };
    const ours = compared(a.file(held));
    expect(compareLogs(ours, compared(b.file())).differences).toEqual([]);
    expect(compareLogs(ours, compared(rewritten.file())).differences).toEqual([
      { session: null, station: 'b', text: 'a cosigned another log at 4 entries' },
    ]);
  });
});
