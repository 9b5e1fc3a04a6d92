/**
 * What of the vault can be called from the main thread.
 *
 * Purpose: the one frozen list of calls; bytes that leave are moved, not copied.
 * Assumes: the gate of `endpoint.ts` lets through calls of these names alone.
 * Does not know: how the calls come in.
 */
import { transfer } from 'comlink';
import type { Compute } from '../compute/types.ts';
import type { VaultRoom } from './room.ts';
import type { FreezeSession, GiveBack, MatchOutcome } from './types.ts';

/** Moves an array that nobody else looks at. */
function moved<T extends Uint8Array | null>(bytes: T): T {
  if (bytes === null) return bytes;
  const isWhole = bytes.byteLength === bytes.buffer.byteLength;
  const own = (isWhole ? bytes : bytes.slice()) as T & Uint8Array;
  return transfer(own, [own.buffer]);
}

function movedResult(outcome: MatchOutcome): MatchOutcome {
  return transfer(outcome, [outcome.sealedResult.buffer]);
}

/** The calls, without a prototype and frozen. */
export function exposeRoom(room: VaultRoom, compute: Compute) {
  const calls = {
    unlock: room.unlock.bind(room),
    checkList: room.checkList.bind(room),
    explainRecord: room.explainRecord.bind(room),
    importBegin: room.importBegin.bind(room),
    importNext: async (id: number) => moved(await room.importNext(id)),
    importEnd: room.importEnd.bind(room),
    importAbort: room.importAbort.bind(room),
    beginSession: room.beginSession.bind(room),
    pushPiece: room.pushPiece.bind(room),
    openSession: room.openSession.bind(room),
    endSession: room.endSession.bind(room),
    blindList: room.blindList.bind(room),
    progress: (session: string) => room.session(session).progressNow(),
    readFirstStream: (session: string, start: number, count: number) =>
      moved(room.session(session).readFirstStream(start, count)),
    freeze: (session: string, terms: FreezeSession) => room.session(session).freeze(terms),
    evaluate: async (session: string, list: number, start: number, elements: Uint8Array) =>
      moved(await room.session(session).evaluate(list, start, elements)),
    evaluatePeer: async (session: string, start: number, elements: Uint8Array, give: GiveBack) =>
      moved(await room.session(session).evaluatePeer(start, elements, give)),
    absorbReturned: (session: string, start: number, units: Uint8Array) =>
      room.session(session).absorbReturned(start, units),
    match: (session: string) => movedResult(room.session(session).match()),
    finishChain: (session: string, start: number, elements: Uint8Array) =>
      room.session(session).finishChain(start, elements),
    foldOwn: (session: string) => room.session(session).foldOwn(),
    prove: (session: string, list: number, element: Uint8Array, statement: Uint8Array) =>
      room.session(session).prove(list, element, statement),
    sortTags: (session: string) => moved(room.session(session).sortTags()),
    readSortedTags: (session: string, start: number, count: number) =>
      moved(room.session(session).readSortedTags(start, count)),
    readLabels: (session: string, start: number, count: number) =>
      moved(room.session(session).readLabels(start, count)),
    absorbMarks: (session: string, start: number, marks: Uint8Array) =>
      room.session(session).absorbMarks(start, marks),
    resultCounts: room.resultCounts.bind(room),
    exportBegin: room.exportBegin.bind(room),
    exportPiece: room.exportPiece.bind(room),
    exportEnd: room.exportEnd.bind(room),
    exportAbort: room.exportAbort.bind(room),
    enquiryBegin: room.enquiryBegin.bind(room),
    enquiryResult: room.enquiryResult.bind(room),
    enquiryPiece: room.enquiryPiece.bind(room),
    enquiryResultEnd: room.enquiryResultEnd.bind(room),
    enquiryEnd: room.enquiryEnd.bind(room),
    enquiryAbort: room.enquiryAbort.bind(room),
    foundSessions: room.foundSessions.bind(room),
    correctionTags: room.correctionTags.bind(room),
    meantRecords: room.meantRecords.bind(room),
    engine: () => compute.describeEngine(),
    stats: () => compute.stats(),
    close: room.close.bind(room),
  };
  return Object.freeze(Object.assign(Object.create(null) as object, calls));
}

export type ExposedRoom = ReturnType<typeof exposeRoom>;
