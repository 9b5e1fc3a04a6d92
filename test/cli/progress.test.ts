/** Which stream of a session is shown under which name. */
import type { SessionEvent } from '@tallystick/node/control';
import { expect, it } from 'vitest';
import { sessionTracks } from '../../packages/cli/src/progress/index.ts';

const tags = (list: number, hop: number): SessionEvent => ({
  type: 'progress',
  phase: 'tags',
  direction: 'out',
  list,
  hop,
  done: 1,
  total: 10,
});

/** What a board is told: track → done of total, the last word. */
function shown(parties: string[], collectors: string[], events: SessionEvent[]): Map<string, string> {
  const told = new Map<string, string>();
  const board = {
    update: (track: string, done: number, total: number) => void told.set(track, `${done}/${total}`),
    note: () => undefined,
    stop: () => undefined,
  };
  const tracks = sessionTracks(board, parties, collectors);
  for (const event of events) tracks.take('a', event);
  return told;
}

it('names the collector that tags go to', () => {
  const told = shown(['a', 'b'], ['coordinator', 'notary'], [tags(0, 0), tags(1, 1)]);
  expect([...told.keys()]).toEqual(['a: tags to coordinator', 'b: tags to notary']);
});

it('counts what goes to each collector, where a list has one track', () => {
  const parties = ['a', 'b', 'c', 'd'];
  const told = shown(parties, ['coordinator', 'notary'], [tags(0, 0), tags(0, 1)]);
  // blinding, four hops, and tags to two
  expect([...told]).toEqual([['list of a', '2/70']]);
});
