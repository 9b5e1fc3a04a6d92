/** A running node: start, stop, what it keeps: the public door of the room. */
export { type StoppedNode, withStoppedNode } from './stopped.ts';
export { type NodeOptions, type RunningNode, startNode } from './node.ts';
