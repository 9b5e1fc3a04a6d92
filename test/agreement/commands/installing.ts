/** `agreement install` at a running node: what is refused, by which name, and that nothing has changed then. */
import { readFile } from 'node:fs/promises';
import { type SignedAgreement, signersOf, type StandingAgreement } from '@tallystick/protocol/agreement';
import { describe, expect, test } from 'vitest';
import { encodeSigned } from '../../../packages/cli/src/agreement/files.ts';
import { agreementBetween, approve } from '../../session/standing.testkit.ts';
import { type Desks, ids, requestOptions, valueOf } from '../desk.testkit.ts';

interface Signature {
  by: string;
  publicKey: string;
  signature: string;
}

const dayMs = 86_400_000;
const instant = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
const flip = (text: string): string => `${text.startsWith('0') ? '1' : '0'}${text.slice(1)}`;

/** Signed by all, then edited. */
const tampered =
  (edit: (terms: Record<string, unknown>) => void) =>
  ({ signed }: Desks): unknown => {
    const agreement = structuredClone(signed.agreement) as unknown as Record<string, unknown>;
    edit(agreement);
    return { agreement, signatures: signed.signatures };
  };

const withSignatures =
  (edit: (all: [Signature, Signature, Signature, ...Signature[]]) => void) =>
  ({ signed: { agreement, signatures } }: Desks): unknown => {
    const all = structuredClone(signatures) as unknown as [Signature, Signature, Signature];
    edit(all);
    return { agreement, signatures: all };
  };

const signedAs =
  (change: (terms: StandingAgreement) => void) =>
  ({ agreed }: Desks): unknown =>
    agreed(change);

const refused: readonly [string, (desks: Desks) => unknown, string][] = [
  ['a missing signature', withSignatures((all) => void all.splice(1, 1)), 'parties.1 signature.missing'],
  ['no signature at all', withSignatures((all) => void all.splice(0)), 'oversight.0 signature.missing'],
  [
    'a signature by the wrong key',
    withSignatures(([alpha, beta]) => void (beta.publicKey = alpha.publicKey)),
    'signatures.1 signature.wrong-key',
  ],
  [
    'a flipped bit in a signature',
    withSignatures(([, , watch]) => void (watch.signature = flip(watch.signature))),
    'signatures.2 signature.wrong',
  ],
  [
    "a stranger's signature",
    withSignatures((all) => void all.push({ ...all[0], by: 'gamma' })),
    'signatures.3 signature.unknown-signer',
  ],
  [
    'a repeated signature',
    withSignatures((all) => void all.push({ ...all[2] })),
    'signatures.3 signature.repeated',
  ],
  ['a tampered byte', tampered((terms) => void (terms.title = 'Another')), 'signatures.0 signature.wrong'],
  ['a missing clause', tampered((terms) => void delete terms.redress), 'redress field.missing'],
  ['an unknown clause', tampered((terms) => void (terms.extra = 1)), 'extra field.unknown'],
  ['an empty set', tampered((terms) => void (terms.purposes = [])), 'purposes set.too-small'],
  [
    'clauses that contradict each other',
    signedAs((terms) => void (terms.tiers.imminent = null)),
    'tier.absent',
  ],
  [
    'one that has expired',
    signedAs((terms) => void (terms.notAfter = instant(Date.now() - 1_000))),
    'notAfter: has ended',
  ],
  [
    'one that this node is no party of',
    ({ identities }) => agreementBetween(identities.slice(1)),
    'does not name alpha with the key',
  ],
  ['nothing', () => null, 'agreement'],
];

const approvalFile = async (desks: Desks, made: Awaited<ReturnType<Desks['draft']>>): Promise<string> =>
  desks.file('approval.json', approve(made.request, 'alpha'));

