/**
 * Where the operator's secret comes from.
 *
 * Purpose: one way to read a passphrase, a key file or an environment variable into bytes.
 * Assumes: all three may be chosen by people, so all three go through scrypt. Does not know: what they open.
 */
import { TallyError } from '@tallystick/protocol/errors';
import { readBoundedFile } from '../files/index.ts';

export type SecretSource =
  | { readonly kind: 'passphrase'; readonly passphrase: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'env'; readonly name: string };

const longestSecretBytes = 4096;
const newline = 0x0a;
const carriageReturn = 0x0d;

/**
 * The secret's bytes: a passphrase or variable as UTF-8 in NFC; a file as it is, without one line end at
 * its end. For the caller to zero.
 * @throws TallyError `argument.invalid` where it is empty or too long, `file.*` for the file.
 */
export async function readSecret(
  source: SecretSource,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Uint8Array> {
  const [bytes, field] = await read(source, env);
  if (bytes.length === 0 || bytes.length > longestSecretBytes) {
    throw new TallyError(
      'argument.invalid',
      `${field}: want 1 to ${longestSecretBytes} bytes, got ${bytes.length}`,
    );
  }
  return bytes;
}

async function read(source: SecretSource, env: NodeJS.ProcessEnv): Promise<[Uint8Array, string]> {
  switch (source.kind) {
    case 'passphrase':
      return [encodeText(source.passphrase), 'passphrase'];
    case 'env': {
      const text = env[source.name];
      if (text === undefined)
        throw new TallyError('argument.invalid', `environment variable ${source.name}: not set`);
      return [encodeText(text), `environment variable ${source.name}`];
    }
    case 'file': {
      const bytes = await readBoundedFile(source.path, longestSecretBytes + 2);
      let end = bytes.length;
      if (bytes[end - 1] === newline) end--;
      if (end < bytes.length && bytes[end - 1] === carriageReturn) end--;
      return [bytes.subarray(0, end), source.path];
    }
  }
}

const encodeText = (text: string): Uint8Array => new TextEncoder().encode(text.normalize('NFC'));
