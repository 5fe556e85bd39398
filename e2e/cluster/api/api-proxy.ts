/** Stands between a controller and the API server: it records who wrote what and when, and takes the server away. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { KubeConfig } from '@kubernetes/client-node';

export interface Write {
  /** When the answer was there, by the clock of this machine. */
  readonly atMs: number;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: string;
}

export interface ApiProxy {
  /** Every request that would change something and was answered, in order. */
  readonly writes: readonly Write[];
  /** Connections are taken and never answered, as when a machine is gone; `false` ends that, and what waited gets no answer. */
  readonly silence: (isSilent: boolean) => void;
  /** Requests whose path ends in that are answered 403; `undefined` ends it. */
  readonly refuse: (pathEnd: string | undefined) => void;
  readonly close: () => Promise<void>;
}

/** @param kubeconfig where the configuration is written that leads through this proxy, with the rights of `config` */
export async function openApiProxy(config: KubeConfig, namespace: string, kubeconfig: string): Promise<ApiProxy> {
  const upstream = new URL(config.getCurrentCluster()?.server ?? '');
  const writes: Write[] = [];
  const sockets = new Set<Socket>();
  let isSilent = false;
  let refused: string | undefined;

  const forward = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const body = await buffer(incoming);
    if (isSilent) return;
    const { method = 'GET', url: path = '/' } = incoming;
    if (refused !== undefined && new URL(path, upstream).pathname.endsWith(refused))
      return void outgoing.writeHead(403).end();
    const { host: _host, ...headers } = incoming.headers;
    const options: RequestOptions = { method, headers };
    await config.applyToHTTPSOptions(options);
    const asked = request(new URL(path, upstream), { ...options, headers: { ...headers, ...options.headers } });
    asked.end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    const content = await buffer(answer);
    if (method !== 'GET')
      writes.push({ atMs: Date.now(), method, path, status: answer.statusCode ?? 0, body: body.toString() });
    outgoing.writeHead(answer.statusCode ?? 502, { 'content-type': answer.headers['content-type'] ?? '' }).end(content);
  };

  const server = createServer((incoming, outgoing) => {
    forward(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await writeFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'proxy', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'nobody', user: {} }],
      contexts: [{ name: 'proxy', context: { cluster: 'proxy', user: 'nobody', namespace } }],
      'current-context': 'proxy',
    }),
  );
  const dropAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    writes,
    silence(wanted) {
      isSilent = wanted;
      if (!wanted) dropAll();
    },
    refuse(pathEnd) {
      refused = pathEnd;
    },
    async close() {
      server.close();
      dropAll();
      await once(server, 'close');
    },
  };
}
