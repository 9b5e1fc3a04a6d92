/**
 * The oracle's text rules: forbidden code points, fold, name keys, document numbers, countries.
 *
 * Purpose: sections B1 to B5 of docs/recipes.md, read literally and step by step.
 * Assumes: Node's own Unicode data is 15.1 or newer; any-ascii and i18n-iso-countries are data that the document names.
 * Does not know: the product. Nothing here may import from packages/.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import anyAscii from 'any-ascii';

const require = createRequire(import.meta.url);

// --- B1 ---------------------------------------------------------------------------------------------------------

const unassigned = new Uint8Array(0x110000);
for (const line of readFileSync(
  new URL('../../docs/unicode-15.1-unassigned.txt', import.meta.url),
  'utf8',
).split('\n')) {
  if (line === '' || line.startsWith('#')) continue;
  const [first, last] = line.split('-').map((h) => Number.parseInt(h, 16));
  unassigned.fill(1, first, (last ?? first ?? 0) + 1);
}

/** Whether a code point may not stand in a text (docs/recipes.md B1). */
export function isForbidden(cp: number): boolean {
  if (cp <= 0x08 || (cp >= 0x0e && cp <= 0x1f)) return true;
  if ((cp >= 0x7f && cp <= 0x84) || (cp >= 0x86 && cp <= 0x9f)) return true;
  if (cp >= 0xd800 && cp <= 0xdfff) return true;
  if (cp >= 0xe000 && cp <= 0xf8ff) return true;
  if (cp >= 0xf0000 && cp <= 0xffffd) return true;
  if (cp >= 0x100000 && cp <= 0x10fffd) return true;
  return unassigned[cp] === 1;
}

/** Whether a text holds a forbidden code point. */
export function hasForbidden(text: string): boolean {
  return [...text].some((c) => isForbidden(c.codePointAt(0) as number));
}

/** Trim, and every run of white space to one space (A1). */
export const squeeze = (text: string): string => text.trim().replace(/\s+/gu, ' ');

// --- B2 ---------------------------------------------------------------------------------------------------------

const spacingAcutes = new Set(['\u00b4', '\u0384', '\u1fbd', '\u1fbf', '\u1ffd', '\u1ffe']);
const apostrophes = new Set("'`\u2018\u2019\u201a\u201b\u2032\u2035\u055a\u05f3");

/** B2 steps 2 to 4. */
function standardise(text: string): string {
  let out = '';
  for (const c of text) {
    if (/\p{gc=Cf}/u.test(c)) continue;
    out += spacingAcutes.has(c) ? "'" : c === '\u2116' ? ' ' : c;
  }
  return out.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}

function isVowelPoint(c: string): boolean {
  const cp = c.codePointAt(0) as number;
  const inside =
    (cp >= 0x591 && cp <= 0x5c7) ||
    (cp >= 0x610 && cp <= 0x61a) ||
    (cp >= 0x64b && cp <= 0x65f) ||
    cp === 0x670 ||
    (cp >= 0x6d6 && cp <= 0x6ed);
  return inside && /\p{gc=Mn}/u.test(c);
}

function standsAlone(c: string): boolean {
  const cp = c.codePointAt(0) as number;
  return (
    (cp >= 0x3400 && cp <= 0x4dbf) ||
    (cp >= 0x4e00 && cp <= 0x9fff) ||
    (cp >= 0xf900 && cp <= 0xfaff) ||
    (cp >= 0x20000 && cp <= 0x323af) ||
    (cp >= 0xac00 && cp <= 0xd7a3)
  );
}

interface Token {
  ascii: string;
  /** Whether its letters are Latin, Cyrillic or Greek. */
  western: boolean;
}

