/**
 * Requests and approvals on disk.
 *
 * Purpose: one reading for every command: strict JSON, every field known, nothing twice. An approval is one line of
 * canonical JSON (RFC 8785).
 * Assumes: at most 1 MiB. Does not know: keys, decisions.
 */
import { type Checked, problemTexts, readStrictJson } from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import {
  type Approval,
  checkApprovalShape,
  checkRequestShape,
  type PolicyRequest,
} from '@tallystick/protocol/policy';
import { canonicalBytes } from '@tallystick/protocol/wire';
import { readText } from '../agreement/files.ts';

async function readDocument<T>(
  path: string,
  noun: string,
  check: (value: unknown) => Checked<T>,
): Promise<T> {
  const { value, problems } = readStrictJson(await readText(path));
  const checked = check(value);
  const [first] = [...problems, ...checked.problems];
  if (first === undefined && checked.value !== undefined) return checked.value;
  const where = first?.path === '' || first === undefined ? 'the file' : first.path;
  throw new TallyError(
    'argument.invalid',
    `${path}: want ${noun}; ${where}: ${first === undefined ? '' : problemTexts[first.code]}`,
  );
}

/** A file that `tallystick session request` wrote. @throws TallyError `argument.invalid`, `file.*`. */
export const readRequest = (path: string): Promise<PolicyRequest> =>
  readDocument(path, 'a request', checkRequestShape);

/** A file that `tallystick approve` wrote. @throws TallyError `argument.invalid`, `file.*`. */
export const readApproval = (path: string): Promise<Approval> =>
  readDocument(path, 'an approval', checkApprovalShape);

export function approvalText(approval: Approval): string {
  return `${new TextDecoder().decode(canonicalBytes(approval))}\n`;
}
