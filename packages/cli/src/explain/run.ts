/**
 * `tallystick session explain`.
 *
 * Purpose: the decision about a session, in words or as JSON. Assumes: the node runs. Does not know: how it decides.
 */
import type { Run } from '../args/types.ts';
import { findSession } from '../commands/session.ts';
import { nodeOf } from '../control/index.ts';
import { styleFor } from '../render/text.ts';
import { explainText } from './text.ts';

export const run: Run = async (call) => {
  const { options, io } = call;
  const node = nodeOf(call);
  const session = await findSession(node, call);
  const explanation = await node.call('session.explain', { session });
  if (options.on('json')) io.out.write(`${JSON.stringify(explanation)}\n`);
  else io.out.write(explainText(explanation, styleFor(io.out.colour), io.out.columns));
  return 0;
};
