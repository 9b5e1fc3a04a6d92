/**
 * The questions of `agreement new`.
 *
 * Purpose: one list of questions for a terminal and for scripts. An answer comes from --set or --answers; or is asked
 * where there is a terminal; or is the preset; or stays open, and the draft says where.
 * Assumes: answers are texts under dotted keys (`parties.0.id`). Does not know: what a draft looks like.
 */
import { createInterface } from 'node:readline';
import { TallyError } from '@tallystick/protocol/errors';

export type Answers = ReadonlyMap<string, string>;

/** Objects and arrays of an answers file as dotted keys. @throws TallyError `argument.invalid`. */
export function flattenAnswers(value: unknown): Map<string, string> {
  const flat = new Map<string, string>();
  const walk = (at: unknown, path: string): void => {
    if (typeof at === 'string' || typeof at === 'number' || typeof at === 'boolean')
      flat.set(path, String(at));
    else if (typeof at === 'object' && at !== null) {
      for (const [key, one] of Object.entries(at)) walk(one, path === '' ? key : `${path}.${key}`);
    } else throw new TallyError('argument.invalid', `--answers: ${path}: want texts, numbers, yes or no`);
  };
  walk(value, '');
  return flat;
}

/** `key=value` of --set. @throws TallyError `argument.invalid`. */
export function parseSet(text: string): readonly [key: string, value: string] {
  const at = text.indexOf('=');
  if (at < 1) throw new TallyError('argument.invalid', '--set: want KEY=VALUE');
  return [text.slice(0, at), text.slice(at + 1)];
}

export interface Questioner {
  /** The answer, or the preset, or '' where there is neither. */
  ask(key: string, question: string, preset?: string): Promise<string>;
  /** Keys of given answers that begin so: how many parties a file answers for. */
  countOf(prefix: string): number;
  /** Keys without any answer. */
  readonly open: readonly string[];
  /** Given answers that no question asked for: misspelled, or for another kind of agreement. */
  unused(): readonly string[];
  close(): void;
}

/** @param terminal absent: nobody is asked. */
export function createQuestioner(
  given: Answers,
  terminal?: {
    readonly input: NodeJS.ReadableStream;
    readonly output: NodeJS.WritableStream;
    readonly signal: AbortSignal;
  },
): Questioner {
  const open: string[] = [];
  const used = new Set<string>();
  const lines = terminal === undefined ? undefined : createInterface(terminal);
  // An iterator, because a pasted block of lines arrives faster than it is asked for.
  const typed = lines?.[Symbol.asyncIterator]();
  const askPerson = async (question: string): Promise<string> => {
    lines?.setPrompt(question);
    lines?.prompt();
    const next = await typed?.next();
    terminal?.signal.throwIfAborted();
    return next?.done === false ? next.value.trim() : '';
  };
  return {
    open,
    async ask(key, question, preset) {
      used.add(key);
      const answer = given.get(key);
      if (answer !== undefined) return answer;
      const hint = preset === undefined || preset === '' ? '' : ` [${preset}]`;
      const said = lines === undefined ? '' : await askPerson(`${question}${hint}: `);
      if (said !== '') return said;
      if (preset !== undefined) return preset;
      open.push(key);
      return '';
    },
    countOf(prefix) {
      const indices = [...given.keys()].flatMap((key) =>
        key.startsWith(`${prefix}.`) ? [Number(key.split('.')[1])] : [],
      );
      return indices.length === 0 ? 0 : Math.max(...indices) + 1;
    },
    unused: () => [...given.keys()].filter((key) => !used.has(key)),
    close: () => lines?.close(),
  };
}
