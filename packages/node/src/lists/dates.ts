/**
 * Dates of birth as lists write them (docs/recipes.md A3).
 *
 * Purpose: one grammar for the four formats.
 * Assumes: squeezed texts.
 * Does not know: recipes, formats.
 */
import type { BirthDate } from '@tallystick/protocol/records';

const monthNames =
  'january february march april may june july august september october november december'.split(' ');
const monthOf = new Map(
  monthNames.flatMap((name, n) => [[name, n + 1] as const, [name.slice(0, 3), n + 1] as const]),
);
const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const minYear = 1800;
const maxYear = 2100;

const isoForm = /^(\d{4})-(\d{2})(?:-(\d{2})(?:t.*)?)?$/;
const wordForm = /^(?:(\d{1,2}) )?([a-z]+) (\d{4})$/;
const yearForm = /^\d{4}$/;
const circaForm = /^(?:(?:circa|c\.|ca\.|approximately) |~)(.*)$/;
const rangeForm = /^(?:between (.+) and (.+)|(.+) to (.+)|(\d{4})-(\d{4})|(\d{4})\/(\d{4}))$/;

interface Point {
  readonly year: string;
  /** The whole date, where it is a day. */
  readonly day?: string;
}

/** @returns undefined where the grammar refuses the text. */
export function readBirthDate(text: string): BirthDate | undefined {
  const lower = text.toLowerCase();
  const point = readPoint(lower);
  if (point !== undefined) {
    return point.day === undefined ? { kind: 'year', from: point.year } : { kind: 'day', from: point.day };
  }
  const about = circaForm.exec(lower)?.[1];
  if (about !== undefined) {
    const year = readPoint(about)?.year;
    if (year !== undefined) return { kind: 'circa', from: year };
  }
  const range = rangeForm.exec(about ?? lower);
  if (range === null) return undefined;
  const from = readPoint(range[1] ?? range[3] ?? range[5] ?? range[7] ?? '')?.year;
  const to = readPoint(range[2] ?? range[4] ?? range[6] ?? range[8] ?? '')?.year;
  if (from === undefined || to === undefined) return undefined;
  return about !== undefined && from === to ? { kind: 'circa', from } : yearRange(from, to);
}

/** From year to year; one year where they are equal; undefined where it runs backwards. */
export function yearRange(from: string, to: string): BirthDate | undefined {
  if (from > to) return undefined;
  return from === to ? { kind: 'year', from } : { kind: 'range', from, to };
}

/** The year of a text that is one date. */
export function readYear(text: string): string | undefined {
  return readPoint(text.toLowerCase())?.year;
}

function readPoint(text: string): Point | undefined {
  if (yearForm.test(text)) return makePoint(text, undefined, undefined);
  const iso = isoForm.exec(text);
  if (iso !== null) return makePoint(iso[1] as string, Number(iso[2]), iso[3]);
  const word = wordForm.exec(text);
  if (word === null) return undefined;
  const month = monthOf.get(word[2] as string);
  return month === undefined ? undefined : makePoint(word[3] as string, month, word[1]);
}

function makePoint(year: string, month: number | undefined, day: string | undefined): Point | undefined {
  const y = Number(year);
  if (y < minYear || y > maxYear) return undefined;
  if (month === undefined) return { year };
  if (month < 1 || month > 12) return undefined;
  if (day === undefined) return { year };
  const d = Number(day);
  const leap = month === 2 && y % 4 === 0 && (y % 100 !== 0 || y % 400 === 0) ? 1 : 0;
  if (d < 1 || d > (monthDays[month - 1] as number) + leap) return undefined;
  return { year, day: `${year}-${String(month).padStart(2, '0')}-${String(d).padStart(2, '0')}` };
}
