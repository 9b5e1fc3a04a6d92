/**
 * The transparency report as data.
 *
 * Purpose: what may be told of logs to everybody: bands, and what follows from bands. One JSON document, signed over its
 * RFC 8785 form, that says from which stretch of which logs it was made; from the same logs anybody makes the same bytes.
 * Assumes: `ReportLog`s were verified. Nobody is told of numbers below the threshold, zero included.
 * Does not know: how a report looks, where keys are kept, how an export is verified.
 */
import { z } from 'zod';
import { stationId } from '../agreement/ephemeral.ts';
import { hex32, whole } from '../agreement/standing.ts';
import { encodeHex } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { isSigned, type Sign, signValue } from '../wire/canonical.ts';
import { type Bounds, reportBounds } from './bands.ts';
import { figuresOf } from './figures.ts';
import { amountNames, eventNames, type LogEntries, outcomes, type Span, tallyOf } from './tally.ts';

const domain = 'transparency-report';
const big = Number.MAX_SAFE_INTEGER;

const range = z.strictObject({ atLeast: whole(0, big), atMost: whole(0, big).nullable() });
const each = <K extends string, V extends z.ZodType>(names: readonly K[], value: V) =>
  z.strictObject(Object.fromEntries(names.map((name) => [name, value])) as Record<K, V>);

/** First words of clauses that failed in so many denied sessions; null where these are fewer than the threshold. */
const clauses = z.array(z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,127}$/)).nullable();

const row = z.strictObject({
  /** Two parties; `several`: three or more. */
  between: z.union([z.tuple([stationId, stationId]), z.literal('several')]),
  sessions: each(outcomes, range),
  /** Sessions whose results were deleted. */
  deleted: range,
  /** Of all answered sessions, percent. */
  share: range,
  /**
   * Of the answered sessions together, in powers of ten: identifiers announced, of all lists; records that matched, on the
   * lists of the logs' owners; budget. Null where fewer than the threshold have it.
   */
  amounts: each(amountNames, range.nullable()),
  clauses,
});

export const reportSchema = z.strictObject({
  format: z.literal('tallystick-report-1'),
  /** Counts below it are one band. */
  threshold: whole(1, big),
  fromMs: whole(0, big),
  /** Not included. */
  toMs: whole(0, big),
  logs: z
    .array(
      z.strictObject({
        station: stationId,
        /** The log's name in its checkpoints. */
        origin: z.string().min(1).max(200),
        /** Places of the first and the last entry in the span; null: there is none. */
        entries: z.strictObject({ first: whole(0, big), last: whole(0, big) }).nullable(),
        size: whole(0, big),
        /** Of the tree of that size. */
        root: hex32,
        /** The signed note that says so, with its cosignatures. */
        checkpoint: z.string().max(65_536),
      }),
    )
    .min(1)
    .max(64),
  groups: z.array(row).max(10_000),
  /** Denied before anybody was asked. */
  unasked: z.strictObject({ denied: range, clauses }),
  /** Sums of the bands of all groups. */
  all: each(outcomes, range),
  events: each(eventNames, range),
});

export type TransparencyReport = z.infer<typeof reportSchema>;
export type ReportRow = TransparencyReport['groups'][number];

const signedSchema = z.strictObject({
  report: reportSchema,
  signature: z.strictObject({ publicKey: hex32, signature: z.string().regex(/^[0-9a-f]{128}$/) }),
});
export type SignedReport = z.infer<typeof signedSchema>;

/** A verified log, and what a report cites of it. */
export interface ReportLog extends LogEntries {
  readonly origin: string;
  readonly size: number;
  /** Hex. */
  readonly root: string;
  readonly checkpoint: string;
}

/**
 * The report of what the logs say of a span, which ends with the last entry of all of them at the latest: of the time
 * after it they say nothing.
 * @param bounds of the bands; others than the default are for tests
 * @throws TallyError `argument.invalid` without a log, with two logs of one station, or with an empty span.
 */
export function reportOf(
  logs: readonly ReportLog[],
  span: Span,
  bounds: Bounds = reportBounds,
): TransparencyReport {
  const stations = logs.map(({ station }) => station);
  if (logs.length === 0) throw new TallyError('argument.invalid', 'logs: want one at least');
  if (new Set(stations).size < logs.length)
    throw new TallyError('argument.invalid', 'logs: want one of each station');
  const lastMs = Math.max(0, ...logs.map(({ entries }) => entries.at(-1)?.atMs ?? 0));
  const fromMs = span.fromMs;
  const toMs = Math.min(span.toMs, lastMs + 1);
  if (fromMs >= toMs)
    throw new TallyError('argument.invalid', 'from, to: want a span that begins before the logs end');
  return {
    format: 'tallystick-report-1',
    ...figuresOf(tallyOf(logs, { fromMs, toMs }), bounds),
    fromMs,
    toMs,
    logs: [...logs].sort((a, b) => (a.station < b.station ? -1 : 1)).map((log) => cited(log, fromMs, toMs)),
  };
}

function cited(
  { station, origin, size, root, checkpoint, entries }: ReportLog,
  fromMs: number,
  toMs: number,
) {
  const within = entries.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  const [first, last] = [within[0]?.index, within.at(-1)?.index];
  return {
    station,
    origin,
    entries: first === undefined || last === undefined ? null : { first, last },
    size,
    root,
    checkpoint,
  };
}

/** @param publicKey of the signer, hex. */
export function signReport(report: TransparencyReport, publicKey: string, sign: Sign): SignedReport {
  return { report, signature: { publicKey, signature: encodeHex(signValue(domain, report, sign)) } };
}

/** Whether the key that stands beside the report signed it. Whose key that is, the caller must know. */
export const isReportSigned = ({ report, signature }: SignedReport): boolean =>
  isSigned(domain, report, signature.signature, signature.publicKey);

/** @throws TallyError `report.invalid`, naming the field. */
export function parseSignedReport(value: unknown): SignedReport {
  const checked = signedSchema.safeParse(value);
  if (checked.success) return checked.data;
  const at = checked.error.issues[0]?.path.join('.') ?? '';
  throw new TallyError('report.invalid', `report.${at}: refused by the schema of tallystick-report-1`);
}
