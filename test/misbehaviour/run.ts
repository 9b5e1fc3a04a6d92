/**
 * Plays rows: each is a test.
 *
 * Purpose: what a row says comes of it is what every honest party must see: one code, the culprit named or nobody, no
 * answer stored; or the right answer; or, where nothing detects it, a wrong one. Afterwards the same nodes serve an
 * honest session.
 */
import { readFileSync } from 'node:fs';
import type { ProposeParams, SessionDetail } from '@tallystick/node/control';
import { type ErrorCode, TallyError } from '@tallystick/protocol/errors';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endAt, nothingLeft, until } from '../session/world.ts';
import { answersOf, truthFor } from './answers.ts';
import { messageOf } from './frames.ts';
import { Play } from './play.ts';
import type { Outcome, Row } from './row.ts';
import { heartbeatMs, type Setting, settings, type Stage, type StageOptions, startStage } from './stage.ts';

const threatModel = readFileSync(new URL('../../docs/threat-model.md', import.meta.url), 'utf8');
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function runRows(rows: readonly Row[], options?: StageOptions): void {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage(options);
  });
  afterAll(() => stage.close());
  for (const [at, row] of rows.entries())
    test(row.id, () => runRow(stage, row, (at + 1) % honestEvery === 0));
  test('after all that, a session among all still ends well', () => expectHonestSession(stage, 'counts'));
}

/** How often a row is played whose deed changes the answer by chance only: when an element is that of a shared name. */
const mostPlays = 40;

/** After so many rows an honest session; a row that broke something fails it, or the row after it. */
const honestEvery = 8;

async function runRow(stage: Stage, row: Row, isHonestAfter: boolean): Promise<void> {
  const { outcome } = row;
  for (let plays = 0; plays < mostPlays; plays++) {
    const isWrong = await playOnce(stage, row);
    if (outcome.kind !== 'undetected' || isWrong) break;
    expect(plays, 'the answer is wrong at last').toBeLessThan(mostPlays - 1);
  }
  if (isHonestAfter) await expectHonestSession(stage, 'direct, light');
}

function settingOf({ setting }: Row): { params: ProposeParams; parties: readonly string[] } {
  const params = settings[setting as Setting] as ProposeParams;
  return { params, parties: ['alpha', ...params.with].toSorted() };
}

/** Resolves to whether a wrong answer was given. */
async function playOnce(stage: Stage, row: Row): Promise<boolean> {
  const { outcome } = row;
  const { params, parties } = settingOf(row);
  if (row.before !== undefined) {
    const earlier = new Play(stage);
    await expectHonestSession(stage, row.setting as Setting);
    row.before(earlier);
    earlier.end();
  }
  const play = new Play(stage);
  const collectors = stage.collectorsOf(params);
  const honest = [...parties, ...collectors].filter((id) => !row.by.includes(id));
  let isWrong = false;
  try {
    if (row.slow) play.slow(row.slow, honest);
    row.deviate(play);
    if (outcome.kind === 'ends' && outcome.atOnce === true) {
      await expect(stage.propose(params)).rejects.toMatchObject({ code: outcome.code });
      expect(play.fired, 'the deed was done').toBeGreaterThan(0);
      return false;
    }
    play.session = await stage.propose(params);
    const ends = Promise.all(parties.map((id) => endAt(stage.world.node(id), play.session)));
    if (row.time !== undefined)
      await passTime(play, row, { honest, tagStreams: parties.length * collectors.length }, ends);
    const details = await ends;
    expect(play.fired, 'the deed was done').toBeGreaterThan(0);
    isWrong = await expectOutcome(play, row, parties, details);
    await row.also?.(play);
  } finally {
    play.end();
  }
  await nothingLeft(stage.world);
  await until(() => (stage.collects === 0 ? true : undefined), 'the collector is through');
  return isWrong;
}

