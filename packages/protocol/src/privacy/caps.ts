/**
 * Caps of an agreement: how much a period may cost each list.
 *
 * Purpose: settings of a scenario or a command line become checked integers.
 * Assumes: nothing. Does not know: what was spent.
 */
import { z } from 'zod';
import { TallyError } from '../errors/index.ts';
import { parseBudget } from './epsilon.ts';

const most = Number.MAX_SAFE_INTEGER;
const cap = (least: number) => z.number().int().min(least).max(most).nullable();

/** As an agreement carries them; null: no cap of this kind. */
export const capsSchema = z.strictObject({
  periodDays: z.number().int().min(1).max(366),
  sessions: cap(1),
  records: cap(1),
  versions: cap(1),
  microEpsilon: cap(1),
});

export type LedgerCaps = z.infer<typeof capsSchema>;

/** Days of a period where nobody says otherwise. */
export const defaultPeriodDays = 7;

const fields = ['periodDays', 'sessions', 'records', 'versions', 'epsilon'] as const;

/** Settings as caps: `periodDays` 7 where absent, `epsilon` a decimal. Throws `privacy.caps`. */
export function parseCaps(settings: Readonly<Record<string, unknown>>): LedgerCaps {
  for (const key of Object.keys(settings)) {
    if (!(fields as readonly string[]).includes(key)) {
      throw new TallyError('privacy.caps', `caps: want ${fields.join(', ')}; got another field`);
    }
  }
  const whole = (name: (typeof fields)[number], largest: number): number | null => {
    const value = settings[name];
    if (value === undefined) return null;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= largest) {
      return value;
    }
    throw new TallyError('privacy.caps', `caps.${name}: want a whole number of 1..${largest}`);
  };
  const { epsilon } = settings;
  const caps = {
    periodDays: whole('periodDays', 366) ?? defaultPeriodDays,
    sessions: whole('sessions', most),
    records: whole('records', most),
    versions: whole('versions', most),
    microEpsilon: epsilon === undefined ? null : parseBudget(epsilon),
  };
  const { periodDays: _, ...limits } = caps;
  if (Object.values(limits).every((value) => value === null)) {
    throw new TallyError('privacy.caps', 'caps: want sessions, records, versions or epsilon; got none');
  }
  return caps;
}
