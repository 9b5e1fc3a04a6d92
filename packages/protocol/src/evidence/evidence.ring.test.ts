/**
 * Evidence of whole sessions: it verifies as it is, and not with anything in it changed.
 *
 * Purpose: for every form, a walk over every message and every field of it.
 * Assumes: memory of what was verified before changes nothing: the checks here are pure functions.
 */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { PartyMachine } from '../chain/index.ts';
import { Ring, type RingSetup } from '../chain/ring.testkit.ts';
import { canonicalBytes } from '../wire/canonical.ts';
import { signMessage, type SignedMessage } from '../wire/messages.ts';
import { createEvidence, encodeEvidence, parseEvidence, verifyEvidence, withoutSalts } from './index.ts';
import type { Evidence, EvidenceReport } from './index.ts';

/** A walk verifies thousands of files that differ in one place. */
function remember<A extends unknown[], R>(check: (...args: A) => R): (...args: A) => R {
  const known = new Map<string, { value: R } | { error: unknown }>();
  return (...args) => {
    const key = JSON.stringify(args, (_, value: unknown) =>
      value instanceof Uint8Array ? [...value] : value,
    );
    let answer = known.get(key);
    if (answer === undefined) {
      try {
        answer = { value: check(...args) };
      } catch (error) {
        answer = { error };
      }
      known.set(key, answer);
    }
    if ('error' in answer) throw answer.error;
    return answer.value;
  };
}
/** The holder signs whatever it changed: as if it had, because signing takes longest. */
let holderSigns = false;
vi.mock('../wire/canonical.ts', async (original) => {
  const real = await original<typeof import('../wire/canonical.ts')>();
  const remembered = remember(real.verifyValue);
  const verifyValue: typeof real.verifyValue = (domain, ...rest) => {
    if (!holderSigns || domain !== 'evidence') remembered(domain, ...rest);
  };
  return { ...real, verifyValue };
});
function verifyAsSigned(evidence: Evidence): EvidenceReport {
  holderSigns = true;
  try {
    return verifyEvidence(evidence);
  } finally {
    holderSigns = false;
  }
}
vi.mock('../suite/possession.ts', async (original) => {
  const real = await original<typeof import('../suite/possession.ts')>();
  return { ...real, verifyPossession: remember(real.verifyPossession) };
});
vi.mock('../suite/dleq.ts', async (original) => {
  const real = await original<typeof import('../suite/dleq.ts')>();
  return { ...real, verifyDleq: remember(real.verifyDleq) };
});

const two = { a: ['1', '2', '3', '4'], b: ['3', '4', '5'] };
const three = { ...two, c: ['4', '5', '6'] };
const matches = (to: string[], predicate: 'all' | null) =>
  ({ kind: 'matches', to, predicate: predicate && { kind: predicate }, which: false }) as const;

/** Last: the types of messages that are walked, where another session has the others. */
const sessions: [string, RingSetup, string, string[]?][] = [
  ['direct, both receive', { lists: two, output: matches(['a', 'b'], null) }, 'verified'],
  ['direct, one receives', { lists: two, output: matches(['b'], null) }, 'verified', ['done', 'barrier']],
  ['direct, light', { lists: two, output: matches(['a', 'b'], null), verified: false }, 'unverified'],
  ['sealed, counts', { lists: three }, 'verified'],
  ['sealed, counts, light', { lists: three, verified: false }, 'unverified', ['barrier', 'done']],
  [
    'sealed, counts with a minimum',
    {
      lists: three,
      privacy: {
        minCount: 3,
        microEpsilon: null,
        deltaExponent: null,
        identifiersPerRecord: 1,
        mechanism: 'laplace',
      },
    },
    'verified',
    ['view', 'done'],
  ],
  [
    'sealed, counts by label',
    {
      lists: three,
      labels: [{ party: 'a', field: 'tier', labels: ['high', 'low'], minSize: 0 }],
      labelOf: { a: (identifier) => Number(identifier) % 2 },
    },
    'verified',
    ['view', 'consent'],
  ],
  ['sealed, matches', { lists: three, output: matches(['a', 'c'], 'all') }, 'verified'],
  ['sealed, counts, two collectors', { lists: three, collectors: 2 }, 'verified', ['view']],
  [
    'sealed, matches, two collectors',
    { lists: three, output: matches(['a', 'c'], 'all'), collectors: 2 },
    'verified',
    ['sentinels'],
  ],
];

