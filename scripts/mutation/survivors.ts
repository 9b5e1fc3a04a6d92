/**
 * The committed list of mutants that may survive, each with its reason, and what is wrong with it.
 *
 * Purpose: a survivor that nobody has looked at, and an entry whose mutant is dead, fail the run. Entries name their
 * mutant by its texts and the line in which it begins, so that edits elsewhere do not break the list.
 * Does not know: whether a reason is true; that one weakens no denial is also tried (corpus.ts).
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Mutant } from './build.ts';
import type { Verdict } from './instance.ts';

const effects = {
  equivalent: 'no input tells it apart',
  stricter: 'denies or refuses more',
  wording: 'other words for people, or another order',
} as const;

export type Effect = keyof typeof effects;
export const effectNames = Object.keys(effects) as [Effect, ...Effect[]];

const listSchema = z.array(
  z.strictObject({
    file: z.string(),
    line: z.string(),
    original: z.string(),
    replacement: z.string(),
    effect: z.enum(effectNames),
    reason: z.string().min(10),
  }),
);

export type Listed = z.infer<typeof listSchema>[number];

export function readList(): readonly Listed[] {
  return listSchema.parse(JSON.parse(readFileSync(new URL('survivors.json', import.meta.url), 'utf8')));
}

type Texts = Pick<Listed, 'file' | 'line' | 'original' | 'replacement'>;

const textsOf = ({ file, line, original, replacement }: Texts): Texts => ({
  file,
  line,
  original,
  replacement,
});
const keyOf = (texts: Texts): string => JSON.stringify(textsOf(texts));

/** Survivors that no entry names, and entries that name no survivor; as often as they stand there. */
export function compare(
  survivors: readonly Mutant[],
  list: readonly Listed[],
): { readonly unlisted: readonly Texts[]; readonly dead: readonly Texts[] } {
  const left = [...list];
  const unlisted = survivors.filter((mutant) => {
    const at = left.findIndex((one) => keyOf(one) === keyOf(mutant));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return { unlisted: unlisted.map(textsOf), dead: left.map(textsOf) };
}

export const survivorsOf = (mutants: readonly Mutant[], verdicts: readonly Verdict[]): readonly Mutant[] =>
  mutants.filter((_, i) => verdicts[i]?.killedBy === undefined);
