/**
 * The answer of one session, for people and as the one JSON object.
 *
 * Purpose: `run --json` prints exactly `ResultJson`; every number a person reads says whether it counts
 * identifiers or records.
 * Assumes: figures are those of the session's parties in the order of the scenario.
 * Does not know: how they came about; it never sees a record.
 */
import type { RecipeName } from '@tallystick/protocol/records';
import { type LearnedFacts, predicateText, whoLearned } from './learned.ts';
import { bytesText, count, durationText, numberText, type Style, table, wrap } from './text.ts';

export interface PartyResult {
  readonly id: string;
  readonly records: number;
  readonly identifiers: number;
  readonly withoutIdentifiers: number;
  readonly rejected: number;
  /** Null for a party that receives no matches. */
  readonly matches: { readonly records: number; readonly identifiers: number } | null;
}

export interface CountResult {
  readonly in: readonly string[];
  readonly exactly: number;
  readonly atLeast: number;
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
  readonly counts: readonly CountResult[] | null;
  readonly bytes: { readonly sent: number; readonly received: number };
  readonly elapsedMs: number;
  readonly oracle: { readonly checked: boolean; readonly equal: boolean | null };
}

export interface SessionResult extends ResultJson {
  readonly collector: string | null;
  readonly relay: LearnedFacts['relay'];
  readonly output: LearnedFacts['output'];
}

/** The object of `--json`: these fields, in this order, and no others. */
export function toJson(result: SessionResult): ResultJson {
  const { session, form, verified, suite, recipe, counts, bytes, elapsedMs, oracle } = result;
  const parties = result.parties.map(
    ({ id, records, identifiers, withoutIdentifiers, rejected, matches }) => ({
      id,
      records,
      identifiers,
      withoutIdentifiers,
      rejected,
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
    counts: counts?.map((row) => ({ in: row.in, exactly: row.exactly, atLeast: row.atLeast })) ?? null,
    bytes: { sent: bytes.sent, received: bytes.received },
    elapsedMs,
    oracle: { checked: oracle.checked, equal: oracle.equal },
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
  const rows = (result.counts ?? [])
    .toSorted((a, b) => a.in.length - b.in.length)
    .map((row) => [row.in.join(' + '), numberText(row.exactly), numberText(row.atLeast)]);
  return table(
    ['on the lists of', 'identifiers on these and no others', 'on these and maybe more'],
    rows,
    ['left', 'right', 'right'],
    style,
  );
}

export function renderLearned(result: SessionResult, style: Style, columns: number): string[] {
  const facts = whoLearned({
    form: result.form,
    parties: result.parties,
    collector: result.collector,
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
  { form, verified }: Pick<ResultJson, 'form' | 'verified'>,
  columns: number,
): string[] {
  return wrap(verificationText(form, verified), Math.max(30, Math.min(columns, 110)));
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

export function renderVerdict(oracle: ResultJson['oracle'], style: Style): string {
  if (!oracle.checked) return style.dim('not compared with the plaintext answers');
  return oracle.equal === true
    ? style.good('The answers equal the plaintext answers.')
    : style.bad('The answers DIFFER from the plaintext answers.');
}

/** A whole result of `run`. */
export function renderResult(result: SessionResult, style: Style, columns: number): string {
  const lines = [style.bold('Lists'), ...renderParties(result, style), ''];
  if (result.counts === null) lines.push(style.bold('Matches'), ...renderMatches(result, style), '');
  else lines.push(style.bold('Counts'), ...renderCounts(result, style), '');
  lines.push(style.bold('Who learned what'), ...renderLearned(result, style, columns), '');
  lines.push(renderCost(result), ...renderVerification(result, columns), renderVerdict(result.oracle, style));
  return `${lines.join('\n')}\n`;
}
