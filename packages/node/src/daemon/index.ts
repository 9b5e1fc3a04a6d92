export { initNode, type InitOptions, unlockDirectory } from './init.ts';
export { type NodeOptions, type NodePlace, type RunningNode, startNode } from './node.ts';
