/**
 * Entry of a process that `run` and `demo` start: a coordinator or a node. Internal; nothing to call by hand.
 *
 * Purpose: as tallystick.mjs, for a process that obeys its parent.
 * Assumes: it was forked with an IPC channel. Does not know: what it will run.
 */
import './sources.mjs';

await import('../src/local/bin.ts');
