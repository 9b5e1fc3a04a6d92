/**
 * What every act of the drill is given.
 *
 * Does not know: acts.
 */
import type { Happened } from './happened.ts';
import type { Story } from './story.ts';
import type { World } from './world.ts';

export interface Drill {
  readonly world: World;
  readonly story: Story;
  readonly happened: Happened;
}
