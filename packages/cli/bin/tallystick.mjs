#!/usr/bin/env node
/**
 * The `tallystick` command from its sources. `npm run build` makes one that needs no compiler (scripts/build).
 *
 * Purpose: works from any directory, in one process, so that no child is left when it is killed.
 * Assumes: Node.js 20.19 or newer. Does not know: any command.
 */
import './sources.mjs';

await import('../src/main/bin.ts');
