/**
 * The pinned Unicode version and the code points that no text of a record may hold (docs/recipes.md B1).
 *
 * Purpose: two nodes with different engines derive the same bytes, because only code points that every accepted
 * engine knows get through; what is assigned keeps its normalisation and case for ever (Unicode stability policy).
 * Assumes: the caller passes the engine's Unicode version; this room asks no machine.
 * Does not know: names, numbers, recipes.
 */
import { TallyError } from '../errors/index.ts';
import { unassignedDeltas, unassignedVersion } from './unassigned.ts';

export const pinnedUnicode = unassignedVersion.split('.').slice(0, 2).join('.');

/**
 * @param runtimeUnicodeVersion such as `16.0` (`process.versions.unicode` on Node).
 * @throws TallyError recipe.unicode where the engine's Unicode is older than the pinned one, or is no version.
 */
export function checkUnicode(runtimeUnicodeVersion: string): void {
  const want = pinnedUnicode.split('.').map(Number);
  const got = /^\d+(\.\d+)*$/.test(runtimeUnicodeVersion)
    ? runtimeUnicodeVersion.split('.').map(Number)
    : [0];
  const difference = (got[0] ?? 0) - (want[0] ?? 0) || (got[1] ?? 0) - (want[1] ?? 0);
  if (difference < 0) {
    throw new TallyError('recipe.unicode', `unicode: want ${pinnedUnicode} or newer, got ${got.join('.')}`);
  }
}

/** Ranges [first, last] of the code points with General_Category Cn in the pinned version, increasing. */
export function unassignedRanges(): [number, number][] {
  const ranges: [number, number][] = [];
  const deltas = unassignedDeltas.split(' ').map((delta) => Number.parseInt(delta, 36));
  let at = 0;
  for (let i = 0; i + 1 < deltas.length; i += 2) {
    const first = at + (deltas[i] as number);
    at = first + (deltas[i + 1] as number);
    ranges.push([first, at - 1]);
  }
  return ranges;
}

// Private use, surrogates (with the u flag: lone ones), controls other than white space and U+0085.
const otherForbidden: readonly [number, number][] = [
  [0x0000, 0x0008],
  [0x000e, 0x001f],
  [0x007f, 0x0084],
  [0x0086, 0x009f],
  [0xd800, 0xdfff],
  [0xe000, 0xf8ff],
  [0xf0000, 0xffffd],
  [0x100000, 0x10fffd],
];

const plainAscii = /^[\t-\r -~]*$/;
let forbidden: RegExp | undefined;

/** Whether the text holds a code point that is unassigned in the pinned version, private, a lone surrogate or a control. */
export function hasForbidden(text: string): boolean {
  if (plainAscii.test(text)) return false;
  forbidden ??= new RegExp(
    `[${[...unassignedRanges(), ...otherForbidden]
      .map(([first, last]) => `\\u{${first.toString(16)}}-\\u{${last.toString(16)}}`)
      .join('')}]`,
    'u',
  );
  return forbidden.test(text);
}
