/**
 * The transparency report in words: what its rows are called, how a band is written.
 *
 * Purpose: one spelling for Markdown, HTML and charts.
 * Assumes: station ids are harmless; other text of a report is escaped where it is put. Does not know: layout.
 */
import type { EventName, Outcome, Range, ReportRow } from '@tallystick/protocol/report';
import { numberText } from '../render/text.ts';

export const outcomeWords: Readonly<Record<Outcome, string>> = {
  answered: 'answered',
  endedEarly: 'ended without an answer',
  refused: 'refused',
  denied: 'denied by the agreement or by local rules',
};

/** What is counted, and under which heading it stands. */
export const eventWords: Readonly<Record<EventName, readonly [string, string]>> = {
  vetoes: ['Oversight', 'requests vetoed by an oversight body'],
  emergencies: ['Oversight', 'emergencies declared'],
  lateReviews: ['Oversight', 'reviews of emergencies late, or missing'],
  suspensions: ['Oversight', 'suspensions'],
  withdrawals: ['Oversight', 'withdrawals from an agreement'],
  keyChanges: ['Oversight', 'keys changed'],
  enquiries: ['Redress', 'enquiries opened'],
  decisions: ['Redress', 'enquiries decided'],
  lateAcknowledgements: ['Redress', 'acknowledgements late, or missing'],
  lateDecisions: ['Redress', 'decisions late, or missing'],
  corrected: ['Redress', 'enquiries that led to a correction'],
  incidents: ['Incidents', 'incidents under an agreement'],
  lateIncidents: ['Incidents', 'incidents told too late to whom the agreement says, or not told'],
  exports: ['Incidents', 'logs, evidence or results handed out'],
  attempts: ['Incidents', 'messages refused as replayed, malformed or of strangers'],
};

export const unaskedWords = 'before anybody was asked';

export function groupWords(between: ReportRow['between']): string {
  if (between === 'several') return 'three parties or more';
  return between.join(' and ');
}

/** `fewer than 10`, `25–49`, `1,000 or more`, `0–99`. @param divide units of the number to one that is written */
export function rangeWords({ atLeast, atMost }: Range, threshold: number, divide = 1): string {
  const written = (n: number): string =>
    n % divide === 0
      ? numberText(n / divide)
      : (n / divide).toLocaleString('en-US', { maximumFractionDigits: 6 });
  if (atMost === null) return `${written(atLeast)} or more`;
  if (atLeast === 0)
    return atMost + 1 === threshold ? `fewer than ${written(threshold)}` : `at most ${written(atMost)}`;
  return `${written(atLeast)}–${written(atMost)}`;
}

/** `0–100 %` says nothing, and is not written. */
export function shareWords({ atLeast, atMost }: Range): string {
  return atLeast === 0 && atMost === 100 ? 'not told' : `${atLeast}–${atMost} %`;
}

/** Epsilon of a range in millionths; the upper end is one millionth above the last that the range holds. */
export function epsilonWords({ atLeast, atMost }: Range): string {
  const decimal = (micro: number): string =>
    (micro / 1_000_000).toLocaleString('en-US', { maximumFractionDigits: 6 });
  if (atLeast === 0 && atMost !== null && atMost <= 9) return 'none';
  if (atMost === null) return `${decimal(atLeast)} or more`;
  return `${decimal(atLeast)} to under ${decimal(atMost + 1)}`;
}

export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
