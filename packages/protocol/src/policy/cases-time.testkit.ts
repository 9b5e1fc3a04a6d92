/** Cases about time (clauses-time.ts). */
import type { Case } from './cases.testkit.ts';
import { standingId } from '../agreement/signed.ts';
import { instantMs } from '../agreement/instant.ts';
import { hashOf } from './world-agreement.testkit.ts';
import { hour, minute, nowMs, type World } from './world.testkit.ts';

const start = instantMs('2027-01-01T00:00:00Z') as number;
const end = instantMs('2028-01-01T00:00:00Z') as number;

/** The world at another time, with everything that was heard heard just as lately. */
function at(time: number) {
  return (world: World): void => {
    const shift = time - world.nowMs;
    world.nowMs = time;
    world.request.createdAtMs += shift;
    world.request.expiresAtMs += shift;
    if (world.state.membership.heardAtMs !== null) world.state.membership.heardAtMs += shift;
    for (const word of world.state.membership.notSuspended) word.atMs += shift;
    const { log } = world.state;
    for (const heard of [log, ...log.partners]) {
      if (heard.witnessedAtMs !== null) heard.witnessedAtMs += shift;
    }
  };
}

/** Another version that the node holds. */
const holds =
  (version: number, notBeforeMs: number, name = 'another version') =>
  (world: World) =>
    void world.state.versions.push({ id: hashOf(name), version, notBeforeMs });

export const timeCases: readonly Case[] = [
  { name: 'as it is: matches of two', base: 'pair', edit: () => undefined, want: [] },
  { name: 'as it is: counts of three', base: 'numbers', edit: () => undefined, want: [] },
  { name: 'as it is: an emergency', base: 'threat', edit: () => undefined, want: [] },
  {
    name: 'a request under another agreement',
    base: 'pair',
    edit: (w) => void (w.request.agreement = hashOf('another agreement')),
    want: ['agreement.other agreement'],
  },
  {
    name: 'a millisecond before it begins',
    base: 'pair',
    edit: at(start - 1),
    want: ['time.not-yet notBefore'],
  },
  { name: 'as it begins', base: 'pair', edit: at(start), want: [] },
  {
    name: 'the proposal expires as the agreement ends',
    base: 'pair',
    edit: (w) => (at(end - hour)(w), void (w.request.expiresAtMs = end)),
    want: [],
  },
  {
    name: 'the proposal expires a millisecond later',
    base: 'pair',
    edit: (w) => (at(end - hour)(w), void (w.request.expiresAtMs = end + 1)),
    want: ['time.beyond-end notAfter'],
  },
  {
    name: 'a millisecond before it ends',
    base: 'pair',
    edit: (w) => (at(end - 1)(w), void (w.request.expiresAtMs = end)),
    want: [],
  },
  {
    name: 'as it ends',
    base: 'pair',
    edit: at(end),
    want: ['time.over notAfter', 'time.beyond-end notAfter'],
  },
  {
    name: 'renewed by all, from the next millisecond on',
    base: 'pair',
    edit: (w) => void w.state.membership.renewed.push({ next: hashOf('next'), fromMs: nowMs + 1 }),
    want: [],
  },
  {
    name: 'renewed by all, from now on',
    base: 'pair',
    edit: (w) => void w.state.membership.renewed.push({ next: hashOf('next'), fromMs: nowMs }),
    want: ['version.renewed version'],
  },
  { name: 'a later version, not yet in force', base: 'pair', edit: holds(3, nowMs + 1), want: [] },
  {
    name: 'a later version, in force',
    base: 'pair',
    edit: holds(3, nowMs),
    want: ['version.superseded version'],
  },
  {
    name: 'another agreement of the same version',
    base: 'pair',
    edit: holds(2, nowMs),
    want: ['version.conflict version'],
  },
  {
    name: 'this very agreement is held',
    base: 'pair',
    edit: (w) => void w.state.versions.push({ id: standingId(w.agreement), version: 2, notBeforeMs: 0 }),
    want: [],
  },
  { name: 'another first version', base: 'pair', edit: holds(1, 0), want: ['version.other-line supersedes'] },
  {
    name: 'a millisecond before the proposal expires',
    base: 'pair',
    edit: (w) => void (w.request.expiresAtMs = nowMs + 1),
    want: [],
  },
  {
    name: 'as the proposal expires',
    base: 'pair',
    edit: (w) => void (w.request.expiresAtMs = nowMs),
    want: ['proposal.expired caps.proposalMinutes'],
  },
  {
    name: 'open for as long as permitted',
    base: 'pair',
    edit: (w) => void (w.request.expiresAtMs = w.request.createdAtMs + 120 * minute),
    want: [],
  },
  {
    name: 'open for a millisecond longer',
    base: 'pair',
    edit: (w) => void (w.request.expiresAtMs = w.request.createdAtMs + 120 * minute + 1),
    want: ['proposal.too-long caps.proposalMinutes'],
  },
  {
    name: 'made in the future, within the tolerance',
    base: 'pair',
    edit: (w) => void (w.request.createdAtMs = nowMs + minute),
    want: [],
  },
  {
    name: 'made in the future, beyond the tolerance',
    base: 'pair',
    edit: (w) => void (w.request.createdAtMs = nowMs + minute + 1),
    want: ['proposal.from-future freshness.clockSeconds'],
  },
  {
    name: 'another nonce was seen',
    base: 'pair',
    edit: (w) => void w.state.noncesSeen.push(hashOf('another nonce')),
    want: [],
  },
  {
    name: 'the nonce was seen',
    base: 'pair',
    edit: (w) => void w.state.noncesSeen.push(hashOf('nonce')),
    want: ['proposal.replayed caps.proposalMinutes'],
  },
  {
    name: 'our clock jumped',
    base: 'pair',
    edit: (w) => void (w.state.clock.trusted = false),
    want: ['clock.jumped freshness.clockSeconds'],
  },
  ...[60_000, -60_000].map((offsetMs) => ({
    name: `a partner's clock off by ${offsetMs} ms`,
    base: 'pair' as const,
    edit: (w: World) => void (w.state.clock.offsets = [{ peer: 'alba', offsetMs }]),
    want: [],
  })),
  ...[60_001, -60_001].map((offsetMs) => ({
    name: `a partner's clock off by ${offsetMs} ms`,
    base: 'pair' as const,
    edit: (w: World) => void (w.state.clock.offsets = [{ peer: 'alba', offsetMs }]),
    want: ['clock.off freshness.clockSeconds'],
  })),
  {
    name: "the collector's clock is unknown",
    base: 'numbers',
    edit: (w) => void (w.state.clock.offsets = w.state.clock.offsets.filter(({ peer }) => peer !== 'hub')),
    want: ['clock.unknown freshness.clockSeconds'],
  },
];
