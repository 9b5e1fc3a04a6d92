/**
 * Tables whose every row is carried by a test that ran.
 *
 * Purpose: rows and the report of a test run go in, a Markdown table comes out, with the id of each row's test; a row
 * with an empty cell, or whose test did not run or did not pass, is a problem. For documents that are generated and
 * checked: docs/misbehaviour.md.
 * Does not know: what a row is about, where files are kept.
 */

/** A test by its file, relative to the repository, and its name: titles of its groups and its own, joined by ` > `. */
export interface TestId {
  readonly file: string;
  readonly name: string;
}

interface RanTest extends TestId {
  readonly state: string;
}

export interface EvidenceRow {
  readonly cells: readonly string[];
  readonly test: TestId;
}

export interface EvidenceTable {
  readonly markdown: string;
  /** In words, one each; none: the table may be published. */
  readonly problems: readonly string[];
}

/** What became of tests, by `idOfTest`. */
export type TestReport = ReadonlyMap<string, string>;

export const idOfTest = ({ file, name }: TestId): string => `${file} › ${name}`;

/** What scripts/summary-reporter.ts wrote. Throws where it is no report. */
export function parseTestReport(json: string): TestReport {
  const report = new Map<string, string>();
  for (const { file, name, state } of (JSON.parse(json) as { tests: readonly Partial<RanTest>[] }).tests) {
    if (file === undefined || name === undefined || state === undefined)
      throw new Error('report: not of tests');
    const id = idOfTest({ file, name });
    // Two tests of one name: both must have passed.
    if (report.get(id) === undefined || report.get(id) === 'passed') report.set(id, state);
  }
  return report;
}

/**
 * @param columns headings; a last one, `Test`, is added
 * @param shorten what the table shows of a test's id
 */
export function evidenceTable(
  columns: readonly string[],
  rows: readonly EvidenceRow[],
  report: TestReport,
  shorten: (test: TestId) => string = idOfTest,
): EvidenceTable {
  const problems: string[] = [];
  const lines = [line([...columns, 'Test']), line([...columns, 'Test'].map(() => '---'))];
  for (const { cells, test } of rows) {
    const id = idOfTest(test);
    if (cells.length !== columns.length)
      problems.push(`${id}: ${cells.length} cells, want ${columns.length}`);
    cells.forEach((cell, i) => {
      if (cell.trim() === '') problems.push(`${id}: nothing under "${columns[i]}"`);
    });
    const status = report.get(id);
    if (status === undefined) problems.push(`${id}: did not run`);
    else if (status !== 'passed') problems.push(`${id}: ${status}`);
    lines.push(line([...cells, `\`${shorten(test)}\``]));
  }
  if (rows.length === 0) problems.push(`a table of ${columns.join(', ')} has no rows`);
  return { markdown: `${lines.join('\n')}\n`, problems };
}

const line = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
