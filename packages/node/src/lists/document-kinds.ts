/**
 * Which documents are passports or national identity documents, and the number within a number field
 * (docs/recipes.md A4).
 *
 * Purpose: what the formats share about documents.
 * Assumes: squeezed texts.
 * Does not know: countries as codes; how numbers are normalised.
 */
import { foldTokens, type RecordDocument } from '@tallystick/protocol/records';

const passportTokens = new Set(['passport', 'passeport', 'pasaporte', 'passaporto', 'reisepass']);
const trailingTokens = new Set(['no', 'number', 'nr', 'num', 'card']);
const nationalIds = new Set([
  'national id',
  'nationalid',
  'national identification',
  'national identity',
  'identity',
  'identification',
  'id',
  'personal id',
  'personal identification',
  'citizens',
  'citizen id',
  'cedula',
  'cedula de ciudadania',
  'cedula de identidad',
  'd n i',
  'dni',
  'tazkira',
  'tazkira national id',
  'cnic',
  'nic',
  'nric',
]);

const known = new Map<string, RecordDocument['kind']>();
const maxKnown = 1024;

/** The kind that a label such as `Passport No.` names. */
export function kindOfLabel(text: string): RecordDocument['kind'] {
  const before = known.get(text);
  if (before !== undefined) return before;
  const tokens = foldTokens(text);
  let kind: RecordDocument['kind'] = 'passport';
  if (!namesPassport(tokens)) {
    while (trailingTokens.has(tokens[tokens.length - 1] ?? '')) tokens.pop();
    kind = nationalIds.has(tokens.join(' ')) ? 'national-id' : 'other';
  }
  if (known.size >= maxKnown) known.clear();
  known.set(text, kind);
  return kind;
}

function namesPassport(tokens: readonly string[]): boolean {
  return tokens.some((token) => passportTokens.has(token));
}

const notIdentity = [
  'birth',
  'ration',
  'driv',
  'voter',
  'student',
  'social security',
  'fiscal',
  'certificate',
  'military',
  'fardc',
  'resident',
  'serviceman',
  'other id',
  'alien',
  'laissez',
  'travel document',
];

/** The kind of a document on the UN list (A6): two type fields, and the words that stood before its number. */
export function kindOfUnDocument(type: string, type2: string, droppedBefore: string): RecordDocument['kind'] {
  const asides = [type2.toLowerCase(), droppedBefore.toLowerCase()];
  if (notIdentity.some((word) => asides.some((aside) => aside.includes(word)))) return 'other';
  const tokens = foldTokens(type);
  if (namesPassport(tokens) || namesPassport(foldTokens(type2))) return 'passport';
  return tokens.join(' ').startsWith('national identification') ? 'national-id' : kindOfLabel(type);
}

export interface BareNumber {
  readonly number: string;
  /** The words before the number that were dropped, joined by one space. */
  readonly droppedBefore: string;
}

const cuts = [/ \(/, /,/, / and /, /(?:^| )(?:issued|expires|expired)(?=[ .]|$)/];
const prefixWord = /^[A-Z]{1,4}(-[A-Z]*)?$/;
const noPrefixWords = new Set(['CAR', 'DRC', 'USA', 'UK', 'UAE']);

/** The number among the words of a number field; undefined where no word has a digit. */
export function bareNumber(text: string): BareNumber | undefined {
  const squeezed = text.trim().replace(/\s+/g, ' ');
  const cut = Math.min(...cuts.map((form) => form.exec(squeezed)?.index ?? squeezed.length));
  const words = squeezed.slice(0, cut).split(' ');
  let first = words.findIndex((word) => /[0-9]/.test(word));
  const last = words.findLastIndex((word) => /[0-9]/.test(word));
  if (first === -1) return undefined;
  while (
    first > 0 &&
    prefixWord.test(words[first - 1] as string) &&
    !noPrefixWords.has(words[first - 1] as string)
  ) {
    first--;
  }
  const number = words
    .slice(first, last + 1)
    .join(' ')
    .replace(/^(No|no|Nr|nr)[.:]?(?=[0-9])/, '')
    .replace(/^[#:]/, '');
  return { number, droppedBefore: words.slice(0, first).join(' ') };
}
