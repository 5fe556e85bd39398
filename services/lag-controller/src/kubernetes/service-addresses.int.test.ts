import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AddressesOf, clusterDomainOf, serviceAddresses } from './service-addresses.ts';

const types = { 1: 'A', 28: 'AAAA' } as const;
type RecordType = (typeof types)[keyof typeof types];
const [noError, noSuchName] = [0, 3];
const mostUdpBytes = 1_232;

/** Of each name and type, the addresses as bytes; of a name that is not there, no answer at all. */
type Zone = Readonly<Record<string, Partial<Record<RecordType, readonly (readonly number[])[]>> | 'NXDOMAIN'>>;

const pod = (last: number) => [10, 0, 0, last];
const podV6 = (last: number) => [0xfd, ...Array(14).fill(0), last];

describe('the addresses of a Service', () => {
  let nameServer: Socket;
  let byTcp: Server;
  let asked: string[];
  let zone: Zone;
  let addressesOf: AddressesOf;

  const answer = (query: Buffer): Buffer | undefined => {
    const { name, type, question } = questionOf(query);
    asked.push(`${type} ${name}`);
    const found = zone[name];
    return found && answerTo(query, question, found === 'NXDOMAIN' ? found : (found[type] ?? []));
  };

  const udpServer = () => {
    const socket = createSocket('udp4').on('message', (query, { port, address }) => {
      const whole = answer(query);
      if (whole) socket.send(whole.length > mostUdpBytes ? truncated(whole) : whole, port, address);
    });
    return socket;
  };
  const tcpServer = () =>
    createServer((socket) =>
      // A message has its length before it.
      socket.on('data', (query) => {
        const whole = answer(query.subarray(2)) ?? Buffer.alloc(0);
        socket.end(Buffer.concat([Buffer.from([whole.length >> 8, whole.length & 255]), whole]));
      }),
    );

  /** By both protocols at one port. A number that is free for one may be somebody else's for the other: then by another. */
  async function listen(): Promise<number> {
    nameServer = udpServer();
    nameServer.bind(0, '127.0.0.1');
    await once(nameServer, 'listening');
    const { port } = nameServer.address();
    byTcp = tcpServer();
    try {
      await once(byTcp.listen(port, '127.0.0.1'), 'listening');
      return port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      nameServer.close();
      return listen();
    }
  }

  beforeEach(async () => {
    asked = [];
    const port = await listen();
    const servers = [`127.0.0.1:${port}`];
    addressesOf = serviceAddresses({ clusterDomain: 'cluster.test', timeoutMs: 1_000, servers });
  });
  afterEach(() => {
    nameServer.close();
    byTcp.close();
  });

  it('are those of all its ready pods, asked for by the full name', async () => {
    zone = { 'workers.shop.svc.cluster.test': { A: [pod(10), pod(9)] } };
    expect(await addressesOf('workers', 'shop')).toEqual(['10.0.0.10', '10.0.0.9']);
    expect(asked.toSorted()).toEqual(['A workers.shop.svc.cluster.test', 'AAAA workers.shop.svc.cluster.test']);
  });

  it('are all there where they are more than a datagram holds', async () => {
    const many = Array.from({ length: 250 }, (_, index) => pod(index + 1));
    zone = { 'workers.shop.svc.cluster.test': { A: many } };
    const found = await addressesOf('workers', 'shop');
    expect(found).toHaveLength(many.length);
    expect(new Set(found)).toEqual(new Set(many.map((bytes) => bytes.join('.'))));
  });

  it('are of IPv6 where there is no other, and one for each pod where there are both', async () => {
    zone = {
      'six.shop.svc.cluster.test': { AAAA: [podV6(1), podV6(2)] },
      'both.shop.svc.cluster.test': { A: [pod(2), pod(1)], AAAA: [podV6(1), podV6(2)] },
    };
    expect(await addressesOf('six', 'shop')).toEqual(['fd00::1', 'fd00::2']);
    expect(await addressesOf('both', 'shop')).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  it.each([
    ['no such name', 'NXDOMAIN'],
    ['a name without addresses', {}],
  ] as const)('are a fault where the name server knows %s', async (_, found) => {
    zone = { 'workers.shop.svc.cluster.test': found };
    await expect(addressesOf('workers', 'shop')).rejects.toThrow(
      'workers.shop.svc.cluster.test has no address: there is no such Service, or none of its pods is ready',
    );
  });

  it('are waited for so long and no longer, once for all who ask, and not on the thread pool that Kafka needs', async () => {
    zone = {};
    const onThreads = () => process.getActiveResourcesInfo().filter((one) => one === 'GetAddrInfoReqWrap').length;
    const before = onThreads();
    const startMs = performance.now();
    const asking = [addressesOf('workers', 'shop'), addressesOf('workers', 'shop')];
    const settled = Promise.allSettled(asking);
    expect(onThreads()).toBe(before);
    const silent = 'no name server has answered for workers.shop.svc.cluster.test within 1000 ms';
    expect(await settled).toMatchObject(asking.map(() => ({ reason: { message: silent } })));
    expect(performance.now() - startMs).toBeLessThan(4_000);
    const tries = asked.length;
    expect(new Set(asking).size).toBe(1);
    expect(new Set(asked).size).toBe(2);
    zone = { 'workers.shop.svc.cluster.test': { A: [pod(1)] } };
    expect(await addressesOf('workers', 'shop')).toEqual(['10.0.0.1']);
    // Nothing of the look-up before was still under way.
    expect(asked).toHaveLength(tries + 2);
  });
});

describe('the domain of the cluster', () => {
  it.each([
    ['search shop.svc.corp.example svc.corp.example corp.example example\noptions ndots:5\n', 'corp.example'],
    ['search svc.svc.corp.example svc.corp.example corp.example\n', 'corp.example'],
    ['nameserver 10.0.0.2\nsearch example\n', 'cluster.local'],
    ['', 'cluster.local'],
  ])('of %j is %s', (resolvConf, domain) => {
    expect(clusterDomainOf(resolvConf)).toBe(domain);
  });
});

function questionOf(query: Buffer): { name: string; type: RecordType; question: Buffer } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = types[query.readUInt16BE(at + 1) as keyof typeof types];
  return { name: labels.join('.'), type, question: query.subarray(12, at + 5) };
}

function answerTo(query: Buffer, question: Buffer, found: readonly (readonly number[])[] | 'NXDOMAIN'): Buffer {
  const addresses = found === 'NXDOMAIN' ? [] : found;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8580 | (found === 'NXDOMAIN' ? noSuchName : noError), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  const records = addresses.map((bytes) =>
    // Its name is that of the question; class IN, to be kept for 5 s.
    Buffer.from([0xc0, 12, 0, bytes.length === 4 ? 1 : 28, 0, 1, 0, 0, 0, 5, 0, bytes.length, ...bytes]),
  );
  return Buffer.concat([header, question, ...records]);
}

/** Without its records, and saying so. */
function truncated(whole: Buffer): Buffer {
  const { question } = questionOf(whole);
  const header = Buffer.from(whole.subarray(0, 12));
  header.writeUInt16BE(header.readUInt16BE(2) | 0x0200, 2);
  header.writeUInt16BE(0, 6);
  return Buffer.concat([header, question]);
}
