/**
 * `npm run build`: the command in `dist/`, ready to be packed (`npm pack ./dist`).
 *
 * Purpose: what a machine runs that is no workshop. Assumes: the root of the project. Does not know: how it is installed.
 */
import { buildInto } from './build/bundle.ts';

await buildInto('dist');
process.stdout.write('dist: the command, built. It runs in place: node dist/tallystick.mjs --help\n');
