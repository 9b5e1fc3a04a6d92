/**
 * The audit logs at the end of the demonstration.
 *
 * Purpose: every node's log, exported and verified as anybody can; then one byte of one export is changed, and the
 * verification names the entry.
 * Assumes: the nodes run. Does not know: what the entries say.
 */
import { readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type LogReport, parseExport, verifyExport } from '@tallystick/protocol/audit';
import type { House } from '../local/index.ts';
import { type Style, table } from '../render/index.ts';

export interface CheckedLogs {
  readonly reports: readonly LogReport[];
  /** Whose export was changed, and in which entry. */
  readonly changed: { readonly station: string; readonly entry: number };
  /** What verification says of the changed export; undefined: nothing. */
  readonly found: LogReport['findings'][number] | undefined;
  readonly differences: readonly string[];
}

async function exportOf({ directory }: House, { id, node }: House['parties'][number]): Promise<Uint8Array> {
  const out = join(directory, `${id}.audit`);
  await node.call('audit.export', { out });
  try {
    return await readFile(out);
  } finally {
    await unlink(out);
  }
}

/** The same bytes with one bit turned in the middle of an entry's line. */
function withFlippedBit(bytes: Uint8Array, entry: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  let start = 0;
  for (let line = 0; line <= entry; line++) start = changed.indexOf(0x0a, start) + 1;
  const at = Math.floor((start + changed.indexOf(0x0a, start)) / 2);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}

export async function checkLogs(house: House): Promise<CheckedLogs> {
  const exports = await Promise.all(house.parties.map((party) => exportOf(house, party)));
  const reports = exports.map((bytes) => verifyExport(parseExport(bytes)).report);
  const differences = reports.flatMap(({ station, findings: [first] }) =>
    first === undefined ? [] : [`audit log of ${station}: ${first.text}`],
  );
  const last = reports.length - 1;
  const entry = Math.floor((reports[last]?.entries ?? 0) / 2);
  const changed = { station: reports[last]?.station ?? '', entry };
  const [found] = verifyExport(parseExport(withFlippedBit(exports[last] as Uint8Array, entry))).report
    .findings;
  if (found?.entry !== entry)
    differences.push(`audit log of ${changed.station}: a changed byte was not found`);
  return { reports, changed, found, differences };
}

export function sayLogs({ reports, changed, found, differences }: CheckedLogs, style: Style): string {
  const rows = reports.map(({ station, entries, witnesses, findings }) => [
    station,
    String(entries),
    witnesses.map((one) => one.station).join(', ') || 'nobody yet',
    findings.length === 0 ? style.good('verifies') : style.bad('does NOT verify'),
  ]);
  return [
    style.bold('4. What every node has written down, before it did it'),
    ...table(['log of', 'entries', 'cosigned by', ''], rows, ['left', 'right', 'left', 'left'], style),
    `  Then one bit of ${changed.station}'s export is turned, in entry ${changed.entry}:`,
    `  ${found === undefined ? style.bad('nothing was noticed') : `verification says: ${found.text} (${found.problem})`}`,
    ...(differences.length === 0 ? [] : [style.bad('  the logs are not as they should be')]),
    '',
    '',
  ].join('\n');
}
