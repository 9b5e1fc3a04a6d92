/**
 * The answer of one session, for people and as the one JSON object.
 *
 * Purpose: `run --json` prints exactly `ResultJson`; every number a person reads says whether it counts
 * identifiers or records.
 * Assumes: figures are those of the session's parties in the order of the scenario.
 * Does not know: how they came about; it never sees a record.
 */
import type { HandlingMarks } from '@tallystick/node/control';
import type { EncodedNoise, WithheldReason } from '@tallystick/protocol/privacy';
import type { RecipeName } from '@tallystick/protocol/records';
import { countTable, type PrivacyFacts, thresholdTable, worthLines } from './counts.ts';
import { marksText } from './handling.ts';
import { labelTables } from './labels.ts';
import { type LearnedFacts, predicateText, whoLearned } from './learned.ts';
import { bytesText, count, durationText, numberText, type Style, table, wrap } from './text.ts';

export interface PartyResult {
  readonly id: string;
  readonly records: number;
  readonly identifiers: number;
  readonly withoutIdentifiers: number;
  readonly rejected: number;
  /** Identifiers left out: more of a record than the noise is made for. */
  readonly cut?: number;
  /** Null for a party that receives no matches. */
  readonly matches: { readonly records: number; readonly identifiers: number } | null;
}

export interface CountResult {
  readonly in: readonly string[];
  /** Null: withheld. */
  readonly exactly: number | null;
  readonly atLeast: number | null;
  /** Why, of each number that is withheld. */
  readonly reason?: { readonly exactly?: WithheldReason; readonly atLeast?: WithheldReason };
}

/** A number, or null and why it is withheld. */
export interface NumberResult {
  readonly count: number | null;
  readonly reason?: WithheldReason;
}

/** What is true of all the counts of a session. */
export interface ReleaseResult {
  /** No noise, nothing withheld. */
  readonly exact: boolean;
  /** As agreed; null: none. */
  readonly privacy: (PrivacyFacts & { readonly mechanism: string }) | null;
  readonly padTo: number | null;
  readonly noise: EncodedNoise | null;
  /** In at least t lists, at t − 1. */
  readonly inAtLeast: readonly NumberResult[];
  readonly union: NumberResult;
}

/** Exactly these lists, under these labels. */
export interface LabelCellResult {
  readonly in: readonly string[];
  /** By party, of those that have labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** Null: withheld. */
  readonly exactly: number | null;
  readonly reason?: WithheldReason;
}

/** Counts by label. */
export interface LabelsResult {
  readonly lists: readonly {
    readonly id: string;
    /** The records' field that was counted by. */
    readonly field: string;
    /** With the announced number of identifiers; `of`: what was merged into one because it was small. */
    readonly labels: readonly {
      readonly label: string;
      readonly of: readonly string[];
      readonly identifiers: number;
    }[];
  }[];
  /** Every combination of lists, and of labels where they have them. */
  readonly cells: readonly LabelCellResult[];
}

/** What came of comparing with the plaintext answers. */
export interface OracleResult {
  readonly checked: boolean;
  /** Null where numbers are noised or withheld, or nothing was compared. */
  readonly equal: boolean | null;
  /** Released numbers that were compared. */
  readonly cellsChecked?: number;
  /** Every one of them is the plaintext one, or as near as the noise allows. */
  readonly withinTail?: boolean;
}

/** Exactly what `run --json` prints. */
export interface ResultJson {
  readonly session: string;
  readonly form: 'direct' | 'sealed';
  /** Every list was proved to be evaluated by the scalars committed to; false: others were believed. */
  readonly verified: boolean;
  readonly suite: string;
  readonly recipe: RecipeName | readonly RecipeName[];
  readonly parties: readonly PartyResult[];
  /** Who merged and knows the exact histogram; none in the direct form. */
  readonly collectors: readonly string[];
  readonly counts: readonly CountResult[] | null;
  /** Of the standing agreement's output; absent without one. */
  readonly marks?: HandlingMarks;
  /** Absent where no list is cut by labels. */
  readonly labels?: LabelsResult;
  /** Absent where there are no counts. */
  readonly release?: ReleaseResult;
  readonly bytes: { readonly sent: number; readonly received: number };
  readonly elapsedMs: number;
  readonly oracle: OracleResult;
}

