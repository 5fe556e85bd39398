import { describe, expect, it } from '@jest/globals';
import { readSettings } from '../../services/shared/src/env.ts';
import { addressList, serverOf } from './address-list.ts';
import { databaseUri, planShop } from './plan.ts';
import { startSettings } from './settings.ts';

const planOf = (environment: Record<string, string>) => planShop(readSettings(startSettings, environment));

describe('planShop', () => {
  it('has the contract’s ports and servers of its own by default', () => {
    const { services, brokers, mongodbUri } = planOf({});
    expect(Object.values(services).map(({ name, port }) => [name, port])).toEqual([
      ['clients', 3002],
      ['products', 3003],
      ['provider', 3010],
      ['orders', 3001],
      ['payments', 3004],
      ['notifications', 3006],
      ['lag-controller', 3005],
    ]);
    expect(brokers).toEqual(['127.0.0.1:9092']);
    expect(mongodbUri).toBe('mongodb://127.0.0.1:27017');
  });

  it('tells each service where the others are when ports move', () => {
    const { services } = planOf({
      CLIENTS_PORT: '4002',
      ORDERS_PORT: '4001',
      PROVIDER_PORT: '4010',
      KAFKA_PORT: '9999',
    });
    expect(services.orders.env).toMatchObject({ PORT: '4001', CLIENTS_URL: 'http://localhost:4002' });
    expect(services.payments.env).toMatchObject({
      ORDERS_URL: 'http://localhost:4001',
      PROVIDER_URL: 'http://localhost:4010',
      KAFKA_BROKERS: '127.0.0.1:9999',
    });
  });

  it.each([
    ['ORDERS_PORT', 'http'],
    ['ORDERS_PORT', '70000'],
    ['KAFKA_BROKERS', 'nowhere'],
    ['MONGODB_URI', 'localhost:27017'],
    ['PAYMENTS_REPLICAS', '0'],
  ])('refuses %s=%s, naming the variable', (variable, value) => {
    expect(() => planOf({ [variable]: value })).toThrow(`${variable} must be `);
  });
});

describe('databaseUri', () => {
  it.each([
    ['mongodb://a:1', 'mongodb://a:1/shop_orders'],
    ['mongodb://a:1/', 'mongodb://a:1/shop_orders'],
    ['mongodb://a:1,b:2/test?tls=true', 'mongodb://a:1,b:2/test_orders?tls=true'],
    ['mongodb+srv://u:p@a/test', 'mongodb+srv://u:p@a/test_orders?authSource=test'],
    ['mongodb://u:p@a', 'mongodb://u:p@a/shop_orders?authSource=admin'],
    ['mongodb://u:p@a/?authSource=x', 'mongodb://u:p@a/shop_orders?authSource=x'],
    ['mongodb://a:1?tls=true', 'mongodb://a:1/shop_orders?tls=true'],
  ])('of %s keeps server, login and options', (uri, expected) => {
    expect(databaseUri(uri, 'orders')).toBe(expected);
  });
});

describe('serverOf', () => {
  it('shows neither user nor password', () => {
    expect(serverOf('mongodb://user:secret@a:1,b:2/test?x=y')).toBe('a:1,b:2');
    expect(serverOf('mongodb://127.0.0.1:27017')).toBe('127.0.0.1:27017');
  });
});

describe('addressList', () => {
  it('prints calls with the ids and ports at hand', () => {
    const order = { clientId: 'c1', items: [{ productId: 'p1', quantity: 1, price: 2 }], total: 2, payments: [] };
    const text = addressList(planOf({ ORDERS_PORT: '4001' }), { order, orderId: 'o1', decided: true }, (name) =>
      name === 'payments' ? [7, 8] : name === 'Kafka' ? [] : [1],
    );
    expect(text).toContain('  orders         http://localhost:4001/docs  process 1\n');
    expect(text).toContain('  payments       http://localhost:3004/docs  processes 7, 8\n');
    expect(text).toContain('  Kafka          127.0.0.1:9092\n');
    expect(text).toContain('curl -s http://localhost:4001/v1/orders/o1\n');
    expect(text).toContain('curl -s http://localhost:3004/v1/payments/o1\n');
    expect(text).toContain(`-d '${JSON.stringify(order)}'`);
  });
});
