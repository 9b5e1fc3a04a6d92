/**
 * The rows of the country table, computed from the installed i18n-iso-countries.
 *
 * Purpose: shared by the generator and the test that holds the committed table to the package.
 * Assumes: the package's English names are registered by its Node entry.
 * Does not know: where the table is kept.
 */
import { foldTokens } from '@tallystick/protocol/records';
import countries from 'i18n-iso-countries';

export function countryRowsFrom(): string[] {
  const names = countries.getNames('en', { select: 'all' });
  return Object.keys(countries.getAlpha2Codes())
    .sort()
    .map((two) => {
      const three = countries.alpha2ToAlpha3(two) ?? '';
      const keys = (names[two] ?? []).map((name) =>
        foldTokens(name)
          .filter((token) => !['the', 'of', 'and'].includes(token))
          .join(' '),
      );
      return `${two}|${three}|${[...new Set(keys)].join(',')}`;
    });
}