function evidenceOf(ring: Ring, id: string): Evidence {
  const { record } = ring.machine(id) as PartyMachine;
  const ended = ring.place(id).outcome === undefined ? 'aborted' : 'done';
  const { messages, opening } = record;
  const facts = { session: ring.proposal.session, holder: id, ended, messages, opening } as const;
  return createEvidence(facts, ring.signer(id));
}

/** Signed anew by its holder: the strictest test, because the holder is the one who can. */
function resigned(ring: Ring, evidence: Evidence): Evidence {
  const { signature: _, messages, opening, ...rest } = evidence;
  const facts = { ...rest, messages: messages as SignedMessage[], opening };
  const whole = createEvidence(facts, ring.signer(evidence.holder));
  return evidence.salts ? whole : { ...withoutSalts(whole, ring.signer(evidence.holder)), messages };
}

const problemsOf = (report: EvidenceReport) =>
  report.checks.flatMap(({ check, problems }) => problems.map((problem) => ({ check, ...problem })));

type Path = readonly (string | number)[];
/** Every leaf of a JSON value, and every array and object to take something out of. */
function* places(value: unknown, path: Path = []): Generator<Path> {
  if (value === null || typeof value !== 'object') return yield path;
  if (path.length > 0) yield path;
  for (const [key, inner] of Object.entries(value)) {
    yield* places(inner, [...path, Array.isArray(value) ? Number(key) : key]);
  }
}

function changed(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (value === null) return 'c0'.repeat(32);
  if (Array.isArray(value)) return value.length > 0 ? value.slice(1) : [value];
  if (typeof value === 'object') return Object.fromEntries(Object.entries(value).slice(1));
  const text = value as string;
  // Hexadecimal stays so: a schema would find anything else.
  return /^[0-9a-f]+$/.test(text) ? (text.startsWith('0') ? '1' : '0') + text.slice(1) : `${text}x`;
}

function withChange<T>(value: T, path: Path): T {
  const copy = structuredClone(value);
  let at: unknown = copy;
  for (const key of path.slice(0, -1)) at = (at as Record<string | number, unknown>)[key];
  const last = path.at(-1) as string | number;
  const holder = at as Record<string | number, unknown>;
  holder[last] = changed(holder[last]);
  return copy;
}

