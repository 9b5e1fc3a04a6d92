/**
 * `tallystick session show|watch`: one session as its node knows it.
 *
 * Purpose: what was agreed, how far it is, what came out, who learned what.
 * Assumes: the node runs. Does not know: others' views.
 */
import { resolve } from 'node:path';
import type { SessionDetail } from '@tallystick/node/control';
import type { Call, Run } from '../args/types.ts';
import { exitCodeOf } from '../exit/index.ts';
import { codedError } from '../local/coded.ts';
import { isImportEvent, type NodeControl, nodeOf } from '../control/index.ts';
import { createBoard, sessionTracks } from '../progress/index.ts';
import { renderDetail } from '../render/detail.ts';
import { styleFor } from '../render/text.ts';
import { findSession } from './session.ts';

export const showRun: Run = async (call) => {
  const node = nodeOf(call);
  const session = await findSession(node, call);
  return finish(call, node, await node.call('session.show', { session }));
};

export const watchRun: Run = async (call) => {
  const node = nodeOf(call);
  const session = await findSession(node, call);
  const self = (await node.call('status', {})).id;
  const board = createBoard({ out: call.io.err, quiet: call.options.on('quiet'), nowMs: Date.now });
  let tracks: ReturnType<typeof sessionTracks> | undefined;
  const { parties, collectors } = await node.call('session.show', { session });
  const known = parties.map((party) => party.id);
  if (known.length > 0) tracks = sessionTracks(board, known, collectors);
  const detail = await node
    .call('session.watch', { session }, (event) => {
      if (isImportEvent(event)) return;
      if (event.type === 'state') board.note(`state: ${event.state}`);
      tracks?.take(self, event);
    })
    .finally(() => board.stop());
  return finish(call, node, detail);
};

/** Prints; exports where asked; the exit code says how the session ended. */
async function finish(call: Call, node: NodeControl, detail: SessionDetail): Promise<number> {
  const { options, io } = call;
  const out = options.text('out');
  if (options.on('json')) io.out.write(`${JSON.stringify(detail)}\n`);
  else io.out.write(renderDetail(detail, styleFor(io.out.colour), io.out.columns));
  if (out !== undefined) {
    const path = resolve(io.cwd, out);
    const { records } = await node.call('session.export', { session: detail.session, out: path });
    io.err.write(`${records} own matching records written to ${path}\n`);
  }
  if (detail.error === null) return 0;
  return exitCodeOf(codedError(detail.error.code, detail.error.message));
}
