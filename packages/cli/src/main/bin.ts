/**
 * The command as a process.
 *
 * Purpose: the entry, from sources and built. Assumes: nothing ran before. Does not know: any command.
 */
import { main } from './index.ts';

await main(process.argv.slice(2));
