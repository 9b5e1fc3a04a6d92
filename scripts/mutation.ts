/**
 * Mutation tests of decisions: every mutant that Stryker makes of the rooms' code, against their tests.
 *
 * `npm run mutation` fails where a mutant survives that scripts/mutation/survivors.json does not name with a reason,
 * where an entry of that list names no survivor, where a survivor weakens a denial, and where the table of
 * docs/agreement.md says something else; `-- --write` writes that table, `-- --room NAME` runs one room and leaves the table
 * alone. Reports: reports/mutation/.
 */
import { parseArgs } from 'node:util';
import { buildRoom } from './mutation/build.ts';
import { collector, outsideOf } from './mutation/outside.ts';
import { runMutants } from './mutation/pool.ts';
import { document, rowOf, writeReport } from './mutation/report.ts';
import { type Room, rooms } from './mutation/rooms.ts';
import { compare, readList, survivorsOf } from './mutation/survivors.ts';

const { values } = parseArgs({
  options: { write: { type: 'boolean', default: false }, room: { type: 'string' } },
});

function fail(what: string, of: readonly unknown[]): void {
  if (of.length === 0) return;
  process.exitCode = 1;
  console.error(`${what}:\n${of.map((one) => JSON.stringify(one, null, 2)).join(',\n')}`);
}

/** @returns its row of the table. */
async function runRoom(room: Room): Promise<string> {
  const list = readList().filter(({ file }) => room.sources.includes(file));
  const built = await buildRoom(room, outsideOf(collector().vitest));
  const { tests, verdicts } = await runMutants(built);
  const survivors = survivorsOf(built.mutants, verdicts);
  const { unlisted, dead } = compare(survivors, list);
  const path = writeReport(room, built.mutants, verdicts);
  console.log(
    `${room.name}: ${built.mutants.length} mutants, ${survivors.length} survive ${tests} tests; ${path}`,
  );
  fail(
    'weakens a denial',
    verdicts.filter(({ weakens }) => weakens !== undefined),
  );
  fail('survives, and scripts/mutation/survivors.json does not say why', unlisted);
  fail('stands in scripts/mutation/survivors.json, and survives no more', dead);
  return rowOf(room, verdicts, list);
}

const rows: string[] = [];
const chosen = rooms.filter(({ name }) => values.room === undefined || values.room === name);
if (chosen.length === 0) throw new Error(`--room: want one of ${rooms.map(({ name }) => name).join(', ')}`);
for (const room of chosen) rows.push(await runRoom(room));
if (values.room === undefined && !document(rows, values.write)) {
  process.exitCode = 1;
  console.error('docs/agreement.md: not the table of this run; `npm run mutation -- --write` writes it');
}
