import { once } from 'node:events';
import http from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readSettings } from '@shop/shared/env';
import { httpSettings, type Listening, serve } from '@shop/shared/http/app';
import { createLog } from '@shop/shared/log';
import { createRegistry } from '@shop/shared/metrics';
import express from 'express';
import { roundOf, scalerOf } from '../round.fixture.ts';
import { eventStream } from './events.ts';

const log = createLog('test', { logLevel: 'silent' });

describe('the stream of events', () => {
  let events: ReturnType<typeof eventStream>;
  let service: Listening;
  let requests: http.ClientRequest[];
  let streams: http.ServerResponse[];

  const watchStreams = () =>
    express.Router().use((_request, response, next) => {
      streams.push(response);
      next();
    });

  const start = async (drainDelayMs = 0) => {
    events = eventStream();
    service = await serve(
      {
        info: { title: 'Test', version: '1', description: 'Events.' },
        endpoints: [],
        routers: [watchStreams, events.router],
        health: { service: 'test', connections: {}, ready: {}, live: {} },
        registry: createRegistry('test'),
        log,
        translate: () => undefined,
      },
      readSettings(httpSettings('0'), { HOST: '127.0.0.1', DRAIN_DELAY_MS: String(drainDelayMs) }),
    );
  };
  beforeEach(async () => {
    requests = [];
    streams = [];
    await start();
  });
  afterEach(async () => {
    for (const request of requests) request.destroy();
    await service.close();
  });

  const connect = async (): Promise<http.IncomingMessage> => {
    const request = http.get(`http://127.0.0.1:${service.port}/v1/events`, { agent: false });
    requests.push(request);
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    // What the server destroys ends here as an error.
    return response.setEncoding('utf8').on('error', () => {});
  };

  /** @returns what waits until the newest 10,000 characters hold `wanted`, and answers these */
  const reading = (reader: http.IncomingMessage) => {
    let text = '';
    reader.on('data', (chunk) => {
      text = (text + chunk).slice(-10_000);
    });
    return async (wanted: string) => {
      while (!text.includes(wanted)) await once(reader, 'data');
      return text;
    };
  };

  const tell = (fault: string) => events.listen(scalerOf('payments'), roundOf('payments', 1_000, [fault]));

  it('brings each round to each of its readers', async () => {
    const readers = await Promise.all([connect(), connect()]);
    expect(readers[0]?.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const texts = readers.map((reader) => reading(reader)('"second"'));
    tell('first');
    tell('second');
    for (const text of await Promise.all(texts)) {
      const points = [...text.matchAll(/^data: (.*)\n\n/gm)].map(([, json = '']) => JSON.parse(json));
      expect(points).toMatchObject([
        { scaler: 'payments', point: { atMs: 1_000, action: 'hold', faults: ['first'] } },
        { scaler: 'payments', point: { faults: ['second'] } },
      ]);
    }
  });

  it('has no place for a 101st reader until another one leaves', async () => {
    const readers = await Promise.all(Array.from({ length: 100 }, connect));
    expect(new Set(readers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
    const late = await connect();
    expect([late.statusCode, late.headers['retry-after']]).toEqual([503, '30']);
    requests[0]?.destroy();
    let status: number | undefined = 503;
    while (status === 503) status = (await connect()).statusCode;
    expect(status).toBe(200);
  });

  it('lets a reader go that does not read, and remembers nothing more for it', async () => {
    const [slow, quick] = [await connect(), await connect()];
    const gone = new Promise((resolve) => slow.on('close', resolve));
    const readUntil = reading(quick);
    const events = 80;
    for (let count = 1; count <= events; count += 1) {
      tell(`${'x'.repeat(500_000)}end-${count}.`);
      await readUntil(`end-${count}.`);
    }
    let end = '';
    slow.on('data', (chunk) => {
      end = (end + chunk).slice(-10_000);
    });
    await gone;
    expect(end).not.toContain(`end-${events}.`);
  });

  it('ends when the service begins to stop, and takes no reader any more', async () => {
    await service.close();
    await start(3_000);
    const reader = await connect();
    const closed = service.close();
    await once(reader.resume(), 'end');
    expect((await connect()).statusCode).toBe(503);
    await closed;
  });

  it('ends soon though a reader does not read, and rounds go on meanwhile', async () => {
    const [slow, quick] = [await connect(), await connect()];
    const gone = new Promise((resolve) => slow.on('close', resolve));
    const readUntil = reading(quick);
    // Until the connection itself takes no more: what is written from now on cannot be sent.
    for (let count = 1; streams[0]?.writableLength === 0; count += 1) {
      tell(`${'x'.repeat(200_000)}end-${count}.`);
      await readUntil(`end-${count}.`);
    }
    const startedAt = performance.now();
    const closed = service.close();
    tell('after the end');
    await closed;
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    slow.resume();
    await gone;
  });
});
