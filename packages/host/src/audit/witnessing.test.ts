/** Asking witnesses from time to time, and the end of it. */
import { expect, it } from 'vitest';
import { fakeClock } from '../clock/index.ts';
import { keepWitnessed } from './witnessing.ts';

it.each([
  ['tells of faults once the witnesses have answered', false, 1],
  ['tells nothing any more when it has ended meanwhile', true, 0],
])('%s', async (_, isEnded, want) => {
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((done) => {
    answer = done;
  });
  let told = 0;
  const tell = async (): Promise<void> => {
    told += 1;
  };
  const end = keepWitnessed({ refresh: () => answered }, { tell }, fakeClock(0));
  if (isEnded) end();
  answer();
  await answered;
  await Promise.resolve();
  expect(told).toBe(want);
  end();
});
