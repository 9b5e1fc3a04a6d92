/**
 * Entry of a process that `run` and `demo` start: a coordinator or a node. Internal; nothing to call by hand.
 *
 * Purpose: the same choice between sources and `dist` as tallystick.mjs.
 * Assumes: it was forked with an IPC channel. Does not know: what it will run.
 */
import { existsSync } from 'node:fs';

const source = new URL('../src/local/child.ts', import.meta.url);
if (existsSync(source)) await import('./sources.mjs');
const { serve } = await import(
  existsSync(source) ? source.href : new URL('../dist/local/child.js', import.meta.url).href
);
await serve(process);
