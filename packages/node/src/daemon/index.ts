export { initNode, type InitOptions } from './init.ts';
export { type NodeOptions, type NodePlace, type RunningNode, startNode } from './node.ts';
