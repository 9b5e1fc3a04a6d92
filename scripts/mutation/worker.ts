/**
 * A process that runs mutants of one room, one after the other, as it is told.
 *
 * Purpose: mutants on every core. Assumes: its parent is pool.ts. Does not know: what the verdicts are for.
 */
import type { BuiltRoom } from './build.ts';
import { RoomRunner } from './instance.ts';

export type Order =
  | { readonly type: 'open'; readonly built: BuiltRoom }
  | { readonly type: 'run'; readonly id: string };

let runner: RoomRunner | undefined;

async function obey(order: Order): Promise<unknown> {
  if (order.type === 'run') return await runner?.run(order.id);
  runner = await RoomRunner.open(order.built);
  return { tests: runner.testCount };
}

process.on('message', (order: Order) => {
  obey(order).then(
    (answer) => process.send?.(answer),
    (thrown: unknown) => {
      console.error(thrown);
      process.exit(1);
    },
  );
});
