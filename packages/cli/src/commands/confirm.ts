/**
 * Nobody signs what they have not read.
 *
 * Purpose: the id of a document is given with --id, or its beginning typed on the terminal, before a key is touched.
 * Assumes: ids are hashes of what was shown. Does not know: what is signed.
 */
import { createInterface } from 'node:readline/promises';
import { TallyError } from '@tallystick/protocol/errors';
import type { Call } from '../args/types.ts';

const shortest = 8;

/** @param where what shows the id, for the message. @throws TallyError `argument.invalid`. */
export async function confirmRead(
  { options, io }: Call,
  id: string,
  what: string,
  where: string,
): Promise<void> {
  let read = options.text('id');
  if (read === undefined) {
    if (process.stdin.isTTY !== true || !io.err.tty) {
      throw new TallyError('argument.invalid', `--id is missing: the id that ${where}`);
    }
    const lines = createInterface({ input: process.stdin, output: io.err.stream });
    read = await lines.question(`id ${id}\ntype its first ${shortest} characters to sign: `, {
      signal: io.signal,
    });
    lines.close();
  }
  if (read.trim().length < shortest || !id.startsWith(read.trim())) {
    throw new TallyError('argument.invalid', `--id: want the id of ${what}, which is ${id}`);
  }
}