describe.each(sessions)('%s', (_, setup, verdict, only) => {
  let ring: Ring;
  let all: [string, Evidence][];
  beforeAll(() => {
    ring = new Ring(setup).run();
    all = Object.keys(setup.lists).map((id) => [id, evidenceOf(ring, id)]);
  });

  it('every party has evidence that stands, with salts and without, through a file', () => {
    for (const [id, evidence] of all) {
      expect(ring.place(id).error).toBeUndefined();
      for (const one of [evidence, withoutSalts(evidence, ring.signer(id))]) {
        const report = verifyEvidence(parseEvidence(encodeEvidence(one)), { session: one.session });
        expect(problemsOf(report)).toEqual([]);
        expect(report).toMatchObject({ verdict, holder: id, ended: 'done', salts: one.salts });
        const skipped = report.checks
          .filter(({ result }) => result === 'not-checked')
          .map(({ check }) => check);
        const receives = ring.agreement.output.kind === 'counts' || ring.agreement.form === 'sealed';
        expect(skipped.filter((check) => check !== 'result' || receives)).toEqual(
          verdict === 'verified' ? [] : ['proofs'],
        );
      }
    }
  });

  it('without salts nothing opens a commitment to a stream or to own matches', () => {
    for (const [id, evidence] of all) {
      const salts = evidence.messages.flatMap((message) => {
        const { type } = message as SignedMessage;
        return type === 'seal' || type === 'sentinels'
          ? [(message as { salt?: string; tags?: string }).salt ?? (message as { tags: string }).tags]
          : [];
      });
      if (evidence.opening !== null) salts.push(evidence.opening.salt);
      expect(salts.length).toBeGreaterThan(0);
      const text = new TextDecoder().decode(encodeEvidence(withoutSalts(evidence, ring.signer(id))));
      for (const salt of salts) expect(text).not.toContain(salt);
    }
  });

  it('a change of any field of any message is found, and named', () => {
    for (const [, evidence] of all.slice(0, 1)) {
      evidence.messages.forEach((message, index) => {
        if (only !== undefined && !only.includes((message as SignedMessage).type)) return;
        for (const path of places(message)) {
          const report = verifyAsSigned(withChange(evidence, ['messages', index, ...path]));
          const where = `${(message as SignedMessage).type}.${path.join('.')}`;
          expect(report.verdict, where).toBe('failed');
          const named = problemsOf(report).filter((problem) => problem.message === index);
          expect(named.length, where).toBeGreaterThan(0);
          for (const { text } of named) expect(text, where).toMatch(/^[a-zA-Z.]+/);
        }
      });
    }
  });

  it('a change of any field of the file itself is found', () => {
    for (const [, evidence] of all) {
      const { messages: _messages, signature: _signature, ...head } = evidence;
      for (const path of places(head)) {
        const bad = withChange(evidence, path);
        expect(() => {
          const report = verifyEvidence(parseEvidence(encodeEvidence(bad)));
          if (report.verdict === 'failed') throw new Error('found');
        }, path.join('.')).toThrow();
      }
      const report = verifyEvidence(withChange(evidence, ['signature']));
      expect(problemsOf(report)).toMatchObject([{ check: 'file', message: null }]);
    }
  });

  it('a message dropped, doubled, moved from another session or signed by another is found', () => {
    for (const [id, evidence] of all.slice(0, 1)) {
      evidence.messages.forEach((value, index) => {
        const message = value as SignedMessage;
        const withMessages = (messages: unknown[]) => verifyAsSigned({ ...evidence, messages });
        const dropped = withMessages(evidence.messages.toSpliced(index, 1));
        expect(dropped.verdict).toBe('failed');
        expect(
          problemsOf(dropped)
            .map(({ text }) => text)
            .join(),
        ).toMatch(message.type === 'proposal' ? /no proposal/ : new RegExp(`missing: ${message.type}`));
        const doubled = problemsOf(withMessages([...evidence.messages, value]));
        expect(doubled).toContainEqual(
          expect.objectContaining({ check: 'complete', message: evidence.messages.length }),
        );
        const { signature: _signature, ...body } = message;
        const sender = message.type === 'proposal' ? message.proposer : message.from;
        const foreign = signMessage({ ...body, session: '00'.repeat(16) } as never, ring.signer(sender));
        expect(problemsOf(withMessages(evidence.messages.with(index, foreign)))).toContainEqual(
          expect.objectContaining({
            check: 'signatures',
            message: index,
            text: expect.stringContaining('session'),
          }),
        );
        const other = Object.keys(setup.lists).find((one) => one !== sender) as string;
        const forged = signMessage(body as never, ring.signer(other));
        expect(problemsOf(withMessages(evidence.messages.with(index, forged)))).toContainEqual(
          expect.objectContaining({ check: 'signatures', message: index }),
        );
      });
      expect(verifyEvidence(evidence, { session: '00'.repeat(16) }).verdict).toBe('failed');
      const renamed = verifyAsSigned({ ...evidence, session: '00'.repeat(16) });
      expect(renamed.checks.find(({ check }) => check === 'signatures')?.problems).toHaveLength(
        evidence.messages.length,
      );
      const other = Object.keys(setup.lists).find((one) => one !== id) as string;
      expect(verifyEvidence({ ...evidence, holder: other }).verdict).toBe('failed');
    }
  });
});

describe('what a holder can say otherwise, signing it anew', () => {
  /** Fields of its own messages that nothing else in its evidence contradicts; others' evidence does. */
  const left = new Set(['seal.salt', 'tags.commitment', 'sentinels.tags']);

  const whole = sessions.filter(([, , verdict, only]) => verdict === 'verified' && only === undefined);
  it.each(whole)('is found, but for a few fields: %s', (_, setup) => {
    const ring = new Ring(setup).run();
    for (const id of Object.keys(setup.lists).slice(0, 1)) {
      const evidence = evidenceOf(ring, id);
      evidence.messages.forEach((value, index) => {
        const message = value as SignedMessage;
        const sender = message.type === 'proposal' ? message.proposer : message.from;
        if (sender !== id) return;
        const { signature: _signature, ...body } = message;
        for (const path of places(body)) {
          const forged = signMessage(withChange(body, path) as never, ring.signer(id));
          const messages = evidence.messages.with(index, forged);
          const report = verifyAsSigned({ ...evidence, messages });
          const kind = 'kind' in message && path.join() !== 'salt' ? message.kind : message.type;
          const field = `${kind}.${path.join('.')}`;
          expect(report.verdict, field).toBe(left.has(field) ? 'verified' : 'failed');
        }
      });
    }
  });
});

