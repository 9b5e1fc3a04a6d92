/**
 * Which secret opens the data directory.
 *
 * Purpose: --key-file, TALLYSTICK_KEY, TALLYSTICK_PASSPHRASE, or a question on the terminal; in that order.
 * Assumes: the environment is the caller's own. Secrets are never arguments.
 * Does not know: what the secret opens.
 */
import { randomBytes } from 'node:crypto';
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { writePrivateFile } from '@tallystick/host/files';
import type { SecretSource } from '@tallystick/host/seal';
import { TallyError } from '@tallystick/protocol/errors';
import type { Call } from '../args/types.ts';

const keyFileBytes = 32;

export interface ChosenSecret {
  readonly source: SecretSource;
  /** Set where a new key file was written. */
  readonly madeFile: string | undefined;
}

/**
 * @param purpose `make`: a key file that does not exist is made, a passphrase is asked twice.
 * @throws TallyError `argument.invalid` where there is no secret and nobody to ask.
 */
export async function chooseSecret(call: Call, purpose: 'make' | 'open'): Promise<ChosenSecret> {
  const { options, io } = call;
  const file = options.text('key-file');
  if (file !== undefined) {
    const path = resolve(io.cwd, file);
    const made = purpose === 'make' && !(await exists(path));
    if (made) await writePrivateFile(path, `${randomBytes(keyFileBytes).toString('hex')}\n`);
    return { source: { kind: 'file', path }, madeFile: made ? path : undefined };
  }
  for (const name of ['TALLYSTICK_KEY', 'TALLYSTICK_PASSPHRASE']) {
    if ((io.env[name] ?? '') !== '') return { source: { kind: 'env', name }, madeFile: undefined };
  }
  if (!process.stdin.isTTY || !io.err.tty) {
    throw new TallyError(
      'argument.invalid',
      'secret: want --key-file FILE, TALLYSTICK_KEY, TALLYSTICK_PASSPHRASE, or a terminal to ask on',
    );
  }
  const passphrase = await askHidden('passphrase: ', call);
  if (purpose === 'make' && passphrase !== (await askHidden('once more: ', call))) {
    throw new TallyError('argument.invalid', 'passphrase: the two are not the same');
  }
  return { source: { kind: 'passphrase', passphrase }, madeFile: undefined };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** A line from the terminal that is not echoed. */
function askHidden(question: string, { io }: Call): Promise<string> {
  const { stdin } = process;
  io.err.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.resume();
  return new Promise((done, fail) => {
    let text = '';
    const finish = (): void => {
      stdin.off('data', take);
      stdin.setRawMode(false);
      stdin.pause();
      io.err.write('\n');
    };
    const take = (typed: string): void => {
      for (const point of typed) {
        if (point === '\r' || point === '\n') {
          finish();
          return done(text);
        }
        if (point === '\u0003' || point === '\u0004') {
          finish();
          return fail(new TallyError('session.cancelled', 'passphrase: given up'));
        }
        if (point === '\u007F' || point === '\b') text = [...text].slice(0, -1).join('');
        else if (point >= ' ') text += point;
      }
    };
    stdin.on('data', take);
  });
}
