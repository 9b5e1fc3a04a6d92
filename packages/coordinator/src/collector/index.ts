/** The collector: a station at the coordinator that merges tags: the public door of the room. */
export { type Collector, type CollectorOptions, startCollector } from './collector.ts';