function piecesOf(text: string): Token[] {
  let line = '';
  for (const c of standardise(text)) {
    if (isVowelPoint(c) || apostrophes.has(c)) continue;
    if (!/[\p{L}\p{M}\p{N}]/u.test(c)) line += ' ';
    else line += standsAlone(c) ? ` ${c} ` : c;
  }
  const tokens: Token[] = [];
  for (const piece of line.split(' ')) {
    let ascii = '';
    for (const c of piece) {
      ascii += anyAscii(c)
        .toLowerCase()
        .replace(/[^a-z0-9]/g, '');
    }
    const letters = piece.match(/\p{L}/gu) ?? [];
    const western = letters.every((c) => /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]/u.test(c));
    if (ascii !== '') tokens.push({ ascii, western });
  }
  return tokens;
}

/** The tokens of a text, in order (B2). Does not check B1. */
export const tokensOf = (text: string): string[] => piecesOf(text).map((t) => t.ascii);

// --- B3 ---------------------------------------------------------------------------------------------------------

const honorifics = new Set(
  `mr mrs ms miss dr doctor prof professor sir eng engineer rev reverend gen general col colonel maj major capt
   captain lt lieutenant sgt sergeant brig brigadier cdr commander adm admiral haji hajji hadji alhaj mullah mulla
   maulavi maulawi maulvi mawlawi molvi sheikh shaykh sheik shaikh qari mufti ustad ustadz ayatollah
   hojjatoleslam`.split(/\s+/),
);

/** The key of a name, or undefined where it has none (B3). */
export function nameKey(name: string): string | undefined {
  const all = piecesOf(name);
  const plain = all.filter((t) => !(t.western && honorifics.has(t.ascii)));
  const key = (plain.length > 0 ? plain : all)
    .map((t) => t.ascii)
    .sort()
    .join(' ');
  return key.length >= 2 ? key : undefined;
}

// --- B4 ---------------------------------------------------------------------------------------------------------

const codes = require('i18n-iso-countries/codes.json') as string[][];
const english = require('i18n-iso-countries/langs/en.json') as {
  countries: Record<string, string | string[]>;
};

const alpha3 = new Map<string, string>();
const isAlpha3 = new Set<string>();
for (const [two, three] of codes) {
  if (two === undefined || three === undefined) continue;
  alpha3.set(two, two === 'XK' ? 'XKX' : three);
  isAlpha3.add(three);
}

isAlpha3.add('XKX');

const countryKey = (text: string): string =>
  tokensOf(text)
    .filter((t) => t !== 'the' && t !== 'of' && t !== 'and')
    .join(' ');

const aliases: Record<string, string> = JSON.parse(
  readFileSync(new URL('./country-aliases.json', import.meta.url), 'utf8'),
);

const countryNames = new Map<string, Set<string>>();
for (const [two, names] of Object.entries(english.countries)) {
  for (const name of [names].flat()) {
    const key = countryKey(name);
    const claims = countryNames.get(key) ?? new Set<string>();
    claims.add(alpha3.get(two) as string);
    countryNames.set(key, claims);
  }
}

/** ISO 3166-1 alpha-3 of a country text, or undefined (B4). */
export function countryCode(text: string): string | undefined {
  const s = squeeze(text);
  if (/^[A-Za-z]{2}$/.test(s) && alpha3.has(s.toUpperCase())) return alpha3.get(s.toUpperCase());
  if (/^[A-Za-z]{3}$/.test(s) && isAlpha3.has(s.toUpperCase()))
    return s.toUpperCase() === 'XKK' ? 'XKX' : s.toUpperCase();
  const key = countryKey(s);
  if (Object.hasOwn(aliases, key)) return aliases[key];
  const claims = countryNames.get(key);
  return claims?.size === 1 ? [...claims][0] : undefined;
}

// --- B5 ---------------------------------------------------------------------------------------------------------

/** A document's number as it stands in an identifier, or undefined where it is too short (B5). */
export function documentNumber(text: string): string | undefined {
  const kept = [...standardise(text)].filter((c) => /[\p{L}\p{N}]/u.test(c)).join('');
  const number = anyAscii(kept)
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '');
  return number.length >= 5 ? number : undefined;
}
