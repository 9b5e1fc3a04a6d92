/**
 * The plaintext answers: what a session must say, worked out from the lists themselves.
 *
 * Purpose: `run` and `demo` hold the protocol's answers against these; and say why a record matched.
 * Assumes: all lists are on this machine, which is so only there; they fit in memory. Uses the importers and
 * the recipes, and nothing of the protocol: no group, no tag, no session.
 * Does not know: what the protocol answered until `compare`.
 */
import { importList } from '@tallystick/node/lists';
import type { Predicate } from '@tallystick/protocol/agreement';
import { deriveIdentifiers, isRecordOf, labelsOf, type WatchlistRecord } from '@tallystick/protocol/records';
import type { CountResult, PartyResult } from '../render/result.ts';
import type { Scenario, ScenarioParty } from '../scenario/types.ts';

export { compareLabels } from './labels.ts';
export { compareRelease, type ReleaseCheck } from './release.ts';

/** A list as a session sees it. */
export interface PlainList {
  readonly id: string;
  readonly records: number;
  readonly withoutIdentifiers: number;
  readonly rejected: number;
  /** Identifiers left out: more of a record than the noise is made for. */
  readonly cut?: number;
  /** Identifier → the ids of the records that have it. */
  readonly holders: ReadonlyMap<string, readonly string[]>;
  /** Identifier → every label that a record with it has; absent: the list is not cut. */
  readonly labels?: ReadonlyMap<string, readonly string[]>;
  /** Records by id, for showing examples to their owner. */
  readonly byId: ReadonlyMap<string, WatchlistRecord>;
}

export interface PlainCount {
  readonly in: readonly string[];
  readonly exactly: number;
  readonly atLeast: number;
}

export interface PlainAnswers {
  readonly lists: readonly PlainList[];
  /** Receiver → own record id → the identifiers that matched; empty unless the output is matches. */
  readonly matches: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;
  readonly counts: readonly PlainCount[] | null;
  /** Whether receivers are told on which lists. */
  readonly which: boolean;
}

type Job = Pick<Scenario, 'parties' | 'subject' | 'recipes' | 'output' | 'privacy'>;

/** @throws TallyError of the importers (`list.*`, `file.*`). */
export async function plaintextAnswers(job: Job, signal?: AbortSignal): Promise<PlainAnswers> {
  return answersFrom(await readPlainLists(job, signal), job.output);
}

/** The lists of a job, read once; `answersFrom` may be asked of any of them. */
export async function readPlainLists(
  job: Pick<Job, 'parties' | 'subject' | 'recipes' | 'privacy'>,
  signal?: AbortSignal,
): Promise<readonly PlainList[]> {
  const lists: PlainList[] = [];
  for (const party of job.parties) lists.push(await readPlain(party, job, signal));
  return lists;
}

export function answersFrom(lists: readonly PlainList[], output: Scenario['output']): PlainAnswers {
  if (output.kind === 'counts')
    return { lists, matches: new Map(), counts: countCombinations(lists), which: false };
  const matches = new Map<string, Map<string, Set<string>>>();
  for (const mine of lists) {
    if (!output.to.includes(mine.id)) continue;
    matches.set(mine.id, matchesOf(mine, lists, output.predicate));
  }
  return { lists, matches, counts: null, which: output.which ?? false };
}

async function readPlain(
  party: ScenarioParty,
  job: Pick<Job, 'subject' | 'recipes' | 'privacy'>,
  signal?: AbortSignal,
): Promise<PlainList> {
  const holders = new Map<string, string[]>();
  const labels = new Map<string, string[]>();
  const field = party.labels?.field;
  const byId = new Map<string, WatchlistRecord>();
  let [records, withoutIdentifiers, rejected, cut] = [0, 0, 0, 0];
  const policy = job.privacy?.policy;
  const most = policy?.microEpsilon == null ? Number.POSITIVE_INFINITY : policy.identifiersPerRecord;
  const { format, columns } = party;
  const events = importList(party.list, {
    ...(format === undefined ? {} : { format }),
    ...(columns === undefined ? {} : { columns }),
    ...(signal === undefined ? {} : { signal }),
  });
  for await (const event of events) {
    if (event.type === 'rejected') rejected++;
    if (event.type !== 'record' || !isRecordOf(event.record, job.subject)) continue;
    records++;
    byId.set(event.record.id, event.record);
    const { identifiers } = deriveIdentifiers(event.record, job.recipes);
    if (identifiers.length === 0) withoutIdentifiers++;
    cut += Math.max(0, identifiers.length - most);
    for (const identifier of identifiers.slice(0, most)) {
      const ids = holders.get(identifier);
      if (ids === undefined) holders.set(identifier, [event.record.id]);
      else ids.push(event.record.id);
      if (field === undefined) continue;
      labels.set(identifier, [...(labels.get(identifier) ?? []), ...labelsOf(event.record, field)]);
    }
  }
  const own = { id: party.id, records, withoutIdentifiers, rejected, cut, holders, byId };
  return field === undefined ? own : { ...own, labels };
}

/** @param predicate absent between two parties: on the other's list. */
function matchesOf(
  mine: PlainList,
  lists: readonly PlainList[],
  predicate: Predicate | undefined,
): Map<string, Set<string>> {
  const least =
    predicate?.kind === 'atLeast' ? predicate.lists : predicate?.kind === 'any' ? 2 : lists.length;
  const byRecord = new Map<string, Set<string>>();
  for (const [identifier, ids] of mine.holders) {
    if (lists.filter((list) => list.holders.has(identifier)).length < least) continue;
    for (const id of ids) {
      const known = byRecord.get(id) ?? new Set<string>();
      byRecord.set(id, known.add(identifier));
    }
  }
  return byRecord;
}