export function installing(the: () => Desks): void {
  const installed = async (): Promise<string[]> =>
    (await the().json<{ id: string }[]>('alpha', 'agreement', 'installed')).map((one) => one.id);
  const attempts = async (): Promise<number> =>
    (await the().entries('alpha')).filter(
      (entry) => entry.type === 'attempt' && entry.code === 'agreement.invalid',
    ).length;

  describe('before any agreement', () => {
    test.each<[string, string[], number]>([
      ['no agreements', ['agreement', 'installed'], 0],
      ['no emergencies', ['emergency', 'list'], 0],
      ['no agreement is installed', ['membership', 'status'], 2],
    ])('%s', async (words, command, code) => {
      expect(valueOf(await the().on('alpha', ...command, '--json'), code)).toEqual([]);
      const done = await the().on('alpha', ...command);
      expect(done).toMatchObject({ code, out: expect.stringContaining(words) as string });
    });

    test('a request says that there is none', async () => {
      const words = ['session', 'request', ...requestOptions.flat(), '--out', 'none.json'];
      const done = await the().on('alpha', ...words);
      expect(done).toMatchObject({ code: 2, out: '' });
      expect(done.err).toContain('agreement: want an installed one');
      await expect(readFile(the().at('none.json'))).rejects.toThrow('ENOENT');
    });
  });

  describe('an agreement is refused, clause or signer named, nothing kept, the attempt logged', () => {
    test.each(refused)('%s', async (_, make, want) => {
      const agreement = make(the());
      const before = await attempts();
      const given = the().world.node('alpha').call('agreement.install', { agreement });
      await expect(given).rejects.toMatchObject({
        code: 'agreement.invalid',
        message: expect.stringContaining(want) as string,
      });
      expect(await attempts()).toBe(before + 1);
      // At the command line, too.
      const path =
        agreement === null
          ? await the().file('bad.json', 'null')
          : await the().agreementFile('bad.json', agreement as SignedAgreement);
      expect(await the().on('alpha', 'agreement', 'install', path)).toMatchObject({ code: 2, out: '' });
      expect(await attempts()).toBe(before + 2);
      expect(await installed()).toEqual([]);
    });

    const textOf = ({ signed }: Desks): string => new TextDecoder().decode(encodeSigned(signed));
    test.each<[string, (desks: Desks) => string, string]>([
      [
        'a clause that stands twice',
        (desks) => textOf(desks).replace('"title":', '"title":"Another","title":'),
        'agreement.title key.repeated-field',
      ],
      [
        'another form than the canonical',
        (desks) => JSON.stringify(JSON.parse(textOf(desks)), null, 1),
        'text.not-canonical',
      ],
      ['no JSON', () => 'an agreement', 'text.not-json'],
    ])('the file of one: %s', async (_, text, want) => {
      const path = await the().file('bad.json', text(the()));
      const before = await attempts();
      const done = await the().on('alpha', 'agreement', 'install', path);
      expect(done).toMatchObject({ code: 2, out: '', err: expect.stringContaining(want) as string });
      expect(await attempts()).toBe(before + 1);
      expect(await installed()).toEqual([]);
    });

    test('a draft, which nobody has signed', async () => {
      const path = await the().file('draft.jsonc', the().signed.agreement);
      const done = await the().on('alpha', 'agreement', 'install', path);
      expect(done).toMatchObject({ code: 2, out: '' });
      expect(done.err).toContain('a draft, which nobody has signed');
    });
  });

  describe('agreement install', () => {
    test('prints what was installed, at both; again it changes nothing', async () => {
      const { signed, agreementId } = the();
      const path = await the().agreementFile('agreement.json', signed);
      const { title, notBefore, notAfter } = signed.agreement;
      const facts = { name: 'three-rivers', title, version: 1, notBefore, notAfter, parties: [...ids] };
      const want = { id: agreementId, ...facts };
      for (const id of ids) {
        expect(await the().json(id, 'agreement', 'install', path)).toEqual(want);
        const out = `installed three-rivers, version 1\nid ${agreementId}\n`;
        expect(await the().on(id, 'agreement', 'install', path)).toEqual({ code: 0, out, err: '' });
        expect(await the().json(id, 'agreement', 'installed')).toEqual([want]);
        const signers = (await the().entries(id)).filter(({ type }) => type === 'sign');
        expect(signers.map(({ by, agreement }) => [by, agreement])).toEqual(
          signersOf(signed.agreement).map((signer) => [signer.id, agreementId]),
        );
      }
      const { out } = await the().on('alpha', 'agreement', 'installed');
      for (const word of ['three-rivers', notAfter, 'alpha, beta', agreementId]) expect(out).toContain(word);
    });

    test('of two that claim to be one version the second is refused, and the first stands', async () => {
      const other = the().agreed((terms) => void (terms.title = 'The same version, other words'));
      const before = await attempts();
      const done = await the().on(
        'alpha',
        'agreement',
        'install',
        await the().agreementFile('other.json', other),
      );
      expect(done).toMatchObject({ code: 2, out: '' });
      expect(done.err).toContain('version: another agreement claims to be version 1');
      expect(await attempts()).toBe(before + 1);
      expect(await installed()).toEqual([the().agreementId]);
    });

    test('one that has not begun is taken, and permits nothing before it has', async () => {
      const later = the().agreed((terms) => {
        terms.name = 'later-rivers';
        terms.notBefore = instant(Date.now() + dayMs);
      });
      const path = await the().agreementFile('later.json', later);
      const { id } = await the().json<{ id: string }>('alpha', 'agreement', 'install', path);
      const words = ['session', 'request', ...requestOptions.slice(1).flat(), '--out', 'none.json'];
      const named = await the().on('alpha', ...words, '--agreement', 'later-rivers');
      expect(named).toMatchObject({ code: 2, out: '' });
      expect(named.err).toContain(`later-rivers is not in force before ${later.agreement.notBefore}`);
      const early = await the().draft('--agreement', id);
      const approval = await approvalFile(the(), early);
      const given = ['--request', early.out, '--approval', approval, '--list', 'watch'];
      const done = await the().on('alpha', 'session', 'propose', ...given);
      expect(done).toMatchObject({ code: 4, out: '' });
      expect(done.err).toContain('notBefore (time.not-yet');
    });
  });
}
