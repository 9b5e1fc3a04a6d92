/**
 * What witnesses say of an export.
 *
 * Purpose: whose cosignatures stand under its checkpoints, and entries that are dated against them.
 * Assumes: the checkpoints are the log's own. Does not know: whether a witness can be believed.
 */
import { parseHex } from '../bytes/index.ts';
import { maxClockSkewMs } from '../wire/limits.ts';
import { type Checkpoint, cosignedAtMs, witnessKey } from './checkpoint.ts';
import type { AuditEntry } from './entry.ts';
import type { LogExport } from './export.ts';
import { isOfKey } from './note.ts';
import type { LogFinding } from './verify.ts';

/** Of each witness its last cosignature, and what it contradicts. */
export function readWitnesses(
  { header }: LogExport,
  checkpoints: readonly Checkpoint[],
  entries: readonly AuditEntry[],
): { witnesses: { station: string; atMs: number; size: number }[]; problems: LogFinding[] } {
  const problems: LogFinding[] = [];
  const witnesses = header.witnesses.flatMap(({ station, publicKey }) => {
    const key = witnessKey(station, parseHex(publicKey));
    const seen = checkpoints.flatMap((checkpoint) => {
      if (!checkpoint.signatures.some((line) => isOfKey(line, key))) return [];
      const atMs = cosignedAtMs(checkpoint, key);
      if (atMs === undefined) {
        const text = `a cosignature of ${station} over ${checkpoint.size} entries does not verify`;
        problems.push({ entry: null, problem: 'signature', text });
        return [];
      }
      problems.push(...datesAgainst(station, atMs, checkpoint.size, entries));
      return [{ station, atMs, size: checkpoint.size }];
    });
    return seen.toSorted((a, b) => b.atMs - a.atMs).slice(0, 1);
  });
  return { witnesses, problems };
}

/** Entries that a witness had seen are not younger than its cosignature; those after it are not older. */
function datesAgainst(
  station: string,
  atMs: number,
  size: number,
  entries: readonly AuditEntry[],
): LogFinding[] {
  const last = entries[size - 1];
  const next = entries[size];
  if (last !== undefined && last.atMs > atMs + maxClockSkewMs) {
    const text = `entry ${last.index} is dated after ${station} had seen it`;
    return [{ entry: last.index, problem: 'back-dated', text }];
  }
  if (next !== undefined && next.atMs < atMs - maxClockSkewMs) {
    const text = `entry ${next.index} is dated before ${station} saw a log without it`;
    return [{ entry: next.index, problem: 'back-dated', text }];
  }
  return [];
}
