export { helpOnAll, helpOnCommand, helpOnGroup, wrap } from './help.ts';
export { parseCommandLine, type Parsed } from './parse.ts';
export type * from './types.ts';
