/**
 * Two parties' logs side by side, offline: double entry.
 *
 * Purpose: finds a session that stands in one party's log and not in the other's, or that they tell differently, one that
 * started and of which a log does not tell the end, and a log that is not the one that the other party witnessed, or was
 * shown at a consent. Both parties' collusion it does not find.
 * Assumes: both exports were verified. Does not know: files.
 */
import { encodeHex, parseHex } from '../bytes/index.ts';
import { maxClockSkewMs } from '../wire/limits.ts';
import { isCheckpointSigned, parseCheckpoint } from './checkpoint.ts';
import type { AuditEntry } from './entry.ts';
import type { ExportHeader } from './export.ts';
import { keyAt } from './keys.ts';
import type { VerifiedLog } from './verify.ts';

export interface ComparedLog extends Pick<VerifiedLog, 'entries' | 'tree' | 'keys'> {
  readonly header: ExportHeader;
}

export interface Difference {
  readonly session: string | null;
  /** In whose log something is missing or other. */
  readonly station: string;
  readonly text: string;
}

export interface Comparison {
  /** Sessions that both logs tell, in the same words. */
  readonly same: number;
  /** Sessions that one log may tell later: the other export was made before, or about when, they began. */
  readonly later: number;
  readonly differences: readonly Difference[];
}

type Sessions = ReadonlyMap<string, readonly AuditEntry[]>;

/** Nothing is written between start and result: an export that was made within a day of a start may have met it under way. */
const longestMs = 86_400_000;

export function compareLogs(a: ComparedLog, b: ComparedLog): Comparison {
  const [inA, inB] = [sessionsOf(a.entries), sessionsOf(b.entries)];
  const differences: Difference[] = [...witnessedDifferently(a, b), ...witnessedDifferently(b, a)];
  const ids = new Set([...inA.keys(), ...inB.keys()]);
  let same = 0;
  let later = 0;
  for (const id of ids) {
    const [ours, theirs] = [inA.get(id) ?? [], inB.get(id) ?? []];
    const found = [
      ...missingFrom(b, theirs, ours, id),
      ...missingFrom(a, ours, theirs, id),
      ...endUntold([a, b], [...ours, ...theirs], id),
      ...toldDifferently(b.header.station, ours, theirs, id),
      ...shownDifferently(a, theirs, id),
      ...shownDifferently(b, ours, id),
    ];
    const real = found.filter(({ isLater }) => !isLater);
    if (real.length > 0) differences.push(...real.map(({ isLater: _, ...one }) => one));
    else if (found.length > 0) later += 1;
    else if (ours.length > 0 && theirs.length > 0) same += 1;
  }
  return { same, later, differences };
}

function sessionsOf(entries: readonly AuditEntry[]): Sessions {
  const sessions = new Map<string, AuditEntry[]>();
  for (const entry of entries) {
    if (entry.session === null) continue;
    const told = sessions.get(entry.session) ?? [];
    told.push(entry);
    sessions.set(entry.session, told);
  }
  return sessions;
}

type Found = Difference & { readonly isLater: boolean };

/** What `told` says that the station of `log` did, or could not but know, and that its own log lacks. */
function missingFrom(
  log: ComparedLog,
  own: readonly AuditEntry[],
  told: readonly AuditEntry[],
  session: string,
): Found[] {
  const { station } = log.header;
  const untilMs = log.entries.at(-1)?.atMs ?? 0;
  const tookPart = told.some(
    (entry) => entry.type === 'propose' && [...entry.parties, ...entry.collectors].includes(station),
  );
  if (!tookPart) return [];
  return told
    .flatMap((entry): Found[] => {
      const isTheirs =
        entry.by === station &&
        (entry.type === 'propose' || entry.type === 'consent' || entry.type === 'refuse');
      // Whoever knows of a session writes its end, also where it was aborted, or found so after a crash.
      const isEnd = entry.type === 'result' && own.some(({ type }) => type === 'propose');
      if (!isTheirs && !isEnd && entry.type !== 'start') return [];
      const has = own.some((one) => one.type === entry.type && (!isTheirs || one.by === entry.by));
      if (has) return [];
      const isLater = entry.atMs > untilMs - maxClockSkewMs;
      const text = own.length === 0 ? 'the session is missing' : `its ${entry.type} is missing`;
      return [{ session, station, text, isLater }];
    })
    .slice(0, own.length === 0 ? 1 : undefined);
}

