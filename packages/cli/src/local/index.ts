/**
 * Everything on one machine: a scenario in, a checked answer out.
 *
 * Purpose: the one way that `run`, `demo` and the examples carry out a session.
 * Assumes: the caller may see every list. Does not know: how results are shown.
 */
import { compare, type MatchedRecord, type PlainAnswers } from '../oracle/index.ts';
import type { ProgressBoard } from '../progress/index.ts';
import type { SessionResult } from '../render/index.ts';
import type { Scenario } from '../scenario/types.ts';
import type { House } from './house.ts';
import { runSession, takeMatches } from './session.ts';

export { type House, openHouse } from './house.ts';

export interface Answer {
  readonly result: SessionResult;
  /** Receiver → its own matching records. */
  readonly matched: ReadonlyMap<string, readonly MatchedRecord[]>;
  /** Receiver → the same as the vault wrote it: JSON lines. */
  readonly texts: ReadonlyMap<string, string>;
  /** Where the answers differ from the plaintext ones, in words without contents. */
  readonly differences: readonly string[];
}

/**
 * @param plain the plaintext answers, or undefined where nobody wants to compare.
 * @throws TallyError that ended the session. A difference is no error here: it is in the result.
 */
export async function answer(
  house: House,
  scenario: Scenario,
  plain: PlainAnswers | undefined,
  board: ProgressBoard,
): Promise<Answer> {
  const ids = scenario.parties.map((party) => party.id);
  const parties = house.parties.filter((party) => ids.includes(party.id));
  const job = { scenario, parties, collector: house.collector, board, nowMs: Date.now };
  const session = await house.guard(runSession(job)).finally(() => board.stop());
  const matched = new Map<string, readonly MatchedRecord[]>();
  const texts = new Map<string, string>();
  for (const party of parties) {
    if (scenario.output.kind !== 'matches' || !scenario.output.to.includes(party.id)) continue;
    const { records, text } = await house.guard(takeMatches(party, session.session, house.directory));
    matched.set(party.id, records);
    texts.set(party.id, text);
  }
  const differences =
    plain === undefined ? [] : compare(plain, { parties: session.parties, counts: session.counts, matched });
  const oracle =
    plain === undefined
      ? { checked: false, equal: null }
      : { checked: true, equal: differences.length === 0 };
  return { result: { ...session, oracle }, matched, texts, differences };
}
