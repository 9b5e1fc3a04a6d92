/**
 * The tables of bench/README.md, made from bench/results.
 *
 * Purpose: no figure in the README is typed by hand: `npm run bench -- report` writes what stands between the marks.
 * Assumes: results are what `bench` wrote. Of several that hold a figure for one version of Node, the newest counts.
 * Does not know: how anything is measured.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { forms } from './forms.ts';
import type { BenchResult, Row } from './report.ts';
import { isMet, targets } from './targets.ts';

export const resultsFolder = fileURLToPath(new URL('./results/', import.meta.url));
const readmePath = fileURLToPath(new URL('./README.md', import.meta.url));
const begin = '<!-- figures: begin, written by `npm run bench -- report` -->';
const end = '<!-- figures: end -->';

/** Everything that is known for one major version of Node, and the results that it came from. */
interface Known {
  readonly node: string;
  readonly rows: Map<string, Row>;
  readonly ratios: Record<string, number>;
  readonly sources: BenchResult[];
}

function readResults(folder: string): BenchResult[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as BenchResult)
    .filter(({ machine }) => machine.size !== 'smoke')
    .sort((a, b) => (a.machine.date < b.machine.date ? -1 : 1));
}

function byNode(results: readonly BenchResult[]): Known[] {
  const known = new Map<string, Known>();
  for (const result of results) {
    const node = /^v(\d+)/.exec(result.node)?.[1] ?? result.node;
    const one: Known = known.get(node) ?? { node, rows: new Map(), ratios: {}, sources: [] };
    known.set(node, one);
    for (const row of result.rows) one.rows.set(row.name, row);
    Object.assign(one.ratios, result.ratios);
    one.sources.push(result);
  }
  return [...known.values()].sort((a, b) => Number(a.node) - Number(b.node));
}

/** Four significant digits at most, no exponent. */
function show(value: number): string {
  if (Math.abs(value) >= 1000) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n');
}

function targetTable(known: readonly Known[]): string {
  const head = ['figure', ...['20', '24'].flatMap((node) => [`wanted, Node ${node}`, `Node ${node}`])];
  const lines = targets.map((target) => {
    const cells = ['20', '24'].flatMap((node) => {
      const wanted = target.wanted[node] as number;
      const one = known.find((version) => version.node === node);
      const value = one && target.of({ rows: [...one.rows.values()], ratios: one.ratios });
      const sign = target.bound === 'most' ? '≤' : '≥';
      const told = value === undefined ? 'not measured' : show(value);
      const missed = value !== undefined && !isMet(target, value, wanted);
      return [`${sign} ${show(wanted)}`, missed ? `**${told}**, missed` : told];
    });
    return [target.figure.includes(' ') ? target.figure : `\`${target.figure}\``, ...cells];
  });
  return table(head, lines);
}

const psiFields = ['cpu-per-pair', 'kernel-share', 'bytes-per-pair', 'peak-rss-node', 'wall'] as const;

function cellOf(row: Row | undefined): string {
  if (row === undefined) return '';
  if (row.unit === 'bytes' && row.name.includes('rss')) return `${show(row.median / 1e6)} MB`;
  if (row.unit === 'ms') return `${show(row.median / 1000)} s`;
  return row.runs > 1 ? `${show(row.median)} (${show(row.min)}–${show(row.max)})` : show(row.median);
}

function psiTable({ rows }: Known): string {
  const lines: string[][] = [];
  for (const form of forms) {
    for (const [name] of rows) {
      const size = new RegExp(`^psi/${form}/n=(\\d+)/cpu-per-pair$`).exec(name);
      if (size === null) continue;
      const prefix = `psi/${form}/n=${size[1]}`;
      const cells = psiFields.map((field) => cellOf(rows.get(`${prefix}/${field}`)));
      lines.push([form, `2^${Math.log2(Number(size[1]))}`, ...cells]);
    }
    const growth = rows.get(`psi/${form}/growth-exponent`);
    if (growth !== undefined) lines.push([form, 'growth', `n^${show(growth.median)}`, '', '', '', '']);
  }
  const head = ['form', 'n', 'CPU µs a pair', 'kernel share', 'bytes a pair', 'peak RSS of a node', 'wall'];
  return lines.length === 0 ? '' : table(head, lines);
}

function otherTable({ rows }: Known): string {
  const lines = [...rows.values()]
    .filter(
      ({ name }) =>
        !/^psi\/(direct-one|direct-both|sealed)(-verified)?\//.test(name) || /tag-bytes/.test(name),
    )
    .filter(({ name }) => !name.startsWith('parties/') || /cpu-per-|bytes-per-/.test(name))
    .map((row) => [
      `\`${row.name}\``,
      row.unit,
      show(row.median),
      show(row.min),
      show(row.max),
      String(row.runs),
    ]);
  return lines.length === 0 ? '' : table(['row', 'unit', 'median', 'min', 'max', 'runs'], lines);
}

/** Results kept before runs were timed have no duration. */
function duration(elapsedS: number | undefined): string {
  return elapsedS === undefined ? '' : `(${show(elapsedS / 60)} minutes) `;
}

function sourceLines({ sources }: Known): string {
  return sources
    .map(({ machine, node }) => {
      const { cpu, cores, memoryBytes, system, openssl, commit, date, elapsedS, command, absent } = machine;
      const told =
        `- ${date}, commit ${commit}, Node ${node}: \`${command}\` ${duration(elapsedS)}on ${cpu}, ${cores} cores, ` +
        `${show(memoryBytes / 1e9)} GB, ${system}, ${openssl}`;
      return absent.length === 0 ? told : `${told}. Absent: ${absent.join('; ')}`;
    })
    .join('\n');
}

/** What stands between the marks. */
export function renderFigures(results: readonly BenchResult[]): string {
  const known = byNode(results);
  const parts = [targetTable(known)];
  if (known.length === 0) parts.push('No results are kept yet.');
  for (const one of known) {
    const details = [psiTable(one), otherTable(one), `Made by:\n\n${sourceLines(one)}`];
    parts.push(`### Node ${one.node}`, ...details.filter((part) => part !== ''));
  }
  return parts.join('\n\n');
}

/** Replaces what stands between the marks; throws where the marks are missing. */
export function putFigures(readme: string, figures: string): string {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from === -1 || to < from) throw new Error('README: wants the two marks around the figures');
  return `${readme.slice(0, from + begin.length)}\n\n${figures}\n\n${readme.slice(to)}`;
}

export function writeReadme(): void {
  writeFileSync(
    readmePath,
    putFigures(readFileSync(readmePath, 'utf8'), renderFigures(readResults(resultsFolder))),
  );
}
