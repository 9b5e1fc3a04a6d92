/**
 * The plan of a session: which streams a party takes in and sends out, as data.
 *
 * Purpose: docs/protocol.md's two forms in one table each; the machine only follows it.
 * Assumes: parties are ordered by node id; `self` is an index. Does not know: bytes, messages.
 */
import type { Agreement, Form } from '../agreement/ephemeral.ts';
import type { StreamKind } from '../wire/frames.ts';

interface Planned {
  readonly kind: StreamKind;
  readonly list: number;
  readonly hop: number;
  /** Index of the party at the other end. */
  readonly peer: number;
}

export interface PlannedIn extends Planned {
  /** Which job a chunk becomes. */
  readonly use: 'hop' | 'peer' | 'returned' | 'own';
  /** The outbound stream that takes the job's answer; null where the answer stays here. */
  readonly forward: { readonly kind: StreamKind; readonly hop: number } | null;
}

export interface Plan {
  readonly inbound: readonly PlannedIn[];
  readonly outbound: readonly Planned[];
}

/**
 * Whether what comes back of a list is proved to its owner; if so, the owner may ask every hop for one evaluation more
 * than its list has elements (docs/protocol.md, One evaluation more).
 */
export function isProved({ verified, form, output, parties }: Agreement, list: number): boolean {
  if (!verified) return false;
  return form === 'sealed' || (output.kind === 'matches' && output.to.includes(parties[list]?.id ?? ''));
}

/**
 * @param parties number of parties
 * @param receivers indexes of the parties that get matches (form `direct`)
 */
export function planStreams(form: Form, parties: number, self: number, receivers: ReadonlySet<number>): Plan {
  return form === 'direct' ? planDirect(self, receivers) : planSealed(parties, self);
}

/** Own stream out, the peer's in; each comes back as tags where its owner is a receiver. */
function planDirect(self: number, receivers: ReadonlySet<number>): Plan {
  const peer = 1 - self;
  const peerReceives = receivers.has(peer);
  const inbound: PlannedIn[] = [
    {
      kind: 'stream',
      list: peer,
      hop: 0,
      peer,
      use: 'peer',
      forward: peerReceives ? { kind: 'returned', hop: 1 } : null,
    },
  ];
  const outbound: Planned[] = [{ kind: 'stream', list: self, hop: 0, peer }];
  if (peerReceives) outbound.push({ kind: 'returned', list: peer, hop: 1, peer });
  if (receivers.has(self)) {
    inbound.push({ kind: 'returned', list: self, hop: 1, peer, use: 'returned', forward: null });
  }
  return { inbound, outbound };
}

/** Every list goes once round: from its owner i through i+1, …, i−1 and back to i. */
function planSealed(parties: number, self: number): Plan {
  const from = (self - 1 + parties) % parties;
  const to = (self + 1) % parties;
  const inbound: PlannedIn[] = [];
  const outbound: Planned[] = [{ kind: 'stream', list: self, hop: 0, peer: to }];
  for (let list = 0; list < parties; list++) {
    if (list === self) {
      inbound.push({ kind: 'stream', list, hop: parties - 1, peer: from, use: 'own', forward: null });
      continue;
    }
    const hop = (self - list + parties) % parties;
    inbound.push({
      kind: 'stream',
      list,
      hop: hop - 1,
      peer: from,
      use: 'hop',
      forward: { kind: 'stream', hop },
    });
    outbound.push({ kind: 'stream', list, hop, peer: to });
  }
  return { inbound, outbound };
}
