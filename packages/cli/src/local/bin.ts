/**
 * A child of `run` or `demo` as a process.
 *
 * Purpose: the entry, from sources and built. Assumes: it was forked. Does not know: its role.
 */
import { serve } from './child.ts';

await serve(process);