/** Every non-empty combination, in the order of its bit pattern; list 0 is bit 0. */
function countCombinations(lists: readonly PlainList[]): PlainCount[] {
  const masks = new Map<string, number>();
  lists.forEach((list, i) => {
    for (const identifier of list.holders.keys()) {
      masks.set(identifier, (masks.get(identifier) ?? 0) | (1 << i));
    }
  });
  const exactly = new Map<number, number>();
  for (const mask of masks.values()) exactly.set(mask, (exactly.get(mask) ?? 0) + 1);
  const rows: PlainCount[] = [];
  for (let mask = 1; mask < 1 << lists.length; mask++) {
    let atLeast = 0;
    for (const [held, number] of exactly) if ((held & mask) === mask) atLeast += number;
    rows.push({
      in: lists.filter((_, i) => (mask & (1 << i)) !== 0).map((list) => list.id),
      exactly: exactly.get(mask) ?? 0,
      atLeast,
    });
  }
  return rows;
}

/** One line of a file that `session export` wrote. */
export interface MatchedRecord {
  readonly id: string;
  readonly matched: readonly string[];
  /** By matched identifier: the other lists that hold it, where receivers are told. */
  readonly matchedOn?: readonly (readonly string[])[];
}

export interface ProtocolAnswers {
  readonly parties: readonly PartyResult[];
  /** Null as well where they are released, with noise or withheld ones, and `compareRelease` looks at them. */
  readonly counts: readonly CountResult[] | null;
  /** Receiver → its exported records. */
  readonly matched: ReadonlyMap<string, readonly MatchedRecord[]>;
}

/** Where the protocol's answers are not the plaintext ones, in words without contents; empty where they are equal. */
export function compare(plain: PlainAnswers, got: ProtocolAnswers): string[] {
  const differences: string[] = [];
  const expect = (what: string, want: number | null, have: number | null): void => {
    if (want !== have) differences.push(`${what}: plaintext ${want ?? 'none'}, protocol ${have ?? 'none'}`);
  };
  plain.lists.forEach((list, i) => {
    const party = got.parties[i];
    expect(`${list.id} records`, list.records, party?.records ?? null);
    expect(`${list.id} identifiers`, list.holders.size, party?.identifiers ?? null);
    expect(
      `${list.id} records without identifiers`,
      list.withoutIdentifiers,
      party?.withoutIdentifiers ?? null,
    );
    expect(`${list.id} rows rejected`, list.rejected, party?.rejected ?? null);
    expect(`${list.id} identifiers left out`, list.cut ?? 0, party?.cut ?? 0);
    const mine = plain.matches.get(list.id);
    expect(`${list.id} matching records`, mine?.size ?? null, party?.matches?.records ?? null);
    const identifiers =
      mine === undefined ? null : new Set([...mine.values()].flatMap((one) => [...one])).size;
    expect(`${list.id} matching identifiers`, identifiers, party?.matches?.identifiers ?? null);
    const records = got.matched.get(list.id) ?? [];
    if (mine !== undefined) compareRecords(list.id, mine, records, differences);
    const wrong = mine === undefined ? 0 : records.filter((one) => !isOn(one, list, plain)).length;
    if (wrong > 0) differences.push(`${list.id}: ${wrong} records are said to be on other lists`);
  });
  expect('combinations', plain.counts?.length ?? null, got.counts?.length ?? null);
  for (const row of plain.counts ?? []) {
    const name = row.in.join('+');
    const have = got.counts?.find((one) => one.in.join('+') === name);
    expect(`exactly ${name}`, row.exactly, have?.exactly ?? null);
    expect(`at least ${name}`, row.atLeast, have?.atLeast ?? null);
  }
  return differences;
}

/** Whether a record says of every identifier on which lists it is, or says nothing where nothing was agreed. */
function isOn({ matched, matchedOn }: MatchedRecord, mine: PlainList, plain: PlainAnswers): boolean {
  if (!plain.which) return matchedOn === undefined;
  return matched.every((identifier, i) => {
    const want = plain.lists.filter((list) => list !== mine && list.holders.has(identifier));
    return sameSet(new Set(want.map((list) => list.id)), matchedOn?.[i] ?? []);
  });
}

function compareRecords(
  id: string,
  want: ReadonlyMap<string, ReadonlySet<string>>,
  have: readonly MatchedRecord[],
  differences: string[],
): void {
  const got = new Map(have.map((one) => [one.id, one]));
  let missing = 0;
  let otherIdentifiers = 0;
  for (const [record, identifiers] of want) {
    const exported = got.get(record);
    if (exported === undefined) missing++;
    else if (!sameSet(identifiers, exported.matched)) otherIdentifiers++;
  }
  const surplus = [...got.keys()].filter((record) => !want.has(record)).length;
  if (missing > 0) differences.push(`${id}: ${missing} matching records are missing`);
  if (surplus > 0) differences.push(`${id}: ${surplus} records match that should not`);
  if (otherIdentifiers > 0)
    differences.push(`${id}: ${otherIdentifiers} records match through other identifiers`);
}

function sameSet(want: ReadonlySet<string>, have: readonly string[]): boolean {
  return want.size === new Set(have).size && have.every((one) => want.has(one));
}
