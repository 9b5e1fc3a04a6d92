#!/usr/bin/env node
/**
 * The `tallystick` command. In a clone it runs the sources; in an installed package, `dist`.
 *
 * Purpose: works from any directory, in one process, so that no child is left when it is killed.
 * Assumes: Node.js 20.19 or newer. Does not know: any command.
 */
import { existsSync } from 'node:fs';

const source = new URL('../src/main/index.ts', import.meta.url);
if (existsSync(source)) await import('./sources.mjs');
const { main } = await import(
  existsSync(source) ? source.href : new URL('../dist/main/index.js', import.meta.url).href
);
await main(process.argv.slice(2));
