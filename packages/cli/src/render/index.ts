export { countsPlot } from './plot.ts';
export * from './result.ts';
export * from './text.ts';
