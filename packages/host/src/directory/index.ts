/** The data directory of a node, a collector or an oversight body: the public door of the room. */
export {
  initDirectory,
  type InitOptions,
  replaceIdentity,
  unlockDirectory,
  type UnlockedDirectory,
} from './directory.ts';
export { controlDirectory, openPlace, type Place } from './place.ts';