export interface SessionResult extends ResultJson {
  readonly relay: LearnedFacts['relay'];
  readonly output: LearnedFacts['output'];
  /** Announced sizes by party, where they are not the numbers of identifiers. */
  readonly announced?: Readonly<Record<string, number>>;
}

/** The object of `--json`: these fields, in this order, and no others. */
export function toJson(result: SessionResult): ResultJson {
  const {
    session,
    form,
    verified,
    suite,
    recipe,
    collectors,
    counts,
    labels,
    release,
    bytes,
    elapsedMs,
    oracle,
  } = result;
  const parties = result.parties.map(
    ({ id, records, identifiers, withoutIdentifiers, rejected, cut, matches }) => ({
      id,
      records,
      identifiers,
      withoutIdentifiers,
      rejected,
      ...(cut === undefined ? {} : { cut }),
      matches: matches === null ? null : { records: matches.records, identifiers: matches.identifiers },
    }),
  );
  return {
    session,
    form,
    verified,
    suite,
    recipe,
    parties,
    collectors,
    counts:
      counts?.map(({ in: lists, exactly, atLeast, reason }) => ({
        in: lists,
        exactly,
        atLeast,
        ...(reason === undefined ? {} : { reason }),
      })) ?? null,
    ...(result.marks === undefined ? {} : { marks: result.marks }),
    ...(labels === undefined ? {} : { labels }),
    ...(release === undefined ? {} : { release }),
    bytes: { sent: bytes.sent, received: bytes.received },
    elapsedMs,
    oracle,
  };
}

export function renderParties(result: SessionResult, style: Style): string[] {
  const rows = result.parties.map((party) => [
    party.id,
    numberText(party.records),
    numberText(party.identifiers),
    numberText(party.withoutIdentifiers),
    numberText(party.rejected),
  ]);
  return table(
    ['list of', 'records', 'identifiers', 'records without', 'rows rejected'],
    rows,
    ['left', 'right', 'right', 'right', 'right'],
    style,
  );
}

export function renderMatches(result: SessionResult, style: Style): string[] {
  const { output, form, parties } = result;
  const where = output.kind === 'matches' ? predicateText(output.predicate, parties.length) : '';
  const rows = result.parties.map((party) => {
    const other = result.parties.find((one) => one.id !== party.id)?.id ?? '';
    if (party.matches === null) return [party.id, 'receives nothing', ''];
    return [
      party.id,
      `${style.bold(numberText(party.matches.records))} of its ${count(party.records, 'record')}`,
      `${numberText(party.matches.identifiers)} of its ${count(party.identifiers, 'identifier')} ${form === 'direct' ? `held by ${other}` : where}`,
    ];
  });
  return table(['', 'own records that match', 'through'], rows, ['left', 'left', 'left'], style);
}

export function renderCounts(result: SessionResult, style: Style): string[] {
  return countTable(result.counts ?? [], style);
}

function renderLabels({ labels }: SessionResult, style: Style): string[] {
  if (labels === undefined) return [];
  return ['', style.bold('By label'), ...labelTables(labels, style)];
}

/** What follows the table of counts: thresholds, and what the numbers are worth. */
export function renderRelease(result: SessionResult, style: Style, columns: number): string[] {
  const { release } = result;
  if (release === undefined) return [];
  const cuts = result.parties
    .filter((party) => (party.cut ?? 0) > 0)
    .map(
      (party) => `${party.id} left out ${count(party.cut ?? 0, 'identifier')}, more of a record than that.`,
    );
  const worth = [...worthLines(release, release.privacy, release.padTo), ...cuts];
  const width = Math.max(30, Math.min(columns, 110) - 4);
  const lines = worth.flatMap((text) => wrap(text, width).map((line) => `  ${line}`));
  return ['', ...thresholdTable(release, style), '', ...lines];
}

