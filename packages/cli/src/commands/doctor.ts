/**
 * `tallystick doctor`: what this machine has, and whether a node can run on it.
 *
 * Purpose: one line a fact, good or bad, each with what to do; the exit code is 5 where something is missing.
 * Assumes: nothing. Does not know: sessions.
 */
import { access, constants, stat, statfs } from 'node:fs/promises';
import { request } from 'node:http';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { dirname } from 'node:path';
import type { EngineReport } from '@tallystick/node/compute';
import { openVault } from '@tallystick/node/vault';
import { asTallyError } from '@tallystick/protocol/errors';
import { checkUnicode, pinnedUnicode } from '@tallystick/protocol/records';
import type { Call, Run } from '../args/types.ts';
import { nodeAt } from '../control/index.ts';
import { bytesText, count, styleFor } from '../render/text.ts';
import { hasNode, readSettings } from '../settings/index.ts';
import { dataDirectory, urlOf } from './common.ts';

interface Finding {
  readonly what: string;
  readonly found: string;
  /** `note`: neither good nor bad. */
  readonly verdict: 'good' | 'bad' | 'note';
}

const leastNode = [20, 19] as const;
const environmentExit = 5;
const mostClockSkewMs = 60_000;

export const run: Run = async (call) => {
  const { options, io } = call;
  const dataDir = dataDirectory(options, io);
  const findings = [
    nodeVersion(),
    unicode(),
    ...(await engine()),
    memory(),
    ...(await dataDirectoryFindings(dataDir)),
    ...(await coordinatorFindings(call, dataDir)),
  ];
  if (options.on('json')) io.out.write(`${JSON.stringify(findings)}\n`);
  else {
    const style = styleFor(io.out.colour);
    const mark = { good: style.good('ok  '), bad: style.bad('BAD '), note: '    ' };
    for (const one of findings) io.out.write(`${mark[one.verdict]}${one.what.padEnd(18)}${one.found}\n`);
  }
  return findings.some((one) => one.verdict === 'bad') ? environmentExit : 0;
};

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const good = major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1]);
  const found = `${process.version}${good ? '' : `; want ${leastNode.join('.')} or newer`}`;
  return { what: 'Node.js', found, verdict: good ? 'good' : 'bad' };
}

function unicode(): Finding {
  const runtime = process.versions.unicode ?? 'unknown';
  try {
    checkUnicode(runtime);
    return { what: 'Unicode', found: `${runtime}, recipes are pinned to ${pinnedUnicode}`, verdict: 'good' };
  } catch (thrown) {
    return { what: 'Unicode', found: `${runtime}: ${asTallyError(thrown).remedy}`, verdict: 'bad' };
  }
}

/** Which engine computes, and of each that was tried why it does or does not. */
export function engineFindings({ engine, threads, tried }: EngineReport): Finding[] {
  const cores = `${count(availableParallelism(), 'core')}, ${count(threads, 'worker')}`;
  return [
    { what: 'engine', found: `${engine}, ${cores}`, verdict: 'good' },
    ...tried.map(
      (one): Finding => ({
        what: `  ${one.engine}`,
        found: `${one.usable ? 'usable' : 'not usable'}: ${one.reason}`,
        verdict: 'note',
      }),
    ),
  ];
}

async function engine(): Promise<Finding[]> {
  try {
    const vault = await openVault();
    try {
      return engineFindings(await vault.engine());
    } finally {
      await vault.close();
    }
  } catch (thrown) {
    const { message, remedy } = asTallyError(thrown);
    return [{ what: 'engine', found: `${message}; ${remedy}`, verdict: 'bad' }];
  }
}

function memory(): Finding {
  return {
    what: 'memory',
    found: `${bytesText(freemem())} free of ${bytesText(totalmem())}`,
    verdict: 'note',
  };
}

async function dataDirectoryFindings(dataDir: string): Promise<Finding[]> {
  const facts = await stat(dataDir).catch(() => undefined);
  if (facts === undefined) {
    const parent = await access(dirname(dataDir), constants.W_OK).then(
      () => true,
      () => false,
    );
    const found = `${dataDir}: not there yet; tallystick init makes it`;
    return [{ what: 'data directory', found, verdict: parent ? 'note' : 'bad' }];
  }
  const open = (facts.mode & 0o077) !== 0;
  const disk = await statfs(dataDir).then(
    (one) => `, ${bytesText(one.bavail * one.bsize)} free`,
    () => '',
  );
  const findings: Finding[] = [
    {
      what: 'data directory',
      found: open ? `${dataDir}: others can read it; chmod 700` : `${dataDir}, private${disk}`,
      verdict: open ? 'bad' : 'good',
    },
    (await hasNode(dataDir))
      ? { what: 'store', found: 'there, sealed', verdict: 'good' }
      : { what: 'store', found: 'none yet; tallystick init makes it', verdict: 'note' },
  ];
  try {
    const status = await nodeAt(dataDir).call('status', {});
    findings.push(
      { what: 'node', found: `${status.id} runs, ${status.fingerprint}`, verdict: 'good' },
      {
        what: 'control socket',
        found: `answers; ${count(status.peers, 'peer')}, ${count(status.lists, 'list')}, ${count(status.sessions, 'session')} open`,
        verdict: 'good',
      },
      {
        what: 'connection',
        found: `${status.coordinator.url}: ${status.coordinator.state}`,
        verdict: status.coordinator.state === 'online' ? 'good' : 'bad',
      },
    );
  } catch (thrown) {
    findings.push({ what: 'node', found: `not running: ${asTallyError(thrown).message}`, verdict: 'note' });
  }
  return findings;
}

async function coordinatorFindings(call: Call, dataDir: string): Promise<Finding[]> {
  const remembered = await readSettings(dataDir).catch(() => undefined);
  const url = urlOf(call.options, 'coordinator') ?? remembered?.coordinator;
  if (url === undefined) {
    return [{ what: 'coordinator', found: 'not tried; give --coordinator URL', verdict: 'note' }];
  }
  const answer = await reach(url);
  if (answer === undefined) {
    return [{ what: 'coordinator', found: `${url}: nobody answers there`, verdict: 'bad' }];
  }
  const findings: Finding[] = [{ what: 'coordinator', found: `${url}: answers`, verdict: 'good' }];
  if (answer.dateMs !== undefined) {
    const skewMs = Math.abs(Date.now() - answer.dateMs);
    const found =
      skewMs <= mostClockSkewMs ? 'agrees with the coordinator' : `${Math.round(skewMs / 1000)} s off`;
    findings.push({ what: 'clock', found, verdict: skewMs <= mostClockSkewMs ? 'good' : 'bad' });
  }
  return findings;
}

/** A plain HTTP request: a WebSocket server answers it, if only to say that it wants an upgrade. */
async function reach(url: string): Promise<{ readonly dateMs: number | undefined } | undefined> {
  const { request: secure } = await import('node:https');
  const target = new URL(url);
  const isSecure = target.protocol === 'wss:';
  target.protocol = isSecure ? 'https:' : 'http:';
  return new Promise((done) => {
    const call = (isSecure ? secure : request)(target, { timeout: 3000 }, (response) => {
      response.resume();
      const date = response.headers.date;
      done({ dateMs: date === undefined ? undefined : Date.parse(date) });
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => done(undefined));
    call.end();
  });
}
