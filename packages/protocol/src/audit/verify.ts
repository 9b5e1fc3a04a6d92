/**
 * Verification of an export, offline.
 *
 * Purpose: every entry in its place, unchanged, none missing, none back-dated; every checkpoint over just these entries
 * and signed; the first wrong entry is named. What it cannot show: that what a station wrote is true, or that it wrote
 * everything; for that a partner's export is compared (compare.ts).
 * Assumes: the station's fingerprint was compared by another way, where a pin is given. Does not know: files.
 */
import { encodeHex, parseHex } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { fingerprintOfKey } from '../signature/index.ts';
import { type Checkpoint, isCheckpointSigned, logOrigin, parseCheckpoint } from './checkpoint.ts';
import { type AuditEntry, encodeEntry } from './entry.ts';
import { type LogExport, parseExportLine } from './export.ts';
import { keyAt, keyChainOf, type LogKey } from './keys.ts';
import { leafHash, MerkleTree } from './tree.ts';
import { readWitnesses } from './verify-witnesses.ts';

export type LogProblem =
  /** Its line is no entry any more, or does not give its leaf hash. */
  | 'altered'
  | 'dropped'
  | 'reordered'
  | 'inserted'
  /** It does not continue the entries before it. */
  | 'unchained'
  | 'back-dated'
  /** Checkpoints say that there were more. */
  | 'truncated'
  | 'checkpoint'
  | 'signature'
  | 'pin';

export interface LogFinding {
  /** Index of the first entry that it is about; null: it is about no one entry. */
  readonly entry: number | null;
  readonly problem: LogProblem;
  readonly text: string;
}

export interface LogReport {
  readonly station: string;
  readonly origin: string | null;
  /** Of the key that signs it now. */
  readonly fingerprint: string;
  /** Of the keys before, the first one first; each signed the next. */
  readonly earlier: readonly string[];
  /** Whether the fingerprint was compared with one that the verifier gave. */
  readonly isPinned: boolean;
  readonly entries: number;
  readonly untilMs: number | null;
  readonly checkpoints: number;
  /** Who cosigned, when at last, over how many entries. */
  readonly witnesses: readonly { station: string; atMs: number; size: number }[];
  /** The first is the one to look at. */
  readonly findings: readonly LogFinding[];
}

export interface VerifyOptions {
  /** Fingerprint that the station's key, or one of the keys before it, must have. */
  readonly pin?: string;
  /** Checkpoints of this log that somebody else kept, as notes. */
  readonly checkpoints?: readonly string[];
}

/** What verification found of entries: those up to the first wrong one. */
export interface VerifiedLog {
  readonly report: LogReport;
  readonly entries: readonly AuditEntry[];
  readonly tree: MerkleTree;
  readonly keys: readonly LogKey[];
}

/** Never throws for an export that `parseExport` gave. */
export function verifyExport(file: LogExport, options: VerifyOptions = {}): VerifiedLog {
  const { header } = file;
  const fingerprint = fingerprintOf(header.publicKey);
  const { entries, tree, finding } = readEntries(file.lines);
  const chain = keyChainOf(header.station, entries);
  const earlier = chain.keys
    .map(({ publicKey }) => fingerprintOf(publicKey))
    .filter((one) => one !== fingerprint);
  const isPinned = options.pin !== undefined && [fingerprint, ...earlier].includes(options.pin);
  const findings: LogFinding[] = finding === undefined ? [] : [finding];
  const [first] = entries;
  const origin = first?.type === 'open' ? logOrigin(header.station, first.log) : null;
  if (options.pin !== undefined && !isPinned) {
    findings.push({ entry: null, problem: 'pin', text: 'the key is not the one that was pinned' });
  }
  if (first !== undefined && (first.type !== 'open' || first.by !== header.station)) {
    findings.push({ entry: 0, problem: 'altered', text: 'entry 0 does not open a log of this station' });
  }
  if (chain.wrong !== null) {
    const text = `entry ${chain.wrong} names a key that the key before it did not sign`;
    findings.push({ entry: chain.wrong, problem: 'signature', text });
  }
  // Of what was not read the file's own word must do.
  const keyFor = (size: number): string =>
    chain.keys.length === 0 || size > entries.length ? header.publicKey : keyAt(chain.keys, size);
  const notes = [...header.checkpoints, ...(options.checkpoints ?? [])];
  const checkpoints = notes
    .map((text, at) => readCheckpoint(text, at, origin, keyFor))
    .toSorted((a, b) => (a.checkpoint?.size ?? 0) - (b.checkpoint?.size ?? 0));
  let fitting = 0;
  for (const { checkpoint, finding: bad } of checkpoints) {
    if (bad !== undefined) findings.push(bad);
    if (checkpoint === undefined) continue;
    const wrong = checkHead(checkpoint, tree, fitting, finding);
    if (wrong !== undefined) findings.push(wrong);
    else fitting = checkpoint.size;
  }
  if (finding === undefined && findings.length === 0 && fitting !== entries.length) {
    findings.push({
      entry: fitting,
      problem: 'checkpoint',
      text: `no checkpoint covers entry ${fitting} and those after it`,
    });
  }
  if (finding === undefined && findings.length === 0 && keyFor(entries.length) !== header.publicKey) {
    const text = 'the key of the file is not the one that the log names last';
    findings.push({ entry: null, problem: 'signature', text });
  }
  const good = checkpoints.flatMap(({ checkpoint }) => checkpoint ?? []);
  const { witnesses, problems } = readWitnesses(file, good, entries);
  findings.push(...problems);
  return {
    report: {
      station: header.station,
      origin,
      fingerprint,
      earlier,
      isPinned,
      entries: entries.length,
      untilMs: entries.at(-1)?.atMs ?? null,
      checkpoints: good.length,
      witnesses,
      findings,
    },
    entries,
    tree,
    keys: chain.keys,
  };
}

