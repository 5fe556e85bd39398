import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readSettings } from '../env.ts';
import { createLog } from '../log.ts';
import { type KeyAndCertificate, selfSigned } from './certificate.fixture.ts';
import { followSecurity } from './security.ts';
import { kafkaSettings } from './settings.ts';
import { Sockets } from './sockets.ts';

const broker = selfSigned('broker');
const [first, second] = [selfSigned('first'), selfSigned('second')];

let folder: string;
let server: Server;
let sockets: Sockets;
/** Who has come, by the name in its certificate. */
let seen: string[];

const mount = ({ cert, key }: KeyAndCertificate) =>
  Promise.all([writeFile(join(folder, 'user.crt'), cert), writeFile(join(folder, 'user.key'), key)]);
const trust = (...known: KeyAndCertificate[]) =>
  server.setSecureContext({ ...broker, ca: known.map(({ cert }) => cert) });

/** The connection, once the broker has let us in; `undefined` where it hangs up instead. */
async function connects(): Promise<Socket | undefined> {
  const { port } = server.address() as AddressInfo;
  const socket = sockets.open({ host: '127.0.0.1', port, onConnect: () => {} }).on('error', () => {});
  const isIn = await Promise.race([once(socket, 'data').then(() => true), once(socket, 'close').then(() => false)]);
  return isIn ? socket : undefined;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shop-sockets-'));
  seen = [];
  server = createServer({ ...broker, ca: [first.cert], requestCert: true, rejectUnauthorized: true });
  server.on('secureConnection', (socket: TLSSocket) => {
    seen.push(String(socket.getPeerCertificate().subject.CN));
    socket.write('welcome');
  });
  server.on('tlsClientError', () => {});
  await once(server.listen(0, '127.0.0.1'), 'listening');
  await writeFile(join(folder, 'ca.crt'), broker.cert);
  await mount(first);
  const settings = readSettings(kafkaSettings, {
    KAFKA_TLS: 'true',
    KAFKA_TLS_CA_FILE: join(folder, 'ca.crt'),
    KAFKA_TLS_CERT_FILE: join(folder, 'user.crt'),
    KAFKA_TLS_KEY_FILE: join(folder, 'user.key'),
  });
  sockets = new Sockets(followSecurity(settings, createLog('test', { logLevel: 'silent' })).tls);
});

afterEach(async () => {
  sockets.close();
  server.close();
  await rm(folder, { recursive: true });
});

describe('a client that shows a certificate', () => {
  it('shows the newest with each connection, and keeps the connections it has', async () => {
    const old = await connects();
    await mount(second);
    trust(first, second);
    await connects();
    expect(seen).toEqual(['first', 'second']);
    expect(old?.destroyed).toBe(false);
  });

  it('is kept out once its certificate is not trusted any more, until it has the new one', async () => {
    await connects();
    trust(second);
    expect(await connects()).toBeUndefined();
    await mount(second);
    await connects();
    expect(seen).toEqual(['first', 'second']);
  });

  it('shows the last one while key and certificate do not belong together', async () => {
    await writeFile(join(folder, 'user.crt'), second.cert);
    trust(first, second);
    await connects();
    await writeFile(join(folder, 'user.key'), second.key);
    await connects();
    expect(seen).toEqual(['first', 'second']);
  });
});
