/**
 * Who is on the synthetic lists, and what they have in common.
 *
 * Purpose: fill each list with people of its own, and plant overlaps and near misses between lists.
 * Assumes: every name key, number and birth date that is not planted twice is used once only, so that the manifest is
 * the whole truth.
 * Does not know: formats; the protocol.
 */
import { documentNumber, nameKey } from '@tallystick/protocol/records';
import { type Country, countries, type Entry, type EntryBirth, type EntryDocument } from './entries.ts';
import { type Culture, type InventedName, inOrder, inventName } from './pools.ts';
import type { SeededChoice } from './prng.ts';

export type NewEntry = Omit<Entry, 'id'>;

/** Invents, and never the same twice. */
export class World {
  readonly choice: SeededChoice;
  readonly #names = new Set<string>();
  readonly #numbers = new Set<string>();

  constructor(choice: SeededChoice) {
    this.choice = choice;
  }

  /** A name whose key, with and without its middle name, no other name has or will have. */
  freshName(culture?: Culture): InventedName {
    for (;;) {
      const name = inventName(this.choice, culture);
      if (this.claimName(name)) return name;
    }
  }

  /** Whether the name was free; it is taken from now on. */
  claimName(name: InventedName): boolean {
    const short = { culture: name.culture, given: name.given, family: name.family };
    const keys = [name, short].map((one) => nameKey(inOrder(one)) ?? '');
    if (keys.some((key) => this.#names.has(key))) return false;
    for (const key of keys) this.#names.add(key);
    return true;
  }

  freshDocument(kind: EntryDocument['kind'], country?: Country): EntryDocument {
    for (;;) {
      const series = kind === 'passport' ? this.#letters(2) : '';
      const digits = this.choice.digits(kind === 'passport' ? 7 : 11);
      const number = documentNumber(series + digits) ?? '';
      if (this.#numbers.has(number)) continue;
      this.#numbers.add(number);
      return country === undefined ? { kind, series, digits } : { kind, series, digits, country };
    }
  }

  /** The number with another last digit, which is nobody's. */
  neighbour(document: EntryDocument): EntryDocument {
    const last = Number(document.digits.slice(-1));
    for (let step = 1; step < 10; step++) {
      const digits = document.digits.slice(0, -1) + ((last + step) % 10);
      const number = documentNumber(document.series + digits) ?? '';
      if (this.#numbers.has(number)) continue;
      this.#numbers.add(number);
      return { ...document, digits };
    }
    return this.freshDocument(document.kind, document.country);
  }

  birthDay(): EntryBirth {
    const day = (n: number): string => String(n).padStart(2, '0');
    return {
      kind: 'day',
      from: `${this.choice.between(1941, 1999)}-${day(this.choice.between(1, 12))}-${day(this.choice.between(1, 28))}`,
    };
  }

  #anyBirth(): EntryBirth | undefined {
    const day = this.birthDay();
    const year = day.from.slice(0, 4);
    const kind = this.choice.below(20);
    if (kind < 11) return day;
    if (kind < 14) return { kind: 'year', from: year };
    if (kind < 16) return { kind: 'circa', from: year };
    if (kind < 17) return { kind: 'range', from: year, to: String(Number(year) + this.choice.between(1, 3)) };
    return undefined;
  }

  country(): Country {
    return this.choice.pick(countries);
  }

  /** A person as planted: the name, a day of birth, and nothing else. */
  plain(name: InventedName, birth: EntryBirth): NewEntry {
    return {
      subject: 'person',
      name,
      aliases: [],
      weakAliases: [],
      birth,
      documents: [],
      country: this.country(),
    };
  }

  /** A person of one list alone. */
  filler(): NewEntry {
    const { choice } = this;
    const name = this.freshName();
    const country = this.country();
    const birth = this.#anyBirth();
    const aliases = choice.chance(35) ? [inOrder(this.freshName(name.culture))] : [];
    const weakAliases = choice.chance(12) ? [`Abu ${this.freshName(name.culture).given}`] : [];
    const documents: EntryDocument[] = [];
    if (choice.chance(40))
      documents.push(this.freshDocument('passport', choice.chance(80) ? country : undefined));
    if (choice.chance(20)) documents.push(this.freshDocument('national-id', country));
    if (choice.chance(8)) documents.push(this.freshDocument('other', country));
    const base = { subject: 'person', name, aliases, weakAliases, documents, country } as const;
    return birth === undefined ? base : { ...base, birth };
  }

  organisation(): NewEntry {
    const { choice } = this;
    for (;;) {
      const what = choice.pick(['Shipping', 'Trading', 'Metals', 'Foundation', 'Logistics', 'Chemicals']);
      const name = `${this.freshName().family} ${what} ${choice.pick(['Ltd', 'LLC', 'S.A.', 'Group'])}`;
      const key = nameKey(name) ?? '';
      if (this.#names.has(key)) continue;
      this.#names.add(key);
      const country = this.country();
      return { subject: 'organisation', name, aliases: [], weakAliases: [], documents: [], country };
    }
  }

  #letters(count: number): string {
    let text = '';
    for (let n = 0; n < count; n++) text += this.choice.pick([...'ABCDEFGHKLMNPRSTVXYZ']);
    return text;
  }
}