const fingerprintOf = (publicKey: string): string => fingerprintOfKey(parseHex(publicKey));

interface Reading {
  readonly entries: AuditEntry[];
  readonly tree: MerkleTree;
  readonly finding: LogFinding | undefined;
}

/** Reads until the first line that is wrong. */
function readEntries(lines: readonly string[]): Reading {
  const entries: AuditEntry[] = [];
  const tree = new MerkleTree();
  const stop = (entry: number, problem: LogProblem, text: string): Reading => ({
    entries,
    tree,
    finding: { entry, problem, text },
  });
  for (let index = 0; index < lines.length; index++) {
    const read = tryLine(lines[index] as string);
    if (read === undefined) return stop(index, 'altered', `entry ${index}: its line was altered`);
    const { entry, leaf, hash } = read;
    if (entry.index !== index) return misplaced(index, entry, lines, stop);
    if (leaf !== hash) return stop(index, 'altered', `entry ${index} is not what its leaf hash says`);
    if (entry.before !== encodeHex(tree.root())) {
      const guilty = isLinkAltered(entry, tree, lines[index + 1]) ? index : Math.max(0, index - 1);
      return stop(
        guilty,
        guilty === index ? 'altered' : 'unchained',
        guilty === index
          ? `entry ${index}: the head before it was altered`
          : `entry ${index} does not continue the log: entry ${guilty} was altered, or one was taken out after it`,
      );
    }
    if (entry.atMs < (entries.at(-1)?.atMs ?? 0)) {
      return stop(index, 'back-dated', `entry ${index} is dated before the entry that it follows`);
    }
    entries.push(entry);
    tree.append(parseHex(leaf));
  }
  return { entries, tree, finding: undefined };
}

function tryLine(line: string): { entry: AuditEntry; leaf: string; hash: string } | undefined {
  try {
    const { entry, leaf } = parseExportLine(line);
    return { entry, leaf, hash: encodeHex(leafHash(encodeEntry(entry))) };
  } catch {
    return undefined;
  }
}

function misplaced(
  index: number,
  entry: AuditEntry,
  lines: readonly string[],
  stop: (entry: number, problem: LogProblem, text: string) => Reading,
): Reading {
  if (entry.index < index) {
    return stop(index, 'inserted', `entry ${index}: entry ${entry.index} stands there again`);
  }
  const isLater = lines.slice(index + 1).some((line) => tryLine(line)?.entry.index === index);
  return isLater
    ? stop(index, 'reordered', `entry ${index} stands in another place`)
    : stop(index, 'dropped', `entry ${index} is missing`);
}

/** Whether the entry fits once its own link is put right: then it was the link that was altered. */
function isLinkAltered(entry: AuditEntry, tree: MerkleTree, nextLine: string | undefined): boolean {
  const next = nextLine === undefined ? undefined : tryLine(nextLine);
  if (next === undefined) return false;
  const mended = encodeEntry({ ...entry, before: encodeHex(tree.root()) });
  return next.entry.before === encodeHex(tree.rootWith(leafHash(mended)));
}

interface ReadCheckpoint {
  readonly checkpoint?: Checkpoint;
  readonly finding?: LogFinding;
}

function readCheckpoint(
  text: string,
  at: number,
  origin: string | null,
  keyFor: (size: number) => string,
): ReadCheckpoint {
  const bad = (problem: LogProblem, what: string): ReadCheckpoint => ({
    finding: { entry: null, problem, text: `checkpoint ${at + 1} ${what}` },
  });
  let checkpoint: Checkpoint;
  try {
    checkpoint = parseCheckpoint(text);
  } catch (thrown) {
    return bad('checkpoint', thrown instanceof TallyError ? `is none: ${thrown.message}` : 'is none');
  }
  if (origin !== null && checkpoint.origin !== origin) return bad('checkpoint', 'is of another log');
  if (!isCheckpointSigned(checkpoint, parseHex(keyFor(checkpoint.size))))
    return bad('signature', 'is not signed by the station’s key');
  return { checkpoint };
}

/** @param fitting size of the greatest checkpoint so far that fits @param known the first wrong line, if any */
function checkHead(
  { size, root }: Checkpoint,
  tree: MerkleTree,
  fitting: number,
  known: LogFinding | undefined,
): LogFinding | undefined {
  if (size > tree.size) {
    if (known !== undefined) return undefined; // entries after the wrong one were not read
    const text = `entry ${tree.size} is missing: a checkpoint says that there were ${size} entries`;
    return { entry: tree.size, problem: 'truncated', text };
  }
  if (encodeHex(tree.root(size)) === encodeHex(root)) return undefined;
  const text = `the checkpoint over ${size} entries is of others: one of the entries ${fitting} to ${size - 1} was altered`;
  return { entry: fitting, problem: 'checkpoint', text };
}
