/**
 * docs/vectors/decisions.json, made from the cases that the tests run.
 *
 * Purpose: decision vectors for other implementers of decide(): agreement, rules, request, state, time, and the
 * clauses that must fail. Documents that stand in several vectors are written once, under a name.
 * Assumes: what must fail was written by hand in the cases; nothing here decides. Does not know: decide().
 */
import { writeFileSync } from 'node:fs';
import { denialTexts } from '@tallystick/protocol/policy';
import { cases } from '../packages/protocol/src/policy/cases.testkit.ts';
import { sealWorld, worldOf } from '../packages/protocol/src/policy/world.testkit.ts';

const file = new URL('../docs/vectors/decisions.json', import.meta.url);

/** Documents by content, each under a short name. */
function shelf(prefix: string) {
  const names = new Map<string, string>();
  return {
    put(document: unknown): string {
      const text = JSON.stringify(document);
      const name = names.get(text) ?? `${prefix}${names.size}`;
      names.set(text, name);
      return name;
    },
    text: () => `{\n${[...names].map(([text, name]) => `    "${name}": ${text}`).join(',\n')}\n  }`,
  };
}

export function decisionVectorsText(): string {
  const shelves = { agreements: shelf('a'), requests: shelf('q'), states: shelf('s') };
  const vectors = cases.map(({ base, name, edit, want }) => {
    const world = worldOf(base);
    edit(world);
    const { agreement, rules, request, state, nowMs } = sealWorld(world);
    return JSON.stringify({
      name: `${base}: ${name}`,
      agreement: shelves.agreements.put(agreement),
      rules,
      request: shelves.requests.put(request),
      state: shelves.states.put(state),
      now: nowMs,
      decision: want.length === 0 ? 'permit' : 'denial',
      failed: want.map((word) => ({ code: word.split(' ')[0], clause: word.split(' ')[1] })),
    });
  });
  const about =
    'Decision vectors of Tallystick (docs/agreement.md). "failed" holds every failed clause, in any order; "at" is not compared.';
  const documents = Object.entries(shelves).map(([name, { text }]) => `  "${name}": ${text()}`);
  return `{
  "about": ${JSON.stringify(about)},
  "codes": ${JSON.stringify(denialTexts, null, 4).replace(/}$/, '  }')},
${documents.join(',\n')},
  "vectors": [
${vectors.map((vector) => `    ${vector}`).join(',\n')}
  ]
}
`;
}

if (process.argv[1] === new URL(import.meta.url).pathname) writeFileSync(file, decisionVectorsText());
