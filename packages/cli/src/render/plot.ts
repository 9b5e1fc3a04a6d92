/**
 * The plot of a session's counts.
 *
 * Purpose: what the plot says beside its numbers, from the same facts as the table.
 * Assumes: the session has counts. Does not know: how the plot is drawn.
 */
import { worthLines } from './counts.ts';
import { marksText } from './handling.ts';
import type { SessionResult } from './result.ts';
import { upsetPlot } from './upset.ts';

/** One SVG file; withheld numbers are visibly so. */
export function countsPlot(result: SessionResult, title: string): string {
  const { release, marks, announced = {} } = result;
  const worth = release === undefined ? [] : worthLines(release, release.privacy, release.padTo, false);
  return upsetPlot({
    title,
    // First in the picture's text and in its description: whoever sees the drawing alone sees how to handle it.
    note: [...(marks === undefined ? [] : [`${marksText(marks)}.`]), ...worth].join(' '),
    lists: result.parties.map(({ id, identifiers }) => ({ id, size: announced[id] ?? identifiers })),
    cells: (result.counts ?? []).map(({ in: lists, exactly, reason }) => ({
      in: lists,
      exactly,
      ...(reason?.exactly === undefined ? {} : { reason: reason.exactly }),
    })),
    unit: 'identifiers',
  });
}
