/**
 * Progress of many streams at once, for a terminal, for a log, or for nobody.
 *
 * Purpose: per list and hop, how much is done, how fast, how long it still takes.
 * Assumes: `done` of a track never falls. Does not know: what is counted, or sessions.
 */
import { MultiBar, type SingleBar } from 'cli-progress';
import type { Out } from '../args/types.ts';
import { durationText, numberText } from '../render/text.ts';

export interface ProgressBoard {
  /** Counts of one track; a track appears at its first update, in that order. Total 0: not known. */
  update(track: string, done: number, total: number): void;
  /** A line of its own: a state, a step. */
  note(text: string): void;
  /** Takes the board off the screen; notes stay. */
  stop(): void;
}

export interface BoardOptions {
  readonly out: Out;
  readonly quiet: boolean;
  readonly nowMs: () => number;
}

export function createBoard(options: BoardOptions): ProgressBoard {
  if (options.quiet) return { update() {}, note() {}, stop() {} };
  return options.out.tty ? bars(options) : lines(options);
}

function ofText(done: number, total: number): string {
  return total === 0 ? numberText(done) : `${numberText(done)}/${numberText(total)}`;
}

interface Track {
  readonly startedMs: number;
  done: number;
  total: number;
}

function take(tracks: Map<string, Track>, name: string, done: number, total: number, nowMs: number): Track {
  const track = tracks.get(name) ?? { startedMs: nowMs, done: 0, total };
  track.done = Math.max(track.done, done);
  track.total = total;
  tracks.set(name, track);
  return track;
}

/** ` 1,200/s, 3 s left`; nothing before there is a rate. */
export function paceText(done: number, total: number, elapsedMs: number): string {
  if (done === 0 || elapsedMs < 200) return '';
  const perSecond = (done * 1000) / elapsedMs;
  const rate = `${numberText(Math.round(perSecond))}/s`;
  return done >= total ? rate : `${rate}, ${durationText(((total - done) * 1000) / perSecond)} left`;
}

function bars({ out, nowMs }: BoardOptions): ProgressBoard {
  const tracks = new Map<string, Track>();
  const shown = new Map<string, SingleBar>();
  let multi: MultiBar | undefined;
  const start = (): MultiBar => {
    multi ??= new MultiBar({
      format: '  {name} {bar} {counts}  {pace}',
      stream: out.stream,
      barsize: 24,
      barCompleteChar: '━',
      barIncompleteChar: ' ',
      hideCursor: true,
      clearOnComplete: true,
      forceRedraw: true,
      fps: 8,
      linewrap: false,
      emptyOnZero: true,
    });
    return multi;
  };
  return {
    update(name, done, total) {
      const track = take(tracks, name, done, total, nowMs());
      const payload = {
        name: name.padEnd(34),
        counts: ofText(track.done, total).padStart(15),
        pace: paceText(track.done, total, nowMs() - track.startedMs),
      };
      const bar = shown.get(name);
      if (bar === undefined) shown.set(name, start().create(Math.max(1, total), track.done, payload));
      else {
        bar.setTotal(Math.max(1, total));
        bar.update(track.done, payload);
      }
    },
    note(text) {
      if (multi === undefined) out.write(`${text}\n`);
      else multi.log(`${text}\n`);
    },
    stop() {
      multi?.stop();
      multi = undefined;
      shown.clear();
      tracks.clear();
    },
  };
}

const lineEveryMs = 1000;

function lines({ out, nowMs }: BoardOptions): ProgressBoard {
  const tracks = new Map<string, Track>();
  let startedMs = 0;
  let lastMs = 0;
  return {
    update(name, done, total) {
      const now = nowMs();
      if (tracks.size === 0) [startedMs, lastMs] = [now, now];
      take(tracks, name, done, total, now);
      if (now - lastMs < lineEveryMs) return;
      lastMs = now;
      const all = [...tracks.values()];
      const sum = all.reduce((at, one) => at + one.done, 0);
      const whole = all.reduce((at, one) => at + one.total, 0);
      const finished = all.filter((one) => one.done >= one.total).length;
      const latest = `${name} ${ofText(done, total)}`;
      out.write(
        `  ${latest}; ${finished} of ${tracks.size} streams whole, ${numberText(sum)} of ${numberText(whole)}, ${paceText(sum, whole, now - startedMs)}\n`,
      );
    },
    note(text) {
      out.write(`${text}\n`);
    },
    stop() {
      tracks.clear();
    },
  };
}
