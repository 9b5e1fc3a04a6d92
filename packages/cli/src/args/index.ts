/** Arguments: the command table parsed strictly, and help made of it: the public door of the room. */
export { helpOnAll, helpOnCommand, helpOnGroup } from './help.ts';
export { nearest, parseCommandLine, type Parsed } from './parse.ts';
export type * from './types.ts';
