/** What a person reads: tables, counts, who learned what, plots: the public door of the room. */
export { countsPlot } from './plot.ts';
export * from './result.ts';
export * from './text.ts';
