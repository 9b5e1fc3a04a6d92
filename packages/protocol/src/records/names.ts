/**
 * Name keys and document numbers (docs/recipes.md B3, B5).
 *
 * Purpose: a name without honorifics, its tokens sorted; a number as letters and digits.
 * Assumes: forbidden code points have been refused.
 * Does not know: where the texts came from.
 */
import anyAscii from 'any-ascii';
import { foldPieces, foldTokens, normalise } from './fold.ts';

const honorifics = new Set(
  (
    'mr mrs ms miss dr doctor prof professor sir eng engineer rev reverend gen general col colonel maj major capt ' +
    'captain lt lieutenant sgt sergeant brig brigadier cdr commander adm admiral haji hajji hadji alhaj mullah mulla ' +
    'maulavi maulawi maulvi mawlawi molvi sheikh shaykh sheik shaikh qari mufti ustad ustadz ayatollah hojjatoleslam'
  ).split(' '),
);

const minNumberCharacters = 5;
const minKeyCharacters = 2;
const plainAscii = /^[\t-\r -~]*$/;

/** In other scripts a name may transliterate to what is an honorific here: Arabic `عمر` to `mr`. */
const honorificScripts = /^(?:[\p{sc=Latin}\p{sc=Cyrillic}\p{sc=Greek}]|\P{L})*$/u;

/** Tokens without honorifics; all of them where nothing else would remain. */
export function plainTokens(text: string): string[] {
  const tokens = foldTokens(text);
  if (!tokens.some((token) => honorifics.has(token))) return tokens;
  const rest = foldPieces(text)
    .filter(({ token, original }) => !(honorifics.has(token) && honorificScripts.test(original)))
    .map(({ token }) => token);
  return rest.length === 0 ? tokens : rest;
}

/** The key of a name; undefined where fewer than 2 characters remain. */
export function nameKey(text: string): string | undefined {
  const key = plainTokens(text).sort(byAscii).join(' ');
  return key.length < minKeyCharacters ? undefined : key;
}

/** Upper-case letters and digits of a document number; undefined where there are fewer than 5. */
export function documentNumber(text: string): string | undefined {
  const latin = plainAscii.test(text)
    ? text
    : anyAscii(
        normalise(text)
          .toUpperCase()
          .toLowerCase()
          .normalize('NFKC')
          .replace(/[^\p{L}\p{N}]/gu, ''),
      );
  const number = latin.toUpperCase().replace(/[^A-Z0-9]/g, '');
  return number.length < minNumberCharacters ? undefined : number;
}

function byAscii(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
