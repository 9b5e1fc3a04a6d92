/**
 * One session between the nodes of a household, from proposal to answer.
 *
 * Purpose: what four terminals would do, over the same control sockets: propose, watch, take the answer.
 * Assumes: every node pinned every other, holds its list under `listName`, and consents by itself.
 * Does not know: processes, plaintext answers.
 */
import { join } from 'node:path';
import { readFile, unlink } from 'node:fs/promises';
import type { SessionDetail } from '@tallystick/node/control';
import { TallyError } from '@tallystick/protocol/errors';
import type { Evidence } from '@tallystick/protocol/evidence';
import { isImportEvent, type NodeControl } from '../control/index.ts';
import type { MatchedRecord } from '../oracle/index.ts';
import { type ProgressBoard, sessionTracks } from '../progress/index.ts';
import type {
  CountResult,
  LabelCellResult,
  LabelsResult,
  PartyResult,
  ReleaseResult,
  SessionResult,
} from '../render/index.ts';
import type { Scenario } from '../scenario/types.ts';
import { codedError } from './coded.ts';
import type { DeclaredLabels } from './labels.ts';
import { askUnder } from './request.ts';
import type { Standing } from './standing.ts';

/** Every node of a household brings one list, under this name. */
export const listName = 'list';

export interface LocalParty {
  readonly id: string;
  readonly node: NodeControl;
}

export interface LocalSession {
  readonly scenario: Omit<Scenario, 'parties'>;
  /** In the order of the scenario. */
  readonly parties: readonly LocalParty[];
  /** As the agreement is to declare them; none: no list is cut. */
  readonly labels: DeclaredLabels;
  /** Who collects, where the session needs it. */
  readonly collectors: readonly string[];
  /** The coordinator. */
  readonly relay: string;
  /** The agreement that is asked; absent: none. */
  readonly standing?: Standing | undefined;
  readonly board: ProgressBoard;
  readonly nowMs: () => number;
}

/** What came out; `oracle` is for the caller to add. */
export type LocalResult = Omit<SessionResult, 'oracle'>;

/** @throws TallyError that ended the session, as the proposer saw it. */
export async function runSession(job: LocalSession): Promise<LocalResult> {
  const { parties, board } = job;
  const startedMs = job.nowMs();
  const session = await (job.standing === undefined
    ? ask(job)
    : askUnder({ ...job, standing: job.standing, listName }));
  const sorted = parties.map((party) => party.id).sort();
  const tracks = sessionTracks(board, sorted, job.collectors);
  const details = await Promise.all(
    parties.map((party) => watch(party, session, (event) => tracks.take(party.id, event))),
  );
  // Whoever ended it knows why; the others were told a number.
  const failed =
    details.find(({ error }, i) => error !== null && error.by === parties[i]?.id) ??
    details.find((detail) => detail.error !== null) ??
    details.find((one) => one.state !== 'done');
  if (failed !== undefined) throw failure(failed);
  return assemble(job, session, details, job.nowMs() - startedMs);
}

/** Without a standing agreement: everybody consents by itself. */
async function ask({ scenario, parties, labels, collectors }: LocalSession): Promise<string> {
  const [first, ...others] = parties as [LocalParty, ...LocalParty[]];
  const { output } = scenario;
  const { session } = await first.node.call('session.propose', {
    with: others.map((party) => party.id),
    list: listName,
    subject: scenario.subject,
    recipes: [...scenario.recipes],
    ...outputParams(output),
    verified: scenario.verified,
    purpose: scenario.purpose,
    ...(scenario.privacy === undefined ? {} : { privacy: { ...scenario.privacy.settings } }),
    ...(scenario.padTo === undefined ? {} : { padTo: scenario.padTo }),
    ...(labels.length === 0 ? {} : { labels: labels }),
    ...(scenario.caps === undefined ? {} : { caps: { ...scenario.caps } }),
    ...(output.kind === 'counts' || others.length > 1 ? { collectors: [...collectors] } : {}),
  });
  return session;
}

function outputParams(output: Scenario['output']) {
  if (output.kind === 'counts') return { output: { kind: 'counts' as const } };
  const { to, predicate, which } = output;
  return {
    output: { kind: 'matches' as const, to: [...to] },
    ...(predicate === undefined ? {} : { predicate }),
    ...(which === undefined ? {} : { which }),
  };
}

type OnEvent = Parameters<ReturnType<typeof sessionTracks>['take']>[1];

/** A node may hear of the session a moment after its proposer. */
async function watch(
  party: LocalParty,
  session: string,
  onEvent: (event: OnEvent) => void,
): Promise<SessionDetail> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await party.node.call('session.watch', { session }, (event) => {
        if (!isImportEvent(event)) onEvent(event);
      });
    } catch (error) {
      if (!(error instanceof TallyError) || error.code !== 'session.unknown' || attempt >= 100) throw error;
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}

function failure(detail: SessionDetail): TallyError {
  const { error } = detail;
  if (error === null)
    return new TallyError('internal.bug', `session: ended as ${detail.state} without a reason`);
  return codedError(error.code, `${error.message} (ended by ${error.by})`);
}

