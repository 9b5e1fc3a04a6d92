/**
 * What is left: audit logs, and the report that is made from them alone.
 *
 * Does not know: what came before; it is counted in happened.ts.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { wrap } from '@tallystick/cli/render';
import { parseExport, verifyExport, type AuditEntry } from '@tallystick/protocol/audit';
import {
  type EventName,
  eventNames,
  outcomes,
  parseSignedReport,
  type ReportLog,
  reportOf,
  type TransparencyReport,
} from '@tallystick/protocol/report';
import { command, type Ran, typed } from './command.ts';
import type { Drill } from './drill-state.ts';
import { noteEvent } from './happened.ts';
import { agencyIds } from './lists.ts';
import { bodyId, collectorId } from './world.ts';

const stations = [...agencyIds, bodyId, collectorId];
const fileOf = (id: string): string => `${id}.audit`;

/** Exports of all logs; every station is stopped at the end. */
export async function logs(drill: Drill, out: string): Promise<void> {
  const { world, story } = drill;
  story.act(
    'Afterwards: what every station has written down',
    'Each station writes down what it does before it does it. The inspectorate takes the exports of all five, and holds them against each other, against what it cosigned, and against what it was told.',
  );
  for (const id of [...agencyIds, bodyId]) await exported(drill, id);
  const files = agencyIds.map(fileOf);
  const audited = await command(
    world.folder,
    'oversight',
    'audit',
    ...files,
    '--data',
    world.dataDir(bodyId),
  );
  story.says(bodyId, typed('oversight', 'audit', ...files));
  if (audited.code !== 0) story.shows(audited.out.split('\n'));
  story.check('nothing was changed, left out, told differently, or kept from it', audited.code, 0);
  await world.stop();
  await exported(drill, collectorId);
  story.says('all', 'stop. An auditor needs no node and no network for what follows');
  const pinOf = (id: string): string[] => ['--pin', `${id}=${world.fingerprintOf(id)}`];
  story.says('auditor', typed('audit', 'verify', 'coast.audit', '--pin', 'coast=FINGERPRINT'));
  const verified: string[] = [];
  for (const id of stations) {
    const { code, out: text } = await command(world.folder, 'audit', 'verify', fileOf(id), ...pinOf(id));
    verified.push(`${id} ${code}`);
    story.shows([`${id.padEnd(12)} ${/(\d[\d,]* entries)/.exec(text)?.[1] ?? ''}`]);
  }
  story.check(
    'every log verifies',
    verified,
    stations.map((id) => `${id} 0`),
  );

  story.says('auditor', typed('audit', 'compare', 'coast.audit', 'customs.audit', '(and every other two)'));
  const differing: string[] = [];
  for (const [i, a] of stations.entries()) {
    for (const b of stations.slice(i + 1)) {
      const both = [fileOf(a), fileOf(b), ...pinOf(a), ...pinOf(b)];
      const { code, out: text } = await command(world.folder, 'audit', 'compare', ...both);
      if (code !== 0) differing.push(`${a} and ${b}: ${text}`);
    }
  }
  story.check('each two logs tell the same sessions in the same words', differing, []);
  const read = await Promise.all(stations.map((id) => readLog(world.folder, id)));
  checkCorrection(drill, read);
  await report(drill, read, out, { pinOf, signer: world.fingerprintOf(bodyId) });
}

/** By the process of the station where it runs, otherwise from its directory. */
async function exported({ world, happened }: Drill, id: string): Promise<void> {
  const open = ['--data', world.dataDir(id), '--key-file', world.keyFile(id)];
  await mustRun(world.folder, 'audit', 'export', '--out', fileOf(id), ...open);
  noteEvent(happened, 'exports');
}

async function mustRun(cwd: string, ...argv: string[]): Promise<Ran> {
  const ran = await command(cwd, ...argv);
  if (ran.code === 0) return ran;
  throw new Error(`tallystick ${argv[0]} ${argv[1]} ended with ${ran.code}: ${ran.err}`);
}

async function readLog(folder: string, id: string): Promise<ReportLog> {
  const parsed = parseExport(await readFile(join(folder, fileOf(id))));
  const { entries, tree, report: found } = verifyExport(parsed);
  const root = Buffer.from(tree.root()).toString('hex');
  const checkpoint = parsed.header.checkpoints.at(-1) ?? '';
  return { station: id, origin: found.origin ?? '', size: tree.size, root, checkpoint, entries };
}

/** The correction stands in both logs, with one commitment; the enquiry in one, without any link to it. */
function checkCorrection({ story }: Drill, read: readonly ReportLog[]): void {
  const of = (station: string, type: AuditEntry['type']): AuditEntry[] =>
    read
      .filter((log) => log.station === station)
      .flatMap(({ entries }) => entries.filter((one) => one.type === type));
  const commitments = (station: string): string[] =>
    of(station, 'correction').flatMap((one) => (one.type === 'correction' ? [one.commitment] : []));
  story.check('the correction stands in both logs, once', commitments('coast'), commitments('police'));
  story.check(
    'the enquiries stand in the log of the police alone',
    stations.map((id) => of(id, 'redress-open').length),
    stations.map((id) => (id === 'police' ? 2 : 0)),
  );
}

