import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { call } from '../../../scripts/testing/call.ts';
import { killServices, ServiceProcess } from '../../../scripts/testing/service-process.ts';
import { until } from '../../../scripts/testing/until.ts';

const { TEST_KAFKA_BROKERS: brokers = '', TEST_MONGODB_URI: mongodb = '' } = process.env;
const planted = `planted-${randomUUID()}`;

jest.setTimeout(120_000);

describe('a secret that was planted', () => {
  afterEach(killServices);

  it.each([
    ['is not in a URI', { MONGODB_URI: planted }],
    ['is the password of a database that is away', { MONGODB_URI: `mongodb://shop:${planted}@127.0.0.1:1/payments` }],
    ['is the password of no SASL user', { KAFKA_SASL_PASSWORD: planted }],
  ])('is not told by a service that ends because it %s', async (_title, environment) => {
    const service = new ServiceProcess('payments', { LOG_LEVEL: 'trace', ...environment });
    expect((await service.exited).code).toBe(1);
    expect(service.output).not.toBe('');
    expect(service.output).not.toContain(planted);
  });

  it('is in no line of a service that Kafka and its callers are refused by, at the most talkative level', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'secrets-'));
    const token = join(folder, 'token');
    await writeFile(token, planted);
    const service = new ServiceProcess('payments', {
      LOG_LEVEL: 'trace',
      MONGODB_URI: `${mongodb}/secrets-${randomUUID()}`,
      KAFKA_BROKERS: brokers,
      ...{ KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'payments', KAFKA_SASL_PASSWORD: planted },
      ...{ AUTH_ISSUER: 'http://127.0.0.1:1', AUTH_AUDIENCE: 'shop', AUTH_JWKS_TOKEN_FILE: token },
      ORDERS_TOKEN_FILE: token,
    });
    const { port } = await service.line(({ msg }) => msg === 'listening', 90_000);
    const url = `http://127.0.0.1:${port}/v1/payments/64b000000000000000000000`;
    for (const authorization of [`Bearer ${planted}`, `Basic ${planted}`, `Bearer eyJhbGciOiJSUzI1NiJ9.e30.${planted}`])
      expect((await call(url, { headers: { authorization, cookie: planted } })).status).not.toBe(200);
    await service.line(({ code }) => code === 'issuer-unavailable');
    await until('Kafka refused the password', () => /SASL|authenticat/i.test(service.output), 60_000);
    expect(service.output).not.toContain(planted);
    await rm(folder, { recursive: true });
  });
});
