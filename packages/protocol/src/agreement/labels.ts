/**
 * Labels in an agreement: by which label a party's list is cut when it is counted.
 *
 * Purpose: a closed set of labels for each party that brings some. What is not in it is counted under no name: the list
 * is refused at its owner, and a tag with such a label at the collector.
 * Assumes: labels stand in the agreement and so are public; small ones are merged by announced sizes (chain/labels.ts).
 * Does not know: who has which label.
 */
import { z } from 'zod';

/** Most labels of a list: a label travels as one byte, the last of which means a sentinel. */
export const maxLabels = 254;

/** As the list's publisher writes it, squeezed; nothing that moves a cursor. */
export const labelText = z.string().regex(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{1,80}$/u);

/** Name of a field of records that gives labels: a CSV mapping's own, or a format's (docs/recipes.md A11). */
export const labelField = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/);

const labelTerms = z.strictObject({
  /** Id of one of the parties. */
  party: z.string().max(32),
  field: labelField,
  /** In order of precedence: an identifier with several gets the first of them. */
  labels: z.array(labelText).min(1).max(maxLabels),
  /** Labels with fewer identifiers are merged before anything is sent. */
  minSize: z.number().int().min(0).max(1_000_000),
});

/** What a party's list is cut by. */
export type LabelTerms = z.infer<typeof labelTerms>;

export const labelsSchema = z.array(labelTerms).min(1).max(10);

/** What a shape cannot say: parties of the session, in increasing order, each label once. */
export function checkLabels(
  labels: readonly LabelTerms[],
  parties: readonly string[],
  deny: (field: string, text: string) => never,
): void {
  labels.forEach(({ party, labels: names }, i) => {
    if (!parties.includes(party)) deny(`labels.${i}.party`, 'want a party');
    if (i > 0 && (labels[i - 1] as LabelTerms).party >= party)
      deny(`labels.${i}.party`, 'want strictly increasing ids');
    if (new Set(names).size !== names.length) deny(`labels.${i}.labels`, 'want each label once');
  });
}
