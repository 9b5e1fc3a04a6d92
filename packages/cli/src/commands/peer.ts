/**
 * `tallystick peer add|list|remove`: whom this node trusts.
 *
 * Purpose: pins, set by a person who compared fingerprints by another way.
 * Assumes: the node runs. Does not know: connections.
 */
import { parseFingerprint, parseNodeId } from '@tallystick/host/identity';
import type { Run } from '../args/types.ts';
import { nodeOf } from '../control/index.ts';
import { styleFor, table } from '../render/text.ts';

export const addRun: Run = async (call) => {
  const id = parseNodeId(call.args[0] as string, 'ID');
  const fingerprint = parseFingerprint(call.args[1] as string, 'FINGERPRINT');
  await nodeOf(call).call('peer.add', { id, fingerprint });
  call.io.out.write(`${id} is a peer now: ${fingerprint}\n`);
  return 0;
};

export const removeRun: Run = async (call) => {
  const id = parseNodeId(call.args[0] as string, 'ID');
  await nodeOf(call).call('peer.remove', { id });
  call.io.out.write(`${id} is no peer any more\n`);
  return 0;
};

export const listRun: Run = async (call) => {
  const { out } = call.io;
  const peers = await nodeOf(call).call('peer.list', {});
  if (call.options.on('json')) out.write(`${JSON.stringify(peers)}\n`);
  else if (peers.length === 0) out.write('no peers; tallystick peer add ID FINGERPRINT\n');
  else {
    const rows = peers.map((peer) => [
      peer.id,
      peer.fingerprint,
      peer.online ? 'online' : 'offline',
      peer.agreement === null ? '' : `oversight of ${peer.agreement}`,
    ]);
    const lines = table(
      ['peer', 'fingerprint', '', ''],
      rows,
      ['left', 'left', 'left', 'left'],
      styleFor(out.colour),
      '',
    );
    out.write(`${lines.join('\n')}\n`);
  }
  return 0;
};
