/**
 * The version of this software.
 *
 * Purpose: what `--version` and the help print. Assumes: package.json lies two directories above the sources, and in the
 * folder of the built command. Does not know: protocol versions.
 */
import { readFileSync } from 'node:fs';
import { builtFolder } from '@tallystick/host/install';

export function readVersion(): string {
  const from = builtFolder === undefined ? '../../package.json' : './package.json';
  const text = readFileSync(new URL(from, builtFolder ?? import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
