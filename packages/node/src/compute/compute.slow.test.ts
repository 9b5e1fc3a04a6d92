/**
 * The compute contract over both implementations, and what only a pool can get wrong.
 */
import { randomBytes } from 'node:crypto';
import { createReferenceEngine, drawScalar, type MessageBatch } from '@tallystick/protocol/suite';
import { afterEach, describe, expect, it } from 'vitest';
import { computeContract, failure, identifierBatch } from './contract.testkit.ts';
import { openInline, openPool, type Pool } from './index.ts';
import { createTaskRunner } from './task.ts';

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

for (const engine of ['reference', 'portable', 'fused'] as const) {
  computeContract(`inline, ${engine}`, (options) => openInline({ engine, ...options }));
  computeContract(`pool, ${engine}`, (options) => openPool({ threads: 2, engine, ...options }));
}

describe('a task', () => {
  it('leaves no scalar and no identifier behind, whether it works or fails', () => {
    const engine = createReferenceEngine();
    const given: Uint8Array[] = [];
    const watched = {
      ...engine,
      blindMessages(messages: MessageBatch, domain: Uint8Array, scalar: Uint8Array): Uint8Array {
        given.push(messages.text, scalar);
        return engine.blindMessages(messages, domain, scalar);
      },
      evaluate(elements: Uint8Array, scalar: Uint8Array): Uint8Array {
        given.push(scalar);
        return engine.evaluate(elements, scalar);
      },
      evaluateToTags(
        elements: Uint8Array,
        scalar: Uint8Array,
        context: Uint8Array,
        size: number,
      ): Uint8Array {
        given.push(scalar);
        return engine.evaluateToTags(elements, scalar, context, size);
      },
      evaluateWithTags(
        elements: Uint8Array,
        scalar: Uint8Array,
        context: Uint8Array,
        size: number,
      ): Uint8Array {
        given.push(scalar);
        return engine.evaluateWithTags(elements, scalar, context, size);
      },
    };
    const run = createTaskRunner(watched, () => 0);
    const scalar = (): Uint8Array<ArrayBuffer> => Uint8Array.from(drawScalar(random));
    const blind = {
      op: 'blind',
      text: Uint8Array.from([1, 2, 3]),
      ends: Uint32Array.of(3),
      dst: Uint8Array.of(1),
      scalar: scalar(),
    } as const;
    expect(run(blind)).toMatchObject({ ok: true });
    const elements = new Uint8Array(32).fill(0xff);
    expect(run({ op: 'evaluate', elements, scalar: scalar() })).toMatchObject({ ok: false, index: 0 });
    for (const withElements of [false, true]) {
      const terms = { elements, tagContext: new Uint8Array(32), tagBytes: 8, withElements };
      expect(run({ op: 'tags', ...terms, scalar: scalar() })).toMatchObject({ ok: false });
    }
    expect(given.length).toBe(5);
    for (const bytes of given) expect(bytes).toEqual(new Uint8Array(bytes.length));
  });
});

describe('pool', () => {
  let pool: Pool | undefined;
  afterEach(async () => pool?.close());

  it('fails the batch of a dead worker with a code and recovers', async () => {
    pool = await openPool({ threads: 1, subBatchElements: 2, allowPoison: true });
    const dst = random(8);
    const scalar = drawScalar(random);
    const batch = identifierBatch(['a', 'b', 'c', 'd', 'e', 'f']);
    const elements = await pool.blind(batch, dst, scalar);
    await pool.poison('exit-in-next');
    expect((await failure(pool.evaluate(elements, scalar)))?.code).toBe('compute.worker');
    expect(await pool.evaluate(elements, scalar)).toEqual(createReferenceEngine().evaluate(elements, scalar));
    expect((await failure(pool.poison('exit')))?.code).toBe('compute.worker');
    expect(await pool.evaluate(elements, scalar)).toEqual(createReferenceEngine().evaluate(elements, scalar));
    expect((await failure(pool.poison('throw')))?.code).toBe('compute.worker');
    expect(await pool.blind(batch, dst, scalar)).toEqual(elements);
  });

  it('says when memory ran out, of a buffer or of the heap, and recovers', async () => {
    pool = await openPool({ threads: 1, allowPoison: true, maxHeapMb: 64 });
    expect((await failure(pool.poison('memory')))?.code).toBe('compute.memory');
    expect((await failure(pool.poison('heap')))?.code).toBe('compute.memory');
    expect(await pool.evaluate(new Uint8Array(0), drawScalar(random))).toEqual(new Uint8Array(0));
  });

  it('takes no poison unless it was opened for tests', async () => {
    pool = await openPool({ threads: 1 });
    expect((await failure(pool.poison('exit')))?.code).toBe('session.state');
  });

  it('fails what is under way when it is closed', async () => {
    pool = await openPool({ threads: 1, subBatchElements: 1 });
    const scalar = drawScalar(random);
    const running = failure(
      pool.blind(identifierBatch(Array.from({ length: 50 }, String)), random(8), scalar),
    );
    await pool.close();
    expect((await running)?.code).toBe('compute.unavailable');
  });

  it('refuses an engine that does not exist and fewer than one thread', async () => {
    expect((await failure(openPool({ threads: 0 })))?.code).toBe('argument.invalid');
    process.env['TALLYSTICK_ENGINE'] = 'fastest';
    try {
      expect((await failure(openPool()))?.code).toBe('argument.invalid');
    } finally {
      delete process.env['TALLYSTICK_ENGINE'];
    }
  });

  it('says which engine runs and why', async () => {
    pool = await openPool({ threads: 1, engine: 'reference' });
    const report = pool.describeEngine();
    expect(report.engine).toBe('reference');
    expect(report.tried.map(({ engine, usable }) => [engine, usable])).toEqual([
      ['fused', false],
      ['portable', false],
      ['reference', true],
    ]);
    expect(report.threads).toBe(1);
    const free = await openInline();
    expect(free.describeEngine().tried.at(-1)?.engine).toBe(free.describeEngine().engine);
    await free.close();
  });
});
