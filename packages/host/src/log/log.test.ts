import { TallyError } from '@tallystick/protocol/errors';
import { expect, it } from 'vitest';
import { fakeClock } from '../clock/index.ts';
import { createLog, type LogFields, type LogOptions, pub, pubError } from './index.ts';

function capture(options: LogOptions = {}) {
  const lines: string[] = [];
  const log = createLog({ ...options, clock: fakeClock(0), write: (line) => void lines.push(line) });
  return { lines, log };
}

/** What a caller that ignores the types might pass. */
const raw = (fields: object) => fields as LogFields;
const secret = 'passport:AFG:O1234567';

it('writes what is marked public, as JSON and for people', () => {
  const { lines, log } = capture();
  log.with({ node: pub('a') }).info('link.state', { state: pub('online'), count: pub(3n), code: pub(null) });
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    time: '1970-01-01T00:00:00.000Z',
    level: 'info',
    event: 'link.state',
    node: 'a',
    state: 'online',
    count: '3',
    code: null,
  });
  const human = capture({ format: 'human' });
  human.log.warn('x', { text: pub('two words'), n: pub(1) });
  expect(human.lines).toEqual(['00:00:00 warn x text="two words" n=1']);
});

it('withholds what is not marked, under every disguise', () => {
  for (const field of [
    secret,
    { value: secret },
    [secret],
    new Error(secret),
    undefined,
    { __proto__: pub('x'), v: secret },
  ]) {
    const { lines, log } = capture();
    log.error('event', raw({ field }));
    expect(lines.join()).not.toContain('1234567');
    expect(lines.join()).toContain('[withheld]');
    expect(() => capture({ strict: true }).log.debug('event', raw({ field }))).toThrow('not marked public');
  }
});

it('takes no text as an event or a field name', () => {
  const { lines, log } = capture();
  log.info(secret);
  log.info(`imported ${secret}`);
  log.info('event', { [secret]: pub(1) });
  expect(lines.join()).not.toContain('1234567');
  expect(() => capture({ strict: true }).log.info(secret)).toThrow('not marked public');
});

it('shows the message of a coded error, and of another one nothing', () => {
  const { lines, log } = capture();
  log.error('failed', { error: pubError(new TallyError('wire.length', 'frame: want 1, got 2')) });
  log.error('failed', { error: pubError(new Error(secret)) });
  expect(lines[0]).toContain('wire.length: frame: want 1, got 2');
  expect(lines[1]).toContain('internal.bug');
  expect(lines[1]).not.toContain('1234567');
});

it('cannot be made to forge a line, and keeps below its level silent', () => {
  const { lines, log } = capture({ format: 'human' });
  log.info('x', { id: pub('a\n00:00:00 info forged\u001b[2J') });
  expect(lines).toHaveLength(1);
  for (const control of ['\n', '\u001b']) expect(lines[0]).not.toContain(control);
  log.debug('x');
  expect(lines).toHaveLength(1);
});
