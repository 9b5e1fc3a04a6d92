/** Mail over WebSocket and TLS through a real coordinator. */
import { systemClock } from '@tallystick/host/clock';
import type { Fingerprint, Identity } from '@tallystick/host/identity';
import type { CoordinatorLink } from '@tallystick/host/channel';
import { silentLog } from '@tallystick/host/log';
import { createMail } from '@tallystick/host/mail';
import { expect, test } from 'vitest';
import { startPlace } from './testing.ts';

test('questions of both ends are answered through the relay, and a wrong pin is not', async () => {
  const place = await startPlace();
  const { a, b, linkA, linkB } = place;
  const mailOf = (link: CoordinatorLink, other: Identity) => {
    const pins = new Map<string, Fingerprint>([[other.id, other.fingerprint]]);
    const mail = createMail({ link, peers: () => pins, clock: systemClock, log: silentLog });
    link.onRing((ring) => mail.accept(ring));
    mail.serve('test.echo', (from, body) => ({ from, body }));
    return { mail, pins };
  };
  const [north, south] = [mailOf(linkA, b), mailOf(linkB, a)];
  try {
    const answers = await Promise.all([
      ...Array.from({ length: 20 }, (_, i) => north.mail.ask('b', 'test.echo', i)),
      south.mail.ask('a', 'test.echo', 'x'.repeat(500_000)),
    ]);
    expect(answers.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, i) => ({ from: 'a', body: i })));
    expect(answers[20]).toEqual({ from: 'b', body: 'x'.repeat(500_000) });
    north.pins.set('b', a.fingerprint);
    await expect(north.mail.ask('b', 'test.echo', 1)).rejects.toMatchObject({ code: 'channel.pin' });
  } finally {
    await Promise.all([north.mail.close(), south.mail.close()]);
    await place.dispose();
  }
});
