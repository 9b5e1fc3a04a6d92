/**
 * Instants as people sign them.
 *
 * Purpose: `2027-01-01T00:00:00Z`, and nothing else, to milliseconds since 1970 and back: UTC to the second, one
 * spelling for one instant (a subset of RFC 3339 §5.6).
 * Assumes: years 1970 to 9999, no leap seconds. Does not know: the clock.
 */
import { z } from 'zod';

const form = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})Z$/;
const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

function daysIn(year: number, month: number): number {
  return month === 2 && isLeap(year) ? 29 : (monthDays[month - 1] ?? 0);
}

/** Days from 1970-01-01 to the first of January of a year, in the proleptic Gregorian calendar. */
function daysBefore(year: number): number {
  const past = year - 1;
  return 365 * (year - 1970) + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400) - 477;
}

/** Milliseconds since 1970 of an instant, or undefined where the text is none. */
export function instantMs(text: string): number | undefined {
  const parts = form.exec(text)?.slice(1).map(Number);
  if (parts === undefined) return undefined;
  const [year, month, day, hour, minute, second] = parts as [number, number, number, number, number, number];
  if (year < 1970 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  let days = daysBefore(year) + day - 1;
  for (let earlier = 1; earlier < month; earlier++) days += daysIn(year, earlier);
  return ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000;
}

/** An instant that was checked; not to be called with other texts. */
export function msOf(instant: string): number {
  return instantMs(instant) ?? Number.NaN;
}

/** Date and time in UTC, to the second. `pattern` is for the published schema; the refinement knows the calendar. */
export const instantSchema = z
  .string()
  .regex(form)
  .refine((text) => instantMs(text) !== undefined);
