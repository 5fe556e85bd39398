import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findMongod } from './mongod.ts';

let folder: string;
let mirror: Server | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mongod-'));
});

afterEach(async () => {
  mirror?.closeAllConnections();
  mirror?.close();
  mirror = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** No mongod on PATH, and a download only from the mirror. */
async function environment(serve: RequestListener): Promise<NodeJS.ProcessEnv> {
  mirror = createServer(serve).listen(0, '127.0.0.1');
  await once(mirror, 'listening');
  const { port } = mirror.address() as AddressInfo;
  return {
    PATH: '/usr/bin:/bin',
    HOME: folder,
    MONGOMS_DOWNLOAD_DIR: join(folder, 'binaries'),
    MONGOMS_DOWNLOAD_MIRROR: `http://127.0.0.1:${port}`,
    MONGOMS_USE_HTTP: 'true',
    MONGOMS_DISTRO: 'debian-12',
  };
}

/** An archive as MongoDB publishes it, with a script instead of the server, as large as one that is taken seriously. */
async function archive(): Promise<Buffer> {
  const bin = join(folder, 'mongodb/bin');
  await mkdir(bin, { recursive: true });
  const script = '#!/bin/sh\necho "db version v8.2.6"\nexit\n';
  await writeFile(join(bin, 'mongod'), script + '#\n'.repeat(6_000_000), { mode: 0o755 });
  await promisify(execFile)('tar', ['-czf', 'archive.tgz', 'mongodb'], { cwd: folder });
  return readFile(join(folder, 'archive.tgz'));
}

describe('findMongod', () => {
  it('downloads a mongod once, checks it, and tells that it does', async () => {
    const tgz = await archive();
    const md5 = createHash('md5').update(tgz).digest('hex');
    const asked: string[] = [];
    const env = await environment((request, response) => {
      asked.push(String(request.url));
      const body = request.url?.endsWith('.md5') ? Buffer.from(`${md5}  archive.tgz\n`) : tgz;
      response.setHeader('content-length', body.length).end(body);
    });
    const told: string[] = [];
    const first = await findMongod({ env, onProgress: (line) => told.push(line) });
    expect(first).toEqual({ path: expect.stringContaining(join(folder, 'binaries')) });
    expect(told).toEqual([expect.stringMatching(/^Downloading MongoDB 8\.2\.6, this once: .*%/)]);
    expect(asked).toHaveLength(2);

    expect(await findMongod({ env, onProgress: (line) => told.push(line) })).toEqual(first);
    expect(asked).toHaveLength(2);
  }, 30_000);

  it('refuses an archive whose checksum is another', async () => {
    const tgz = await archive();
    const env = await environment((request, response) => {
      const body = request.url?.endsWith('.md5') ? Buffer.from(`${'0'.repeat(32)}  archive.tgz\n`) : tgz;
      response.setHeader('content-length', body.length).end(body);
    });
    expect(await findMongod({ env, onProgress: () => {} })).toEqual({ reason: expect.stringMatching(/md5/i) });
  }, 30_000);

  it('says why when the download is refused', async () => {
    const env = await environment((_request, response) => void response.writeHead(404).end());
    expect(await findMongod({ env, onProgress: () => {} })).toEqual({ reason: expect.stringContaining('404') });
  });

  it('gives up a download that does not begin', async () => {
    const env = await environment(() => {});
    expect(await findMongod({ env, firstByteTimeoutMs: 500, onProgress: () => {} })).toEqual({
      reason: 'no download began within 0.5 s',
    });
  });
});
