/**
 * Nothing secret leaves a vault: planted people, session scalars and keys are looked for in everything that a session
 * sends, logs, says, stores and leaves behind; and leaky builds are caught by the same search.
 */
import { readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { pub } from '@tallystick/host/log';
import type { ProposeParams, SessionDetail } from '@tallystick/node/control';
import type { RunningNode } from '@tallystick/node/daemon';
import { TallyError } from '@tallystick/protocol/errors';
import { createReferenceEngine, elementDst, encodeScalar, expandMessage } from '@tallystick/protocol/suite';
import { addPeople, columns, csvOf, identifiersOf, invent } from './people.ts';
import { type CanaryWorld, type Leaks, places, type Seen, startCanaryWorld } from './world.ts';

const entry = vi.hoisted(() => ({ name: 'vault-recorded.mjs' }));
// The only way to another vault: a test that replaces the module that says where its entry is.
vi.mock('../../packages/node/src/worker-bootstrap/index.ts', () => ({
  workerEntry: () => ({
    path: fileURLToPath(new URL(entry.name, import.meta.url)),
    execArgv: ['--conditions=@tallystick/source'],
  }),
}));

const common = invent(3);
const lists = {
  alpha: [...common, ...invent(20)],
  beta: [...common, ...invent(17)],
  gamma: [...common, ...invent(8)],
};

const terms = {
  list: 'watch',
  subject: 'any',
  recipes: ['document', 'name'],
  purpose: 'canaries',
  chunkElements: 16,
} satisfies Partial<ProposeParams>;
const direct: ProposeParams = {
  ...terms,
  with: ['beta'],
  output: { kind: 'matches', to: ['alpha', 'beta'] },
};
const sealed: ProposeParams = {
  ...terms,
  with: ['beta', 'gamma'],
  output: { kind: 'counts' },
  labels: [{ party: 'alpha', field: 'tier', labels: ['high', 'low'] }],
};

/** Proposes, and waits for the end on every node that takes part. */
async function run(world: CanaryWorld, params: ProposeParams): Promise<SessionDetail[]> {
  const { session } = await world.node('alpha').call('session.propose', params);
  const nodes = ['alpha', ...params.with].map((id) => world.node(id));
  const details = await Promise.all(nodes.map((node) => watch(node, session)));
  for (const detail of details) world.told(detail);
  return details;
}

async function watch(node: RunningNode, session: string): Promise<SessionDetail> {
  for (;;) {
    const known = await node.call('session.list', {});
    if (known.some((one) => one.session === session)) return node.call('session.watch', { session });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const everyone = [...new Set(Object.values(lists).flat())];
const elementsOf = (dst: Uint8Array): Uint8Array => {
  const uniform = everyone
    .flatMap(identifiersOf)
    .map((identifier) => expandMessage(Buffer.from(identifier), dst));
  return createReferenceEngine().hashAndBlind(new Uint8Array(Buffer.concat(uniform)), encodeScalar(1n));
};

/** Failures of every kind that have a secret at hand. */
async function provoke(world: CanaryWorld): Promise<string[]> {
  const alpha = world.node('alpha');
  const [one] = lists.alpha as [(typeof everyone)[number]];
  const good = csvOf([one]);
  const codes: string[] = [];
  const bad: [string, string | Buffer, object][] = [
    ['truncated', `${good}${one.id}x,"${one.name}`, { format: 'csv', columns }],
    [
      'encoding',
      Buffer.concat([Buffer.from(`${good}x,${one.name}`), Buffer.of(0xff), Buffer.from(',,\n')]),
      { format: 'csv', columns },
    ],
    ['header', good.replace('name', one.name), { format: 'csv', columns }],
    ['columns', good, { format: 'csv', columns: { name: one.name } }],
    ['xml', `<CONSOLIDATED_LIST><INDIVIDUALS><${one.passport}>`, { format: 'un-consolidated' }],
    ['json', `{"id":"${one.id}","${one.name}":`, { format: 'ftm' }],
    ['other', good, { format: 'ofac-sdn' }],
  ];
  for (const [name, content, options] of bad) {
    const path = join(world.outside, `${name}.csv`);
    await writeFile(path, content);
    codes.push(await world.fails(alpha.call('list.import', { path, name, ...options })));
  }
  // Rows that are rejected: the report says where and why.
  const path = join(world.outside, 'rows.csv');
  await writeFile(path, `${good}${good.split('\n')[1]}\n${one.id}y,,,\n${one.id}z,${one.name}\n`);
  world.told(await alpha.call('list.import', { path, name: 'rows', format: 'csv', columns }));
  await alpha.call('list.remove', { name: 'rows' });
  codes.push(await world.fails(alpha.call('list.import', { path, name: 'watch', format: 'csv', columns })));
  codes.push(await world.fails(alpha.call('session.propose', { ...direct, list: 'rows' })));
  // Labels that nobody declared: who proposes has consented at once, and the session ends.
  const undeclared = { ...sealed, labels: [{ party: 'alpha', field: 'note', labels: ['high', 'low'] }] };
  const ends = await run(world, undeclared);
  codes.push(...new Set(ends.map((detail) => detail.error?.code ?? 'none')));
  return codes;
}

/** Frames of one stream of chunks, from one node, come with a bit flipped. */
function garble(id: string): NonNullable<CanaryWorld['interfere']> {
  return (from, frame) => {
    if (from !== id || frame[0] === 0x7b) return frame;
    const changed = Uint8Array.from(frame);
    changed[changed.length - 1] = 0xff; // no canonical element ends so
    return changed;
  };
}

afterEach(() => {
  entry.name = 'vault-recorded.mjs';
});

test('no secret is seen anywhere', async () => {
  const world = await startCanaryWorld(lists);
  let seen: Seen[];
  try {
    addPeople(world.needles, everyone);
    const matches = await run(world, direct);
    expect(matches.map((detail) => detail.matches?.records)).toEqual([common.length, common.length]);
    const { session } = matches[0] as SessionDetail;
    const out = join(world.outside, 'matches.jsonl');
    expect(await world.node('alpha').call('session.export', { session, out })).toEqual({
      records: common.length,
    });
    const taken = world.outside; // a directory
    expect(await world.fails(world.node('beta').call('session.export', { session, out: taken }))).toMatch(
      /^file\./,
    );
    expect(await readdir(dirname(world.outside))).toEqual(['data', 'outside', 'tmp']); // nothing half written
    const counts = await run(world, sealed);
    expect(counts[0]?.labels?.cells?.length).toBe(3 * 2 * 2 - 1);
    expect(counts[0]?.counts?.find((row) => row.in.length === 3)?.exactly).toBe(
      common.flatMap(identifiersOf).length,
    );
    expect(await provoke(world)).toEqual([
      'list.truncated',
      'list.encoding',
      'list.format',
      'list.format',
      'list.truncated',
      'list.truncated',
      'list.format',
      'argument.invalid',
      'list.unknown',
      'list.label',
    ]);
    world.interfere = garble('beta');
    // Another question than before: an answer that stands is not asked for again.
    const failed = await run(world, { ...direct, recipes: ['document'] });
    const codes = new Set(failed.map((detail) => detail.error?.code));
    // Whichever the receiver comes to first: the element, or the sum of the stream.
    expect([['element.encoding'], ['chain.incomplete']]).toContainEqual([...codes]);
    // The taps do tap: what must be there is there.
    const musts: Record<(typeof places)[number], string> = {
      'coordinator traffic': session,
      frames: '"type":"consent"',
      logs: 'node.ready',
      'error texts': 'list.truncated',
      'vault messages': 'duplicates',
      'data directories': 'SQLite format 3',
      'temporary files': '', // there are none
    };
    for (const place of places) expect(world.record(place).includes(musts[place]), place).toBe(true);
    const relayed = world.coordinator.stats.relayedBytes;
    expect(relayed).toBeGreaterThan(0);
    expect(world.record('coordinator traffic').length).toBeGreaterThan(2 * relayed); // once in, once out
  } finally {
    seen = await world.close();
  }
  expect(seen).toEqual([]);
});

/** Everything alpha's operator would have to fear, in one build. Each leak writes in a form of its own. */
function leaky(world: () => CanaryWorld): Leaks {
  const [one] = lists.alpha as [(typeof everyone)[number]];
  const [mark] = [Buffer.from(one.passport, 'utf16le')];
  return {
    log: (log) => ({
      ...log,
      info(event, fields) {
        log.info(event, event === 'node.ready' ? { ...fields, first: pub(one.name) } : fields);
        process.stderr.write(`${Buffer.from(one.alias).toString('hex')}\n`, () => undefined);
      },
    }),
    link: (link) => ({
      ...link,
      async dial(peer, expected, tag) {
        await link
          .dial(peer, expected, Buffer.from(`no${one.passport}`).toString('base64'))
          .catch(() => undefined);
        return link.dial(peer, expected, tag);
      },
    }),
    vault: (vault) => ({
      ...vault,
      importList: async (path, options, nowMs, onChunk) => {
        try {
          const add = (sealedChunk: Uint8Array, index: number) =>
            onChunk(Buffer.concat([sealedChunk, mark]), index);
          return await vault.importList(path, options, nowMs, add);
        } catch (thrown) {
          throw new TallyError((thrown as TallyError).code, `list: bad row "${one.name.toUpperCase()}"`);
        }
      },
      openSession: async (request, chunks) => {
        world().needles.addBytes(
          'element that is not blinded',
          elementsOf(elementDst(request.agreementId)).subarray(0, 32),
        );
        const opened = await vault.openSession(request, cut(chunks, mark.length));
        plain = elementsOf(elementDst(request.agreementId));
        return opened;
      },
      readFirstStream: async (session, start, count) => {
        const stream = await vault.readFirstStream(session, start, count);
        if (start === 0) stream.set(plain.subarray(0, 32));
        return stream;
      },
    }),
  };
}
let plain: Uint8Array = new Uint8Array(0);

async function* cut(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, length: number) {
  for await (const chunk of chunks) yield chunk.subarray(0, chunk.length - length);
}

describe('a build that leaks is caught', () => {
  let seen: readonly Seen[] = [];
  beforeAll(async () => {
    entry.name = 'vault-leaky.mjs';
    const { alpha, beta } = lists;
    const leaks = leaky(() => world);
    const world: CanaryWorld = await startCanaryWorld({ alpha, beta }, leaks);
    try {
      addPeople(world.needles, everyone);
      await run(world, direct);
      const path = join(world.outside, 'truncated.csv');
      await writeFile(path, `${csvOf(alpha)}"`);
      await world.fails(
        world.node('alpha').call('list.import', { path, name: 'other', format: 'csv', columns }),
      );
    } finally {
      seen = await world.close();
    }
  });

  test.each<Seen & { build: string }>([
    { build: 'logs a record', where: 'logs', what: 'name', form: 'utf8' },
    { build: 'prints a name to stderr', where: 'logs', what: 'name', form: 'utf8, hex' },
    {
      build: 'tells the coordinator a passport',
      where: 'coordinator traffic',
      what: 'passport',
      form: 'utf8, base64 at 2',
    },
    { build: 'forgets to blind', where: 'frames', what: 'element that is not blinded', form: 'raw' },
    { build: 'says a name in an error', where: 'error texts', what: 'name', form: 'utf8' },
    { build: 'stores without sealing', where: 'data directories', what: 'passport', form: 'utf16le' },
    { build: 'writes a scalar to a file', where: 'temporary files', what: 'scalar', form: 'hex, reversed' },
    { build: 'posts a scalar', where: 'vault messages', what: 'scalar', form: 'raw, reversed' },
  ])('one that $build', ({ where, what, form }) => {
    expect(seen).toContainEqual({ where, what, form });
  });

  test('and nothing else is', () => {
    expect(seen.length).toBeLessThan(20);
  });
});
