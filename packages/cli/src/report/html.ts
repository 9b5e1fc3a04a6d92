/**
 * A report as one page that needs nothing else.
 *
 * Purpose: charts and, for each, the table that says the same; light or dark as the reader prefers; fit for printing and
 * for readers of the screen. No script, no font, no address.
 * Assumes: text of a log's origin may be hostile. Does not know: how charts are drawn.
 */
import { escape, variables } from '../render/svg.ts';
import { barsChart } from './bars.ts';
import type { Section, Sheets } from './sheets.ts';

const css = `
:root{${variables('page', 'light')};color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{${variables('page', 'dark')}}}
body{margin:0 auto;padding:1.5rem;max-width:50rem;background:var(--page-paper);color:var(--page-ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
h1{font-size:1.6rem;line-height:1.25}
h2{font-size:1.25rem;margin-top:2.5rem}
figure{margin:1rem 0}
figure svg{display:block;min-width:34rem}
p{overflow-wrap:anywhere}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--page-quiet);padding:.3rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--page-empty)}
th{font-weight:600}
td{overflow-wrap:anywhere}
.key{color:var(--page-quiet)}
code{font-family:ui-monospace,"Cascadia Mono",Menlo,Consolas,monospace;font-size:.9em}
@media print{body{max-width:none}figure,tr{break-inside:avoid}}
`;

/** Sentences of our own may hold `code`. */
const sentence = (text: string): string => escape(text).replace(/`([^`]*)`/g, '<code>$1</code>');

export function htmlOf({ title, intro, sections }: Sheets): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escape(title)}</title>
<style>${css}</style>
</head>
<body>
<main>
<h1>${escape(title)}</h1>
${intro.map((text) => `<p>${sentence(text)}</p>`).join('\n')}
<p class="key">In the charts: filled, at least so many; hatched, the rest of the band in which the number is.</p>
${sections.map(sectionOf).join('\n')}
</main>
</body>
</html>
`;
}

const sectionOf = ({ title, text, charts, tables }: Section): string =>
  [
    '<section>',
    `<h2>${escape(title)}</h2>`,
    ...text.map((words) => `<p>${sentence(words)}</p>`),
    ...charts.map((chart) => `<figure class="wide">\n${barsChart(chart)}</figure>`),
    ...tables.map(tableOf),
    '</section>',
  ].join('\n');

function tableOf({ caption, head, rows }: Section['tables'][number]): string {
  const line = (cells: readonly string[]): string => {
    const [first = '', ...rest] = cells;
    return `<tr><th scope="row">${escape(first)}</th>${rest.map((cell) => `<td>${escape(cell)}</td>`).join('')}</tr>`;
  };
  return [
    '<div class="wide"><table>',
    `<caption>${escape(caption)}</caption>`,
    `<thead><tr>${head.map((name) => `<th scope="col">${escape(name)}</th>`).join('')}</tr></thead>`,
    `<tbody>${rows.map(line).join('\n')}</tbody>`,
    '</table></div>',
  ].join('\n');
}
