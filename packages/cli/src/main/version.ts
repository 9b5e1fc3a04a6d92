/**
 * The version of this software.
 *
 * Purpose: what `--version` and the help print. Assumes: package.json lies two directories above, in sources and
 * in `dist` alike. Does not know: protocol versions.
 */
import { readFileSync } from 'node:fs';

export function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
