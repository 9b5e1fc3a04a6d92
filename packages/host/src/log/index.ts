/**
 * The log: structured, and closed to whatever is not marked public.
 *
 * Purpose: lines for operators. A field reaches the output only as `pub(value)`; anything else is withheld
 * (or thrown, where `strict`), so that a secret needs two mistakes to be logged, not one.
 * Assumes: whoever writes `pub(...)` has looked at what it marks; a reviewer can grep for it.
 * Does not know: who reads the lines.
 */
import { asTallyError, TallyError } from '@tallystick/protocol/errors';
import { type Clock, systemClock } from '../clock/index.ts';

type PublicValue = string | number | boolean | null;

/** Longest public text in a line, in UTF-16 units. */
const maxTextLength = 200;

class Public {
  readonly #value: PublicValue;
  constructor(value: PublicValue) {
    this.#value = value;
  }
  /** The marked value; `undefined` for an object that only looks marked. */
  static open(field: unknown): PublicValue | undefined {
    return typeof field === 'object' && field !== null && #value in field ? field.#value : undefined;
  }
}

export type PublicField = Public;

/** Marks a value as fit for the log: ids, counts, codes, durations. Never identifiers, records, elements, scalars. */
export function pub(value: PublicValue | bigint): PublicField {
  if (typeof value === 'bigint') return new Public(value.toString());
  if (typeof value !== 'string') return new Public(value);
  // Control characters could forge lines or drive a terminal.
  const printable = value.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\u{fffd}');
  return new Public(printable.length > maxTextLength ? `${printable.slice(0, maxTextLength)}…` : printable);
}

/** An error's code, and its message where it is a `TallyError` (those never hold contents). */
export function pubError(thrown: unknown): PublicField {
  const error = asTallyError(thrown);
  return pub(thrown instanceof TallyError ? `${error.code}: ${error.message}` : error.code);
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, PublicField>>;

export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** A log that adds these fields to every line. */
  with(fields: LogFields): Log;
}

export interface LogOptions {
  /** Takes whole lines without their end; default stderr. */
  readonly write?: (line: string) => void;
  readonly clock?: Clock;
  /** Least level that is written; default `info`. */
  readonly level?: LogLevel;
  /** `json`: one object a line; `human`: `12:00:00 info event key=value`. Default `json`. */
  readonly format?: 'json' | 'human';
  /** Throw on what is not marked public instead of withholding it: for tests. */
  readonly strict?: boolean;
}

const levels: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };
const namePattern = /^[a-z][a-zA-Z0-9.-]{0,63}$/;
const withheld = '[withheld]';

/**
 * @throws TallyError `internal.bug` where `strict` and an event or field is not fit for the log. An event is
 * a fixed name such as `link.open` (`[a-z][a-zA-Z0-9.-]*`), never text made at run time.
 */
export function createLog(options: LogOptions = {}): Log {
  const write = options.write ?? ((line: string) => void process.stderr.write(`${line}\n`));
  const clock = options.clock ?? systemClock;
  const least = levels[options.level ?? 'info'];
  const refuse = (what: string): string => {
    if (options.strict === true) throw new TallyError('internal.bug', `log: ${what} is not marked public`);
    return withheld;
  };
  const make = (base: Record<string, PublicValue>): Log => {
    const open = (fields: LogFields): Record<string, PublicValue> => {
      const out: Record<string, PublicValue> = {};
      for (const [key, field] of Object.entries(fields)) {
        const name = namePattern.test(key) ? key : refuse('a field name');
        const value = Public.open(field);
        out[name] = value === undefined ? refuse('a field') : value;
      }
      return out;
    };
    const line = (level: LogLevel, event: string, fields: LogFields = {}): void => {
      const name = namePattern.test(event) ? event : refuse('an event name');
      const values = { ...base, ...open(fields) };
      if (levels[level] < least) return;
      const time = new Date(clock.nowMs()).toISOString();
      if (options.format !== 'human') return write(JSON.stringify({ time, level, event: name, ...values }));
      const rest = Object.entries(values).map(
        ([key, value]) =>
          ` ${key}=${typeof value === 'string' && /[\s="]/.test(value) ? JSON.stringify(value) : String(value)}`,
      );
      write(`${time.slice(11, 19)} ${level} ${name}${rest.join('')}`);
    };
    return {
      debug: (event, fields) => line('debug', event, fields),
      info: (event, fields) => line('info', event, fields),
      warn: (event, fields) => line('warn', event, fields),
      error: (event, fields) => line('error', event, fields),
      with: (fields) => make({ ...base, ...open(fields) }),
    };
  };
  return make({});
}

/** Writes nothing; still refuses nothing. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  with: () => silentLog,
};
