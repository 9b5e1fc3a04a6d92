/**
 * Evidence of a session from this person's node, which runs or does not.
 *
 * Purpose: `verify` and `session export` ask the node's socket first, and open the directory where nobody answers.
 * Assumes: the data directory is the caller's. Does not know: what evidence proves.
 */
import { withStoppedNode } from '@tallystick/node/daemon';
import { TallyError } from '@tallystick/protocol/errors';
import type { Evidence } from '@tallystick/protocol/evidence';
import type { Call } from '../args/types.ts';
import { nodeOf } from '../control/index.ts';
import { chooseSecret } from '../secret/index.ts';
import { requireInit } from '../settings/index.ts';
import { dataDirectory } from './common.ts';
import { findSession, matchSession } from './session.ts';

export interface EvidenceSource {
  readonly evidence: Evidence;
  /** What this node pins, itself included. */
  readonly pins: ReadonlyMap<string, string>;
}

/** @param salts with what opens commitments to streams. @throws TallyError `session.unknown`, `session.state`, `store.*`. */
export async function ownEvidence(call: Call, salts: boolean): Promise<EvidenceSource> {
  try {
    return await fromRunning(call, salts);
  } catch (thrown) {
    if (thrown instanceof TallyError && thrown.code === 'control.refused') return fromStopped(call, salts);
    throw thrown;
  }
}

async function fromRunning(call: Call, salts: boolean): Promise<EvidenceSource> {
  const node = nodeOf(call);
  const session = await findSession(node, call);
  const evidence = await node.call('session.evidence', { session, salts });
  const { id, fingerprint } = await node.call('status', {});
  const peers = await node.call('peer.list', {});
  return { evidence, pins: new Map([...peers, { id, fingerprint }].map((one) => [one.id, one.fingerprint])) };
}

async function fromStopped(call: Call, salts: boolean): Promise<EvidenceSource> {
  const dataDir = dataDirectory(call.options, call.io);
  await requireInit(dataDir);
  const { source } = await chooseSecret(call, 'open');
  return withStoppedNode(dataDir, source, (node) => ({
    evidence: node.evidence(matchSession(call, node.sessions()), salts),
    pins: new Map([...node.peers(), [node.id, node.fingerprint]]),
  }));
}
