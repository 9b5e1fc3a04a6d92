/**
 * Two nodes of a signed agreement with a command line at each.
 *
 * Purpose: commands as people type them, against nodes with real stores, sockets and sessions, in this process.
 * Assumes: ../session. Does not know: what a test expects.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ed25519 } from '@noble/curves/ed25519.js';
import { type ControlServer, serveControl } from '@tallystick/host/control';
import { initDirectory } from '@tallystick/host/directory';
import type { SigningIdentity } from '@tallystick/host/identity';
import { type ControlCall, type ControlMethod, controlParams } from '@tallystick/node/control';
import { type SignedAgreement, type StandingAgreement, standingId } from '@tallystick/protocol/agreement';
import type { AuditEntry } from '@tallystick/protocol/audit';
import { type PolicyRequest, requestId } from '@tallystick/protocol/policy';
import { expect } from 'vitest';
import { encodeSigned } from '../../packages/cli/src/agreement/files.ts';
import { cli, type Done } from '../cli/helpers.ts';
import { agreementBetween, makeIdentities, permittingPorts } from '../session/standing.testkit.ts';
import { passports, startWorld, type World } from '../session/world.ts';

export const ids = ['alpha', 'beta'] as const;
type Id = (typeof ids)[number];
type Change = (terms: StandingAgreement) => void;

const secret = new Uint8Array(32).fill(5);
/** Signs as alpha's second approver. */
export const signAsApprover = (message: Uint8Array): Uint8Array => ed25519.sign(message, secret);

/** A request's options, as most tests give them. */
export const requestOptions = [
  ['--agreement', 'three-rivers'],
  ['--officer', 'ana'],
  ['--signer', 'ana'],
  ['--signer-key-file', 'ana.key'],
  ['--purpose', 'find'],
  ['--use', 'investigative-lead'],
  ['--case', 'case 7'],
  ['--output', 'pair'],
  ['--with', 'beta'],
  ['--recipe', 'document'],
] as const;

export interface Drafted {
  readonly id: string;
  /** Where it was written. */
  readonly out: string;
  readonly request: PolicyRequest;
}

export interface Desks {
  readonly world: World;
  /** Of both nodes, then of a third station that takes no part. */
  readonly identities: readonly SigningIdentity[];
  /** Passport numbers on both lists. */
  readonly shared: readonly string[];
  /** A path in the folder of the test. */
  at(name: string): string;
  /** Writes JSON into the folder; returns its path. */
  file(name: string, value: unknown): Promise<string>;
  /** A command at one node. */
  on(id: Id, ...args: string[]): Promise<Done>;
  /** The same with `--json`: exit code 0 and exactly one JSON value on one line. */
  json<T>(id: Id, ...args: string[]): Promise<T>;
  /** The agreement of both, with an imminent tier, and its id. */
  readonly signed: SignedAgreement;
  readonly agreementId: string;
  /** The same with a change, signed by all. */
  agreed(change?: Change): SignedAgreement;
  /** Writes a signed agreement as `agreement sign` does; returns its path. */
  agreementFile(name: string, agreement: SignedAgreement): Promise<string>;
  /** `session request` at alpha, with what differs from the usual options. */
  draft(...more: string[]): Promise<Drafted>;
  /** Everything in a node's audit log. */
  entries(id: Id): Promise<readonly AuditEntry[]>;
  close(): Promise<void>;
}

export const valueOf = <T>(done: Done, code = 0): T => {
  expect(done).toMatchObject({ code });
  expect(done.out).toMatch(/^[^\n]+\n$/);
  return JSON.parse(done.out) as T;
};

/** An imminent tier, and the keys that this test has: an approver's, and the analyst's by its directory. */
function withEmergencies(terms: StandingAgreement, analystKey: string): void {
  terms.tiers.imminent = {
    approvals: 1,
    custodians: 0,
    oversight: 'afterwards',
    lastsHours: 24,
    reviewWithinHours: 72,
    maxUnreviewed: 2,
  };
  for (const output of terms.outputs) output.tiers = ['routine', 'imminent'];
  const publicKey = Buffer.from(ed25519.getPublicKey(secret)).toString('hex');
  for (const officer of terms.parties[0]?.officers ?? [])
    if (officer.id === 'approver-2') officer.publicKey = publicKey;
    else if (officer.id === 'ana') officer.publicKey = analystKey;
}

export async function openDesks(): Promise<Desks> {
  const folder = await mkdtemp(join(tmpdir(), 'ts-desk-'));
  const identities = await makeIdentities([...ids, 'gamma']);
  const officer = async (id: string) => {
    const path = join(folder, `${id}.key`);
    await writeFile(path, `${'5a'.repeat(32)}\n`, { mode: 0o600 });
    return initDirectory(
      join(folder, id),
      id,
      { kind: 'file', path },
      { scryptCost: { N: 2 ** 10, r: 8, p: 1 } },
    );
  };
  const ana = await officer('ana');
  // An officer of nobody.
  await officer('eva');
  const shared = passports(6);
  const world = await startWorld({
    lists: { alpha: [...shared, ...passports(9)], beta: [...shared, ...passports(7)] },
    consent: 'ask',
    adjust: (id, options) => ({
      ...options,
      place: { kind: 'ephemeral', identity: identities.find((one) => one.id === id) ?? { id } },
      guardPorts: permittingPorts(ids),
    }),
  });
  const at = (name: string): string => join(folder, name);
  const servers: ControlServer[] = [];
  for (const id of ids) {
    const call = (method: ControlMethod) => (params: unknown, caller: ControlCall) =>
      world.node(id).call(method, params as never, caller);
    const methods = (Object.keys(controlParams) as ControlMethod[]).map(
      (name) => [name, call(name)] as const,
    );
    servers.push(
      await serveControl(at(id), Object.fromEntries(methods) as Parameters<typeof serveControl>[1]),
    );
  }
  const on: Desks['on'] = (id, ...args) => cli([...args, '--data', at(id)], { cwd: folder });
  const json: Desks['json'] = async (id, ...args) => valueOf(await on(id, ...args, '--json'));
  const file: Desks['file'] = async (name, value) => {
    await writeFile(at(name), typeof value === 'string' ? value : JSON.stringify(value));
    return at(name);
  };
  const agreed: Desks['agreed'] = (change = () => undefined) =>
    agreementBetween(identities.slice(0, 2), (terms) => {
      withEmergencies(terms, Buffer.from(ana.publicKey).toString('hex'));
      change(terms);
    });
  const signed = agreed();
  let drafts = 0;
  return {
    world,
    identities,
    shared,
    at,
    on,
    json,
    file,
    agreed,
    signed,
    agreementId: standingId(signed.agreement),
    agreementFile: (name, one) => file(name, Buffer.from(encodeSigned(one)).toString('utf8')),
    async draft(...more) {
      drafts += 1;
      const given = requestOptions.filter(([name]) => !more.includes(name)).flat();
      const place = ['--out', `request-${drafts}.json`];
      const made = await json<{ id: string; out: string }>(
        'alpha',
        'session',
        'request',
        ...given,
        ...more,
        ...place,
      );
      expect(made.out).toBe(at(`request-${drafts}.json`));
      const request = JSON.parse(await readFile(made.out, 'utf8')) as PolicyRequest;
      expect(requestId(request)).toBe(made.id);
      return { ...made, request };
    },
    entries: async (id) => (await world.node(id).call('audit.show', { limit: 1000 })).entries,
    async close() {
      for (const server of servers) await server.close();
      await world.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
