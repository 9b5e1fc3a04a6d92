/**
 * Names of people who do not exist.
 *
 * Purpose: given names as people bear them, and family names put together from syllables, so that a whole name is
 * nobody's; with spellings in another script or with diacritics that the recipes bring to the same tokens.
 * Assumes: docs/recipes.md B2 for which spellings are the same; a test holds every pair to it.
 * Does not know: lists.
 */
import type { SeededChoice } from './prng.ts';

export type Culture = 'slavic' | 'greek' | 'nordic' | 'iberian' | 'levant' | 'sahel' | 'himalaya';

export interface InventedName {
  readonly culture: Culture;
  readonly given: string;
  readonly middle?: string;
  readonly family: string;
}

interface Pool {
  readonly given: readonly string[];
  readonly stems: readonly string[];
  readonly middles: readonly string[];
  readonly ends: readonly string[];
}

const words = (text: string): string[] => text.split(' ');

export const pools: Readonly<Record<Culture, Pool>> = {
  slavic: {
    given: words(
      'Boris Viktor Anna Olga Roman Vera Galina Oleg Kirill Polina Timur Nikolay Darya Ivan Marina Anton',
    ),
    stems: words('Vel Kor Tam Zub Dol Grak Mel Prud Strel Lub Rog Bran Vor Tup Gul Smel'),
    middles: words('ka li ro mi be du sta no vi ze'),
    ends: words('kov nin dov ranov min tsov linin batov'),
  },
  greek: {
    given: words('Giorgos Maria Dimitris Eleni Nikos Anna Kostas Sofia Petros Katerina'),
    stems: words('Kal Mar Pal Lam Vas Ster Dal Fil Kar Tar Zan Pel'),
    middles: words('a i o ani eri oma ari ela'),
    ends: words('dakis ridis latos nakos miadis polis'),
  },
  nordic: {
    given: words('Åsa Björn Søren Märta Jørgen Frøya Göran Sigrún Håkon Päivi Kåre Malmfrid Tørris Öyvind'),
    stems: words('Grøn Lång Fjäll Skår Hvít Bjørk Störm Åker Näs Røs Vård Ström'),
    middles: words('a e o vi mo ra'),
    ends: words('dalvik sundet torpson lindal heimr bäcken vågen'),
  },
  iberian: {
    given: words('José Inés Ángel Lucía Ramón Núria Andrés Mónica Óscar Belén Julián Zoé'),
    stems: words('Peñ Cár Vél Mún Ólv Zár Gál Rém Sól Quí Bór Mén'),
    middles: words('a e o ala era ima oña'),
    ends: words('lvirez rtega ndoval rrubio stañar mpiño dégui'),
  },
  levant: {
    given: words('Karim Layla Samir Nadia Tariq Rania Faris Huda Jamil Salma Ziad Amal'),
    stems: words('Had Zar Qas Mur Shal Bak Nas Tal Jar Kan Rub Wad'),
    middles: words('i a u ari umi ala'),
    ends: words('dani rouni ssawi bawi lmani ttari'),
  },
  sahel: {
    given: words('Amadou Fatou Moussa Aïssata Boubacar Mariam Seydou Awa Ibrahima Kadiatou Lamine Oumou'),
    stems: words('Dia Kou Tra San Fo Ba Ke Sou Ny Ca'),
    middles: words('ra li mba ndo ko ssi'),
    ends: words('baré ngoly nké ssouma rodji ndé'),
  },
  himalaya: {
    given: words('Pasang Dolma Tenzin Rinchen Karma Sonam Nima Dawa Lhamo Jigme Yangchen Norbu'),
    stems: words('Gyam Rong Thak Lhun Dor Sher Pem Ngaw Chog Wang'),
    middles: words('tso pa du khe la me'),
    ends: words('dzong rtse gling shar myang lpo'),
  },
};

const cultures = Object.keys(pools) as Culture[];

/** A name that is nobody's; the same name may come twice: the caller watches. */
export function inventName(choice: SeededChoice, culture: Culture = choice.pick(cultures)): InventedName {
  const pool = pools[culture];
  const family = choice.pick(pool.stems) + choice.pick(pool.middles) + choice.pick(pool.ends);
  const given = choice.pick(pool.given);
  const middle = choice.pick(pool.given);
  return choice.chance(45) && middle !== given
    ? { culture, given, middle, family }
    : { culture, given, family };
}

/** Given names before the family name. */
export function inOrder(name: InventedName): string {
  return [name.given, name.middle, name.family].filter((part) => part !== undefined).join(' ');
}

/** `FAMILY, Given Middle`. */
export function familyFirst(name: InventedName): string {
  return `${name.family.toUpperCase()}, ${[name.given, name.middle].filter((part) => part !== undefined).join(' ')}`;
}

function mapParts(name: InventedName, map: (part: string) => string): InventedName {
  const { culture } = name;
  const base = { culture, given: map(name.given), family: map(name.family) };
  return name.middle === undefined ? base : { ...base, middle: map(name.middle) };
}

const plainLetters: Readonly<Record<string, string>> = { ø: 'o', Ø: 'O', ł: 'l', Ł: 'L' };

/** The same name without diacritics. */
export function withoutDiacritics(name: InventedName): InventedName {
  return mapParts(name, (part) =>
    part
      .normalize('NFD')
      .replace(/\p{Mn}/gu, '')
      .replace(/[øØłŁ]/g, (letter) => plainLetters[letter] ?? letter),
  );
}

const cyrillicGiven: Readonly<Record<string, string>> = { Olga: 'Ольга', Nikolay: 'Николай', Darya: 'Дарья' };
const cyrillicLetters = 'a:а b:б v:в g:г d:д e:е z:з i:и k:к l:л m:м n:н o:о p:п r:р s:с t:т u:у f:ф';
const greekGiven: Readonly<Record<string, string>> = {
  Giorgos: 'Γιώργος',
  Maria: 'Μαρία',
  Dimitris: 'Δημήτρης',
  Eleni: 'Ελένη',
  Nikos: 'Νίκος',
  Anna: 'Άννα',
  Kostas: 'Κώστας',
  Sofia: 'Σοφία',
  Petros: 'Πέτρος',
  Katerina: 'Κατερίνα',
};
const greekLetters = 'a:α v:β g:γ d:δ e:ε z:ζ i:ι k:κ l:λ m:μ n:ν o:ο p:π r:ρ s:σ t:τ f:φ';

function letterMap(text: string): ReadonlyMap<string, string> {
  return new Map(text.split(' ').map((pair) => pair.split(':') as [string, string]));
}

const scripts = {
  slavic: { given: cyrillicGiven, letters: letterMap(cyrillicLetters) },
  greek: { given: greekGiven, letters: letterMap(greekLetters) },
} as const;

/** The same name in Cyrillic (slavic) or Greek (greek). */
export function inOwnScript(name: InventedName & { readonly culture: 'slavic' | 'greek' }): InventedName {
  const { given, letters } = scripts[name.culture];
  return mapParts(name, (part) => given[part] ?? spell(part, letters));
}

function spell(part: string, letters: ReadonlyMap<string, string>): string {
  const spelt = [...part.toLowerCase().replaceAll('ts', letters.has('b') ? 'ц' : 'ts')]
    .map((letter) => letters.get(letter) ?? letter)
    .join('');
  const capital = spelt.slice(0, 1).toUpperCase() + spelt.slice(1);
  return capital.replace(/σ$/, 'ς');
}
