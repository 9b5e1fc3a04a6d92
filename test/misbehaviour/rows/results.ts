/**
 * Rows of everything after the barrier: sentinels, tags, views, marks, done.
 */
import { createHash } from 'node:crypto';
import { domainHash, frameHeaderBytes, type MessageOf } from '@tallystick/protocol/wire';
import { type Change, chunk, message, messageOf, payload, sends, signedFrame, withByte } from '../frames.ts';
import { ends, undetected, without } from '../outcomes.ts';
import type { Play } from '../play.ts';
import type { Outcome, Row } from '../row.ts';
import { ahead, change, flipped, hex, zeros } from './change.ts';

const party = ['party', 'beta', 'counts'] as const;
const collector = ['collector', 'coordinator', 'counts'] as const;
const tell = (
  check: string,
  code: 'chain.count' | 'consent.mismatch' | 'wire.message' | 'wire.order' = 'chain.count',
): Outcome => ends(code, check, ['alpha', 'beta', 'gamma']);
type Counts = readonly number[];
const counted = ({ exactly }: MessageOf<'view'>): Counts => exactly ?? [];
/** Numbers that still add up to every list: one of those on the first two lists is told as two, each on one alone. */
export const moved = (counts: Counts): number[] => counts.map((count, i) => count + ([1, 1, -1][i] ?? 0));
const sums = 'the counts add up to the announced sizes';
const agreed = 'a release is as agreed';
type Release = NonNullable<MessageOf<'view'>['release']>;
const released = (body: MessageOf<'view'>, by: (release: Release) => Partial<Release>) => ({
  release: { ...(body.release as Release), ...by(body.release as Release) },
});
const viewOf = (setting: string) => ['collector', 'coordinator', setting] as const;

const viewRows: readonly Row[] = [
  change(
    'view-count',
    collector,
    ['view'],
    'changes one count',
    (body) => ({ exactly: counted(body).with(0, (counted(body)[0] ?? 0) + 1) }),
    tell(sums),
  ),
  change(
    'view-short',
    collector,
    ['view'],
    'leaves a combination out',
    (body) => ({ exactly: counted(body).slice(1) }),
    tell(sums),
  ),
  change(
    'view-moved',
    collector,
    ['view'],
    'changes counts so that they add up, the same for all',
    (body) => ({ exactly: moved(counted(body)) }),
    undetected('A collector that lies', 'counts are wrong'),
  ),
  change(
    'view-moved-one',
    collector,
    ['view', 'alpha'],
    'changes counts so that they add up, for one party',
    (body) => ({ exactly: moved(counted(body)) }),
    tell('all sign one view', 'consent.mismatch'),
  ),
  change(
    'view-salt',
    collector,
    ['view', 'alpha'],
    'gives one party another salt',
    () => ({ salt: zeros(32) }),
    tell('all sign one view', 'consent.mismatch'),
  ),
  change(
    'view-transcript',
    collector,
    ['view'],
    'names another transcript',
    () => ({ transcript: zeros(32) }),
    tell('all sign one transcript', 'consent.mismatch'),
  ),
  change(
    'view-numbers',
    viewOf('matches'),
    ['view'],
    'tells numbers where nobody is to learn any',
    () => ({ exactly: [0, 0, 0, 0, 0, 0, 0] }),
    tell('a view is what the output asks for', 'wire.message'),
  ),
  change(
    'view-exact',
    viewOf('withheld'),
    ['view'],
    'tells exact counts where small ones are withheld',
    () => ({ exactly: [1, 1, 1, 1, 1, 1, 1], release: null }),
    tell('a view is what the output asks for', 'wire.message'),
  ),
  change(
    'view-small',
    viewOf('withheld'),
    ['view'],
    'tells a number below the minimum',
    (body) => released(body, ({ exactly }) => ({ exactly: exactly.with(6, 1) })),
    tell(agreed),
  ),
  change(
    'view-large',
    viewOf('withheld'),
    ['view'],
    'tells a number above the announced sizes',
    (body) => released(body, ({ atLeast }) => ({ atLeast: atLeast.with(6, 1000) })),
    tell(agreed),
  ),
  change(
    'view-padded',
    viewOf('padded'),
    ['view'],
    'tells a number of one padded list',
    (body) => released(body, ({ exactly }) => ({ exactly: exactly.with(0, 1) })),
    tell(agreed),
  ),
  change(
    'view-noise',
    viewOf('noised'),
    ['view'],
    'names less noise than agreed',
    (body) => released(body, () => ({ noise: { mechanism: 'laplace', scale: '1/9' } })),
    tell(agreed),
    { time: 'tick' },
  ),
  {
    id: 'view-early',
    role: 'collector',
    setting: 'counts',
    message: '`view`',
    deed: 'sends it before a party’s tags are all sent',
    by: ['coordinator'],
    deviate: ahead('coordinator', message('credit', 'alpha'), () => ({
      type: 'view',
      transcript: zeros(32),
      exactly: [0, 0, 0, 0, 0, 0, 0],
      release: null,
      cells: null,
      salt: zeros(32),
    })),
    outcome: ends('wire.order', 'a view comes after the tags', ['alpha']),
  },
  change(
    'done-transcript',
    party,
    ['done'],
    'names another transcript',
    () => ({ transcript: zeros(32) }),
    ends('consent.mismatch', 'all sign one transcript', without('beta'), undefined, {
      keeps: ['beta'],
      section: 'Fairness',
    }),
  ),
  change(
    'done-view',
    party,
    ['done'],
    'commits to another view',
    () => ({ view: zeros(32) }),
    ends('consent.mismatch', 'all sign one view', without('beta'), undefined, {
      keeps: ['beta'],
      section: 'Fairness',
    }),
  ),
];

