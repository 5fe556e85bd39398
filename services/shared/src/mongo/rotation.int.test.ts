import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Schema } from 'mongoose';
import { findJava } from '../../../../scripts/embedded/java.ts';
import { type Certificate, makeCertificate } from '../../../../scripts/embedded/kafka/certificate.ts';
import { replaceFile } from '../../../../scripts/testing/replace-file.ts';
import { proxyOf, type TcpProxy } from '../../../../scripts/testing/tcp-proxy.ts';
import { testDatabase } from '../../../../scripts/testing/test-database.ts';
import { until } from '../../../../scripts/testing/until.ts';
import { createLog } from '../log.ts';
import { pingMongo } from './connect.ts';
import { type FollowedMongo, openMongo } from './rotation.ts';

jest.setTimeout(60_000);

const pace = { everyMs: 50, graceMs: 3_000 };
const lines: string[] = [];
const log = createLog('test', { logLevel: 'info' }, { write: (line: string) => lines.push(line) });
const close: (() => unknown)[] = [];
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shop-mongo-rotation-'));
  file = join(folder, 'uri');
  lines.length = 0;
});

afterEach(async () => {
  for (const one of close.splice(0).reverse()) await one();
  await rm(folder, { recursive: true });
});

async function follow(uri: string): Promise<FollowedMongo> {
  await writeFile(file, uri);
  const followed = await openMongo({ mongodbUri: 'mongodb://unused/x', mongodbUriFile: file }, log, pace);
  close.push(followed.close);
  return followed;
}

/** Works without a pause, as a service under load does, and tells what failed. */
function work({ mongo }: FollowedMongo) {
  const things = mongo.model('Thing', new Schema({ number: Number }));
  const done = { inserts: 0, failures: [] as unknown[] };
  let ended = false;
  const working = (async () => {
    while (!ended) {
      await things.create({ number: done.inserts }).catch((error) => done.failures.push(error));
      done.inserts += 1;
    }
  })();
  close.push(() => {
    ended = true;
    return working;
  });
  const goesOn = async () => {
    const { inserts } = done;
    await until('work goes on', () => done.inserts > inserts + 20);
  };
  return { done, goesOn };
}

describe('MongoDB whose Secret is replaced', () => {
  let old: TcpProxy;
  let uri: string;

  beforeEach(async () => {
    ({ proxy: old, uri } = await proxyOf(testDatabase()));
    close.push(() => old.close());
  });

  it('is reached by the new address without one failure, and the old one is left', async () => {
    const followed = await follow(uri);
    const { done, goesOn } = work(followed);
    await goesOn();
    const next = await proxyOf(testDatabase());
    close.push(() => next.proxy.close());
    await replaceFile(file, `${next.uri}\n`);
    await until('the old address is left', () => old.connections === 0);
    await old.close();
    await goesOn();
    expect(done.failures).toEqual([]);
    expect(followed.mongo.readyState).toBe(1);
  });

  it('stays where it was while the new address leads nowhere, and says so once', async () => {
    const { done, goesOn } = work(await follow(uri));
    await goesOn();
    await replaceFile(file, 'mongodb://user:hunter2@127.0.0.1:1/shop');
    const warnings = () => lines.filter((line) => line.includes('cannot be used'));
    await until('it is told', () => warnings().length > 0);
    await goesOn();
    await replaceFile(file, '');
    await until('it is told', () => warnings().length > 1);
    await goesOn();
    expect(done.failures).toEqual([]);
    expect(warnings()).toHaveLength(2);
    expect(lines.join('')).not.toContain('hunter2');
  });

  it('trusts the next authority when the file that its options name holds it', async () => {
    const [first, second] = [await certificate('first'), await certificate('second')];
    const server = await encrypt(old, first);
    const caFile = join(folder, 'ca.crt');
    await writeFile(caFile, await readFile(first.caFile));
    const followed = await follow(`mongodb://127.0.0.1:${server.port}/shop?tls=true&tlsCAFile=${caFile}`);
    await pingMongo(followed.mongo);
    await replaceFile(caFile, `${await readFile(first.caFile)}${await readFile(second.caFile)}`);
    await until('it has taken up the bundle', () => lines.some((line) => line.includes('new address')));
    await server.changeTo(second);
    await until('it is reached again', () => pingMongo(followed.mongo).then(() => true));
  });
});

async function certificate(name: string): Promise<Certificate> {
  const java = await findJava(process.env);
  return makeCertificate(join(folder, name), join(java.home, 'bin', 'keytool'));
}

/** A server that speaks TLS before one that does not. */
async function encrypt({ address }: TcpProxy, first: Certificate) {
  const port = Number(address.split(':')[1]);
  const context = async ({ keystore: { file: pfx, password: passphrase } }: Certificate) => ({
    pfx: await readFile(pfx),
    passphrase,
  });
  const open = new Set<{ destroy: () => void }>();
  const server: Server = createServer(await context(first), (near) => {
    const far = connect(port, '127.0.0.1');
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) {
      socket.on('error', () => {});
      open.add(socket);
      socket.on('close', () => {
        near.destroy();
        far.destroy();
      });
    }
  });
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close.push(() => {
    server.close();
    cut();
  });
  return {
    port: (server.address() as { port: number }).port,
    async changeTo(next: Certificate) {
      server.setSecureContext(await context(next));
      cut();
    },
  };
}
