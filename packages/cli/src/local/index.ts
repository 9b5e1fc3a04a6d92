/**
 * Everything on one machine: a scenario in, a checked answer out.
 *
 * Purpose: the one way that `run`, `demo` and the examples carry out a session.
 * Assumes: the caller may see every list. Does not know: how results are shown.
 */
import type { Evidence } from '@tallystick/protocol/evidence';
import { cellSpace, type ListShape, noiseFor } from '@tallystick/protocol/privacy';
import {
  compare,
  compareLabels,
  compareRelease,
  type MatchedRecord,
  type PlainAnswers,
  type ReleaseCheck,
} from '../oracle/index.ts';
import type { ProgressBoard } from '../progress/index.ts';
import type { SessionResult } from '../render/index.ts';
import type { Scenario } from '../scenario/types.ts';
import type { House } from './house.ts';
import type { DeclaredLabels } from './labels.ts';
import { type LocalResult, runSession, takeEvidence, takeMatches } from './session.ts';

export { type House, openHouse } from './house.ts';
export { declareLabels } from './labels.ts';
export { makeOfficers, type Officers } from './officers.ts';
export { denialLines } from './request.ts';

export interface Answer {
  readonly result: SessionResult;
  /** Receiver → its own matching records. */
  readonly matched: ReadonlyMap<string, readonly MatchedRecord[]>;
  /** Receiver → the same as the vault wrote it: JSON lines. */
  readonly texts: ReadonlyMap<string, string>;
  /** Party → what it keeps of the session, without salts. */
  readonly evidence: ReadonlyMap<string, Evidence>;
  /** Where the answers differ from the plaintext ones, in words without contents. */
  readonly differences: readonly string[];
}

/**
 * @param labels what the agreement declares, where lists are cut by labels: of `declareLabels`
 * @param plain the plaintext answers, or undefined where nobody wants to compare.
 * @throws TallyError that ended the session. A difference is no error here: it is in the result.
 */
export async function answer(
  house: House,
  scenario: Scenario,
  plain: PlainAnswers | undefined,
  board: ProgressBoard,
  labels: DeclaredLabels = [],
): Promise<Answer> {
  const ids = scenario.parties.map((party) => party.id);
  const parties = house.parties.filter((party) => ids.includes(party.id));
  const job = {
    scenario,
    parties,
    labels,
    collectors: house.collectors,
    relay: house.coordinator,
    standing: scenario.standing === undefined ? undefined : house.standing,
    board,
    nowMs: Date.now,
  };
  const session = await house.guard(runSession(job)).finally(() => board.stop());
  const matched = new Map<string, readonly MatchedRecord[]>();
  const texts = new Map<string, string>();
  for (const party of parties) {
    if (scenario.output.kind !== 'matches' || !scenario.output.to.includes(party.id)) continue;
    const { records, text } = await house.guard(takeMatches(party, session.session, house.directory));
    matched.set(party.id, records);
    texts.set(party.id, text);
  }
  const evidence = await house.guard(takeEvidence(parties, session.session));
  return { ...judge(scenario, plain, session, matched), matched, texts, evidence };
}

function judge(
  scenario: Scenario,
  plain: PlainAnswers | undefined,
  session: LocalResult,
  matched: Answer['matched'],
): Pick<Answer, 'result' | 'differences'> {
  if (plain === undefined)
    return { result: { ...session, oracle: { checked: false, equal: null } }, differences: [] };
  const { parties, counts, release } = session;
  const isReleased = scenario.privacy !== undefined || scenario.padTo !== undefined;
  const labelled = judgeLabels(scenario, plain, session);
  if (!isReleased || plain.counts === null) {
    const differences = [...compare(plain, { parties, counts, matched }), ...labelled.differences];
    return {
      result: { ...session, oracle: { checked: true, equal: differences.length === 0 } },
      differences,
    };
  }
  // Numbers that are noised or withheld are not equal or different: they are near enough or not.
  const others = compare({ ...plain, counts: null }, { parties, counts: null, matched });
  const terms = { policy: scenario.privacy?.policy ?? null, padded: scenario.padTo !== undefined };
  const cells = (session.labels?.cells ?? counts ?? []).map((cell) => cell.in);
  const got = { counts, release: release ?? null, cells, announced: shapesOf(scenario, session) };
  const checked = compareRelease(plain.counts, got, terms);
  const differences = [...others, ...checked.differences, ...labelled.differences];
  const cellsChecked = checked.cellsChecked + labelled.cellsChecked;
  const oracle = { checked: true, equal: null, cellsChecked, withinTail: differences.length === 0 };
  return { result: { ...session, oracle }, differences };
}

/** What was announced of every list, in the order of the scenario. */
function shapesOf({ parties }: Scenario, { announced = {}, labels }: LocalResult): ListShape[] {
  return parties.map(({ id }): ListShape => {
    const size = announced[id] ?? 0;
    const own = labels?.lists.find((list) => list.id === id)?.labels;
    return own === undefined
      ? { size }
      : { size, labels: own.map(({ label, identifiers }) => ({ label, size: identifiers })) };
  });
}

function judgeLabels(scenario: Scenario, plain: PlainAnswers, session: LocalResult): ReleaseCheck {
  const { labels } = session;
  const wanted = scenario.parties.some((party) => party.labels !== undefined);
  if (labels === undefined) {
    return { cellsChecked: 0, differences: wanted ? ['labels: none were told'] : [] };
  }
  const policy = scenario.privacy?.policy;
  const noise = policy === undefined ? null : noiseFor(cellSpace(shapesOf(scenario, session)), policy);
  const terms = { noise, minCount: policy?.minCount ?? 0, padTo: scenario.padTo ?? null };
  return compareLabels(plain.lists, scenario.parties, labels, terms);
}