export function renderLearned(result: SessionResult, style: Style, columns: number): string[] {
  const facts = whoLearned({
    form: result.form,
    parties: result.parties.map(({ id, identifiers }) => ({
      id,
      identifiers: result.announced?.[id] ?? identifiers,
    })),
    ...(result.counts === null ? {} : { withheld: withheldIn(result.counts) }),
    ...(result.labels === undefined ? {} : { labels: result.labels }),
    noised: result.release?.noise != null,
    collectors: result.collectors,
    output: result.output,
    matches: Object.fromEntries(result.parties.map((party) => [party.id, party.matches])),
    relay: result.relay,
  });
  const width = Math.max(...facts.map(([who]) => who.length)) + 2;
  return facts.flatMap(([who, what]) =>
    wrap(what, Math.max(30, Math.min(columns, 110) - width - 4)).map(
      (line, i) =>
        `  ${i === 0 ? style.bold(who) + ' '.repeat(width - who.length) : ' '.repeat(width)}${line}`,
    ),
  );
}

/** Combinations whose exact number is withheld. */
export function withheldIn(counts: readonly CountResult[]): number {
  return counts.filter((row) => row.exactly === null).length;
}

/** One line: form, verification, bytes, time. */
export function renderCost(result: SessionResult): string {
  return [
    `form ${result.form}, ${result.verified ? 'verified' : 'unverified'}`,
    `${bytesText(result.bytes.sent)} sent`,
    `${bytesText(result.bytes.received)} received by the parties`,
    durationText(result.elapsedMs),
  ].join(' · ');
}

/** What the word means here, in one or two lines. */
export function renderVerification(
  { form, verified, collectors }: Pick<ResultJson, 'form' | 'verified' | 'collectors'>,
  columns: number,
): string[] {
  return wrap(
    `${verificationText(form, verified)}${agreedText(collectors)}`,
    Math.max(30, Math.min(columns, 110)),
  );
}

function verificationText(form: ResultJson['form'], verified: boolean): string {
  if (!verified) {
    return form === 'direct'
      ? 'unverified: nothing was proved. Whoever deviates can make records match that it does not have; do not act on these matches unless you trust its software.'
      : 'unverified: nothing was proved. Whoever deviates can make identifiers vanish or match; do not act on this unless you trust the software of all parties.';
  }
  const proved =
    'verified: every list that came back was proved to be evaluated with the key that each party had committed to, element by element.';
  const rest = form === 'direct' ? '' : ' Of the collector sentinels show faults, not lies.';
  return `${proved} What stands on a party's list, nobody proves.${rest}`;
}

function agreedText(collectors: readonly string[]): string {
  if (collectors.length < 2) return '';
  return ` ${collectors.join(' and ')} merged for themselves and said the same; each knows the exact numbers.`;
}

export function renderVerdict(oracle: ResultJson['oracle'], style: Style): string {
  if (!oracle.checked) return style.dim('not compared with the plaintext answers');
  if (oracle.withinTail !== undefined) {
    const compared = count(oracle.cellsChecked ?? 0, 'released number');
    return oracle.withinTail
      ? style.good(`${compared} compared with the plaintext answers: equal, or as near as the noise allows.`)
      : style.bad(`${compared} compared: the answers DIFFER from the plaintext answers.`);
  }
  return oracle.equal === true
    ? style.good('The answers equal the plaintext answers.')
    : style.bad('The answers DIFFER from the plaintext answers.');
}

/** A whole result of `run`. */
export function renderResult(result: SessionResult, style: Style, columns: number): string {
  const handling = result.marks === undefined ? [] : [style.bold(marksText(result.marks)), ''];
  const lines = [...handling, style.bold('Lists'), ...renderParties(result, style), ''];
  if (result.counts === null) lines.push(style.bold('Matches'), ...renderMatches(result, style), '');
  else {
    lines.push(style.bold('Counts'), ...renderCounts(result, style));
    lines.push(...renderLabels(result, style), ...renderRelease(result, style, columns), '');
  }
  lines.push(style.bold('Who learned what'), ...renderLearned(result, style, columns), '');
  lines.push(renderCost(result), ...renderVerification(result, columns), renderVerdict(result.oracle, style));
  return `${lines.join('\n')}\n`;
}
