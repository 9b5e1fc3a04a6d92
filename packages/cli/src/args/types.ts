/**
 * What a command is, as data: help, parsing and tests read the same table.
 *
 * Purpose: one description a command; its code is loaded only when it runs.
 * Assumes: nothing. Does not know: how any command works.
 */

export interface OptionSpec {
  /** Without the dashes. */
  readonly name: string;
  readonly short?: string;
  /** Placeholder of the value in help (`DIR`); absent for a switch. */
  readonly value?: string;
  /** May be given several times; the values arrive as an array. */
  readonly multiple?: boolean;
  readonly help: string;
}

export interface ArgumentSpec {
  readonly name: string;
  readonly help: string;
  readonly optional?: boolean;
  /** The last one may: once or more. */
  readonly repeated?: boolean;
}

export interface Example {
  readonly command: string;
  readonly does: string;
}

export interface CommandSpec {
  /** One or two words: `demo`, `list check`. */
  readonly path: string;
  readonly summary: string;
  /** Paragraphs below the usage line. */
  readonly details?: readonly string[];
  readonly args?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  readonly examples: readonly Example[];
  load(): Promise<Run>;
}

/** @returns the exit code; nothing means 0. */
export type Run = (call: Call) => Promise<number | undefined>;

/** Everything a command gets; commands touch no global of the process but through this. */
export interface Call {
  readonly args: readonly string[];
  readonly options: Options;
  readonly io: Io;
}

/** The options of one call, by name. */
export interface Options {
  /** The text of an option, or undefined where it was not given. */
  text(name: string): string | undefined;
  all(name: string): readonly string[];
  on(name: string): boolean;
}

/** A stream that a person or a program reads. */
export interface Out {
  write(text: string): void;
  readonly tty: boolean;
  /** Columns of the terminal; 100 where there is none. */
  readonly columns: number;
  /** Whether colours are wanted here. */
  readonly colour: boolean;
  /** The stream itself, for live progress. */
  readonly stream: NodeJS.WritableStream;
}

export interface Io {
  readonly out: Out;
  readonly err: Out;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborted at the first SIGINT, SIGTERM or SIGHUP; the reason is the signal's name. */
  readonly signal: AbortSignal;
}
