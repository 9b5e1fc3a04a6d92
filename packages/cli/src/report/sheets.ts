/**
 * A report as tables and charts: headings, rows and sentences, before any layout.
 *
 * Purpose: Markdown and HTML say the same, because both are made of this.
 * Assumes: the report was parsed. Does not know: markup.
 */
import {
  type AmountName,
  amountNames,
  eventNames,
  outcomes,
  type Range,
  type TransparencyReport,
} from '@tallystick/protocol/report';
import type { BarsInput } from './bars.ts';
import {
  dayOf,
  epsilonWords,
  eventWords,
  groupWords,
  outcomeWords,
  rangeWords,
  shareWords,
  unaskedWords,
} from './words.ts';

export interface Section {
  readonly title: string;
  readonly text: readonly string[];
  readonly charts: readonly BarsInput[];
  readonly tables: readonly {
    readonly caption: string;
    readonly head: readonly string[];
    readonly rows: readonly (readonly string[])[];
  }[];
}

export interface Sheets {
  readonly title: string;
  readonly intro: readonly string[];
  readonly sections: readonly Section[];
}

/** @param signer fingerprint of the key beside the report */
export function sheetsOf(report: TransparencyReport, signer: string): Sheets {
  const { threshold, logs } = report;
  const owners = logs.map(({ station }) => station).join(', ');
  return {
    title: `Transparency report of ${owners}`,
    intro: [
      `From ${dayOf(report.fromMs)} to before ${dayOf(report.toMs)} (UTC), made from the audit log${logs.length > 1 ? 's' : ''} alone.`,
      `Numbers are bands. Fewer than ${threshold}, none included, is one band; nothing here tells such numbers apart. Totals and shares are computed from the bands, so they are wider.`,
    ],
    sections: [
      sessionsOf(report),
      amountsOf(report),
      reasonsOf(report),
      eventsOf(report),
      sourceOf(report, signer),
    ],
  };
}

function sessionsOf({ groups, unasked, all, threshold }: TransparencyReport): Section {
  const words = (range: Range): string => rangeWords(range, threshold);
  return {
    title: 'Sessions',
    text: [
      'A session counts once, under how it ended. Sessions of three parties or more are not told by party.',
    ],
    charts: [
      {
        name: 'ends',
        title: 'How sessions ended',
        note: 'All of them together; each bar is the sum of the bands in the table below.',
        unit: 'sessions',
        scale: 'even',
        rows: outcomes.map((name) => ({
          label: outcomeWords[name],
          range: all[name],
          words: words(all[name]),
        })),
      },
      {
        name: 'partners',
        title: 'Answered sessions, by who took part',
        note: '',
        unit: 'answered sessions',
        scale: 'even',
        rows: groups.map(({ between, sessions: { answered } }) => ({
          label: groupWords(between),
          range: answered,
          words: words(answered),
        })),
      },
    ],
    tables: [
      {
        caption: 'Sessions by who took part and how they ended',
        head: [
          'between',
          'answered',
          'share of answered',
          'ended early',
          'refused',
          'denied',
          'results deleted',
        ],
        rows: [
          ...groups.map(({ between, sessions, share, deleted }) => [
            groupWords(between),
            words(sessions.answered),
            shareWords(share),
            words(sessions.endedEarly),
            words(sessions.refused),
            words(sessions.denied),
            words(deleted),
          ]),
          [unaskedWords, '', '', '', '', words(unasked.denied), ''],
        ],
      },
    ],
  };
}

function amountsOf({ groups, threshold }: TransparencyReport): Section {
  const told = groups.filter(({ amounts }) => amountNames.some((name) => amounts[name] !== null));
  const chart = (name: string, title: string, field: AmountName, unit: string): BarsInput[] => {
    const rows = told.flatMap(({ between, amounts: { [field]: range } }) =>
      range === null ? [] : [{ label: groupWords(between), range, words: rangeWords(range, threshold) }],
    );
    const axis = `${unit}; each step is ten times the one before`;
    return rows.length === 0 ? [] : [{ name, title, note: '', unit: axis, scale: 'powers', rows }];
  };
  const cell = (range: Range | null, words: (range: Range) => string): string =>
    range === null ? 'not told' : words(range);
  const table = {
    caption: 'Identifiers brought, records matched, privacy budget spent',
    head: ['between', 'identifiers brought', 'records matched', 'epsilon spent with each partner'],
    rows: told.map(({ between, amounts: { identifiers, matched, microEpsilon } }) => [
      groupWords(between),
      cell(identifiers, (range) => rangeWords(range, threshold)),
      cell(matched, (range) => rangeWords(range, threshold)),
      cell(microEpsilon, epsilonWords),
    ]),
  };
  return {
    title: 'What went in, what matched, what it cost',
    text: [
      'Of all answered sessions of a row together, in powers of ten. A list that is compared twice counts twice.',
      `Not told: what fewer than ${threshold} sessions have.`,
    ],
    charts: [
      ...chart(
        'brought',
        'Identifiers brought to answered sessions',
        'identifiers',
        'identifiers on all lists',
      ),
      ...chart('matched', 'Records that matched', 'matched', 'records on the lists of whose log this is'),
    ],
    tables: told.length === 0 ? [] : [table],
  };
}

function reasonsOf({ groups, unasked, threshold }: TransparencyReport): Section {
  const rows = [
    ...groups.map(({ between, clauses }) => ({ who: groupWords(between), clauses })),
    { who: unaskedWords, clauses: unasked.clauses },
  ].flatMap(({ who, clauses }) =>
    clauses === null ? [] : [[who, clauses.length === 0 ? 'none of them so often' : clauses.join(', ')]],
  );
  return {
    title: 'Why sessions were denied',
    text: [
      `Clauses that failed in at least ${threshold} of a row's denied sessions. Several may fail in one session; \`rules\` are local rules.`,
      ...(rows.length === 0 ? [`No row has ${threshold} denied sessions.`] : []),
    ],
    charts: [],
    tables:
      rows.length === 0 ? [] : [{ caption: 'Clauses that failed often', head: ['between', 'clauses'], rows }],
  };
}

function eventsOf({ events, threshold }: TransparencyReport): Section {
  const rows = eventNames.map((name) => {
    const [heading, label] = eventWords[name];
    return { heading, label, range: events[name], words: rangeWords(events[name], threshold) };
  });
  return {
    title: 'Oversight, redress, incidents',
    text: [],
    charts: [
      {
        name: 'events',
        title: 'Oversight, redress, incidents',
        note: '',
        unit: 'times',
        scale: 'even',
        rows: rows.map(({ label, range, words }) => ({ label, range, words })),
      },
    ],
    tables: [
      {
        caption: 'Oversight, redress, incidents',
        head: ['', 'what', 'number'],
        rows: rows.map(({ heading, label, words }) => [heading, label, words]),
      },
    ],
  };
}

function sourceOf({ logs, format }: TransparencyReport, signer: string): Section {
  return {
    title: 'Made from',
    text: [
      `Form ${format}. Signed over its canonical JSON (report.json, RFC 8785) by the key ${signer}.`,
      'Whoever holds an export of the same logs makes the same report: `tallystick report verify DIR EXPORT`.',
    ],
    charts: [],
    tables: [
      {
        caption: 'Logs',
        head: ['log', 'entries in the span', 'size of the log', 'root'],
        rows: logs.map(({ origin, entries, size, root }) => [
          origin,
          entries === null ? 'none' : `${entries.first} to ${entries.last}`,
          String(size),
          root,
        ]),
      },
    ],
  };
}