/** Once the deed is done: beats of the stage's time, in each of which honest stations hear of each other. */
async function passTime(
  play: Play,
  row: Row,
  { honest, tagStreams }: { readonly honest: readonly string[]; readonly tagStreams: number },
  ends: Promise<unknown>,
): Promise<void> {
  let over = false;
  void ends.finally(() => {
    over = true;
  });
  if (row.time === 'tick') return passTicks(play, tagStreams, () => over);
  const isDone = (): boolean => play.fired > 0 && row.until?.(play) !== false;
  await until(() => (isDone() || over ? true : undefined), 'the deed');
  for (let beats = 0; !over; beats++) {
    if (row.time === 'late' && beats === 2) return play.letGo();
    const before = play.sent.length;
    play.stage.clock.advance(heartbeatMs);
    const heard = (): boolean => {
      const since = play.sent.slice(before);
      const sessions = honest.filter((id) => since.some((one) => one.from === id));
      return sessions.length === honest.length && play.inFlight === 0;
    };
    // Bounded: before a station knows the proposal it says nothing, and what is sent on a closed channel never arrives.
    for (let tries = 0; tries < 20 && !heard() && !over; tries++) await pause(5);
    await pause(2);
  }
}

/** A noised answer leaves on the next second of the collector's clock, once every stream of tags is sealed. */
async function passTicks(play: Play, tagStreams: number, isOver: () => boolean): Promise<void> {
  const sealed = (): boolean => play.sent.filter(isTagSeal).length === tagStreams;
  await until(() => (sealed() || isOver() ? true : undefined), 'the tags');
  while (!isOver()) {
    play.stage.clock.advance(1_000);
    await pause(100);
  }
}

function isTagSeal({ frame }: { frame: Uint8Array }): boolean {
  const said = messageOf(frame);
  return said?.type === 'seal' && said.kind === 'tags';
}

/** Resolves to whether a wrong answer was given. */
async function expectOutcome(
  play: Play,
  row: Row,
  parties: readonly string[],
  details: readonly SessionDetail[],
): Promise<boolean> {
  const { outcome } = row;
  if (outcome.kind === 'ends') {
    await expectEnd(play, row, outcome, parties, details);
    return false;
  }
  expect(details.map(({ state, error }) => [state, error?.code, error?.message])).toEqual(
    parties.map(() => ['done', undefined, undefined]),
  );
  const told = await answersOf(play.stage, parties, play.session, details);
  const truth = truthFor(play.stage, parties, details);
  if (outcome.kind === 'harmless') expect(told).toEqual(truth);
  else expect(threatModel, 'stands in the threat model').toContain(outcome.section);
  return JSON.stringify(told) !== JSON.stringify(truth);
}

async function expectEnd(
  play: Play,
  row: Row,
  outcome: Outcome & { kind: 'ends' },
  parties: readonly string[],
  details: readonly SessionDetail[],
): Promise<void> {
  const { stage } = play;
  const { world } = stage;
  const seen: End[] = parties.map((id, i) => ({ id, state: details[i]?.state ?? '', ...endOf(details[i]) }));
  const { params } = settingOf(row);
  for (const id of stage.collectorsOf(params)) {
    if (row.by.includes(id)) continue;
    seen.push({ id, ...(await stage.endAtCollector(id, play.session)) });
  }
  const honest = seen.filter(({ id }) => !row.by.includes(id));
  for (const { id, state, code } of honest) {
    const may = [outcome.code, ...(parties.includes(id) ? [] : [outcome.collectorFinds])];
    expect([state, may.includes(code as ErrorCode)], JSON.stringify(seen)).toEqual(['aborted', true]);
  }
  for (const [index, id] of parties.entries()) {
    if (outcome.keeps?.includes(id)) continue;
    expect(details[index]).toMatchObject({ matches: null, counts: null, release: null, transcript: null });
    const out = `/nowhere/${id}.jsonl`;
    await expect(world.node(id).call('session.export', { session: play.session, out })).rejects.toMatchObject(
      { code: 'session.state' },
    );
    expect(world.inside(id).forgotten).toContain(play.session);
  }
  if (outcome.section !== undefined) expect(threatModel).toContain(outcome.section);
  for (const [index, id] of parties.entries()) {
    if (!row.by.includes(id)) await expectAttempt(play, id, details[index]?.error ?? null);
  }
  expectNamed(row, outcome, honest, stage.stations);
}

