/**
 * Children of one run: started together, gone together.
 *
 * Purpose: fork a coordinator, a collector or a node, wait until it is ready, notice when it dies, leave nothing behind.
 * A child ends itself and removes the directory when the IPC channel closes, so a killed parent leaves nothing.
 * Assumes: one temporary directory (0700) holds all that the children write.
 * Does not know: sessions, lists.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtFolder } from '@tallystick/host/install';
import type { AgreementSignature, StandingAgreement } from '@tallystick/protocol/agreement';
import { TallyError } from '@tallystick/protocol/errors';
import { codedError } from './coded.ts';
import type { ChildMessage, Ready, SignOrder, StartOrder } from './messages.ts';

const entry = fileURLToPath(
  builtFolder === undefined
    ? new URL('../../bin/child.mjs', import.meta.url)
    : new URL('./child.mjs', builtFolder),
);
const stopWithinMs = 3000;

export interface Child {
  readonly id: string;
  readonly pid: number;
  readonly ready: Ready;
  /** The child's signature under an agreement that names its key. */
  sign(agreement: StandingAgreement): Promise<AgreementSignature>;
}

export interface Household {
  /** Temporary directory of this run. */
  readonly directory: string;
  /** Makes `directory/NAME` (0700), forks a child and gives it its order once there is one. @throws TallyError as the child reports it. */
  start(
    name: string,
    role: StartOrder['role'],
    order: (dataDir: string) => StartOrder | Promise<StartOrder>,
  ): Promise<Child>;
  /** Rejects when a child ends that was not asked to; never resolves. */
  readonly broken: Promise<never>;
  /** Stops every child and removes the directory. Idempotent. */
  close(): Promise<void>;
}

export async function openHousehold(env: Readonly<Record<string, string | undefined>>): Promise<Household> {
  const directory = await mkdtemp(join(tmpdir(), 'tallystick-'));
  const children = new Set<ChildProcess>();
  let closing: Promise<void> | undefined;
  let breakWith: (error: TallyError) => void = () => {};
  const broken = new Promise<never>((_, reject) => {
    breakWith = reject;
  });
  broken.catch(() => {}); // looked at by whoever races it
  const atExit = (): void => rmSync(directory, { recursive: true, force: true });
  process.once('exit', atExit);

  const close = async (): Promise<void> => {
    await Promise.all([...children].map(stopChild));
    await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    process.off('exit', atExit);
  };

  return {
    directory,
    broken,
    async start(name, role, order) {
      const dataDir = join(directory, name);
      await mkdir(dataDir, { mode: 0o700 });
      const child = fork(entry, [directory, role], {
        execArgv: [],
        env: childEnvironment(env),
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      });
      children.add(child);
      let who = name;
      let endsAs = 'party';
      child.on('error', (cause) => {
        breakWith(new TallyError('internal.bug', `process of ${who}: does not start`, { cause }));
      });
      child.once('exit', (code, signal) => {
        children.delete(child);
        if (closing === undefined) breakWith(endedError(who, endsAs, code, signal));
      });
      const start = await order(dataDir);
      who = start.id;
      endsAs = start.role === 'node' ? 'party' : start.role;
      const ready = await ask(child, start, 'ready');
      const sign = (agreement: StandingAgreement): Promise<AgreementSignature> =>
        ask(child, { type: 'sign', agreement }, 'signed').then(({ signature }) => signature);
      return { id: start.id, pid: child.pid ?? 0, ready, sign };
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

type Answer<T extends ChildMessage['type']> = Extract<ChildMessage, { type: T }>;

/** Sends an order, waits for its answer. One order at a time. That the child ends is `broken`'s affair. */
function ask<T extends 'ready' | 'signed'>(
  child: ChildProcess,
  order: StartOrder | SignOrder,
  answer: T,
): Promise<Answer<T>> {
  return new Promise((done, fail) => {
    child.once('message', (message: ChildMessage) => {
      if (message.type === 'failed') fail(codedError(message.code, message.message));
      else if (message.type === answer) done(message as Answer<T>);
      else fail(new TallyError('internal.bug', `child: want ${answer}, got ${message.type}`));
    });
    child.send(order, (error) => {
      if (error !== null) fail(new TallyError('internal.bug', 'child: takes no message'));
    });
  });
}

function endedError(who: string, role: string, code: number | null, signal: string | null): TallyError {
  const how = signal === null ? `with code ${code ?? 'none'}` : `by ${signal}`;
  if (role === 'coordinator')
    return new TallyError('channel.refused', `coordinator: its process ended ${how}`);
  return new TallyError('peer.left', `${role} ${who}: its process ended ${how}`);
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  if (child.connected) child.disconnect(); // the child takes this as the end
  const late = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
  await ended;
  clearTimeout(late);
}

/** Children need no secret of ours and no options of our loader. */
function childEnvironment(env: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) => !['TALLYSTICK_KEY', 'TALLYSTICK_PASSPHRASE', 'TALLYSTICK_DATA'].includes(name),
  );
  return Object.fromEntries(kept);
}