describe('a session that ended before its time', () => {
  it('has evidence of what was said until then, without a result', () => {
    const tamper: RingSetup['tamper'] = (from, to, frame) => {
      const text = new TextDecoder().decode(frame);
      return from === 'b' && to === 'a' && text.startsWith('{"type":"proof"') ? [] : [frame];
    };
    const ring = new Ring({ lists: three, tamper }).run();
    ring.pass(600_000);
    ring.settle();
    for (const id of ['a', 'b', 'c']) {
      expect(ring.place(id).error?.code).toBe('session.deadline');
      const report = verifyEvidence(evidenceOf(ring, id));
      expect(problemsOf(report)).toEqual([]);
      expect(report).toMatchObject({ verdict: 'unverified', ended: 'aborted', transcript: null });
      const done = resigned(ring, { ...evidenceOf(ring, id), ended: 'done' });
      expect(problemsOf(verifyEvidence(done))).toMatchObject([{ check: 'complete' }]);
    }
  });

  it('keeps the proof that did not hold, and who signed it', () => {
    const ring = new Ring({
      lists: three,
      work: (id, job, vault) => {
        if (id !== 'b' || job.op !== 'prove') return undefined;
        const answer = vault.run(job) as Uint8Array;
        return answer.with(40, (answer[40] ?? 0) ^ 1);
      },
    }).run();
    expect(ring.place('a').error?.code).toBe('chain.proof');
    const problems = problemsOf(verifyEvidence(evidenceOf(ring, 'a')));
    expect(problems).toMatchObject([
      { check: 'proofs', of: 'proof 0/1 of b', text: 'proof.proof: does not hold' },
    ]);
  });
});

it('a session that gave an earlier answer is its opening and nothing else, and proves no result', () => {
  const ring = new Ring({ lists: three }).run();
  const whole = evidenceOf(ring, 'a');
  const typeOf = (message: unknown): string => (message as SignedMessage).type;
  const opening = whole.messages.filter((one) => ['proposal', 'consent', 'freeze'].includes(typeOf(one)));
  const stored = (messages: unknown[]) => verifyAsSigned({ ...whole, ended: 'stored', messages });
  expect(problemsOf(stored(opening))).toEqual([]);
  expect(stored(opening)).toMatchObject({ verdict: 'unverified', transcript: null });
  expect(problemsOf(stored(opening.slice(0, -1)))).toMatchObject([{ check: 'complete' }]);
  expect(problemsOf(stored(whole.messages))).toContainEqual(expect.objectContaining({ check: 'complete' }));
});

it('a fingerprint in the agreement that is not of the key beside it is found', () => {
  const ring = new Ring({ lists: two, output: matches(['a', 'b'], null) }).run();
  const whole = evidenceOf(ring, 'a');
  const { signature: _, ...body } = structuredClone(ring.proposal);
  const [a, b] = body.agreement.parties;
  Object.assign(b as object, { fingerprint: a?.fingerprint });
  const proposal = signMessage(body, ring.signer('a'));
  const problems = problemsOf(verifyAsSigned({ ...whole, messages: [proposal, ...whole.messages.slice(1)] }));
  expect(problems).toContainEqual(expect.objectContaining({ check: 'agreement', of: 'proposal of a' }));
});

describe('pins', () => {
  it('that say otherwise are found; without them nobody vouches for a key', () => {
    const ring = new Ring({ lists: two, output: matches(['a', 'b'], null) }).run();
    const evidence = evidenceOf(ring, 'a');
    const [a, b] = ring.agreement.parties;
    const good = new Map([['a', a?.fingerprint ?? '']]);
    expect(verifyEvidence(evidence, { pins: good }).stations).toMatchObject([
      { id: 'a', pinned: true },
      { id: 'b', pinned: null },
    ]);
    const bad = verifyEvidence(evidence, { pins: new Map([['b', a?.fingerprint ?? '']]) });
    expect(bad).toMatchObject({ verdict: 'failed', stations: [{ pinned: null }, { pinned: false }] });
    expect(problemsOf(bad)[0]?.text).toContain('b has another key');
    expect(b?.fingerprint).not.toBe(a?.fingerprint);
  });
});

it('is the same bytes for the same session, and no file of another kind is taken', () => {
  const ring = new Ring({ lists: two, output: matches(['a'], null) }).run();
  const evidence = evidenceOf(ring, 'a');
  expect(encodeEvidence(evidence)).toEqual(canonicalBytes(evidence));
  const doubled = new TextDecoder().decode(encodeEvidence(evidence)).replace('{', '{"version":1,');
  for (const text of [doubled, '', '{}', '[]', 'null', '{"format":"tallystick-evidence"}', '\u0000']) {
    expect(() => parseEvidence(new TextEncoder().encode(text))).toThrow(
      expect.objectContaining({ code: 'evidence.invalid' }),
    );
  }
});
