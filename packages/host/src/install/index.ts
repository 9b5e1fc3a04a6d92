/**
 * Where the files lie that are no modules, or that threads and processes start from.
 *
 * Purpose: from sources such a file stands beside its room; `npm run build` puts everything into one folder.
 * Assumes: sources end in `.ts`, and what is built lies flat in its folder (scripts/build).
 * Does not know: which files these are.
 */

/** The folder of the built command, ending in `/`; undefined where the sources run. */
export const builtFolder: URL | undefined = import.meta.url.endsWith('.ts')
  ? undefined
  : new URL('./', import.meta.url);
