/** Child of `exit.slow.test.ts`: uses everything once, closes it, and must then end by itself. */
import { startPlace } from './testing.ts';

const place = await startPlace();
const { client, server } = await place.pair();
await client.send(Uint8Array.of(1));
await server.receive();
const open = await place.pair('left open');
await client.close();
if (process.argv[2] === 'dispose') await place.dispose();
process.stdout.write(`${open.client.facts.role}\n`);
