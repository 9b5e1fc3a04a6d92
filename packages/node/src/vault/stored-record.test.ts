/** A record comes out of its pieces as it went in, with everything that it may have. */
import type { WatchlistRecord } from '@tallystick/protocol/records';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packRecord, unpackRecord } from './stored-record.ts';

const text = fc.string({ unit: 'grapheme' });
const record = fc.record(
  {
    id: text,
    subject: fc.constantFrom('person', 'organisation', 'vessel', 'aircraft', 'other'),
    names: fc.array(fc.record({ text, quality: fc.constantFrom('good', 'low') })),
    birthDates: fc.array(
      fc.record(
        { kind: fc.constantFrom('day', 'year', 'circa', 'range'), from: text, to: text },
        { requiredKeys: ['kind', 'from'] },
      ),
    ),
    documents: fc.array(
      fc.record(
        { kind: fc.constantFrom('passport', 'national-id', 'other'), number: text, country: text },
        { requiredKeys: ['kind', 'number'] },
      ),
    ),
    labels: fc.dictionary(text, fc.array(text)),
  },
  { requiredKeys: ['id', 'subject', 'names', 'birthDates', 'documents'], noNullPrototype: true },
);

it('a record that was packed, written and read is the same', () => {
  fc.assert(
    fc.property(record, (one) => {
      const written = JSON.stringify(packRecord(one as WatchlistRecord));
      const read = unpackRecord(JSON.parse(written) as ReturnType<typeof packRecord>);
      expect(JSON.parse(JSON.stringify(read))).toEqual(JSON.parse(JSON.stringify(one)));
      expect(Object.keys(read)).toEqual(
        ['id', 'subject', 'names', 'birthDates', 'documents', 'labels'].filter((key) => key in one),
      );
    }),
    { endOnFailure: true },
  );
});
