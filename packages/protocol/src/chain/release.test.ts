/** What a party sees of a release that is not as agreed. */
import { expect, it } from 'vitest';
import { parsePrivacyPolicy } from '../privacy/index.ts';
import type { ReleasedCounts } from '../wire/index.ts';
import { checkReleaseTerms, releaseView } from './release.ts';

const exactly = [40, 30, 22];
const lists = [{ size: 62 }, { size: 52 }];
/** Bytes that differ from call to call: the draws of a sampler end. */
let drawn = 0;
const random = (length: number): Uint8Array => Uint8Array.from({ length }, () => (drawn += 37) & 0xff);
const noisy = parsePrivacyPolicy({ epsilon: 2, identifiersPerRecord: 1, minCount: 5 });
const least = parsePrivacyPolicy({ minCount: 25 });

const cases = [
  { privacy: noisy, padTo: null },
  { privacy: least, padTo: null },
  { privacy: null, padTo: 2 },
  { privacy: least, padTo: 2 },
];

it('passes what an honest collector releases', () => {
  for (const terms of cases) {
    const { release } = releaseView(exactly, lists, terms, random);
    expect(() => checkReleaseTerms(release, lists, terms)).not.toThrow();
  }
});

it.each<[string, number, (release: ReleasedCounts) => ReleasedCounts]>([
  ['no noise', 0, (release) => ({ ...release, noise: null })],
  ['less noise', 0, (release) => ({ ...release, noise: { mechanism: 'laplace', scale: '1/2' } })],
  [
    'noise that nobody agreed to',
    1,
    (release) => ({ ...release, noise: { mechanism: 'laplace', scale: '3/2' } }),
  ],
  ['a number below the minimum', 1, (release) => ({ ...release, exactly: [40, 30, 22] })],
  ['a number of one padded list', 2, (release) => ({ ...release, exactly: [40, 'padded', 22] })],
  ['the size of a padded list', 2, (release) => ({ ...release, atLeast: [62, 'padded', 22] })],
  ['a union of padded lists', 2, (release) => ({ ...release, inAtLeast: [92, 22] })],
])('finds %s', (_, at, change) => {
  const terms = cases[at] ?? { privacy: null, padTo: null };
  const { release } = releaseView(exactly, lists, terms, random);
  expect(() => checkReleaseTerms(change(release), lists, terms)).toThrow(/^view\.release: /);
});
