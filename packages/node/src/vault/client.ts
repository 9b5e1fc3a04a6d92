/**
 * The vault from the outside: starts the worker and speaks to it.
 *
 * Purpose: `openVault` gives the one `Vault` of a node. Long inputs go in and long outputs come out piece by
 * piece; every call fails with `vault.died` when the worker is gone.
 * Assumes: the worker answers every call or dies. Does not know: what happens inside.
 */
import { Worker } from 'node:worker_threads';
import { type Remote, transfer, wrap } from 'comlink';
import { type ErrorCode, errorTable, TallyError } from '@tallystick/protocol/errors';
import type { ComputeOptions } from '../compute/types.ts';
import { workerEntry } from '../worker-bootstrap/index.ts';
import { nodeEndpoint, type WorkerPort } from './endpoint.ts';
import type { ExposedRoom } from './exposed.ts';
import type { SealedSource, Vault } from './types.ts';

export interface VaultOptions extends ComputeOptions {
  /** Computes on the vault's own thread, without a pool: for tests and tiny lists. */
  readonly inline?: boolean;
}

export interface VaultWorkerData {
  readonly compute: ComputeOptions;
  readonly isInline: boolean;
}

/** Records are parsed, read and dropped: V8's default would let 48 MB of such garbage stand. No slower: measured. */
const youngMb = 12;
/** How often progress is asked for while a list is blinded. */
const progressEveryMs = 200;

/** An array of its own, to be moved: a view would take its whole buffer along, or lose it for others. */
function moving(bytes: Uint8Array): Uint8Array {
  const own = new Uint8Array(bytes);
  return transfer(own, [own.buffer]);
}

