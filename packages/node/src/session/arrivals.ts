/**
 * How many proposals of one peer are written down.
 *
 * Purpose: a proposal leaves several entries in the audit log and a record, whatever becomes of it; a peer that sends
 * them without end would fill the disk. So many an hour that nobody here consented to, and no more: what comes after is
 * turned away before anything is written, and counted (host/audit, attempts).
 * Assumes: whose proposal it is was proved. Does not know: why a proposal came to nothing. Kept in memory: a start gives
 * everybody a new hour, and nobody but the operator starts a node.
 */
const windowMs = 3_600_000;
/** Of one peer: more than people look at in an hour. */
export const mostArrivals = 60;

export class Arrivals {
  private readonly peers = new Map<string, { endsMs: number; open: number }>();

  /** False: too many of this peer within the hour. Peers are pinned ones, so they are few. */
  take(peer: string, nowMs: number): boolean {
    const known = this.peers.get(peer);
    // A clock that was set back does not make an hour longer.
    const isOver = known === undefined || nowMs >= known.endsMs || nowMs < known.endsMs - windowMs;
    const count = isOver ? { endsMs: nowMs + windowMs, open: 0 } : known;
    this.peers.set(peer, count);
    if (count.open >= mostArrivals) return false;
    count.open += 1;
    return true;
  }

  /** We consented to one of them: it does not count. */
  consented(peer: string): void {
    const known = this.peers.get(peer);
    if (known !== undefined && known.open > 0) known.open -= 1;
  }
}
