import { expect, it } from 'vitest';
import { Line, underWayPerThread } from './line.ts';

/** Batches of steps that settle when they are told to. */
function world(threads: number) {
  const line = new Line(threads);
  const underWay: { name: string; settle: () => void }[] = [];
  const done: string[] = [];
  const batch = (name: string, count: number, isBroken: () => boolean = () => false): Promise<void> => {
    let next = 0;
    return line
      .run({
        hasNext: () => next < count && !isBroken(),
        next() {
          const step = `${name}${next++}`;
          return new Promise((settle) => underWay.push({ name: step, settle }));
        },
      })
      .then(() => void done.push(name));
  };
  const settle = async (name: string): Promise<void> => {
    const at = underWay.findIndex((one) => one.name === name);
    underWay.splice(at, 1)[0]?.settle();
    await new Promise(setImmediate);
  };
  return { batch, settle, done, names: () => underWay.map(({ name }) => name) };
}

it('takes the steps of the first batch first, and fills up with those of the next', async () => {
  const { batch, settle, done, names } = world(2);
  const all = Promise.all([batch('a', 5), batch('b', 3), batch('c', 1)]);
  expect(names()).toEqual(['a0', 'a1', 'a2', 'a3']);
  await settle('a1');
  expect(names()).toEqual(['a0', 'a2', 'a3', 'a4']);
  await settle('a2');
  await settle('a4');
  expect(names()).toEqual(['a0', 'a3', 'b0', 'b1']);
  expect(done).toEqual([]);
  for (const name of ['b0', 'b1', 'b2', 'c0']) await settle(name);
  expect(done).toEqual(['b', 'c']);
  for (const name of ['a0', 'a3']) await settle(name);
  await all;
  expect(done).toEqual(['b', 'c', 'a']);
});

it('never has more under way than two for each worker, whatever is asked for', async () => {
  for (const threads of [1, 3]) {
    const { batch, settle, names } = world(threads);
    const all = Promise.all(Array.from({ length: 20 }, (_, i) => batch(`${i}.`, 1 + (i % 3))));
    while (names().length > 0) {
      expect(names().length).toBeLessThanOrEqual(underWayPerThread * threads);
      await settle(names()[0] as string);
    }
    await all;
  }
});

it('takes no step of a batch that broke, and ends it when those under way have settled', async () => {
  let isBroken = false;
  const { batch, settle, done, names } = world(1);
  const all = Promise.all([batch('a', 9, () => isBroken), batch('b', 1)]);
  isBroken = true;
  await settle('a0');
  expect(names()).toEqual(['a1', 'b0']);
  expect(done).toEqual([]);
  await settle('a1');
  expect(done).toEqual(['a']);
  await settle('b0');
  await all;
});

it('ends an empty batch at once', async () => {
  await new Line(1).run({ hasNext: () => false, next: () => Promise.resolve() });
});
