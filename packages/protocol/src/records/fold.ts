/**
 * Fold: any text as ASCII tokens (docs/recipes.md B2).
 *
 * Purpose: the one normalisation behind names, countries and labels.
 * Assumes: the engine's Unicode is not older than the pinned one (checkUnicode); any-ascii is exactly 0.3.3.
 * Does not know: honorifics, order, recipes.
 */
import anyAscii from 'any-ascii';

const plainAscii = /^[\t-\r -~]*$/;
const asciiTokens = /[a-z0-9]+/g;
const formatCharacters = /\p{Cf}/gu;
const accentsAsApostrophe = /[\u00B4\u0384\u1FBD\u1FBF\u1FFD\u1FFE]/g;
const vowelPoints = /[\u0591-\u05C7\u0610-\u061A\u064B-\u065F\u0670\u06D6-\u06ED]/g;
const nonSpacingMark = /\p{Mn}/u;
const apostrophes = /['`\u2018-\u201B\u2032\u2035\u055A\u05F3]/g;
const separators = /[^\p{L}\p{M}\p{N}]/gu;
const ideographs = /[\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\u{20000}-\u{323AF}\uAC00-\uD7A3]/gu;
const otherThanTokens = /[^a-z0-9]/g;
const numeroSign = '\u2116'; // NFKC would make the letters `No` of it

/** The texts after each step that changed something: for `list explain`. */
export interface FoldStep {
  readonly step: 'nfkc' | 'casefold' | 'marks' | 'separate' | 'transliterate';
  readonly text: string;
}

/**
 * Tokens of a text: lower-case ASCII letters and digits, in the text's order. Does not look for forbidden code
 * points (hasForbidden): the caller has refused them.
 */
export function foldTokens(text: string): string[] {
  if (plainAscii.test(text)) return asciiFold(text);
  return foldPieces(text).map(({ token }) => token);
}

/** A token and what it was before transliteration. */
export interface Piece {
  readonly token: string;
  readonly original: string;
}

/** Tokens with the pieces they come from; a piece of which nothing remains is left out. */
export function foldPieces(text: string): Piece[] {
  if (plainAscii.test(text)) return asciiFold(text).map((token) => ({ token, original: token }));
  return separate(text)
    .split(' ')
    .map((original) => ({ token: transliterate(original), original }))
    .filter(({ token }) => token !== '');
}

function asciiFold(text: string): string[] {
  return text.replace(apostrophes, '').toLowerCase().match(asciiTokens) ?? [];
}

/** The same, step by step. */
export function foldSteps(text: string): FoldStep[] {
  const steps: FoldStep[] = [];
  const onStep = (step: FoldStep['step'], after: string): void => {
    if (after !== (steps[steps.length - 1]?.text ?? text)) steps.push({ step, text: after });
  };
  separate(text, onStep);
  onStep('transliterate', foldTokens(text).join(' '));
  return steps;
}

/** B2 steps 2 to 8: pieces with spaces between them. */
function separate(text: string, onStep?: (step: FoldStep['step'], after: string) => void): string {
  const normal = normalise(text);
  onStep?.('nfkc', normal);
  const cased = normal.toUpperCase().toLowerCase().normalize('NFKC');
  onStep?.('casefold', cased);
  const bare = cased
    .replace(vowelPoints, (mark) => (nonSpacingMark.test(mark) ? '' : mark))
    .replace(apostrophes, '');
  onStep?.('marks', bare);
  const separated = bare.replace(separators, ' ').replace(ideographs, ' $& ');
  onStep?.('separate', separated.replace(/ +/g, ' ').trim());
  return separated;
}

/** B2 steps 2 and 3; document numbers begin with them too. */
export function normalise(text: string): string {
  return text
    .replace(formatCharacters, '')
    .replace(accentsAsApostrophe, "'")
    .replaceAll(numeroSign, ' ')
    .normalize('NFKC');
}

function transliterate(piece: string): string {
  return anyAscii(piece).toLowerCase().replace(otherThanTokens, '');
}
