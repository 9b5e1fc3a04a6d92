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
const otherThanTokens = /[^a-z0-9 ]/g;

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
  if (plainAscii.test(text)) {
    return text.replace(apostrophes, '').toLowerCase().match(asciiTokens) ?? [];
  }
  return lastStep(text)
    .split(' ')
    .filter((token) => token !== '');
}

/** The same, step by step. */
export function foldSteps(text: string): FoldStep[] {
  const steps: FoldStep[] = [];
  lastStep(text, (step, after) => {
    if (after !== (steps[steps.length - 1]?.text ?? text)) steps.push({ step, text: after });
  });
  return steps;
}

function lastStep(text: string, onStep?: (step: FoldStep['step'], after: string) => void): string {
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
  const latin = transliterate(separated).toLowerCase().replace(otherThanTokens, '');
  onStep?.('transliterate', latin.replace(/ +/g, ' ').trim());
  return latin;
}

/** B2 steps 2 and 3; document numbers begin with them too. */
export function normalise(text: string): string {
  return text.replace(formatCharacters, '').replace(accentsAsApostrophe, "'").normalize('NFKC');
}

/** any-ascii of each piece between spaces, so that a space in a transliteration does not separate. */
function transliterate(text: string): string {
  return text
    .split(' ')
    .map((piece) => anyAscii(piece).replaceAll(' ', ''))
    .join(' ');
}