function assemble(
  job: LocalSession,
  session: string,
  details: readonly SessionDetail[],
  elapsedMs: number,
): LocalResult {
  const { scenario, parties } = job;
  const results = parties.map(({ id }, i): PartyResult => {
    const detail = details[i] as SessionDetail;
    if (detail.own === null)
      throw new TallyError('internal.bug', `session: node ${id} tells nothing of its list`);
    const { records, identifiers, withoutIdentifiers, rejected, cut } = detail.own;
    const own = { id, records, identifiers, withoutIdentifiers, rejected, matches: detail.matches };
    return detail.privacy?.microEpsilon == null ? own : { ...own, cut };
  });
  const first = details[0] as SessionDetail;
  const sum = (take: (detail: SessionDetail) => number): number =>
    details.reduce((at, one) => at + take(one), 0);
  return {
    session,
    form: first.form ?? 'direct',
    verified: details.every((detail) => detail.verification === 'verified'),
    suite: first.suite,
    recipe: scenario.recipe,
    parties: results,
    counts: countsInOrder(
      details,
      parties.map((party) => party.id),
    ),
    ...(first.marks === null ? {} : { marks: first.marks }),
    ...releaseOf(details),
    ...labelsOf(
      details,
      parties.map((party) => party.id),
    ),
    announced: Object.fromEntries(first.parties.map((party) => [party.id, party.identifiers ?? 0])),
    bytes: { sent: sum((one) => one.bytes.sent), received: sum((one) => one.bytes.received) },
    elapsedMs,
    collectors: first.collectors,
    output: scenario.output,
    relay: { id: job.relay, bytes: sum((one) => one.transport.sent) },
  };
}

/** All parties were told the same; the numbers are in the order of thresholds. */
function releaseOf(details: readonly SessionDetail[]): { release?: ReleaseResult } {
  if (new Set(details.map((detail) => JSON.stringify(detail.release))).size !== 1)
    throw new TallyError('internal.bug', 'release: the parties were told different ones');
  const [detail] = details;
  if (detail?.release == null) return {};
  const { privacy, padTo, release } = detail;
  const { noise, inAtLeast, union } = release;
  const exact = noise === null && padTo === null && (privacy === null || privacy.minCount < 2);
  return { release: { exact, privacy, padTo, noise, inAtLeast, union } };
}

/** All parties were told the same cells; lists, and those of a cell, are in the order of the scenario. */
function labelsOf(details: readonly SessionDetail[], ids: readonly string[]): { labels?: LabelsResult } {
  if (new Set(details.map((detail) => JSON.stringify(detail.labels))).size !== 1)
    throw new TallyError('internal.bug', 'labels: the parties were told different ones');
  const [detail] = details;
  const { lists, cells } = detail?.labels ?? {};
  if (lists === undefined || cells == null) return {};
  const place = (cell: LabelCellResult): number =>
    cell.in.reduce((mask, id) => mask | (1 << ids.indexOf(id)), 0);
  const inOrder = ids.flatMap((id) => lists.find((list) => list.id === id) ?? []);
  const byLabel = inOrder.map(({ id, labels }) => ({ id, names: (labels ?? []).map(({ label }) => label) }));
  const rank = (cell: LabelCellResult): number =>
    byLabel.reduce(
      (at, { id, names }) => at * (names.length + 1) + names.indexOf(cell.labels[id] ?? '') + 1,
      0,
    );
  return {
    labels: {
      lists: inOrder.map(({ id, field, labels }) => ({ id, field, labels: labels ?? [] })),
      cells: cells
        .map((cell) => ({
          ...cell,
          in: ids.filter((id) => cell.in.includes(id)),
          labels: Object.fromEntries(
            byLabel.flatMap(({ id }) => (cell.labels[id] === undefined ? [] : [[id, cell.labels[id]]])),
          ),
        }))
        .toSorted((a, b) => place(a) - place(b) || rank(a) - rank(b)),
    },
  };
}

/** The session orders its parties by id; the answer is in the order of the scenario. All views must be one. */
function countsInOrder(
  details: readonly SessionDetail[],
  ids: readonly string[],
): readonly CountResult[] | null {
  const views = details.map((detail) => JSON.stringify(detail.counts));
  if (new Set(views).size !== 1)
    throw new TallyError('internal.bug', 'counts: the parties were told different ones');
  const counts = details[0]?.counts ?? null;
  if (counts === null) return null;
  const place = (row: CountResult): number => row.in.reduce((mask, id) => mask | (1 << ids.indexOf(id)), 0);
  return counts
    .map((row) => ({ ...row, in: ids.filter((id) => row.in.includes(id)) }))
    .toSorted((a, b) => place(a) - place(b));
}

/** A receiver's own matching records, through a file of mode 0600 that is gone afterwards. */
export async function takeMatches(
  party: LocalParty,
  session: string,
  directory: string,
): Promise<{ readonly records: readonly MatchedRecord[]; readonly text: string }> {
  const out = join(directory, `${party.id}.matches.jsonl`);
  await party.node.call('session.export', { session, out });
  try {
    const text = await readFile(out, 'utf8');
    const lines = text.split('\n').filter((line) => line !== '');
    return { text, records: lines.map((line) => JSON.parse(line) as MatchedRecord) };
  } finally {
    await unlink(out);
  }
}

/** What every party keeps of the session, without salts: all of them are here, where one may read the others'. */
export async function takeEvidence(
  parties: readonly LocalParty[],
  session: string,
): Promise<ReadonlyMap<string, Evidence>> {
  const all = parties.map(async ({ id, node }): Promise<[string, Evidence]> => {
    return [id, await node.call('session.evidence', { session, salts: false })];
  });
  return new Map(await Promise.all(all));
}
