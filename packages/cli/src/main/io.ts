/**
 * Standard streams as commands see them.
 *
 * Purpose: one decision about terminals, widths and colours (NO_COLOR, FORCE_COLOR, TERM=dumb).
 * Assumes: a stream of `process`. Does not know: what is written.
 */
import type { WriteStream } from 'node:tty';
import type { Out } from '../args/types.ts';

const columnsWithoutTerminal = 100;

export function outFor(
  stream: NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>,
  env: Readonly<Record<string, string | undefined>>,
): Out {
  const tty = stream.isTTY === true;
  const wanted = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0';
  const refused = (env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb';
  return {
    write: (text) => void stream.write(text),
    tty: tty && env.TERM !== 'dumb',
    get columns() {
      return stream.columns ?? columnsWithoutTerminal;
    },
    colour: wanted || (tty && !refused),
    stream,
  };
}
