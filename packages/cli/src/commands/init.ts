/**
 * `tallystick init ID`: a data directory with a new identity.
 *
 * Purpose: make the key, seal it, print the fingerprint that others pin.
 * Assumes: the directory holds no node yet. Does not know: peers.
 */
import { initDirectory } from '@tallystick/host/directory';
import { parseNodeId } from '@tallystick/host/identity';
import type { Run } from '../args/types.ts';
import { chooseSecret } from '../secret/index.ts';
import { dataDirectory } from './common.ts';

export const run: Run = async (call) => {
  const { options, io } = call;
  const id = parseNodeId(call.args[0] as string, 'ID');
  const dataDir = dataDirectory(options, io);
  const { source, madeFile } = await chooseSecret(call, 'make');
  const { fingerprint } = await initDirectory(dataDir, id, source);
  if (options.on('json')) io.out.write(`${JSON.stringify({ id, fingerprint, dataDir })}\n`);
  else {
    if (madeFile !== undefined)
      io.err.write(`key file made: ${madeFile}; without it the data cannot be opened\n`);
    io.err.write(`data directory: ${dataDir}\n`);
    io.out.write(`${id} ${fingerprint}\n`);
  }
  return 0;
};
