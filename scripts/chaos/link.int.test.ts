import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Link } from './link.ts';

let echo: Server;
let link: Link;
let client: Socket;
let received = '';

beforeEach(async () => {
  echo = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const { port } = echo.address() as AddressInfo;
  const passages = (direction: 'request' | 'answer') => (bytes: Buffer) => [
    { direction, operation: bytes.toString(), request: '', bytes },
  ];
  link = await new Link({
    name: 'echo',
    target: { host: '127.0.0.1', port },
    dialogue: () => ({ requests: passages('request'), answers: passages('answer') }),
  }).open();
  client = await connected();
});
afterEach(async () => {
  client.destroy();
  await link.close();
  echo.close();
});

async function connected(): Promise<Socket> {
  const socket = connect(link.address.port, '127.0.0.1').on('error', () => {});
  received = '';
  socket.on('data', (chunk) => {
    received += chunk;
  });
  await once(socket, 'connect');
  return socket;
}

async function untilReceived(text: string): Promise<void> {
  while (received !== text) await once(client, 'data');
}

describe('a link', () => {
  it('hands on what is said, both ways', async () => {
    client.write('hello');
    await untilReceived('hello');
  });

  it('delays, and keeps the order when the delay ends meanwhile', async () => {
    link.delay(100);
    const startedAt = performance.now();
    client.write('a');
    await new Promise<void>((resolve) => {
      link.watch = () => {
        resolve();
        return 'pass';
      };
    });
    link.delay(0);
    client.write('b');
    await untilReceived('ab');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(95);
  });

  it('is silent as a black hole, for new connections too, and delivers when that is over', async () => {
    link.blackHole(true);
    client.destroy();
    client = await connected();
    client.write('late');
    await sleep(100);
    expect(received).toBe('');
    link.blackHole(false);
    await untilReceived('late');
  });

  it('breaks every connection when it is reset, and takes new ones', async () => {
    const [error] = await Promise.all([once(client, 'error'), link.reset()]);
    expect(error[0].code).toBe('ECONNRESET');
    client = await connected();
    client.write('again');
    await untilReceived('again');
  });

  it('loses the next answer that is meant, after the request has gone through, and no other', async () => {
    const lost = link.loseNext(({ direction, operation }) => direction === 'answer' && operation === 'two');
    client.write('one');
    await untilReceived('one');
    client.write('two');
    const [error] = await Promise.all([once(client, 'error'), lost]);
    expect(error[0].code).toBe('ECONNRESET');
    expect(received).toBe('one');
    client = await connected();
    client.write('two');
    await untilReceived('two');
  });
});