const sentinelsMissing = ends('chain.sentinel', 'sentinels are on every list, and the same for all', [
  'coordinator',
]);

/** A tag that nobody has, in its place: the one after it. */
export function nextTag(tag: Uint8Array): Uint8Array {
  const out = tag.slice();
  const last = out.length - 1;
  out[last] = (out[last] as number) ^ 1;
  return out;
}

/** beta sends the collector other tags where `which` says so of a tag: a sentinel, or one of its own names. */
function otherTags(which: (isSentinel: boolean) => boolean) {
  return (play: Play): void => {
    let sentinels: string[] = [];
    const steps = play.vault('beta');
    steps.sortTags = async (sorted) => {
      const tags = (await sorted()) as Uint8Array;
      sentinels = split(tags, tags.length / 4).map(hex);
      return tags;
    };
    steps.readSortedTags = async (read, args) => {
      const tags = (await read()) as Uint8Array;
      const unit = tags.length / (args[2] as number);
      const changed = split(tags, unit).map((tag) =>
        which(sentinels.includes(hex(tag))) ? nextTag(tag) : tag,
      );
      play.fired += 1;
      return new Uint8Array(Buffer.concat(changed));
    };
  };
}

export function split(bytes: Uint8Array, unit: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += unit) parts.push(bytes.slice(at, at + unit));
  return parts;
}

/** A collector gives other marks than it found, and commits to what it sent. */
export const marks =
  (collector: string, change: (byte: number) => number) =>
  (play: Play): void => {
    const streams = new Map<string, Uint8Array[]>();
    const turned: Change = payload((bytes) => bytes.map(change));
    play.send(collector, (peer, frame) => {
      if (chunk({ kind: 'marks' })(frame, peer)) {
        const [out] = turned(frame, play) as [Uint8Array];
        streams.set(peer, [...(streams.get(peer) ?? []), out.slice(frameHeaderBytes)]);
        play.fired += 1;
        return [out];
      }
      const body = messageOf(frame);
      if (body?.type !== 'seal') return undefined;
      const hash = createHash('sha256')
        .update(Buffer.concat(streams.get(peer) ?? []))
        .digest();
      const place = new TextEncoder().encode(`${body.kind}/${body.list}/${body.hop}`);
      const commitment = hex(domainHash('stream', Buffer.from(body.salt, 'hex'), place, hash));
      return [signedFrame(play, collector, { ...body, commitment })];
    });
  };

const tags = { role: 'owner', setting: 'counts', by: ['beta'], message: 'tags of `tags/1/0`' } as const;
const tagRows: readonly Row[] = [
  change(
    'sentinels-other',
    party,
    ['sentinels'],
    'names other tags',
    ({ tags: text }) => ({ tags: flipped(text) }),
    ends('chain.sentinel', 'sentinels are the same for all', ['coordinator'], 'the two that differ'),
  ),
  change(
    'sentinels-less',
    party,
    ['sentinels'],
    'names one less',
    ({ tags: text }) => ({ tags: text.slice(14) }),
    sentinelsMissing,
  ),
  {
    ...tags,
    id: 'tags-sentinel',
    deed: 'sends another tag in place of a sentinel’s',
    deviate: otherTags((isSentinel) => isSentinel),
    outcome: sentinelsMissing,
  },
  {
    ...tags,
    id: 'tags-other',
    deed: 'sends other tags than its list’s, but the sentinels',
    deviate: otherTags((isSentinel) => !isSentinel),
    outcome: undetected(
      'An owner or a collector that lies about tags',
      'nothing of its list counts as shared',
    ),
  },
  {
    ...tags,
    id: 'tags-bits',
    message: 'chunk of `tags/1/0`',
    deed: 'sets a bit after the last tag',
    deviate: sends(
      'beta',
      chunk({ kind: 'tags', list: 1, hop: 0, chunk: 0 }),
      withByte(-1, (byte) => byte | 1),
      'first',
    ),
    outcome: ends('chain.tag', 'tags have one coding', ['coordinator']),
  },
  {
    id: 'marks-turned',
    role: 'collector',
    setting: 'matches',
    message: 'marks of `marks/0/0`',
    deed: 'marks what does not match, and not what does',
    by: ['coordinator'],
    deviate: marks('coordinator', (byte) => byte ^ 1),
    outcome: ends('chain.sentinel', 'a sentinel is no match', ['alpha', 'beta']),
  },
  {
    id: 'marks-cleared',
    role: 'collector',
    setting: 'matches',
    message: 'marks of `marks/0/0`',
    deed: 'marks nothing, whatever matches',
    by: ['coordinator'],
    deviate: marks('coordinator', () => 0),
    outcome: undetected('A collector that lies', 'nothing matches'),
  },
  {
    id: 'marks-unknown',
    role: 'collector',
    setting: 'matches',
    message: 'chunk of `marks/0/0`',
    deed: 'gives a mark that there is not',
    by: ['coordinator'],
    deviate: sends(
      'coordinator',
      chunk({ kind: 'marks', list: 0 }),
      payload((bytes) => bytes.map(() => 7)),
      'first',
    ),
    outcome: ends('wire.message', 'a mark says whether, and nothing else', ['alpha']),
  },
];

export const resultRows: readonly Row[] = [...viewRows, ...tagRows];
