/**
 * Agreed caps hold for a list and a partner over all sets of parties: random sessions among random sets against a plain
 * list of what was charged, and a partner whose own ledger denies nothing.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { memoryStore } from '../store/index.ts';
import {
  consentOf,
  nowMs,
  proposalOf,
  type Question,
  runSession,
  type Side,
  sideOn,
} from './ledger.testkit.ts';

const coded = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) });
const everybody = ['east', 'north', 'south', 'west'];
const withoutList = (side: Side): Side => ({ id: side.id, ledger: side.ledger });

/** One session as somebody without a ledger would write it down. */
interface Note {
  readonly parties: readonly string[];
  readonly costs: ReadonlyMap<string, { version: string; records: number; microEpsilon: number }>;
  /** The question, and everybody's versions: whoever asks the same again is answered from the store. */
  readonly question: string;
  readonly day: number;
}

const caps = fc.record(
  {
    sessions: fc.integer({ min: 1, max: 4 }),
    records: fc.integer({ min: 20, max: 60 }),
    versions: fc.integer({ min: 1, max: 3 }),
    microEpsilon: fc.integer({ min: 100, max: 300 }),
  },
  { requiredKeys: [] },
);
const session = fc.record({
  parties: fc.subarray(everybody, { minLength: 2 }),
  versions: fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 4, maxLength: 4 }),
  microEpsilon: fc.option(fc.constantFrom(50, 100), { nil: undefined }),
  verified: fc.boolean(),
  /** Two periods of seven days. */
  day: fc.constantFrom(0, 1, 7),
});

/** Whether a list would pass a cap with a partner, by adding up. */
function passes(
  notes: readonly Note[],
  { parties, costs, day }: Note,
  limits: { sessions?: number; records?: number; versions?: number; microEpsilon?: number },
): boolean {
  return parties.some((owner) =>
    parties.some((partner) => {
      if (owner === partner) return false;
      const period = Math.floor((nowMs / 86_400_000 + day) / 7);
      const before = notes
        .filter((note) => note.parties.includes(owner) && note.parties.includes(partner))
        .filter((note) => Math.floor((nowMs / 86_400_000 + note.day) / 7) === period)
        .map((note) => ({ ...note.costs.get(owner), series: note.parties.join() }));
      const own = { ...costs.get(owner), series: parties.join() };
      const all = [...before, own];
      const sum = (key: 'records' | 'microEpsilon'): number =>
        all.reduce((total, one) => total + (one[key] ?? 0), 0);
      const versions = new Set(all.map(({ version, series }) => `${series} ${version}`));
      const isKnown = before.some(({ version, series }) => version === own.version && series === own.series);
      return (
        all.length > (limits.sessions ?? Number.POSITIVE_INFINITY) ||
        sum('records') > (limits.records ?? Number.POSITIVE_INFINITY) ||
        (!isKnown && versions.size > (limits.versions ?? Number.POSITIVE_INFINITY)) ||
        ((own.microEpsilon ?? 0) > 0 &&
          sum('microEpsilon') > (limits.microEpsilon ?? Number.POSITIVE_INFINITY))
      );
    }),
  );
}

it('random sessions among random parties: charged as a plain list of them says, and refused where it would pass a cap', () => {
  fc.assert(
    fc.property(caps, fc.array(session, { minLength: 1, maxLength: 12 }), (limits, sessions) => {
      let atMs = nowMs;
      const clock = { nowMs: () => atMs, setTimer: () => () => undefined };
      const sides = new Map(everybody.map((id) => [id, sideOn(memoryStore(), id, undefined, 1, clock)]));
      const hub = withoutList(sideOn(memoryStore(), 'hub', undefined, 1, clock));
      const notes: Note[] = [];
      // A clock does not go back.
      for (const [n, one] of sessions.toSorted((a, b) => a.day - b.day).entries()) {
        const { parties, versions, microEpsilon, verified, day } = one;
        atMs = nowMs + day * 86_400_000;
        const asked: Question = {
          parties,
          caps: limits,
          verified,
          collector: 'hub',
          atMs,
          ...(microEpsilon !== undefined && { microEpsilon }),
        };
        const proposal = proposalOf(n + 1, asked);
        const taking = parties.map((id): Side => {
          const version = `${parties.join()} ${id} ${versions[everybody.indexOf(id)]}`;
          const hex = Buffer.from(version).toString('hex').padEnd(64, '0').slice(-64);
          return { ...(sides.get(id) as Side), list: { version: hex, identifiers: 10 } };
        });
        const costs = new Map(
          taking.map(({ id, list }) => {
            const records = microEpsilon === undefined ? 10 + (verified ? 1 : 0) : 0;
            return [id, { version: list?.version ?? '', records, microEpsilon: microEpsilon ?? 0 }];
          }),
        );
        const note: Note = {
          parties,
          costs,
          question: JSON.stringify([
            parties,
            verified,
            microEpsilon,
            [...costs].map(([, { version }]) => version),
          ]),
          day,
        };
        const isOver = passes(notes, note, limits);
        let outcome: readonly (string | undefined)[] | string;
        try {
          outcome = runSession([...taking, hub], proposal);
        } catch (thrown) {
          outcome = (thrown as { code: string }).code;
          for (const { ledger } of [...taking, hub]) ledger.end(proposal, false);
        }
        const period = (of: number): number => Math.floor((nowMs / 86_400_000 + of) / 7);
        const isRepeat = notes.some(
          (known) => known.question === note.question && period(known.day) === period(day),
        );
        if (isOver) expect(outcome).toBe('privacy.budget');
        else if (isRepeat) expect(new Set(outcome).has(undefined)).toBe(false);
        else expect(outcome).toEqual([...taking, hub].map(() => undefined));
        if (!isOver && !isRepeat) notes.push(note);
      }
    }),
    { endOnFailure: true, numRuns: 60 },
  );
});

it('a partner that counts nothing is refused by the others, at their charge, with a third party at the table', () => {
  const limits = { sessions: 1 };
  const [north, south, west] = ['north', 'south', 'west'].map((id) => sideOn(memoryStore(), id)) as [
    Side,
    Side,
    Side,
  ];
  const hub = withoutList(sideOn(memoryStore(), 'hub'));
  runSession([north, south], proposalOf(1, { caps: limits }));
  const among = proposalOf(2, { caps: limits, parties: ['north', 'south', 'west'], collector: 'hub' });
  // Whoever was there says no before it consents; whoever was not, cannot know.
  expect(north.ledger.findings(among)).toEqual(['cap.sessions']);
  expect(west.ledger.findings(among)).toEqual([]);
  const consents = new Map([north, south, west, hub].map((side) => [side.id, consentOf(side, among)]));
  const before = north.ledger.statement(among, () => true);
  for (const { ledger } of [north, south])
    expect(() => ledger.charge(among, consents)).toThrow(coded('privacy.budget', 'cap.sessions'));
  expect(north.ledger.statement(among, () => true)).toEqual(before);
  // With somebody else there is a budget of its own.
  expect(north.ledger.findings(proposalOf(3, { caps: limits, parties: ['north', 'west'] }))).toEqual([]);
});

it('another length of the period is no new budget', () => {
  const [north, south] = ['north', 'south'].map((id) => sideOn(memoryStore(), id)) as [Side, Side];
  runSession([north, south], proposalOf(1, { caps: { periodDays: 7, sessions: 1 } }));
  const another = proposalOf(2, { caps: { periodDays: 8, sessions: 1 }, verified: false });
  expect(north.ledger.findings(another)).toEqual(['cap.sessions']);
});
