/**
 * The drill: five agencies and an oversight body, one week, everything that an agreement is for.
 *
 *   node --conditions=@tallystick/source --import tsx examples/drill/drill.ts --out DIR
 *
 * Purpose: real nodes, a real coordinator, a real oversight body over WebSockets and TLS, with a clock that can be put
 * forward; each act is held to the outcome that the agreement gives it. Exit code 1 where one differs.
 * Assumes: invented lists, invented people. Does not know: how stations work.
 */
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { emergency } from './emergency.ts';
import { nothingHappened } from './happened.ts';
import { logs } from './logs.ts';
import { suspension, withdrawal } from './members.ts';
import { redress } from './redress.ts';
import { routine } from './routine.ts';
import { createStory } from './story.ts';
import { openWorld } from './world.ts';

const { values } = parseArgs({ options: { out: { type: 'string' } } });
const out =
  values.out === undefined ? await mkdtemp(join(tmpdir(), 'tallystick-report-')) : resolve(values.out);
await mkdir(out, { recursive: true });

const world = await openWorld();
try {
  const story = createStory({
    nowMs: () => world.clock.nowMs(),
    write: (text) => void process.stdout.write(text),
    colour: process.stdout.isTTY && process.env.NO_COLOR === undefined,
  });
  const drill = { world, story, happened: nothingHappened() };
  const { agreement, agreementId } = world;
  story.act(
    'The agreement',
    `${agreement.title}. Everything below is decided by it: at every node for itself, before anything derived from a list leaves.`,
  );
  for (const { id, name } of agreement.parties) story.says(id, name);
  for (const { id, name } of agreement.oversight) story.says(id, `${name}: watches, has no list`);
  for (const { id, name } of agreement.collectors ?? [])
    story.says(id, `${name}: relays, merges, has no list`);
  story.says(
    'all',
    `have signed ${agreement.name}, version ${agreement.version}, id ${agreementId.slice(0, 16)}…`,
  );
  await world.settle();
  story.says('all', 'have said that nothing is suspended, and cosigned each other\u2019s audit logs');

  await routine(drill);
  const found = await emergency(drill);
  await suspension(drill);
  await withdrawal(drill);
  await redress(drill, found);
  await logs(drill, out);

  const { checked, wrong } = story;
  console.log(`\nreport: ${out}`);
  console.log(
    wrong.length === 0
      ? `${checked} outcomes, all as expected`
      : `${wrong.length} of ${checked} outcomes are WRONG: ${wrong.join('; ')}`,
  );
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  await world.close();
}
