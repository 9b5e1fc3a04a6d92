/**
 * Results of sessions beside the plaintext ones.
 *
 * Purpose: every number that was told is the plaintext one, none below the minimum was told, everybody was told the same;
 * and the records that matched are exactly those that should.
 * Assumes: the lists of lists.ts. Does not know: the protocol.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  answersFrom,
  compareLabels,
  compareRelease,
  type MatchedRecord,
  type PlainCount,
} from '@tallystick/cli/oracle';
import { styleFor, table } from '@tallystick/cli/render';
import type { SessionDetail } from '@tallystick/node/control';
import type { Drill } from './drill-state.ts';
import { noteEvent } from './happened.ts';
import { type AgencyId, listFiles, listsOf, minCount } from './lists.ts';

type Details = ReadonlyMap<AgencyId, SessionDetail>;

/** Counts that went to all of these agencies. */
export function checkCounts({ story, world }: Drill, details: Details): void {
  const ids = [...details.keys()].toSorted();
  const lists = listsOf(world.lists, ids);
  const plain = answersFrom(lists, { kind: 'counts' }).counts ?? [];
  const told = [...details.values()].map(({ counts, labels, release }) =>
    JSON.stringify({ counts, labels, release }),
  );
  story.check(`all ${ids.length} were told the same numbers`, new Set(told).size, 1);
  const [detail] = [...details.values()] as [SessionDetail];
  const { counts, release, labels } = detail;
  const announced = detail.parties.map(({ id, identifiers }) => {
    const own = labels?.lists.find((list) => list.id === id)?.labels;
    const size = identifiers ?? 0;
    if (own == null) return { size };
    return { size, labels: own.map((one) => ({ label: one.label, size: one.identifiers })) };
  });
  const cells = (labels?.cells ?? counts ?? []).map((cell) => cell.in);
  const policy = {
    minCount,
    microEpsilon: null,
    deltaExponent: null,
    identifiersPerRecord: world.agreement.privacy.identifiersPerRecord,
    mechanism: 'laplace' as const,
  };
  const compared = compareRelease(plain, { counts, release, cells, announced }, { policy, padded: false });
  story.check('every number told is the plaintext one', compared.differences, []);
  checkSmall({ story, plain, detail });
  if (labels === null) return;
  const parties = listFiles
    .filter(({ id }) => ids.includes(id))
    .map(({ labels: own, ...party }) =>
      labels.lists.some(({ id }) => id === party.id) && own !== undefined ? { ...party, labels: own } : party,
    );
  const byCell = {
    lists: labels.lists.map(({ id, field, labels: own }) => ({ id, field, labels: own ?? [] })),
    cells: labels.cells ?? [],
  };
  const byLabel = compareLabels(lists, parties, byCell, { noise: null, minCount, padTo: null });
  story.check('every number by label is the plaintext one', byLabel.differences, []);
}

interface Small extends Pick<Drill, 'story'> {
  readonly plain: readonly PlainCount[];
  readonly detail: SessionDetail;
}

function checkSmall({ story, plain, detail }: Small): void {
  const rows = detail.counts ?? [];
  const small = plain.filter(({ exactly }) => exactly < minCount).map((row) => row.in.join('+'));
  const withheld = new Set(rows.filter(({ exactly }) => exactly === null).map((row) => row.in.join('+')));
  story.check(
    `no number below ${minCount} was told, and some above were`,
    { told: small.filter((name) => !withheld.has(name)), isTold: withheld.size < rows.length },
    { told: [], isTold: true },
  );
}

const marksOf = ({ outputs }: Drill['world']['agreement']) => {
  const pair = outputs.find(({ kind }) => kind === 'matches');
  if (pair === undefined) throw new Error('agreement: has no output of matches');
  return pair.marks;
};

const numberText = (number: number | null): string => (number === null ? 'withheld' : String(number));

/** Every combination of lists whose number was told. */
export function tellCounts({ story }: Drill, { counts }: SessionDetail): void {
  const told = (counts ?? []).filter(({ exactly }) => exactly !== null);
  const rows = told.map((row) => [row.in.join(' + '), numberText(row.exactly)]);
  const head = ['on the lists of these and no others', 'identifiers'];
  story.shows(table(head, rows, ['left', 'right'], styleFor(false), ''));
  story.shows([
    `and ${(counts?.length ?? 0) - rows.length} combinations that are withheld, because they are small or would give small ones away`,
  ]);
}

/** Numbers of one list's labels against the others. */
export function tellLabels({ story }: Drill, { labels }: SessionDetail): void {
  const rows = (labels?.cells ?? [])
    .filter((cell) => Object.keys(cell.labels).length > 0 && cell.in.length === 2)
    .map((cell) => [
      cell.in.map((id) => [id, cell.labels[id] ?? ''].join(' ').trim()).join(' + '),
      numberText(cell.exactly),
    ]);
  story.shows(
    table(['on these lists and no others', 'identifiers'], rows, ['left', 'right'], styleFor(false), ''),
  );
}

/** Matches of two, each with those of its own list. @returns the records by agency */
export async function checkMatches(
  { world, story, happened }: Drill,
  details: Details,
): Promise<ReadonlyMap<AgencyId, readonly MatchedRecord[]>> {
  const ids = [...details.keys()].toSorted();
  const plain = answersFrom(listsOf(world.lists, ids), { kind: 'matches', to: ids });
  const found = new Map<AgencyId, readonly MatchedRecord[]>();
  for (const [id, { session, matches }] of details) {
    const out = join(world.folder, `${id}-${session}.jsonl`);
    await world.node(id).call('session.export', { session, out });
    noteEvent(happened, 'exports');
    const lines = (await readFile(out, 'utf8')).split('\n').filter((line) => line !== '');
    const records = lines.map((line) => JSON.parse(line) as MatchedRecord);
    const byId = (of: Iterable<readonly [string, Iterable<string>]>) =>
      new Map([...of].map(([record, through]) => [record, new Set(through)]));
    const want = byId([...(plain.matches.get(id) ?? [])]);
    if (want.size === 0) throw new Error(`lists: ${ids.join(' and ')} have nobody in common`);
    story.says(id, `gets the ${matches?.records ?? 0} records of its own list that the other has, too`);
    story.check(
      `${id} has exactly the records that match in plaintext`,
      byId(records.map((one) => [one.id, one.matched] as const)),
      want,
    );
    const { tlp, pap } = marksOf(world.agreement);
    story.check(
      `every line of it is marked TLP:${tlp} and PAP:${pap}`,
      [
        ...new Set(
          lines.map((line) => JSON.stringify((JSON.parse(line) as { handling?: unknown }).handling)),
        ),
      ],
      [JSON.stringify({ tlp, pap })],
    );
    found.set(id, records);
  }
  return found;
}
