/**
 * Invented people whose every trait is a secret that can be looked for.
 *
 * Purpose: lists that share some people, and the secrets of all. Does not know: where they are looked for.
 */
import { randomInt } from 'node:crypto';
import { deriveIdentifiers, type WatchlistRecord } from '@tallystick/protocol/records';
import type { Needles } from './search.ts';

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly alias: string;
  readonly passport: string;
  /** A label in a field that no agreement names. */
  readonly note: string;
  /** One that an agreement may name. */
  readonly tier: 'high' | 'low';
}

const letters = 'bdfgklmnprtvz';
const vowels = 'aeiou';
const pick = (from: string): string => from[randomInt(from.length)] as string;
/** A word that nothing else contains. */
function word(): string {
  let text = pick(letters).toUpperCase();
  for (let i = 0; i < 6; i++) text += pick(vowels) + pick(letters);
  return text;
}

export function invent(count: number): Person[] {
  return Array.from({ length: count }, () => ({
    id: `entry-${randomInt(1e9, 1e10)}`,
    name: `${word()} ${word()}`,
    alias: `${word()} ${word()}`,
    passport: `Q${randomInt(1e9, 1e10)}`,
    note: word(),
    tier: randomInt(2) === 0 ? 'high' : 'low',
  }));
}

export const columns = {
  id: 'id',
  name: 'name',
  aliases: 'alias',
  documents: [{ kind: 'passport', number: 'number' }],
  labels: { tier: 'tier', note: 'note' },
};

export function csvOf(people: readonly Person[]): string {
  const rows = people.map(
    ({ id, name, alias, passport, tier, note }) => `${id},${name},${alias},${passport},${tier},${note}`,
  );
  return ['id,name,alias,number,tier,note', ...rows, ''].join('\n');
}

/** The identifiers that the recipes of the sessions make of a person. */
export function identifiersOf({ id, name, alias, passport }: Person): readonly string[] {
  const record: WatchlistRecord = {
    id,
    subject: 'person',
    names: [
      { text: name, quality: 'good' },
      { text: alias, quality: 'good' },
    ],
    birthDates: [],
    documents: [{ kind: 'passport', number: passport }],
  };
  return deriveIdentifiers(record, ['document', 'name']).identifiers;
}

/** Looks for every word of every person; an identifier is made of those, so it is found as well. */
export function addPeople(needles: Needles, people: readonly Person[]): void {
  for (const { id, name, alias, passport, note } of people) {
    needles.addText('label', note);
    needles.addText('record id', id);
    needles.addText('passport', passport);
    for (const part of `${name} ${alias}`.split(' ')) needles.addText('name', part);
  }
}
