/**
 * Exchanges with other members: what each lacks, until neither lacks anything.
 *
 * Purpose: one exchange at a time with each member; what comes up meanwhile is in the next one.
 * Assumes: mail. Does not know: when to exchange, what messages say.
 */
import type { MembershipMessage } from '@tallystick/protocol/membership';
import { type Log, pub, pubError } from '../log/index.ts';
import type { Mail } from '../mail/index.ts';
import { exchangeKind, type Head, maxBatch, parseReply } from './letters.ts';
import type { Roll } from './roll.ts';

/** Letters in one exchange; with full letters, more than any list of members has. */
const maxRounds = 64;

interface Lane {
  /** Something came up while it ran. */
  isStale: boolean;
  readonly done: Promise<boolean>;
}

export class Exchanges {
  private readonly mail: Pick<Mail, 'ask'>;
  private readonly log: Log;
  private readonly take: (roll: Roll, peer: string, messages: readonly unknown[]) => boolean;
  private readonly lanes = new Map<string, Lane>();
  /** What each member was last known to have. */
  private readonly heads = new Map<string, readonly Head[]>();
  private readonly heardFrom = new Set<string>();
  private isClosed = false;

  /** @param take takes messages of a peer; true: one of them was new. */
  constructor(
    mail: Pick<Mail, 'ask'>,
    log: Log,
    take: (roll: Roll, peer: string, messages: readonly unknown[]) => boolean,
  ) {
    this.mail = mail;
    this.log = log;
    this.take = take;
  }

  /** With everybody. True: everybody answered. Never rejects. */
  async reach(roll: Roll): Promise<boolean> {
    const reached = await Promise.all(roll.others().map((peer) => this.with(roll, peer)));
    return reached.every(Boolean);
  }

  /** With one; what is known here when this is called is part of it. Never rejects. */
  with(roll: Roll, peer: string): Promise<boolean> {
    const key = `${roll.id} ${peer}`;
    const running = this.lanes.get(key);
    if (running !== undefined) {
      running.isStale = true;
      return running.done;
    }
    const run = async (): Promise<boolean> => {
      let isReached = true;
      do {
        lane.isStale = false;
        isReached = await this.exchange(roll, peer, key);
      } while (lane.isStale && isReached && !this.isClosed);
      this.lanes.delete(key);
      return isReached;
    };
    const lane: Lane = { isStale: false, done: Promise.resolve().then(run) };
    this.lanes.set(key, lane);
    return lane.done;
  }

  /** A member told us what it has; that counts unless it has more of our own than we do. */
  heard(roll: Roll, heads: readonly Head[]): void {
    const ours = heads.find(({ from }) => from === roll.own.id);
    if ((ours?.said ?? 0) <= roll.own.said) this.heardFrom.add(roll.id);
  }

  /** Whether any other member has spoken since this station started, and it knows all that it said itself. */
  hasHeard(roll: Roll): boolean {
    return this.heardFrom.has(roll.id);
  }

  /** Whether a member is known to have our message of that number. */
  hasTold(roll: Roll, peer: string, sequence: number): boolean {
    const head = this.heads.get(`${roll.id} ${peer}`)?.find(({ from }) => from === roll.own.id);
    return head !== undefined && head.said >= sequence;
  }

  close(): void {
    this.isClosed = true;
  }

  /**
   * The first letter brings what only we can have said. The rest may have come to the other by another way meanwhile:
   * it says so in its heads, and is not told again.
   */
  private firstOrAll(roll: Roll, known: readonly Head[] | undefined, isFirst: boolean): MembershipMessage[] {
    if (known === undefined) return [];
    const lacked = roll.lackedBy(known);
    if (!isFirst) return lacked;
    const own = lacked.filter(({ from }) => from === roll.own.id);
    // These follow from what others said.
    return own.some(({ type }) => type === 'resume' || type === 'accept') ? [] : own;
  }

  private async exchange(roll: Roll, peer: string, key: string): Promise<boolean> {
    try {
      for (let round = 0; round < maxRounds && !this.isClosed; round++) {
        const before = this.heads.get(key);
        const messages = this.firstOrAll(roll, before, round === 0).slice(0, maxBatch);
        const question = { agreement: roll.id, heads: roll.heads(), messages };
        const reply = parseReply(await this.mail.ask(peer, exchangeKind, question));
        if (this.isClosed) return false;
        this.heads.set(key, reply.heads);
        const isNews = this.take(roll, peer, reply.messages);
        this.heard(roll, reply.heads);
        // What they refuse they go on to lack: after the first letter, only what moves is worth another one.
        const hasMoved = round === 0 || JSON.stringify(before) !== JSON.stringify(reply.heads);
        if (!isNews && !(hasMoved && roll.lackedBy(reply.heads).length > 0)) break;
      }
      return true;
    } catch (thrown) {
      this.log.info('membership.unreached', {
        agreement: pub(roll.id),
        peer: pub(peer),
        error: pubError(thrown),
      });
      return false;
    }
  }
}