interface End {
  readonly id: string;
  readonly state: string;
  readonly code: string | undefined;
  readonly text: string;
  /** Who ended it, as far as this station knows. */
  readonly by: string | undefined;
}

const endOf = (detail: SessionDetail | undefined): Pick<End, 'code' | 'text' | 'by'> => ({
  code: detail?.error?.code,
  text: detail?.error?.message ?? '',
  by: detail?.error?.by,
});

/** Every honest station that did not hear of the end from another found it: it is one that may, and names whom it must. */
function expectNamed(
  { by, time }: Row,
  outcome: Outcome & { kind: 'ends' },
  honest: readonly End[],
  stations: readonly string[],
): void {
  const { at, named } = outcome;
  const finders = honest.filter(({ text }) => !isTold(text));
  const shown = JSON.stringify(honest);
  for (const { id, code, text } of finders) {
    if (code !== outcome.code) continue;
    expect(at, shown).toContain(id);
    const accused = accusedIn(text, stations);
    if (named.startsWith('nobody')) expect(accused, shown).toEqual([]);
    else if (named === 'who did it') {
      const innocent = accused.filter((one) => !by.includes(one));
      expect([accused.length > 0, innocent], shown).toEqual([true, []]);
    } else
      expect(
        by.some((one) => accused.includes(one)),
        shown,
      ).toBe(true);
  }
  if (finders.length > 0) return;
  // The software of who deviated may be the first to see that time is over, or that it wants to end the session.
  const isItsOwnWord = honest.some(({ by: who }) => by.includes(who ?? ''));
  expect(isItsOwnWord && (time === 'deadline' || by.some((id) => at.includes(id))), shown).toBe(true);
}

/** Somebody kept away, and said nothing wrong. */
const absences = ['peer.left', 'session.deadline'];

/** Whoever found it has written it down, between the proposal and the end. */
async function expectAttempt(
  { stage, session }: Play,
  id: string,
  error: SessionDetail['error'],
): Promise<void> {
  if (error?.by !== id || absences.includes(error.code)) return;
  if (new TallyError(error.code as ErrorCode, '').fault !== 'peer') return;
  const { entries } = await stage.world.node(id).call('audit.show', { limit: 100 });
  const told = entries.slice(entries.findIndex((entry) => entry.session === session));
  const attempts = told.flatMap((entry) => (entry.type === 'attempt' ? [entry.code] : []));
  expect(attempts, `${id} logs an attempt`).toContain(error.code);
}

/** The words of a station that heard an abort: they name who said it, not who is to blame. */
const isTold = (text: string): boolean => /^it told us code \d+ and nothing else$/.test(text);

/** The stations that a text begins with. */
function accusedIn(text: string, stations: readonly string[]): readonly string[] {
  const [, names = ''] = /^([a-z0-9-]+(?: or [a-z0-9-]+)*): /.exec(text) ?? [];
  const ids = names.split(' or ');
  return ids.every((id) => stations.includes(id)) ? ids : [];
}

async function expectHonestSession(stage: Stage, setting: Setting): Promise<void> {
  const params = settings[setting];
  const session = await stage.propose(params);
  const parties = ['alpha', ...params.with].toSorted();
  const details = await Promise.all(parties.map((id) => endAt(stage.world.node(id), session)));
  expect(details.map(({ state, error }) => [state, error])).toEqual(details.map(() => ['done', null]));
  expect(await answersOf(stage, parties, session, details)).toEqual(truthFor(stage, parties, details));
  await nothingLeft(stage.world);
}
