/** Requests and verdicts at an oversight body: the public door of the room. */
export { createRequestBook, type KnownRequest, type RequestBook } from './book.ts';
export { type AskedRequest, Desk, type DeskOptions } from './desk.ts';
