/**
 * The few globals of the web platform that packages/protocol uses and that the plain ES library does not
 * declare. They exist in browsers and in Node.js alike.
 */
declare class TextEncoder {
  encode(text: string): Uint8Array;
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes: Uint8Array): string;
}
