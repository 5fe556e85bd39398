import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SwaggerParser from '@apidevtools/swagger-parser';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type CallOptions, call } from '../../../scripts/testing/call.ts';
import { killServices, ServiceProcess, startService } from '../../../scripts/testing/service-process.ts';

jest.setTimeout(60_000);

describe('the provider, as a process', () => {
  let folder: string;
  let environment: Record<string, string>;
  let provider: ServiceProcess;

  const start = async (more = {}) => {
    provider = await startService('provider', { ...environment, ...more });
  };
  const get = async (path: string) => (await call(provider.url + path)).body;
  const post = (path: string, body: unknown, key?: string, options: CallOptions = {}) =>
    call(provider.url + path, { ...options, body, headers: key === undefined ? {} : { 'idempotency-key': key } });
  const charge = (key: string, more = {}, options: CallOptions = {}) =>
    post('/charges', { orderId: 'o1', amountCents: 500, currency: 'BRL', ...more }, key, options);
  const misbehave = async (behaviour: unknown) => {
    expect((await call(`${provider.url}/faults`, { method: 'PUT', body: behaviour })).status).toBe(200);
  };

  /** A request is taken once its fault is counted. */
  const struck = async (kind: string) => {
    for (let text = ''; !text.includes(`kind="${kind}"`); ) text = (await call(`${provider.url}/metrics`)).text;
  };
  const chargeAndGiveUp = async (kind: string) => {
    const caller = new AbortController();
    const answer = charge('k1', {}, { signal: caller.signal });
    await Promise.all([expect(answer).rejects.toThrow(/aborted/), struck(kind).then(() => caller.abort())]);
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'provider-'));
    environment = { PROVIDER_LEDGER_FILE: join(folder, 'ledger.jsonl') };
  });

  afterEach(async () => {
    await killServices();
    await rm(folder, { recursive: true });
  });

  it('charges, reads back and refunds', async () => {
    await start();
    const answer = await charge('k1');
    const created = answer.body;
    expect(answer.status).toBe(201);
    expect(created).toEqual({
      id: expect.stringMatching(/^ch_[0-9a-f]{24}$/),
      ...{ orderId: 'o1', amountCents: 500, currency: 'BRL', status: 'captured', refundedCents: 0 },
      createdAt: expect.stringMatching(/Z$/),
    });
    expect(answer.headers.get('location')).toBe(`/charges/${created.id}`);
    expect(await get(`/charges/${created.id}`)).toEqual(created);

    const refund = (await post('/refunds', { chargeId: created.id, amountCents: 200 }, 'r1')).body;
    expect(refund).toMatchObject({ id: expect.stringMatching(/^re_/), orderId: 'o1', amountCents: 200 });
    expect(await get('/refunds?orderId=o1')).toEqual({ items: [refund] });
    expect(await get('/charges?orderId=o1')).toEqual({ items: [{ ...created, refundedCents: 200 }] });
    expect(await get('/charges?orderId=o2')).toEqual({ items: [] });
    expect(await get('/ledger')).toMatchObject({
      items: [
        { seq: 1, type: 'charge' },
        { seq: 2, type: 'refund' },
      ],
    });
  });

  it('says of each refusal what is wrong', async () => {
    await start();
    const { id } = (await charge('k1')).body;
    const refusals = await Promise.all([
      post('/charges', { orderId: 'o', amountCents: 1, currency: 'BRL' }),
      charge('k1', { amountCents: 501 }),
      charge('k2', { amountCents: 1.5, currency: 'USD' }),
      post('/refunds', { chargeId: id, amountCents: 501 }, 'r'),
      post('/refunds', { chargeId: 'ch_0', amountCents: 1 }, 'r'),
      call(`${provider.url}/charges`),
      call(`${provider.url}/charges/ch_0`),
    ]);
    expect(refusals.map(({ status, body }) => [status, body.detail])).toEqual([
      [400, 'header idempotency-key is required.'],
      [422, 'This Idempotency-Key was used for another request: take a new key for a new request.'],
      [400, '#/amountCents must be a whole number (and 1 more).'],
      [422, 'Of this charge 500 cents are left to refund.'],
      [404, 'There is no charge ch_0.'],
      [400, 'query orderId is required.'],
      [404, 'There is no charge ch_0.'],
    ]);
  });

  it('charges once for twenty requests at once with the same key', async () => {
    await start();
    const answers = await Promise.all(Array.from({ length: 20 }, () => charge('k1')));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true')).toHaveLength(19);
    expect((await get('/ledger')).items).toHaveLength(1);
  });

  it('remembers charges and keys after being killed while it takes charges', async () => {
    await start();
    const requests = Array.from({ length: 300 }, (_, index) => charge(`k${index}`, { orderId: `o${index}` }));
    const ids = requests.map(async (request) => (await request).body.id);
    await Promise.race(ids);
    await provider.kill();
    const answered = (await Promise.allSettled(ids)).flatMap((each) =>
      each.status === 'fulfilled' ? [each.value] : [],
    );
    await start();
    const inLedger = (await get('/ledger?limit=10000')).items.map(({ id }) => id);
    expect(answered.length).toBeGreaterThan(0);
    expect(inLedger).toEqual(expect.arrayContaining(answered));
    expect((await charge('k0', { orderId: 'o0' })).body).toHaveProperty('id', expect.any(String));
    expect((await get('/charges?orderId=o0')).items).toHaveLength(1);
  });

  it('loses the answer, not the charge', async () => {
    await start();
    await misbehave({ faults: [{ kind: 'lost-answer', remaining: 1 }] });
    await expect(charge('k1')).rejects.toThrow('fetch failed');
    expect((await get('/charges?orderId=o1')).items).toHaveLength(1);
    expect((await charge('k1')).headers.get('idempotent-replayed')).toBe('true');
  });

  it('does not answer a timeout until the caller gives up, and does not charge', async () => {
    await start();
    await misbehave({ faults: [{ kind: 'timeout', remaining: 1 }] });
    await chargeAndGiveUp('timeout');
    await provider.line(({ msg, status }) => msg === 'request' && status === 499);
    expect((await get('/charges?orderId=o1')).items).toEqual([]);
  });

  it('answers with errors that tell when to come back, and does not charge', async () => {
    await start();
    await misbehave({
      faults: ['error-500', 'error-503', 'throttle-429'].map((kind) => ({ kind, remaining: 1, retryAfterSeconds: 7 })),
    });
    for (const [status, retryAfter] of [
      [500, null],
      [503, '7'],
      [429, '7'],
      [201, null],
    ]) {
      const answer = await charge('k1');
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, retryAfter]);
    }
    expect((await get('/ledger')).items).toHaveLength(1);
  });

  it('finishes a slow charge even when the caller has given up', async () => {
    await start();
    await misbehave({ faults: [{ kind: 'slow', ms: 3_000, on: ['charge'] }] });
    await chargeAndGiveUp('slow');
    expect((await get('/charges?orderId=o1')).items).toEqual([]);
    expect((await charge('k1')).headers.get('idempotent-replayed')).toBe('true');
  });

  it('declines as told, at start and at run time, and forgets keys on demand', async () => {
    await start({ PROVIDER_DECLINE_ABOVE_CENTS: '499', PROVIDER_FAULTS: '[{"kind":"error-503","remaining":1}]' });
    expect((await charge('k1')).status).toBe(503);
    expect((await charge('k1')).body).toMatchObject({ status: 'declined', reason: 'amount-above-limit' });
    await misbehave({ declineRate: 1 });
    expect((await charge('k2')).body).toMatchObject({ status: 'declined', reason: 'declined-by-issuer' });
    await misbehave({ forgetKeys: true });
    expect((await charge('k1')).body).toMatchObject({ status: 'captured' });
    await misbehave({});
    expect(await get('/faults')).toMatchObject({
      declineRate: 0,
      declineAboveCents: null,
      forgetKeys: false,
      faults: [],
    });
  });

  it('answers what it has in hand when it is stopped, without waiting for slowness', async () => {
    await start();
    await misbehave({ faults: [{ kind: 'slow', ms: 60_000, on: ['charge'] }] });
    const answer = charge('k1');
    await struck('slow');
    const exit = await provider.stop();
    expect((await answer).status).toBe(201);
    expect(exit).toEqual({ code: 0, signal: null });
    expect(await readFile(environment.PROVIDER_LEDGER_FILE as string, 'utf8')).toContain('"k1"');
  });

  it('describes itself in valid OpenAPI 3.1', async () => {
    await start();
    const document = await get('/openapi.json');
    await SwaggerParser.validate(JSON.parse(JSON.stringify(document)));
    expect(Object.keys(document.paths as object)).toEqual([
      ...['/charges', '/refunds', '/charges/{id}', '/ledger', '/faults'],
    ]);
  });

  it('ends with a sentence when the ledger is something else, and tells every fault of its configuration at once', async () => {
    await writeFile(environment.PROVIDER_LEDGER_FILE as string, 'hello\n');
    const refused = new ServiceProcess('provider', environment);
    expect(await refused.exited).toEqual({ code: 1, signal: null });
    expect(refused.lines.at(0)).toMatchObject({
      level: 'fatal',
      reason: expect.stringMatching(/^Line 1 of the ledger/),
    });

    const misconfigured = new ServiceProcess('provider', {
      ...{ PROVIDER_DECLINE_RATE: '2', PROVIDER_FAULTS: '[{"kind":"earthquake"}]', PORT: 'x' },
    });
    expect(await misconfigured.exited).toEqual({ code: 1, signal: null });
    expect(misconfigured.errors.split('\n')).toHaveLength(2);
    for (const part of [
      'has 3 faults',
      'PROVIDER_DECLINE_RATE must be',
      '(#/0/kind must be one of timeout',
      'PORT must be',
    ])
      expect(misconfigured.errors).toContain(part);
  });
});
