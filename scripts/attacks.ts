/**
 * Runs the attacks and writes what they got into docs/attacks.md: `npm run attacks`.
 *
 * Purpose: the table in that page is of one run, whose day and machine stand above it; nothing in it is typed by hand.
 * Assumes: every attack appends one line of JSON to the file of TALLYSTICK_ATTACKS_OUT (test/attacks/report.ts), and
 * has a section of its name in the page. Does not know: attacks.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AttackRow, showChance, showShare } from '../test/attacks/rates.ts';

const page = 'docs/attacks.md';
const begin = '<!-- figures: npm run attacks -->';
const end = '<!-- end of figures -->';

function tableOf(rows: readonly AttackRow[]): string {
  const head = [
    'attack',
    'what stands against it',
    'without: true positives',
    'false positives',
    'with: true positives',
    'false positives',
    'by chance',
    'right; at most',
  ];
  const cells = rows.map(({ attack, guard, off, on, most }) => [
    attack,
    guard,
    ...[off, on].flatMap(({ hits, falseAlarms }) => [showShare(hits), showShare(falseAlarms)]),
    showChance(on),
    most === null ? 'one answer to all' : `${on.right.are} of ${on.right.of}; ${most}`,
  ]);
  return [head, head.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** Sections in the order of the page; an attack without one, or a section without figures, is a fault. */
function inOrder(rows: readonly AttackRow[], text: string): AttackRow[] {
  const places = rows.map((row) => ({ row, at: text.toLowerCase().indexOf(`## ${row.attack}\n`) }));
  const lost = places.filter(({ at }) => at < 0).map(({ row }) => row.attack);
  if (lost.length > 0) throw new Error(`${page}: no section for ${lost.join('; ')}`);
  const order = (a: (typeof places)[number], b: (typeof places)[number]): number =>
    a.at - b.at || (a.row.guard < b.row.guard ? -1 : 1);
  return places.sort(order).map(({ row }) => row);
}

const folder = mkdtempSync(join(tmpdir(), 'tallystick-attacks-'));
try {
  const out = join(folder, 'rows.jsonl');
  const { status } = spawnSync('npx', ['vitest', 'run', 'test/attacks'], {
    stdio: 'inherit',
    env: { ...process.env, TALLYSTICK_ATTACKS_OUT: out },
  });
  if (status !== 0) throw new Error('the attacks did not pass: the page stays as it is');
  const lines = readFileSync(out, 'utf8').trim().split('\n');
  const text = readFileSync(page, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${page}: no place for figures`);
  const rows = inOrder(
    lines.map((line) => JSON.parse(line) as AttackRow),
    text,
  );
  const day = new Date().toISOString().slice(0, 10);
  const note = `Run of ${day}, Node ${process.version}.`;
  writeFileSync(page, `${text.slice(0, from)}${begin}\n${note}\n\n${tableOf(rows)}\n${text.slice(to)}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
