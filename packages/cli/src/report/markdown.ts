/**
 * A report as Markdown.
 *
 * Purpose: for mail, repositories, printers. Assumes: text of a log's origin may be hostile. Does not know: charts.
 */
import { clean } from '../render/svg.ts';
import type { Sheets } from './sheets.ts';

/** What Markdown or HTML would read as markup is escaped; `code` of our own sentences stays. */
const cell = (text: string): string => clean(text).replace(/[\\`*_[\]<>|~#]/g, '\\$&');

export function markdownOf({ title, intro, sections }: Sheets): string {
  const out = [`# ${cell(title)}`, '', ...intro.flatMap((text) => [text, ''])];
  for (const section of sections) {
    out.push(`## ${section.title}`, '', ...section.text.flatMap((text) => [text, '']));
    for (const { head, rows } of section.tables) {
      out.push(row(head), row(head.map(() => '---')), ...rows.map((cells) => row(cells.map(cell))), '');
    }
  }
  return `${out.join('\n').trimEnd()}\n`;
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
