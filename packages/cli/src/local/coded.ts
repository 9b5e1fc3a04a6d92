/**
 * Errors that crossed a process as code and message.
 *
 * Purpose: make them errors again. Assumes: they left as `TallyError`s. Does not know: who threw them.
 */
import { type ErrorCode, errorTable, TallyError } from '@tallystick/protocol/errors';

export function codedError(code: string, message: string): TallyError {
  return new TallyError(Object.hasOwn(errorTable, code) ? (code as ErrorCode) : 'internal.bug', message);
}
