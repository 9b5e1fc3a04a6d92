export { helpOnAll, helpOnCommand, helpOnGroup } from './help.ts';
export { nearest, parseCommandLine, type Parsed } from './parse.ts';
export type * from './types.ts';
