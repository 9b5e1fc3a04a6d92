/**
 * The transition table: which message is due in which state, for each role, as data.
 *
 * Purpose: the order of a session in one place. A station looks a message up here before anything else reads it;
 * `test` sweeps every (role, state, message).
 * Assumes: a message's sender is known (pinned TLS). Does not know: what a message does.
 *
 *   waiting → offered → consenting → freezing → streaming → barrier → collecting → closing → done
 *      any of them → aborted
 *
 * `collecting` is of the sealed form only; a collector goes from `freezing` to `barrier` at once.
 */
import type { StreamKind } from '../wire/frames.ts';
import type { MessageType } from '../wire/messages.ts';

export type Role = 'direct' | 'sealed' | 'collector';

export const states = [
  'waiting',
  'offered',
  'consenting',
  'freezing',
  'streaming',
  'barrier',
  'collecting',
  'closing',
  'done',
  'aborted',
] as const;

export type State = (typeof states)[number];

/** What a binary chunk or a JSON message is called in the table. */
export type Event = MessageType | `chunk-${StreamKind}`;

/**
 * - `take`: read it now;
 * - `hold`: due, but this station is not there yet (channels of different peers are not ordered among each other);
 * - `refuse`: nobody who follows the protocol sends it now: `wire.order`;
 * - `drop`: the session is over here; the sender may not know yet.
 */
export type Verdict = 'take' | 'hold' | 'refuse' | 'drop';

type Row = Partial<Record<State, Verdict>>;
type Table = Readonly<Record<Event, Row>>;

const over: Row = { done: 'drop', aborted: 'drop' };
const always: Row = {
  waiting: 'take',
  offered: 'take',
  consenting: 'take',
  freezing: 'take',
  streaming: 'take',
  barrier: 'take',
  collecting: 'take',
  closing: 'take',
  ...over,
};
const opening = {
  proposal: { waiting: 'take', ...over },
  consent: { waiting: 'hold', offered: 'take', consenting: 'take', ...over },
  /** One who decides not to start has consented; others may have heard every consent before. */
  refusal: { waiting: 'hold', offered: 'take', consenting: 'take', freezing: 'take', ...over },
  freeze: { waiting: 'hold', offered: 'hold', consenting: 'hold', freezing: 'take', ...over },
  alive: always,
  abort: always,
} as const satisfies Partial<Table>;
const never: Row = over;
const flowing: Row = { streaming: 'take', barrier: 'take', collecting: 'take', closing: 'take', ...over };
/** A sender that already holds every freeze may be ahead of a station that does not. */
const stream: Row = { freezing: 'hold', streaming: 'take', ...over };
/** A question may come twice: who answered it the first time may have gone ahead to its barrier. */
const asked: Row = { streaming: 'take', barrier: 'take', ...over };

const tables: Readonly<Record<Role, Table>> = {
  direct: {
    ...opening,
    'chunk-stream': stream,
    'chunk-returned': stream,
    'chunk-tags': never,
    'chunk-labels': never,
    seal: stream,
    credit: flowing,
    prove: asked,
    proof: { streaming: 'take', ...over },
    barrier: { streaming: 'take', barrier: 'take', ...over },
    sentinels: never,
    seed: never,
    share: never,
    'chunk-marks': never,
    view: never,
    done: { closing: 'take', ...over },
  },
  sealed: {
    ...opening,
    'chunk-stream': stream,
    'chunk-returned': never,
    'chunk-tags': never,
    'chunk-labels': never,
    'chunk-marks': { collecting: 'take', ...over },
    seal: { ...stream, collecting: 'take' },
    credit: flowing,
    prove: asked,
    proof: { streaming: 'take', ...over },
    barrier: { streaming: 'take', barrier: 'take', ...over },
    sentinels: never,
    seed: never,
    share: never,
    view: { collecting: 'take', ...over },
    done: { collecting: 'hold', closing: 'take', ...over },
  },
  collector: {
    ...opening,
    'chunk-stream': never,
    'chunk-returned': never,
    'chunk-tags': { barrier: 'hold', collecting: 'take', ...over },
    'chunk-labels': { barrier: 'hold', collecting: 'take', ...over },
    'chunk-marks': never,
    seal: { barrier: 'hold', collecting: 'take', ...over },
    sentinels: { barrier: 'hold', collecting: 'take', ...over },
    // Who holds every freeze may be ahead of the other collector, and behind the parties.
    seed: { freezing: 'hold', barrier: 'take', collecting: 'take', ...over },
    share: { freezing: 'hold', barrier: 'take', collecting: 'take', ...over },
    prove: never,
    proof: never,
    credit: { collecting: 'take', closing: 'take', ...over },
    barrier: { freezing: 'hold', barrier: 'take', ...over },
    view: never,
    done: { closing: 'take', ...over },
  },
};

/** What a station of this role does with this event in this state. Total: whatever is not listed is refused. */
export function verdict(role: Role, state: State, event: Event): Verdict {
  return tables[role][event][state] ?? 'refuse';
}
