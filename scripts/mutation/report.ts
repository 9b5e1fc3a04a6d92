/**
 * What a run says: a report that Stryker's viewers read, and the rows of the document.
 *
 * Purpose: the report has the form of mutation-testing-elements (schema version 1); a row for each room is what docs/agreement.md
 * repeats, and the run compares. Does not know: whether a survivor may survive.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutant } from './build.ts';
import type { Verdict } from './instance.ts';
import { root, type Room } from './rooms.ts';
import { effectNames, type Listed } from './survivors.ts';

const statusOf = ({ killedBy, coveredBy }: Verdict): string =>
  killedBy !== undefined ? 'Killed' : coveredBy === 0 ? 'NoCoverage' : 'Survived';

/** @returns path of the file written, from the root. */
export function writeReport(room: Room, mutants: readonly Mutant[], verdicts: readonly Verdict[]): string {
  const results = mutants.map((mutant, i) => ({ mutant, verdict: verdicts[i] as Verdict }));
  const files = room.sources.map((file) => [
    file,
    {
      language: 'typescript',
      source: readFileSync(join(root, file), 'utf8'),
      mutants: results
        .filter(({ mutant }) => mutant.file === file)
        .map(({ mutant: { id, mutator, replacement, location }, verdict }) => ({
          id,
          mutatorName: mutator,
          replacement,
          location,
          status: statusOf(verdict),
          statusReason: verdict.weakens === undefined ? verdict.killedBy : `weakens: ${verdict.weakens}`,
        })),
    },
  ]);
  const report = { schemaVersion: '1', thresholds: { high: 100, low: 95 }, files: Object.fromEntries(files) };
  const path = `reports/mutation/${room.name}.json`;
  mkdirSync(join(root, 'reports', 'mutation'), { recursive: true });
  writeFileSync(join(root, path), `${JSON.stringify(report, null, 1)}\n`);
  return path;
}

export function rowOf(room: Room, verdicts: readonly Verdict[], list: readonly Listed[]): string {
  const killed = verdicts.filter(({ killedBy }) => killedBy !== undefined).length;
  const score = ((100 * killed) / verdicts.length).toFixed(1);
  const effects = effectNames.map((name) => list.filter(({ effect }) => effect === name).length);
  return `| \`${room.name}\` | ${[verdicts.length, killed, `${score} %`, ...effects].join(' | ')} |`;
}

const begin = '<!-- made by `npm run mutation -- --write` -->\n';
const end = '\n<!-- end -->';
const path = join(root, 'docs', 'agreement.md');

const tableOf = (rows: readonly string[]): string =>
  [
    `| room | mutants | killed | score | ${effectNames.join(' | ')} |`,
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');

/** @returns whether the document holds these rows, after writing them where it may. */
export function document(rows: readonly string[], mayWrite: boolean): boolean {
  const text = readFileSync(path, 'utf8');
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end, from);
  if (from < begin.length || to < 0) return false;
  const wanted = text.slice(0, from) + tableOf(rows) + text.slice(to);
  if (mayWrite && wanted !== text) writeFileSync(path, wanted);
  return mayWrite || wanted === text;
}