/** A session that started has an end, if only an abort: that neither log tells one is a finding. */
function endUntold(logs: readonly ComparedLog[], told: readonly AuditEntry[], session: string): Found[] {
  const start = told.find(({ type }) => type === 'start');
  if (start === undefined || told.some(({ type }) => type === 'result')) return [];
  const untilMs = Math.min(...logs.map(({ entries }) => entries.at(-1)?.atMs ?? 0));
  const isLater = start.atMs > untilMs - longestMs;
  return [{ session, station: start.by, text: 'it started, and neither log tells how it ended', isLater }];
}

function toldDifferently(
  station: string,
  ours: readonly AuditEntry[],
  theirs: readonly AuditEntry[],
  session: string,
): Found[] {
  const differ = (text: string): Found => ({ session, station, text, isLater: false });
  const found: Found[] = [];
  for (const one of ours) {
    for (const other of theirs) {
      if (one.type === 'propose' && other.type === 'propose' && one.proposal !== other.proposal)
        found.push(differ('its proposal is another one'));
      if (one.type === 'start' && other.type === 'start' && one.consents !== other.consents)
        found.push(differ('it started on other consents'));
      if (one.type === 'consent' && other.type === 'consent' && one.by === other.by) {
        const [mine, yours] = [one.log, other.log];
        if (mine?.size !== yours?.size || mine?.root !== yours?.root)
          found.push(differ(`the consent of ${one.by} shows another head`));
      }
      if (one.type === 'result' && other.type === 'result') {
        const [mine, yours] = [one.transcript, other.transcript];
        if (mine !== null && yours !== null && mine !== yours)
          found.push(differ('its result has another session hash'));
      }
    }
  }
  return found;
}

/** The head that the other station wrote down with a consent must be one of just these entries. */
function shownDifferently(log: ComparedLog, told: readonly AuditEntry[], session: string): Found[] {
  const { station } = log.header;
  const untilMs = log.entries.at(-1)?.atMs ?? 0;
  return told.flatMap((entry): Found[] => {
    if (entry.type !== 'consent' || entry.by !== station || entry.log === null) return [];
    const { size, root } = entry.log;
    const say = (text: string, isLater: boolean): Found[] => [{ session, station, text, isLater }];
    if (size > log.tree.size) {
      const text = `it had ${size} entries at its consent, and has ${log.tree.size}`;
      return say(text, entry.atMs > untilMs - maxClockSkewMs);
    }
    if (encodeHex(log.tree.root(size)) === root) return [];
    return say(`its log was another one at its consent, over ${size} entries`, false);
  });
}

/** The checkpoint of `log` that the other station cosigned must be one of just these entries. */
function witnessedDifferently(log: ComparedLog, other: ComparedLog): Difference[] {
  const { station } = log.header;
  return other.header.witnessed.flatMap((held): Difference[] => {
    if (held.station !== station) return [];
    const say = (text: string): Difference[] => [{ session: null, station, text }];
    let checkpoint: ReturnType<typeof parseCheckpoint>;
    try {
      checkpoint = parseCheckpoint(held.checkpoint);
    } catch {
      return [];
    }
    const { size, root } = checkpoint;
    // The export may be older than the checkpoint: then nothing follows.
    if (size > log.tree.size) return [];
    if (!isCheckpointSigned(checkpoint, parseHex(keyAt(log.keys, size)))) return [];
    if (encodeHex(log.tree.root(size)) === encodeHex(root)) return [];
    return say(`${other.header.station} cosigned another log at ${size} entries`);
  });
}
