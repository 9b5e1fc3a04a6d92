/**
 * What changed between two agreements, in words.
 *
 * Purpose: one sentence a change, under the clause's heading: added, removed, changed from what to what, and whether
 * a number became looser or stricter. Members of sets are matched by what names them, not by their place.
 * Assumes: two agreements that were checked. Does not know: which one is in force.
 */
import { standingClauses, type StandingAgreement } from '@tallystick/protocol/agreement';
import { clauseWords, directionOf, wordsOf } from './words.ts';

export interface Change {
  readonly clause: keyof StandingAgreement;
  /** Path with the names of members: `parties.north.officers.ana.role`. */
  readonly path: string;
  readonly sentence: string;
  readonly direction: 'looser' | 'stricter' | undefined;
}

type Value = unknown;
type Fields = Record<string, Value>;

const isFields = (value: Value): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What names a member of a set of objects. */
function nameOf(member: Fields): string {
  if (typeof member['id'] === 'string') return member['id'];
  if (typeof member['party'] === 'string')
    return `${member['party']}, ${String(member['category'])}, ${String(member['subject'])}`;
  return `${String(member['jurisdiction'])}, ${String(member['citation'])}`;
}

function textOf(value: Value): string {
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return value.toLocaleString('en-US');
  if (Array.isArray(value)) return value.map((one) => (isFields(one) ? nameOf(one) : textOf(one))).join(', ');
  return Object.entries(value as Fields)
    .map(([field, one]) => `${field} ${textOf(one)}`)
    .join(', ');
}

interface Place {
  readonly clause: keyof StandingAgreement;
  /** Fields only, for the words. */
  readonly field: string;
  readonly path: string;
  /** `party north`, for the sentence; empty at the top of a clause. */
  readonly of: string;
}

const same = (a: Value, b: Value): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

/** Order of fields and of members of a set means nothing. */
function sorted(value: Value): Value {
  if (Array.isArray(value))
    return value
      .map(sorted)
      .map((one) => JSON.stringify(one))
      .sort(byText);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => byText(a, b))
      .map(([field, one]) => [field, sorted(one)]),
  );
}

const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function* compare(from: Value, to: Value, place: Place): Generator<Change> {
  if (same(from, to)) return;
  if (isFields(from) && isFields(to)) {
    for (const field of new Set([...Object.keys(from), ...Object.keys(to)])) {
      yield* compare(from[field], to[field], {
        ...place,
        field: `${place.field}.${field}`,
        path: `${place.path}.${field}`,
      });
    }
    return;
  }
  if (Array.isArray(from) && Array.isArray(to))
    return yield* compareSets(from as Value[], to as Value[], place);
  const direction = directionOf(place.field, from, to);
  const subject = place.of === '' ? wordsOf(place.field) : `${place.of}: ${wordsOf(place.field)}`;
  const mark = direction === undefined ? '' : ` (${direction})`;
  yield {
    clause: place.clause,
    path: place.path,
    sentence: `${subject}: from ${textOf(from)} to ${textOf(to)}${mark}`,
    direction,
  };
}

function* compareSets(from: readonly Value[], to: readonly Value[], place: Place): Generator<Change> {
  const name = (value: Value): string => (isFields(value) ? nameOf(value) : textOf(value));
  const prefix = place.of === '' ? '' : `${place.of}, ${wordsOf(place.field)}: `;
  for (const before of from) {
    const after = to.find((one) => name(one) === name(before));
    const path = `${place.path}.${name(before)}`;
    if (after === undefined) {
      yield {
        clause: place.clause,
        path,
        sentence: `${prefix}removed: ${memberText(before)}`,
        direction: undefined,
      };
    } else {
      const of = place.of === '' ? name(before) : `${place.of}, ${name(before)}`;
      yield* compare(before, after, { ...place, path, of });
    }
  }
  for (const after of to) {
    if (from.some((one) => name(one) === name(after))) continue;
    const path = `${place.path}.${name(after)}`;
    yield {
      clause: place.clause,
      path,
      sentence: `${prefix}added: ${memberText(after)}`,
      direction: undefined,
    };
  }
}

/** A member that came or went, with everything that it says. */
function memberText(value: Value): string {
  return isFields(value) ? `${nameOf(value)} (${textOf(value)})` : textOf(value);
}

/** Every change, in the order of the clauses. */
export function diffAgreements(from: StandingAgreement, to: StandingAgreement): Change[] {
  return standingClauses.flatMap((clause) => [
    ...compare(from[clause], to[clause], { clause, field: clause, path: clause, of: '' }),
  ]);
}

/** The changes as lines, under the clauses' headings. */
export function diffText(changes: readonly Change[]): string[] {
  return standingClauses.flatMap((clause) => {
    const own = changes.filter((change) => change.clause === clause);
    return own.length === 0 ? [] : [clauseWords[clause][0], ...own.map(({ sentence }) => `  - ${sentence}`)];
  });
}
