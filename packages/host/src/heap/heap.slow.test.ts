import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const churn = `
  import { getHeapSpaceStatistics } from 'node:v8';
  import { keepYoungSmall } from '${new URL('./index.ts', import.meta.url).href}';
  if (process.argv[1] === 'small') keepYoungSmall();
  const young = () => getHeapSpaceStatistics().find((one) => one.space_name === 'new_space').space_size;
  const before = young();
  const kept = [];
  for (let i = 0; i < 200_000; i++) {
    kept.push({ i, list: [i, i, i], text: 'x' + i });
    if (kept.length > 20_000) kept.splice(0, 10_000);
  }
  console.log(young() > before);
`;

/** Whether the young generation of a fresh process grows as it makes garbage, some of which lives a while. */
async function grows(how: string): Promise<string> {
  const loader = ['--conditions=@tallystick/source', '--import', 'tsx', '--input-type=module'];
  const { stdout } = await promisify(execFile)(process.execPath, [...loader, '-e', churn, how]);
  return stdout.trim();
}

it('keeps the young generation as it is, which grows otherwise', async () => {
  expect(await grows('small')).toBe('false');
  expect(await grows('as V8 likes')).toBe('true');
});
