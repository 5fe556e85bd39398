import SwaggerParser from '@apidevtools/swagger-parser';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { call } from '../../../scripts/testing/call.ts';
import { killServices, type ServiceProcess, startService } from '../../../scripts/testing/service-process.ts';
import { proxyOf } from '../../../scripts/testing/tcp-proxy.ts';
import { testDatabase } from '../../../scripts/testing/test-database.ts';

jest.setTimeout(60_000);

const produto = { name: 'Produto', description: 'Desc', price: 100, quantity: 10 };

describe('the products service', () => {
  let service: ServiceProcess;
  let products: string;

  beforeAll(async () => {
    service = await startService('products', { MONGODB_URI: testDatabase() });
    products = `${service.url}/v1/products`;
  });

  afterAll(killServices);

  it('creates the product of the walk-through, and reads it back', async () => {
    const { status, body, headers } = await call(products, { body: produto });
    expect(status).toBe(201);
    expect(body).toEqual({
      ...{ id: expect.stringMatching(/^[0-9a-f]{24}$/), ...produto },
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    expect(headers.get('location')).toBe(`/v1/products/${body.id}`);
    const read = await call(`${products}/${body.id}`);
    expect([read.status, read.body, read.headers.get('etag')]).toEqual([200, body, `W/"${body.id}"`]);
  });

  it('gives a price back with the digits it was given with', async () => {
    const texts = await Promise.all(
      ['19.99', '0.1', '4500.00', '0'].map(async (price) => {
        const { body } = await call(products, { body: JSON.stringify(produto).replace('100', price) });
        return (await call(`${products}/${body.id}`)).text;
      }),
    );
    expect(texts.map((text) => /"price":([\d.]+)/.exec(text)?.[1])).toEqual(['19.99', '0.1', '4500', '0']);
  });

  it('names what is wrong with a body', async () => {
    const { status, body } = await call(products, { body: { name: '', price: 1.999, quantity: -1, currency: 'BRL' } });
    expect([status, body.code]).toEqual([400, 'invalid-request']);
    expect(body.errors).toEqual([
      { at: '#/name', detail: 'must not be blank, nor hold control characters' },
      { at: '#/description', detail: 'is required' },
      { at: '#/price', detail: 'must be 0 or more, with at most two decimals' },
      { at: '#/quantity', detail: 'must be at least 0' },
      { at: '#/currency', detail: 'is not known here' },
    ]);
  });

  it('tells a malformed id from an unknown one', async () => {
    const malformed = await call(`${products}/${'G'.repeat(24)}`);
    expect([malformed.status, malformed.body.detail]).toEqual([400, 'path id must be 24 hex digits (0-9, a-f).']);
    const unknown = await call(`${products}/${'0'.repeat(24)}`);
    expect([unknown.status, unknown.body.code]).toEqual([404, 'product-not-found']);
  });

  it('pages by the next cursor of the body as well as by links', async () => {
    const created = [await call(products, { body: produto }), await call(products, { body: produto })];
    const first = await call(`${products}?limit=1`);
    expect(first.body.items).toEqual([created[1]?.body]);
    const second = await call(`${products}?limit=1&after=${first.body.next}`);
    expect(second.body.items).toEqual([created[0]?.body]);
    expect(first.headers.get('link')).toBe(`</v1/products?limit=1&after=${first.body.next}>; rel="next"`);
  });

  it('tells its health in the shape that is agreed on, and describes itself', async () => {
    expect((await call(`${service.url}/health`)).body).toEqual({ service: 'products-service', mongodb: 'connected' });
    const { body } = await call(`${service.url}/openapi.json`);
    await SwaggerParser.validate(JSON.parse(JSON.stringify(body)));
    expect(Object.keys(body.paths as object)).toEqual(['/v1/products', '/v1/products/{id}']);
  });
});

describe('the products service, when MongoDB fails it', () => {
  afterEach(killServices);

  it('answers 503 with Retry-After while it is away, and works again by itself', async () => {
    const { proxy, uri } = await proxyOf(testDatabase());
    const service = await startService('products', { MONGODB_URI: uri });
    await proxy.close();
    const { status, body, headers } = await call(`${service.url}/v1/products`, { body: produto });
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'database-unavailable', '2']);
    await proxy.open();
    await service.ready();
    expect((await call(`${service.url}/v1/products`, { body: produto })).status).toBe(201);
    expect(await service.stop()).toEqual({ code: 0, signal: null });
    await proxy.close();
  });
});
