/**
 * How one record becomes identifiers, step by step.
 *
 * Purpose: what `tallystick list explain` shows the owner of a record.
 * Assumes: the reader may see the record; every text here is contents and goes to nobody else.
 * Does not know: how it is printed. The identifiers come from deriveIdentifiers itself, never from a second reckoning.
 */
import { resolveCountry } from './countries.ts';
import { foldSteps, foldTokens } from './fold.ts';
import { documentNumber, plainTokens } from './names.ts';
import { deriveIdentifiers, forbiddenField } from './recipes.ts';
import type { DerivationStep, RecipeName, WatchlistRecord } from './types.ts';

/**
 * Steps in the order they are taken; the step `identifier` holds what came out, `none` the reason why nothing did,
 * `refused` that the whole record gives none.
 */
export function explainIdentifiers(
  record: WatchlistRecord,
  recipes: readonly RecipeName[],
): DerivationStep[] {
  const steps: DerivationStep[] = [];
  const forbidden = forbiddenField(record);
  for (const recipe of recipes) {
    if (forbidden !== undefined) {
      steps.push({ recipe, field: forbidden, step: 'refused', text: 'text.codepoint' });
      continue;
    }
    if (recipe === 'document' || recipe === 'document+country') explainDocuments(record, recipe, steps);
    else explainNames(record, recipe, steps);
  }
  return steps;
}

function explainDocuments(record: WatchlistRecord, recipe: RecipeName, steps: DerivationStep[]): void {
  record.documents.forEach((document, n) => {
    const field = `documents[${n}]`;
    steps.push({ recipe, field, step: document.kind, text: document.number });
    if (document.kind !== 'other') {
      steps.push({ recipe, field, step: 'number', text: documentNumber(document.number) ?? '' });
      if (recipe === 'document+country' && document.country !== undefined) {
        const code = resolveCountry(document.country) ?? '';
        steps.push({
          recipe,
          field: `${field}.country`,
          step: 'country',
          text: `${document.country} → ${code}`,
        });
      }
    }
    finish({ ...record, documents: [document] }, recipe, field, steps);
  });
}

function explainNames(record: WatchlistRecord, recipe: RecipeName, steps: DerivationStep[]): void {
  record.names.forEach((name, n) => {
    const field = `names[${n}]`;
    steps.push({ recipe, field, step: name.quality, text: name.text });
    if (name.quality === 'good') {
      for (const { step, text } of foldSteps(name.text)) steps.push({ recipe, field, step, text });
      const tokens = foldTokens(name.text);
      const plain = plainTokens(name.text);
      if (plain.length !== tokens.length) {
        steps.push({ recipe, field, step: 'honorifics', text: plain.join(' ') });
      }
      steps.push({ recipe, field, step: 'sort', text: [...plain].sort().join(' ') });
    }
    finish({ ...record, names: [name] }, recipe, field, steps);
  });
}

function finish(part: WatchlistRecord, recipe: RecipeName, field: string, steps: DerivationStep[]): void {
  const { identifiers, notes } = deriveIdentifiers(part, [recipe]);
  for (const identifier of identifiers) steps.push({ recipe, field, step: 'identifier', text: identifier });
  if (identifiers.length === 0) {
    const reasons = [...new Set(notes.map((note) => note.reason))].join(', ');
    steps.push({ recipe, field, step: 'none', text: reasons });
  }
}
