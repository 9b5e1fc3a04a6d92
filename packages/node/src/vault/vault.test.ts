/**
 * What the vault refuses, forgets, survives, and never says.
 */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FreezeSession, openVault, type Vault } from './index.ts';
import {
  codeOf,
  csvOptions,
  importInto,
  openOn,
  type PlainRecord,
  random,
  randomLists,
  type SealedList,
  temporaryFolder,
  termsOf,
  writeList,
} from './vault.testkit.ts';

const agreement = random(32);

/** Everything that workers post to this thread, as serialised bytes; and the workers themselves. */
function recordWorkers() {
  const plainEmit = Worker.prototype.emit;
  const messages: Buffer[] = [];
  const workers = new Set<Worker>();
  Worker.prototype.emit = function emit(this: Worker, event: string | symbol, ...args: unknown[]) {
    workers.add(this);
    if (event === 'message') messages.push(serialize(args[0]));
    return Reflect.apply(plainEmit, this, [event, ...args]) as boolean;
  } as typeof plainEmit;
  return {
    messages,
    workers,
    stop: () => {
      Worker.prototype.emit = plainEmit;
    },
  };
}

describe('vault', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let vault: Vault;
  let path: string;
  let records: PlainRecord[];
  let list: SealedList;
  const dataKey = random(32);
  /** A peer with so many identifiers, both receiving. */
  const terms = (own: number, peer: number, change: Partial<FreezeSession> = {}) =>
    termsOf(0, [own, peer], change);

  beforeAll(async () => {
    folder = await temporaryFolder();
    records = randomLists(1, 8)[0] as PlainRecord[];
    path = await writeList(folder.path, 'list.csv', records);
    vault = await openVault({ inline: true, engine: 'portable' });
    await vault.unlock(dataKey.slice());
    list = await importInto(vault, path);
  });
  afterEach(() => vault.endSession('s'));
  afterAll(async () => {
    await vault.close();
    await folder.remove();
  });

  it('reports on a list and explains a record to its owner', async () => {
    const check = await vault.checkList(path, csvOptions, ['name'], 0);
    expect(check).toMatchObject({ records: records.length, rejected: 0, format: 'csv' });
    const [first] = records as [PlainRecord];
    const byId = await vault.explainRecord(path, csvOptions, { id: first.id }, ['name']);
    expect(byId).toContain(`name:${first.name.split(' ').toSorted().join(' ')}`);
    expect(await vault.explainRecord(path, csvOptions, { line: 2 }, ['name'])).toBe(byId);
    expect(await codeOf(vault.explainRecord(path, csvOptions, { id: 'none' }, ['name']))).toBe(
      'argument.invalid',
    );
  });

  it('gives an import as sealed pieces of bounded size, and accounts for every row', async () => {
    const many = Array.from({ length: 5000 }, (_, i) => ({
      id: `m${i}`,
      name: `bq cq${i}`,
      passport: `Q${i}00000`,
    }));
    const pieces: Uint8Array[] = [];
    const long = await writeList(folder.path, 'long.csv', many);
    const { report, meta } = await vault.importList(long, csvOptions, 0, async (piece, index) => {
      expect(index).toBe(pieces.length);
      pieces.push(piece);
    });
    expect(meta).toMatchObject({ chunks: pieces.length, records: many.length });
    expect(pieces.length).toBeGreaterThan(1);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(300_000);
    expect(report.records).toBe(many.length);
    const opened = await openOn(vault, { pieces, meta }, agreement, {
      recipes: ['document'],
      maxIdentifiers: 5000,
    });
    expect(opened).toMatchObject({ count: 5000, records: 5000, duplicates: 0, withoutIdentifiers: 0 });
  });

  it('opens a list only whole, in order, and under its own name', async () => {
    const rest = 'dq'.repeat(40); // long enough for several pieces
    const many = Array.from({ length: 5000 }, (_, i) => ({
      id: `m${i}`,
      name: `bq cq${i} ${rest}`,
      passport: '',
    }));
    const long = await importInto(vault, await writeList(folder.path, 'whole.csv', many));
    const { pieces, meta } = long;
    expect(pieces.length).toBeGreaterThan(1);
    const wrong = [
      pieces.slice(0, -1),
      pieces.slice(1),
      [...pieces, pieces.at(-1) as Uint8Array],
      pieces.toReversed(),
      [],
      pieces.map((piece, i) => (i === 0 ? piece.map((byte, at) => (at === 40 ? byte ^ 1 : byte)) : piece)),
    ];
    for (const some of wrong) {
      expect(await codeOf(openOn(vault, { pieces: some, meta }, agreement, { maxIdentifiers: 9999 }))).toBe(
        'store.corrupt',
      );
    }
    expect(await codeOf(openOn(vault, long, agreement, { listId: '00', maxIdentifiers: 9999 }))).toBe(
      'store.corrupt',
    );
    // what failed has left no session behind
    expect((await openOn(vault, long, agreement, { maxIdentifiers: 9999 })).records).toBe(many.length);
  });

  it('says which file and why an import failed, and aborts when its receiver fails', async () => {
    const none = join(folder.path, 'none.csv');
    expect(await codeOf(vault.importList(none, csvOptions, 0, () => {}))).toBe('file.missing');
    const failed = vault.importList(path, csvOptions, 0, () => Promise.reject(new Error('disk full')));
    await expect(failed).rejects.toThrow('disk full');
  });

  it('keeps nothing without its key, and takes one key once', async () => {
    const locked = await openVault({ inline: true, engine: 'reference' });
    try {
      expect(await codeOf(importInto(locked, path))).toBe('store.key');
      expect(await codeOf(openOn(locked, list, agreement))).toBe('store.key');
      expect(await codeOf(locked.unlock(random(31)))).toBe('store.key');
      const key = random(32);
      await locked.unlock(key);
      expect(key).toEqual(new Uint8Array(32));
      expect(await codeOf(locked.unlock(random(32)))).toBe('session.state');
      expect(await codeOf(openOn(locked, list, agreement))).toBe('store.corrupt'); // sealed under another key
    } finally {
      await locked.close();
    }
  });

  it('stops at the cap', async () => {
    expect(await codeOf(openOn(vault, list, agreement, { maxIdentifiers: 3 }))).toBe('list.cap');
    expect(await codeOf(vault.blindList('s'))).toBe('session.unknown');
  });

  it('opens no session in which it has nothing to compare', async () => {
    expect(await codeOf(openOn(vault, list, agreement, { subject: 'organisation' }))).toBe('list.empty');
    expect(await codeOf(openOn(vault, list, agreement, { recipes: ['document+country'] }))).toBe(
      'list.empty',
    );
    expect(await codeOf(vault.blindList('s'))).toBe('session.unknown');
  });

  it('draws another scalar for every session', async () => {
    const streams: Uint8Array[] = [];
    for (let i = 0; i < 2; i++) {
      const { count, commitment } = await openOn(vault, list, agreement);
      await vault.freeze('s', terms(count, 4));
      await vault.blindList('s');
      streams.push(await vault.readFirstStream('s', 0, count), commitment);
      await vault.endSession('s');
    }
    expect(streams[0]).not.toEqual(streams[2]);
    expect(streams[1]).not.toEqual(streams[3]);
  });

  it('answers only in the right state', async () => {
    const { count } = await openOn(vault, list, agreement);
    expect(await codeOf(openOn(vault, list, agreement))).toBe('session.busy');
    expect(await codeOf(vault.readFirstStream('s', 0, 1))).toBe('session.state');
    expect(await codeOf(vault.blindList('s'))).toBe('session.state');
    expect(await codeOf(vault.evaluatePeer('s', 0, random(32), 'tags'))).toBe('session.state');
    for (const wrong of [terms(count + 1, 4), terms(count, 0.5), terms(count, 4, { parties: ['one'] })])
      expect(await codeOf(vault.freeze('s', wrong))).toBe('argument.invalid');
    await vault.freeze('s', terms(count, 4));
    expect(await codeOf(vault.freeze('s', terms(count, 4)))).toBe('session.state');
    expect(await codeOf(vault.readFirstStream('s', 0, 1))).toBe('session.state');
    await vault.blindList('s');
    expect(await codeOf(vault.blindList('s'))).toBe('session.state');
    expect(await codeOf(vault.readFirstStream('s', count, 1))).toBe('chain.position');
    const stream = await vault.readFirstStream('s', 0, count);
    // the light form keeps nothing that was sent whole
    expect(await codeOf(vault.readFirstStream('s', 0, count))).toBe('session.state');
    expect(await codeOf(vault.evaluatePeer('s', 0, stream, 'elements'))).toBe('session.state');
    // the light form proves nothing
    expect(await codeOf(vault.foldOwn('s'))).toBe('session.state');
    expect(await codeOf(vault.prove('s', 1, stream.slice(0, 32), random(8)))).toBe('session.state');
    expect(await codeOf(vault.evaluate('s', 0, 0, stream))).toBe('session.state');
    expect(await codeOf(vault.finishChain('s', 0, stream))).toBe('session.state');
    expect(await codeOf(vault.sortTags('s'))).toBe('session.state');
    expect(await codeOf(vault.evaluate('unknown', 0, 0, stream))).toBe('session.unknown');
  });

  it('direct: takes the peer’s positions in order, once, increasing, and no more than announced', async () => {
    const { count } = await openOn(vault, list, agreement);
    await vault.freeze('s', terms(count, 4));
    await vault.blindList('s');
    const four = await vault.readFirstStream('s', 0, 5);
    const part = (from: number, to: number): Uint8Array => four.slice(from * 32, to * 32);
    expect(await codeOf(vault.evaluatePeer('s', 1, part(0, 1), 'tags'))).toBe('chain.position');
    expect(await codeOf(vault.evaluatePeer('s', 0, part(0, 2), 'tags'))).toBe(undefined);
    expect(await codeOf(vault.evaluatePeer('s', 0, part(0, 2), 'tags'))).toBe('chain.position');
    expect(await codeOf(vault.evaluatePeer('s', 2, part(2, 5), 'tags'))).toBe('chain.count');
    expect(await codeOf(vault.evaluatePeer('s', 2, part(2, 3).subarray(1), 'tags'))).toBe('element.length');
    expect(await codeOf(vault.evaluatePeer('s', 2, part(1, 2), 'tags'))).toBe('chain.sorted'); // repeats the last
    expect(await codeOf(vault.match('s'))).toBe('chain.incomplete');
    expect(await codeOf(vault.absorbReturned('s', 0, new Uint8Array(7)))).toBe('chain.tag');
    expect(await codeOf(vault.absorbReturned('s', 1, new Uint8Array(8)))).toBe('chain.position');
    expect(await codeOf(vault.absorbReturned('s', 0, new Uint8Array(8 * 100)))).toBe('chain.count');
  });

  it('direct: refuses one tag returned for two positions', async () => {
    const { count } = await openOn(vault, list, agreement);
    await vault.freeze('s', terms(count, 1));
    await vault.blindList('s');
    const tag = await vault.evaluatePeer('s', 0, await vault.readFirstStream('s', 0, 1), 'tags');
    await vault.absorbReturned(
      's',
      0,
      new Uint8Array(Buffer.concat(Array.from({ length: count }, () => tag))),
    );
    expect(await codeOf(vault.match('s'))).toBe('chain.position');
  });

  it('sealed: takes the positions of every chain in order and once, and names bad elements', async () => {
    const { count } = await openOn(vault, list, agreement, { form: 'sealed' });
    await vault.freeze('s', termsOf(0, [count, 5, 2], { receives: false }));
    await vault.blindList('s');
    const stream = await vault.readFirstStream('s', 0, count);
    const two = stream.slice(0, 64);
    expect(await codeOf(vault.evaluate('s', 1, 0, two))).toBe(undefined);
    expect(await codeOf(vault.evaluate('s', 1, 0, two))).toBe('chain.position');
    expect(await codeOf(vault.evaluate('s', 1, 3, two))).toBe('chain.position');
    expect(await codeOf(vault.evaluate('s', 2, 0, two))).toBe(undefined);
    const bad = stream.slice(0, 96).fill(0, 32, 64);
    expect(await codeOf(vault.evaluate('s', 2, 2, two))).toBe('chain.count');
    expect(await codeOf(vault.evaluate('s', 0, 0, two))).toBe('chain.count'); // the own list has no hop here
    expect(await codeOf(vault.evaluate('s', 3, 0, two))).toBe('chain.count');
    await expect(vault.evaluate('s', 1, 2, bad)).rejects.toThrow(/index 1 is the identity/);
    expect(await codeOf(vault.sortTags('s'))).toBe('chain.incomplete');
    expect(await codeOf(vault.readSortedTags('s', 0, 1))).toBe('session.state');
    // a chain that brings one element twice gives one tag twice
    const first = stream.slice(0, 32);
    for (let i = 0; i < count; i++) await vault.finishChain('s', i, first);
    expect(await codeOf(vault.finishChain('s', count, first))).toBe('chain.count');
    expect(await codeOf(vault.sortTags('s'))).toBe('chain.sorted');
  });

  it('forgets a session that ends, also in the middle of its work', async () => {
    // One element to a sub-batch: the pool is at work for dozens of turns after the session has ended.
    const slow = await openVault({ threads: 1, subBatchElements: 1, engine: 'reference' });
    try {
      await slow.unlock(dataKey.slice());
      const many = randomLists(1, 40)[0] as PlainRecord[];
      const long = await importInto(slow, await writeList(folder.path, 'forgotten.csv', many));
      const { count } = await openOn(slow, long, agreement);
      await slow.freeze('s', terms(count, count));
      await slow.blindList('s');
      const stream = await slow.readFirstStream('s', 0, count);
      const working = codeOf(slow.evaluatePeer('s', 0, stream, 'tags'));
      await slow.endSession('s');
      expect(await working).toBe('session.unknown');
      expect(await codeOf(slow.readFirstStream('s', 0, 1))).toBe('session.unknown');
      await slow.endSession('s'); // once more is no error
      await openOn(slow, long, agreement); // the name is free again
      expect(await codeOf(slow.readFirstStream('s', 0, 1))).toBe('session.state');
    } finally {
      await slow.close();
    }
  });

  it('writes no result for other bytes than its own', async () => {
    const out = join(folder.path, 'out.jsonl');
    for (const bytes of [random(3), random(100), new Uint8Array([0, 0, 0, 0])]) {
      expect(await codeOf(vault.exportResult(bytes, list.pieces, out, null))).toBe('store.corrupt');
      expect(await codeOf(vault.resultCounts(bytes))).toBe('store.corrupt');
    }
    expect((await readdir(folder.path)).filter((name) => name.startsWith('out'))).toEqual([]);
  });

  it('says nothing of a list’s contents to the main thread, whatever is asked', async () => {
    const seen = recordWorkers();
    const watched = await openVault({ inline: true, engine: 'reference' });
    try {
      await watched.unlock(random(32));
      const canary = { id: 'canaryrecordid', name: 'zqcanary zqfirst', passport: 'Q7777777777' };
      const own = await writeList(folder.path, 'canary.csv', [canary, ...records]);
      await watched.checkList(own, csvOptions, ['document', 'name'], 0);
      const sealed = await importInto(watched, own);
      const { count } = await openOn(watched, sealed, agreement);
      await watched.freeze('s', terms(count, count));
      await watched.blindList('s', () => {});
      const stream = await watched.readFirstStream('s', 0, count);
      await watched.absorbReturned('s', 0, await watched.evaluatePeer('s', 0, stream, 'tags'));
      const { sealedResult } = await watched.match('s');
      await watched.exportResult(sealedResult, sealed.pieces, join(folder.path, 'canary.jsonl'), null);
      await codeOf(watched.explainRecord(own, csvOptions, { id: 'zqcanary' }, ['name']));
      await writeFile(own, 'id,name\ncanaryrecordid,"zqcanary');
      await codeOf(importInto(watched, own));
      await codeOf(openOn(watched, sealed, agreement, { session: 't', maxIdentifiers: 1 }));
      await watched.endSession('s');

      const said = Buffer.concat(seen.messages);
      expect(seen.messages.length).toBeGreaterThan(20);
      const canaries = ['canaryrecordid', 'zqcanary', 'Q7777777777', 'zqfirst'].flatMap((text) => [
        Buffer.from(text, 'utf8'),
        Buffer.from(text, 'utf16le'),
        Buffer.from(Buffer.from(text).toString('hex')),
        Buffer.from(Buffer.from(text).toString('base64').slice(0, -4)),
      ]);
      for (const bytes of canaries) expect(said.includes(bytes)).toBe(false);

      // the one call that may say it does, and is seen to: the search works
      seen.messages.length = 0;
      await writeList(folder.path, 'canary.csv', [canary]);
      await watched.explainRecord(own, csvOptions, { id: 'canaryrecordid' }, ['name']);
      expect(Buffer.concat(seen.messages).includes('zqcanary')).toBe(true);
    } finally {
      seen.stop();
      await watched.close();
    }
  });

  it('fails every call, made before or after, when its worker dies', async () => {
    const seen = recordWorkers();
    const mortal = await openVault({ threads: 1, engine: 'reference' });
    try {
      expect(seen.workers.size).toBe(1);
      await mortal.unlock(random(32));
      const { count } = await openOn(mortal, await importInto(mortal, path), agreement);
      await mortal.freeze('s', terms(count, 4));
      const blinding = codeOf(mortal.blindList('s'));
      for (const worker of seen.workers) await worker.terminate();
      expect(await blinding).toBe('vault.died');
      expect(await codeOf(mortal.stats())).toBe('vault.died');
    } finally {
      seen.stop();
      await mortal.close();
    }
  });

  it('does not start with an engine that does not exist, and says so', async () => {
    const none = openVault({ inline: true, engine: 'fastest' as 'reference' });
    expect(await codeOf(none)).toBe('argument.invalid');
  });

  it('answers to nothing but the names of its calls', async () => {
    const seen = recordWorkers();
    const other = await openVault({ inline: true, engine: 'reference' });
    seen.stop();
    try {
      const [worker] = seen.workers as unknown as [Worker];
      const answers: unknown[] = [];
      worker.on('message', (message) => answers.push(message));
      const ask = (id: string, type: string, path: string[]): void =>
        worker.postMessage({ id, type, path, argumentList: [] });
      ask('1', 'GET', ['stats']);
      ask('2', 'APPLY', ['stats', 'constructor']);
      ask('3', 'CONSTRUCT', ['stats', 'constructor']);
      ask('4', 'SET', ['stats']);
      ask('5', 'APPLY', ['session']);
      ask('6', 'ENDPOINT', []);
      await other.stats();
      expect(answers.map((answer) => (answer as { id: string }).id).filter((id) => id.length === 1)).toEqual(
        [],
      );
    } finally {
      await other.close();
    }
  });
});
