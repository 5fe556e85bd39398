import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { callsWith } from '@shop/shared/http/call';
import { noTracer } from '@shop/shared/tracing/tracer';
import type { Channel } from '../ports.ts';
import { letter } from './letter.fixture.ts';
import { signatureOf, webhookChannel } from './webhook.ts';

const secret = Buffer.from('C2FVsBQIhrscChlQIMV+b5sSYspob7oD', 'base64');

describe('the channel webhook', () => {
  let server: Server;
  let status: number;
  let requests: { readonly headers: IncomingHttpHeaders; readonly body: string }[];
  let channel: Channel;
  let newest: Buffer;

  beforeEach(async () => {
    status = 204;
    newest = secret;
    requests = [];
    server = createServer(async (request, response) => {
      requests.push({ headers: request.headers, body: await text(request) });
      response.writeHead(status, { 'retry-after': '7' }).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    const call = callsWith(noTracer);
    channel = webhookChannel({
      call,
      url,
      secret: () => newest,
      timeoutMs: 2_000,
      now: () => new Date(1_674_087_231_999),
    });
  });
  afterEach(() => void server.close());

  it('sends what happened, to whom and in which words, signed with the time and the id of the event', async () => {
    await channel.send(letter);
    const [{ headers, body } = { headers: {}, body: '' }] = requests;
    expect(JSON.parse(body)).toEqual({
      type: 'order.paid',
      data: {
        orderId: letter.decision.orderId,
        status: 'PAGO',
        total: 4_500,
        client: { name: 'João Silva', email: 'joao@example.com' },
        language: 'pt',
        ...letter.wording,
      },
    });
    expect(headers).toMatchObject({
      'webhook-id': letter.decision.eventId,
      'webhook-timestamp': '1674087231',
      'webhook-signature': signatureOf(secret, `${letter.decision.eventId}.1674087231.${body}`),
    });
  });

  it('signs with the newest secret', async () => {
    newest = Buffer.alloc(24, 1);
    await channel.send(letter);
    const [{ headers, body } = { headers: {}, body: '' }] = requests;
    const signed = `${letter.decision.eventId}.1674087231.${body}`;
    expect(headers['webhook-signature']).toBe(signatureOf(newest, signed));
  });

  it.each([
    [400, 'unprocessable'],
    [410, 'unprocessable'],
    [422, 'unprocessable'],
    [401, 'unavailable'],
    [404, 'unavailable'],
    [500, 'unavailable'],
    [302, 'unavailable'],
  ])('takes %d for %s', async (answer, kind) => {
    status = answer;
    await expect(channel.send(letter)).rejects.toMatchObject({ kind });
  });

  it('slows down for as long as it is asked to', async () => {
    status = 429;
    await expect(channel.send(letter)).rejects.toMatchObject({ kind: 'throttled', retryAfterSeconds: 7 });
  });
});

describe('signatureOf', () => {
  it('is that of the example in the specification of Standard Webhooks', () => {
    const signed = 'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}';
    const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
    expect(signatureOf(key, signed)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });
});
