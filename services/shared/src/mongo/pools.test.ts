import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { leaveIdlePoolsAlone } from './pools.ts';

/** A client as the driver builds it. */
function clientWith(...pools: { minPoolSize: number }[]) {
  const servers = new Map<string, { pool: { options: object } }>();
  const add = (options: { minPoolSize: number }) =>
    servers.set(`db-${servers.size}`, {
      pool: { options: Object.freeze({ ...options, minPoolSizeCheckFrequencyMS: 100 }) },
    });
  for (const options of pools) add(options);
  const client = Object.assign(new EventEmitter(), { topology: { s: { servers } } });
  return { client, add, options: () => [...servers.values()].map(({ pool }) => pool.options) };
}

describe('leaveIdlePoolsAlone', () => {
  it('has the pools that are there looked into rarely', () => {
    const { client, options } = clientWith({ minPoolSize: 0 });
    leaveIdlePoolsAlone(client);
    expect(options()).toEqual([{ minPoolSize: 0, minPoolSizeCheckFrequencyMS: 10_000 }]);
  });

  it('and those of servers that are found later', () => {
    const { client, add, options } = clientWith();
    leaveIdlePoolsAlone(client);
    add({ minPoolSize: 0 });
    client.emit('connectionPoolReady', { address: 'db-0' });
    expect(options()).toEqual([{ minPoolSize: 0, minPoolSizeCheckFrequencyMS: 10_000 }]);
  });

  it('leaves a pool as it is that is to be kept filled', () => {
    const { client, options } = clientWith({ minPoolSize: 5 });
    leaveIdlePoolsAlone(client);
    expect(options()).toEqual([{ minPoolSize: 5, minPoolSizeCheckFrequencyMS: 100 }]);
  });
});
