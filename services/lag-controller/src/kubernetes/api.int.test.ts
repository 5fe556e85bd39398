import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Api, answerOf, connectApi } from './api.ts';

/** An API server that counts its connections, and answers when it is let. Without TLS, whose options are read all the same. */
async function server() {
  const all = new Set<object>();
  const silent = new Set<object>();
  const waiting: Array<() => void> = [];
  let isHolding = false;
  const urls: string[] = [];
  const http = createServer((request: IncomingMessage, response: ServerResponse) => {
    urls.push(request.url ?? '');
    if (silent.has(request.socket)) return;
    const answer = () =>
      response.setHeader('content-type', 'application/json').end('{"metadata":{"name":"payments"},"spec":{}}');
    if (isHolding) waiting.push(answer);
    else answer();
  });
  // As an API server, which says nothing of how long it keeps an idle connection.
  http.keepAliveTimeout = 0;
  http.on('connection', (socket) => all.add(socket));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    urls,
    connections: () => all.size,
    hold: () => {
      isHolding = true;
    },
    /** Resolves when so many requests wait. */
    async held(count: number) {
      while (waiting.length < count) await sleep(5);
    },
    release() {
      isHolding = false;
      for (const answer of waiting.splice(0)) answer();
    },
    /** As when its machine is lost: the connections that there are get no answer, and no end. */
    goSilent: () => {
      for (const socket of all) silent.add(socket);
    },
    close: () => {
      http.closeAllConnections();
      http.close();
    },
  };
}

const answered = [() => true, () => false] as const;

describe('the connections to the API server', () => {
  const before = process.env.KUBECONFIG;
  let folder: string;
  let api: Awaited<ReturnType<typeof server>>;

  const trust = (authority: string) => writeFile(join(folder, 'ca.crt'), authority);
  const connect = async (proxy?: string): Promise<Api> => {
    const cluster = {
      server: api.url,
      'insecure-skip-tls-verify': true,
      'certificate-authority': 'ca.crt',
      ...(proxy && { 'proxy-url': proxy }),
    };
    const config = {
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user: { token: 't' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    };
    process.env.KUBECONFIG = join(folder, 'config');
    await writeFile(process.env.KUBECONFIG, JSON.stringify(config));
    return connectApi();
  };
  const read = ({ apps }: Api) =>
    answerOf('payments', apps.readNamespacedDeployment({ name: 'payments', namespace: 'shop' }));
  const readTimes = (count: number, to: Api) => Promise.all(Array.from({ length: count }, () => read(to)));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'api-'));
    api = await server();
    await trust('one');
  });
  afterEach(async () => {
    if (before === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = before;
    api.close();
    await rm(folder, { recursive: true });
  });

  it('are kept, and so few that a hundred calls at once share them', async () => {
    const to = await connect();
    await readTimes(100, to);
    const opened = api.connections();
    expect(opened).toBeLessThanOrEqual(32);
    for (let round = 0; round < 3; round += 1) await readTimes(100, to);
    expect(api.connections()).toBe(opened);
  });

  it('are new ones after another CA was put in the file, while calls under way end on those that they have', async () => {
    const to = await connect();
    api.hold();
    const underWay = readTimes(3, to);
    await api.held(3);
    await trust('another');
    const after = read(to);
    await api.held(4);
    api.release();
    await Promise.all([underWay, after]);
    expect(api.connections()).toBe(4);
    await trust('a third');
    await read(to);
    expect(api.connections()).toBe(5);
  });

  it('are given up after a call without an answer, which the others to a server that is gone would cost as well', async () => {
    const to = await connect();
    api.hold();
    const three = readTimes(3, to);
    await api.held(3);
    api.release();
    await three;
    api.goSilent();
    // A call may take a new connection while those that are kept are not free yet.
    while (await read(to).then(...answered)) await setImmediate();
    expect(await readTimes(3, to)).toHaveLength(3);
  });

  it('go through the proxy of the kubeconfig', async () => {
    const proxy = await server();
    await read(await connect(proxy.url));
    proxy.close();
    expect([proxy.urls, api.urls]).toEqual([[expect.stringContaining(`${api.url}/apis/apps/v1/`)], []]);
  });
});