/** Starts a vault. Throws `vault.died` where the worker does not start, `compute.unavailable`, `argument.invalid`, `recipe.unicode`. */
export async function openVault(options: VaultOptions = {}): Promise<Vault> {
  const { inline = false, ...compute } = options;
  const entry = workerEntry('vault');
  const workerData: VaultWorkerData = { compute, isInline: inline };
  const worker = new Worker(entry.path, {
    execArgv: entry.execArgv,
    workerData,
    resourceLimits: { maxYoungGenerationSizeMb: youngMb },
  });
  const pending = new Set<(error: TallyError) => void>();
  let died: TallyError | undefined;
  let isUp = false;
  const onGone = (thrown: unknown): void => {
    // while starting, the one thing that fails with a code is the choice of an engine; else the text may hold contents
    const { code, message } = (thrown ?? {}) as { code?: string; message?: string };
    died ??=
      !isUp && code !== undefined && code in errorTable
        ? new TallyError(code as ErrorCode, message ?? '')
        : new TallyError('vault.died', 'vault: the worker stopped');
    for (const reject of pending) reject(died);
    pending.clear();
  };
  worker.on('error', onGone);
  worker.on('exit', onGone);

  const room: Remote<ExposedRoom> = wrap<ExposedRoom>(nodeEndpoint(worker as unknown as WorkerPort));

  /** Comlink's calls never settle when the worker dies: this one does. */
  function call<T>(make: (room: Remote<ExposedRoom>) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (died !== undefined) return reject(died);
      pending.add(reject);
      make(room)
        .then(resolve, reject)
        .finally(() => pending.delete(reject));
    });
  }

  /** Pushes every piece, then ends; on any failure, aborts and fails with the first error. */
  async function feed<T>(
    source: SealedSource,
    push: (piece: Uint8Array) => Promise<void>,
    end: () => Promise<T>,
    abort: () => Promise<void>,
  ): Promise<T> {
    try {
      for await (const piece of source) await push(piece);
      return await end();
    } catch (thrown) {
      await abort().catch(() => undefined);
      throw thrown;
    }
  }

  const vault: Vault = {
    unlock: (dataKey) => {
      const own = new Uint8Array(dataKey);
      dataKey.fill(0);
      return call((r) => r.unlock(transfer(own, [own.buffer])));
    },
    checkList: (path, listOptions, recipes, nowMs) =>
      call((r) => r.checkList(path, listOptions, recipes, nowMs)),
    explainRecord: (path, listOptions, record, recipes) =>
      call((r) => r.explainRecord(path, listOptions, record, recipes)),

    async importList(path, listOptions, nowMs, onChunk) {
      const id = await call((r) => r.importBegin(path, listOptions, nowMs));
      try {
        for (let index = 0; ; index++) {
          const sealed = await call((r) => r.importNext(id));
          if (sealed === null) break;
          await onChunk(sealed, index);
        }
        return await call((r) => r.importEnd(id));
      } catch (thrown) {
        await call((r) => r.importAbort(id)).catch(() => undefined);
        throw thrown;
      }
    },

    async openSession(request, chunks) {
      const { session } = request;
      await call((r) => r.beginSession(request));
      return await feed(
        chunks,
        (piece) => call((r) => r.pushPiece(session, moving(piece))),
        () => call((r) => r.openSession(session)),
        () => call((r) => r.endSession(session)),
      );
    },

    async blindList(session, onProgress) {
      const blinding = call((r) => r.blindList(session));
      if (onProgress === undefined) return blinding;
      const tell = (): void => {
        call((r) => r.progress(session)).then(onProgress, () => undefined);
      };
      const timer = setInterval(tell, progressEveryMs);
      try {
        await blinding;
      } finally {
        clearInterval(timer);
      }
      onProgress(await call((r) => r.progress(session)));
    },

    readFirstStream: (session, start, count) => call((r) => r.readFirstStream(session, start, count)),
    freeze: (session, terms) => call((r) => r.freeze(session, terms)),
    evaluate: (session, list, start, elements) =>
      call((r) => r.evaluate(session, list, start, moving(elements))),
    evaluatePeer: (session, start, elements, give) =>
      call((r) => r.evaluatePeer(session, start, moving(elements), give)),
    absorbReturned: (session, start, units) => call((r) => r.absorbReturned(session, start, moving(units))),
    match: (session) => call((r) => r.match(session)),
    finishChain: (session, start, elements) => call((r) => r.finishChain(session, start, moving(elements))),
    foldOwn: (session) => call((r) => r.foldOwn(session)),
    prove: (session, list, element, statement) => call((r) => r.prove(session, list, element, statement)),
    sortTags: (session) => call((r) => r.sortTags(session)),
    readSortedTags: (session, start, count) => call((r) => r.readSortedTags(session, start, count)),
    readLabels: (session, start, count) => call((r) => r.readLabels(session, start, count)),
    absorbMarks: (session, start, marks) => call((r) => r.absorbMarks(session, start, moving(marks))),

    resultCounts: (sealedResult) => call((r) => r.resultCounts(moving(sealedResult))),
    async exportResult(sealedResult, chunks, outPath, handling, only = null) {
      const id = await call((r) => r.exportBegin(moving(sealedResult), outPath, handling, only));
      await feed(
        chunks,
        (piece) => call((r) => r.exportPiece(id, moving(piece))),
        () => call((r) => r.exportEnd(id)),
        () => call((r) => r.exportAbort(id)),
      );
    },

    async checkEnquiry(source, held) {
      const id = await call((r) => r.enquiryBegin(source));
      try {
        for (const { chunks, ...one } of held) {
          await call((r) => r.enquiryResult(id, one));
          for await (const piece of chunks) await call((r) => r.enquiryPiece(id, moving(piece)));
          await call((r) => r.enquiryResultEnd(id));
        }
        return await call((r) => r.enquiryEnd(id));
      } catch (thrown) {
        await call((r) => r.enquiryAbort(id)).catch(() => undefined);
        throw thrown;
      }
    },
    foundSessions: (finding) => call((r) => r.foundSessions(moving(finding))),
    correctionTags: (finding, sealedResult, terms) =>
      call((r) => r.correctionTags(moving(finding), moving(sealedResult), terms)),
    meantRecords: (sealedResult, correction) => call((r) => r.meantRecords(moving(sealedResult), correction)),

    endSession: (session) => call((r) => r.endSession(session)),
    engine: () => call((r) => r.engine()),
    stats: () => call((r) => r.stats()),
    async close() {
      await call((r) => r.close()).catch(() => undefined);
      await worker.terminate();
    },
  };
  try {
    await vault.engine(); // answered once the worker is up
    isUp = true;
  } catch (thrown) {
    await worker.terminate();
    throw thrown;
  }
  return Object.freeze(vault);
}