interface Signing {
  pinOf(id: string): string[];
  readonly signer: string;
}

/** Every number is a band of its own: what a report would say if it told all. */
const everyNumber = Array.from({ length: 200 }, (_, i) => i + 1) as [number, ...number[]];

async function report(
  drill: Drill,
  read: readonly ReportLog[],
  out: string,
  signing: Signing,
): Promise<void> {
  const { world, story, happened } = drill;
  story.act(
    'The transparency report',
    'Made from the seven logs alone, signed by the inspectorate, for anybody to read. Numbers below ten are one band: a report of a single week says little of it, and that is meant.',
  );
  const files = stations.map(fileOf);
  const pins = stations.flatMap((id) => signing.pinOf(id));
  const open = ['--data', world.dataDir(bodyId), '--key-file', world.keyFile(bodyId)];
  await mustRun(world.folder, 'report', ...files, ...pins, '--out', out, ...open);
  story.says(bodyId, typed('report', ...files, '--out', 'OUT'));
  const names = ['report.json', 'report.md', 'report.html'];
  const modes = await Promise.all(names.map(async (name) => (await stat(join(out, name))).mode & 0o777));
  story.check('three files, which only their owner can read', modes, [0o600, 0o600, 0o600]);
  const again = await command(
    world.folder,
    'report',
    'verify',
    out,
    ...files,
    ...pins,
    '--signer',
    signing.signer,
  );
  story.says('auditor', typed('report', 'verify', 'OUT', ...files, '--signer', 'FINGERPRINT'));
  story.check('the report follows from the logs, byte for byte', again.code, 0);

  const { report: published } = parseSignedReport(
    JSON.parse(await readFile(join(out, 'report.json'), 'utf8')),
  );
  const { fromMs, toMs } = published;
  const exact = reportOf(read, { fromMs, toMs }, everyNumber);
  story.check('from the logs follows exactly what has happened', numbersOf(exact), {
    sessions: Object.fromEntries(
      [...happened.sessions].map(([group, counts]) => [group, { ...noOutcome(), ...counts }]),
    ),
    unasked: happened.unasked,
    events: { ...noEvents(), ...happened.events },
  });
  story.check('the report says so in bands, and nothing more', hidden(published, exact), []);
  const lines = (await readFile(join(out, 'report.md'), 'utf8')).split('\n');
  const rows = lines.filter((line) => /^\| (between|---|coast and police|three parties)/.test(line));
  for (const line of lines.slice(0, 5)) story.shows(wrap(line, 96));
  story.shows(['', ...rows.slice(0, 4)]);
}

const noOutcome = () => Object.fromEntries(outcomes.map((name) => [name, 0]));
/** Attempts are not counted as they happen: a drill has none. */
const counted = eventNames.filter((name) => name !== 'attempts');
const noEvents = () => Object.fromEntries(counted.map((name) => [name, 0])) as Record<EventName, number>;

/** Of a report whose bands are numbers. */
function numbersOf({ groups, unasked, events }: TransparencyReport) {
  const named = groups
    .filter(({ sessions }) => outcomes.some((name) => sessions[name].atLeast > 0))
    .map(({ between, sessions }) => [
      typeof between === 'string' ? between : between.join(' and '),
      Object.fromEntries(outcomes.map((name) => [name, sessions[name].atLeast])),
    ]);
  return {
    sessions: Object.fromEntries(named),
    unasked: unasked.denied.atLeast,
    events: Object.fromEntries(counted.map((name) => [name, events[name].atLeast])),
  };
}

/** Published numbers that are not the band of the exact one, or are told below the threshold. */
function hidden(published: TransparencyReport, exact: TransparencyReport): string[] {
  const wrong: string[] = [];
  const compare = (what: string, got: TransparencyReport['unasked']['denied'], want: number): void => {
    const holds = got.atLeast <= want && (got.atMost === null || want <= got.atMost);
    const isTold = want < published.threshold && (got.atLeast > 0 || got.atMost !== published.threshold - 1);
    if (!holds || isTold) wrong.push(`${what}: ${want} is published as ${got.atLeast} to ${got.atMost}`);
  };
  for (const name of eventNames) compare(name, published.events[name], exact.events[name].atLeast);
  compare('denied, unasked', published.unasked.denied, exact.unasked.denied.atLeast);
  for (const [i, { sessions }] of exact.groups.entries()) {
    const told = published.groups[i];
    for (const name of outcomes) {
      if (told !== undefined) compare(`${name} of group ${i}`, told.sessions[name], sessions[name].atLeast);
    }
  }
  return wrong;
}
