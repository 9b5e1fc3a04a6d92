/**
 * `tallystick oversight audit FILE…`: the parties' exports, as a supervisor holds them against what the body knows.
 *
 * Purpose: each export verified with the key and the newest head that this body witnessed, each two compared, and every
 * session that started under a watched agreement on a request that nobody told the body of.
 * Assumes: the body runs. Does not know: how a check is made (protocol/audit).
 */
import { compareLogs, type Comparison, type LogReport } from '@tallystick/protocol/audit';
import { TallyError } from '@tallystick/protocol/errors';
import type { Call, Run } from '../args/types.ts';
import { unverifiedExit } from '../exit/index.ts';
import { askBody } from '../oversight/control.ts';
import { type Untold, untoldIn } from '../oversight/untold.ts';
import { renderComparison, renderLogReport } from '../render/audit.ts';
import { styleFor } from '../render/text.ts';
import { pinsOf, verifiedExport } from './audit-files.ts';

interface Compared extends Comparison {
  readonly stations: readonly [string, string];
}

export const run: Run = async (call) => {
  const { io, options } = call;
  const [{ watched }, { agreements }, requests] = await Promise.all([
    askBody(call, 'audit.show', { limit: 1 }),
    askBody(call, 'oversight.status', {}),
    askBody(call, 'oversight.requests', {}),
  ]);
  const pins = new Map([...watched.map((one) => [one.station, one.fingerprint] as const), ...pinsOf(call)]);
  const heads = new Map(watched.map(({ station, checkpoint }) => [station, checkpoint]));
  const read = await readAll(call, pins, heads);
  const whole = read.filter(({ report }) => report.findings.length === 0).map(({ log }) => log);
  const compared = pairsOf(whole).map(
    ([a, b]): Compared => ({ ...compareLogs(a, b), stations: [a.header.station, b.header.station] }),
  );
  const known = {
    agreements: new Set(agreements.map(({ id }) => id)),
    requests: new Set(requests.map(({ id }) => id)),
  };
  const untold = whole.flatMap((log) => untoldIn(log, known));
  const reports = read.map(({ report }) => report);
  if (options.on('json')) io.out.write(`${JSON.stringify({ reports, compared, untold })}\n`);
  else io.out.write(`${linesOf(call, reports, compared, untold, heads).join('\n')}\n`);
  const isWrong =
    whole.length < read.length ||
    untold.length > 0 ||
    compared.some(({ differences }) => differences.length > 0);
  if (isWrong) return 1;
  return reports.every(({ isPinned }) => isPinned) ? 0 : unverifiedExit;
};

async function readAll(call: Call, pins: ReadonlyMap<string, string>, heads: ReadonlyMap<string, string>) {
  const read = await Promise.all(call.args.map((path) => verifiedExport(call, path, pins, heads)));
  const stations = read.map(({ report }) => report.station);
  const twice = stations.find((station, i) => stations.indexOf(station) !== i);
  if (twice !== undefined) throw new TallyError('argument.invalid', `FILE: two are of ${twice}`);
  return read;
}

const pairsOf = <T>(all: readonly T[]): [T, T][] =>
  all.flatMap((a, i) => all.slice(i + 1).map((b): [T, T] => [a, b]));

function linesOf(
  { io }: Call,
  reports: readonly LogReport[],
  compared: readonly Compared[],
  untold: readonly Untold[],
  heads: ReadonlyMap<string, string>,
): string[] {
  const style = styleFor(io.out.colour);
  return [
    ...reports.flatMap((report) => [
      ...renderLogReport(report, style),
      heads.has(report.station)
        ? '  held against the newest head that this body cosigned'
        : '  this body has cosigned no head of it',
    ]),
    ...compared.flatMap((one) => renderComparison(one, one.stations, style)),
    ...untold.map(({ station, session, request }) =>
      style.bad(`log of ${station}: session ${session} started on request ${request}, of which nobody told`),
    ),
  ];
}
