/** What crosses the wire: messages, frames, limits, signatures: the public door of the room. */
export * from './canonical.ts';
export * from './frames.ts';
export * from './hello.ts';
export { encodeLetter, type Letter, maxLetterBytes, parseLetter } from './letters.ts';
export * from './limits.ts';
export * from './messages.ts';
export { codedTagsBytes, encodeTags, parseTags, type TagCoding } from './tag-coding.ts';
