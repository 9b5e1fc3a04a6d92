/**
 * What the drill prints, and what it holds itself to.
 *
 * Purpose: a story that can be read, and beside it every outcome that was expected: one that differs is printed as WRONG,
 * and the drill fails.
 * Assumes: a terminal of 100 columns or more. Does not know: stations.
 */
import { inspect, isDeepStrictEqual } from 'node:util';
import { styleFor, wrap } from '@tallystick/cli/render';

const columns = 110;
const whoColumns = 14;

export interface Story {
  /** A heading with the time of day, and what the act is about. */
  act(title: string, ...about: string[]): void;
  /** What somebody does, or what becomes of it. */
  says(who: string, what: string): void;
  /** Something that was printed by a command, or a table. */
  shows(lines: readonly string[]): void;
  /** An outcome beside the one that is right. */
  check(what: string, got: unknown, want: unknown): void;
  readonly checked: number;
  readonly wrong: readonly string[];
}

export interface StoryOptions {
  readonly nowMs: () => number;
  readonly write: (text: string) => void;
  readonly colour: boolean;
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** `Monday 1 March, 09:00`. */
function timeText(ms: number): string {
  const date = new Date(ms);
  const month = date.toLocaleString('en-GB', { month: 'long', timeZone: 'UTC' });
  return `${days[date.getUTCDay()]} ${date.getUTCDate()} ${month}, ${date.toISOString().slice(11, 16)}`;
}

export function createStory({ nowMs, write, colour }: StoryOptions): Story {
  const style = styleFor(colour);
  const wrong: string[] = [];
  let acts = 0;
  let checked = 0;
  const text = (value: unknown): string =>
    inspect(value, { depth: 6, breakLength: Infinity, compact: true, maxArrayLength: 20 });
  const line = (text: string): void => write(`${text}\n`);
  const indented = (text: string, indent: string): string[] =>
    wrap(text, columns - indent.length).map((one) => `${indent}${one}`);

  return {
    act(title, ...about) {
      line('');
      line(`${style.bold(`${acts}. ${title}`)}  ${style.dim(timeText(nowMs()))}`);
      acts += 1;
      for (const text of about) for (const one of indented(text, '   ')) line(style.dim(one));
      line('');
    },
    says(who, what) {
      const [first = '', ...rest] = wrap(what, columns - whoColumns - 2);
      line(`  ${who.padEnd(whoColumns)}${first}`);
      for (const one of rest) line(`  ${' '.repeat(whoColumns)}${one}`);
    },
    shows(lines) {
      for (const one of lines) line(`  ${' '.repeat(whoColumns)}${one}`.trimEnd());
    },
    check(what, got, want) {
      checked += 1;
      const isRight = isDeepStrictEqual(got, want);
      if (isRight) return line(`  ${style.good('as expected')}   ${what}`);
      wrong.push(what);
      line(style.bad(`  WRONG         ${what}: want ${text(want)}, got ${text(got)}`));
    },
    get checked() {
      return checked;
    },
    wrong,
  };
}
