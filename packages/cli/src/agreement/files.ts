/**
 * Agreements on disk: drafts with comments, and signed ones in canonical form.
 *
 * Purpose: one reading for every command. A file whose JSON has the field `signatures` is a signed agreement and must
 * be the canonical bytes, with one line break at its end at most; anything else is a draft.
 * Assumes: at most 1 MiB. Does not know: keys.
 */
import { readBoundedFile } from '@tallystick/host/files';
import {
  checkSignedShape,
  checkStanding,
  type Problem,
  readStrictJson,
  type SignedAgreement,
  stripComments,
} from '@tallystick/protocol/agreement';
import { canonicalBytes } from '@tallystick/protocol/wire';
import { TallyError } from '@tallystick/protocol/errors';

const longestBytes = 1 << 20;

export interface ReadAgreement {
  readonly isDraft: boolean;
  /** With the signatures that are there, valid or not; undefined where there are problems. */
  readonly signed: SignedAgreement | undefined;
  /** Of text and shape, and contradictions; signatures are not looked at. */
  readonly problems: readonly Problem[];
}

/** Canonical bytes of a signed agreement, as they are written. */
export function encodeSigned({ agreement, signatures }: SignedAgreement): Uint8Array {
  return canonicalBytes({ agreement, signatures: [...signatures].sort((a, b) => (a.by < b.by ? -1 : 1)) });
}

export async function readText(path: string): Promise<string> {
  const bytes = await readBoundedFile(path, longestBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new TallyError('file.unreadable', `${path}: want UTF-8`);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** @throws TallyError `file.missing`, `file.unreadable`. What is wrong with the contents is in `problems`. */
export async function readAgreement(path: string): Promise<ReadAgreement> {
  const text = await readText(path);
  const { value, problems } = readStrictJson(stripComments(text));
  if (!isObject(value) || !Object.hasOwn(value, 'signatures')) {
    const checked = checkStanding(value);
    const all = [...problems, ...(value === undefined ? [] : checked.problems)];
    const signed =
      checked.value === undefined || all.length > 0
        ? undefined
        : { agreement: checked.value, signatures: [] };
    return { isDraft: true, signed, problems: all };
  }
  const checked = checkSignedShape(value);
  const all = [...problems, ...checked.problems];
  if (
    checked.value !== undefined &&
    text.replace(/\n$/, '') !== new TextDecoder().decode(encodeSigned(checked.value))
  ) {
    all.push({ path: '', code: 'text.not-canonical' });
  }
  return { isDraft: false, signed: all.length > 0 ? undefined : checked.value, problems: all };
}

/** The agreement of a file, or every problem. @throws TallyError `agreement.invalid`, `file.*`. */
export async function requireAgreement(
  path: string,
): Promise<SignedAgreement & { readonly isDraft: boolean }> {
  const { signed, problems, isDraft } = await readAgreement(path);
  if (signed !== undefined) return { ...signed, isDraft };
  const first = problems[0];
  throw new TallyError(
    'agreement.invalid',
    `${path}: ${problems.length} problem${problems.length === 1 ? '' : 's'}, the first ${first?.path ?? ''} ${first?.code ?? ''}; \`tallystick agreement verify\` lists all`,
  );
}

/** A station refused the file: the same again, in words about the file where the fault is in its text. Never returns. */
export async function explainRefusal(path: string, refusal: unknown): Promise<never> {
  const { isDraft } = await requireAgreement(path);
  if (isDraft) throw new TallyError('agreement.invalid', `${path}: a draft, which nobody has signed`);
  throw refusal;
}
