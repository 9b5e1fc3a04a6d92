/**
 * Mail that is sent until it is answered.
 *
 * Purpose: what must reach a station that may be away: kept before anybody relies on it, sent at once, then again with
 * growing pauses, over starts too, until the station has answered or the time for it is over.
 * Assumes: what is asked may be asked twice. Does not know: what is asked.
 */
import { asTallyError } from '@tallystick/protocol/errors';
import type { Clock } from '../clock/index.ts';
import { type Log, pub } from '../log/index.ts';
import type { Mail } from '../mail/index.ts';
import type { Sealer } from '../seal/index.ts';
import type { Store } from '../store/index.ts';

export interface OutboxItem {
  readonly to: string;
  /** Of the letter, as `oversight.request`. */
  readonly kind: string;
  /** What the letter is about: one letter of a kind about one thing to one station. */
  readonly about: string;
  /** Plain JSON. */
  readonly body: unknown;
  /** Not sent any more from then on. */
  readonly untilMs: number;
}

export interface OutboxOptions {
  readonly store: Store;
  /** Opens with the data key of the store. */
  readonly sealer: Sealer;
  readonly mail: Pick<Mail, 'ask'>;
  readonly clock: Clock;
  readonly log: Log;
  /** What a station answered. What it throws counts as no answer. */
  onAnswer(item: OutboxItem, answer: unknown): void;
}

export interface Outbox {
  /** Durable when it returns; the letter leaves soon. @throws TallyError `store.write`. */
  post(item: OutboxItem): void;
  /** What has not been answered yet. */
  readonly waiting: readonly OutboxItem[];
  /** Sends what waits, now. Never rejects. */
  flush(): Promise<void>;
  /** Nothing is sent any more. Idempotent. */
  close(): void;
}

const collection = 'outbox';
const firstPauseMs = 2_000;
const longestPauseMs = 60_000;

const placeOf = ({ to, kind, about }: OutboxItem): string => `${kind}/${to}/${about}`;

export function createOutbox({ store, sealer, mail, clock, log, onAnswer }: OutboxOptions): Outbox {
  const items = new Map<string, OutboxItem>();
  for (const { key, value } of store.list(collection)) {
    const { sealed } = value as { sealed: string };
    const plain = sealer.unseal(Buffer.from(sealed, 'base64'), `outbox/${key}`);
    items.set(key, JSON.parse(new TextDecoder().decode(plain)) as OutboxItem);
  }
  const sending = new Map<string, Promise<void>>();
  let pauseMs = firstPauseMs;
  let cancel: () => void = () => undefined;
  let isClosed = false;

  const drop = (place: string, item: OutboxItem): void => {
    if (items.get(place) !== item) return; // another letter took its place meanwhile
    items.delete(place);
    store.delete(collection, place);
  };

  const send = async (place: string, item: OutboxItem): Promise<void> => {
    try {
      const answer = await mail.ask(item.to, item.kind, item.body);
      if (isClosed) return;
      onAnswer(item, answer);
      drop(place, item);
    } catch (thrown) {
      log.info('outbox.unanswered', {
        to: pub(item.to),
        kind: pub(item.kind),
        code: pub(asTallyError(thrown).code),
      });
    }
  };

  const sendOnce = (place: string, item: OutboxItem): Promise<void> => {
    const known = sending.get(place);
    if (known !== undefined) return known;
    const sent = send(place, item).finally(() => sending.delete(place));
    sending.set(place, sent);
    return sent;
  };

  const again = (): void => {
    cancel();
    if (isClosed || items.size === 0) return;
    cancel = clock.setTimer(clock.nowMs() + pauseMs, () => {
      pauseMs = Math.min(2 * pauseMs, longestPauseMs);
      void flush();
    });
  };

  const flush = async (): Promise<void> => {
    if (isClosed) return;
    for (const [place, item] of items) if (clock.nowMs() >= item.untilMs) drop(place, item);
    await Promise.all([...items].map(([place, item]) => sendOnce(place, item)));
    again();
  };

  void flush();
  return {
    post(item) {
      const place = placeOf(item);
      const plain = new TextEncoder().encode(JSON.stringify(item));
      const sealed = Buffer.from(sealer.seal(plain, `outbox/${place}`)).toString('base64');
      store.put(collection, place, { sealed });
      items.set(place, item);
      pauseMs = firstPauseMs;
      void flush();
    },
    get waiting() {
      return [...items.values()];
    },
    flush,
    close() {
      isClosed = true;
      cancel();
    },
  };
}
