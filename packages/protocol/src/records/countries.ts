/**
 * Countries as ISO 3166-1 alpha-3 (docs/recipes.md B4).
 *
 * Purpose: what publishers write for a country, as one code or none.
 * Assumes: country-table.ts, made once from i18n-iso-countries 7.14.0.
 * Does not know: which country issued a document.
 */
import { countryRows } from './country-table.ts';
import { foldTokens } from './fold.ts';

const fillers = new Set(['the', 'of', 'and']);

/** `key=CODE`; without a code the key resolves to nothing, whatever the table says. */
const aliases =
  'korea north=PRK|democratic peoples republic korea=PRK|dprk=PRK|korea south=KOR|korea=|burma=MMR|' +
  'congo democratic republic=COD|democratic republic congo=COD|drc=COD|congo republic=COG|congo brazzaville=COG|' +
  'congo kinshasa=COD|iran islamic republic=IRN|syria=SYR|russia=RUS|viet nam=VNM|laos=LAO|' +
  'bolivia plurinational state=BOL|venezuela bolivarian republic=VEN|moldova=MDA|republic moldova=MDA|' +
  'tanzania united republic=TZA|brunei=BRN|micronesia=FSM|united kingdom great britain northern ireland=GBR|' +
  'england=GBR|scotland=GBR|turkiye=TUR|cabo verde=CPV|cabo verde previously cape verde=CPV|swaziland=SWZ|' +
  'macedonia=MKD|macedonia former yugoslav republic=MKD|bosnia=BIH|bosnia herzegovina=BIH|czech=CZE|' +
  'palestinian=PSE|palestinian territory=PSE|west bank=PSE|gaza=PSE|holy see=VAT|vatican=VAT|vatican city=VAT|' +
  'macau=MAC|east timor=TLS|ivory coast=CIV|cote divoire=CIV|libyan arab jamahiriya=LBY|st kitts nevis=KNA|' +
  'st lucia=LCA|st vincent grenadines=VCT|virgin islands british=VGB|virgin islands us=VIR|falkland islands=FLK|' +
  'china peoples republic=CHN|hong kong sar=HKG';

/** The package says XKK; the code in use is XKX. */
const kosovo = 'XKX';

interface Tables {
  readonly alpha2: ReadonlyMap<string, string>;
  readonly alpha3: ReadonlySet<string>;
  /** Country key → alpha-3; undefined where the key is ambiguous. */
  readonly keys: ReadonlyMap<string, string | undefined>;
}

let tables: Tables | undefined;
const resolved = new Map<string, string | undefined>();
const maxResolved = 4096;

/** Tokens without `the`, `of`, `and`, in order, joined by one space. */
function countryKey(text: string): string {
  return foldTokens(text)
    .filter((token) => !fillers.has(token))
    .join(' ');
}

/** @returns alpha-3 in upper case, or undefined where the text names no country or more than one. */
export function resolveCountry(text: string): string | undefined {
  if (resolved.has(text)) return resolved.get(text);
  const code = lookUp(text);
  if (resolved.size >= maxResolved) resolved.clear();
  resolved.set(text, code);
  return code;
}

function lookUp(text: string): string | undefined {
  tables ??= buildTables();
  const upper = text.trim().toUpperCase();
  if (/^[A-Z]{2}$/i.test(text.trim()) && tables.alpha2.has(upper)) return tables.alpha2.get(upper);
  if (/^[A-Z]{3}$/i.test(text.trim()) && tables.alpha3.has(upper)) return upper === 'XKK' ? kosovo : upper;
  return tables.keys.get(countryKey(text));
}

function buildTables(): Tables {
  const alpha2 = new Map<string, string>();
  const alpha3 = new Set<string>();
  const keys = new Map<string, string | undefined>();
  for (const row of countryRows) {
    const [two, listed, names] = row.split('|', 3) as [string, string, string];
    const three = listed === 'XKK' ? kosovo : listed;
    alpha2.set(two, three);
    alpha3.add(listed).add(three);
    for (const key of names.split(',')) {
      if (key !== '') keys.set(key, keys.has(key) && keys.get(key) !== three ? undefined : three);
    }
  }
  for (const alias of aliases.split('|')) {
    const [key, code] = alias.split('=') as [string, string];
    keys.set(key, code === '' ? undefined : code);
  }
  return { alpha2, alpha3, keys };
}
