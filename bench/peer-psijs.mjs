/**
 * A process of its own: two-party PSI with @openmined/psi.js, all phases, over two lists in files.
 *
 * Purpose: what the peer costs, in CPU time, next to ours.
 * Assumes: argv: the folder it was installed in, the server's list, the client's list (one identifier a line), and
 * how many on both. Does not know: networks: both ends run here, and nothing is sent, which is in the peer's favour.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder, serverPath, clientPath, common] = process.argv.slice(2);
const require = createRequire(join(folder, 'package.json'));
const read = (path) => readFileSync(path, 'utf8').split('\n').filter(Boolean);
const serverList = read(serverPath);
const clientList = read(clientPath);

const loaded = require('@openmined/psi.js');
const psi = await (loaded.default ?? loaded)();
const before = process.cpuUsage();
const startedMs = performance.now();
const server = psi.server.createWithNewKey(true);
const client = psi.client.createWithNewKey(true);
// Raw: the one without false positives, as ours
const setup = server
  .createSetupMessage(0, clientList.length, serverList, psi.dataStructure.Raw)
  .serializeBinary();
const request = client.createRequest(clientList).serializeBinary();
const response = server.processRequest(psi.request.deserializeBinary(request)).serializeBinary();
const found = client.getIntersection(
  psi.serverSetup.deserializeBinary(setup),
  psi.response.deserializeBinary(response),
);
const wallMs = performance.now() - startedMs;
const { user, system } = process.cpuUsage(before);
if (found.length !== Number(common)) throw new Error(`psi.js: want ${common} in common, got ${found.length}`);
const bytes = setup.length + request.length + response.length;
process.stdout.write(JSON.stringify({ cpuUs: user + system, wallMs, bytes }));
