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
import { heartbeatMs, type Setting, settings, type Stage, startStage } from './stage.ts';

const threatModel = readFileSync(new URL('../../docs/threat-model.md', import.meta.url), 'utf8');
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function runRows(rows: readonly Row[], ids?: readonly string[]): void {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage(ids);
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

/** Resolves to whether a wrong answer was given. */
async function playOnce(stage: Stage, row: Row): Promise<boolean> {
  const { outcome } = row;
  const play = new Play(stage);
  const params = settings[row.setting as Setting] as ProposeParams;
  const parties = ['alpha', ...params.with].toSorted();
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
  await until(() => (play.fired > 0 || over ? true : undefined), 'the deed');
  for (let beats = 0; !over; beats++) {
    if (row.time === 'late' && beats === 2) return play.letGo();
    const before = play.sent.length;
    play.stage.clock.advance(heartbeatMs);
    const heard = (): boolean => {
      const since = play.sent.slice(before);
      const sessions = honest.filter((id) => since.some((one) => one.from === id));
      return sessions.length === honest.length;
    };
    // Bounded: before a station knows the proposal it says nothing.
    for (let tries = 0; tries < 20 && !heard() && !over; tries++) await pause(5);
    await pause(5);
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
  const { world } = play.stage;
  const seen = details.map(({ parties: _, state, error }, i) => ({ id: parties[i], state, error }));
  const honest = seen.filter(({ id }) => !row.by.includes(id as string));
  const codes = honest.map(({ state, error }) => [state, error?.code]);
  expect(codes, JSON.stringify(seen)).toEqual(honest.map(() => ['aborted', outcome.code]));
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
  for (const { id, error } of honest) await expectAttempt(play, id as string, error);
  // Who found it says so itself; of what a collector found, everybody heard the code.
  const own = honest.filter(
    ({ id, error }) => outcome.at.includes(id as string) && error?.by !== undefined && !isTold(error.message),
  );
  // The software of who deviated may be the first to see that time is over.
  const tellers = row.time === 'deadline' ? [...outcome.at, ...row.by] : outcome.at;
  const told = honest.filter(({ error }) => tellers.includes(error?.by ?? ''));
  const finders = own.length > 0 ? own : told;
  expect(finders.length, JSON.stringify(honest)).toBeGreaterThan(0);
  const named = finders.map(({ error }) => whomOf(error?.message ?? '', row.by));
  // Several may be the first. Where it was the collector, or the deviating station itself, nobody here read its words.
  const others = new Set(['coordinator', 'notary', ...row.by]);
  const isUnread = own.length === 0 && told.every(({ error }) => others.has(error?.by ?? ''));
  const mayBeUnread =
    row.time === 'deadline' || (outcome.at.length > 1 && outcome.at.includes('coordinator'));
  const wanted = isUnread && mayBeUnread ? 'nobody' : outcome.named;
  expect(named, JSON.stringify(honest)).toContain(wanted);
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

/** Whom a text names, of those who deviated. */
function whomOf(text: string, by: readonly string[]): string {
  if (isTold(text)) return 'nobody';
  const words = text.split(/[^a-z0-9/-]+/);
  if (by.some((id) => words.includes(id))) return 'the sender';
  if (/\b(stream|returned|tags|marks|labels)\/\d\/\d/.test(text)) return 'the stream';
  if (text.includes('the chain came back changed')) return 'the list';
  return /proof of list \d, hop \d/.test(text) ? 'the proof' : 'nobody';
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
