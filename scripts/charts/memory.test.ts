import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { readRecorded } from '../bench/recorded.ts';

interface Resources {
  readonly requests: { readonly memory: string };
  readonly limits: { readonly memory: string };
}

const valuesOf = (chart: string) =>
  parse(readFileSync(join(import.meta.dirname, '../../charts', chart, 'values.yaml'), 'utf8'));
const bytesOf = (quantity: string) => Number(/^(\d+)Mi$/.exec(quantity)?.[1]) * 2 ** 20;
const measured = (id: string) =>
  Math.max(...readRecorded().flatMap(({ figures }) => figures.filter((one) => one.id === id).map(({ max }) => max))) *
  1e6;

const shop = valuesOf('shop');
const controller: Resources = valuesOf('lag-controller').resources;

// A node that gives away less than is used evicts, and starts with those that use more than they asked for.
describe('the memory that the charts ask for', () => {
  it.each([
    ...['orders', 'payments', 'clients', 'products'].map((name) => [name, `size.${name}-memory`, shop[name].resources]),
    // Not measured: the same parts as the others.
    ['notifications', 'size.payments-memory', shop.notifications.resources],
    ['provider', 'size.products-memory', shop.provider.resources],
    ['the lag controller', 'controller.memory-1', controller],
  ] as [string, string, Resources][])(
    'is what %s uses when idle, and its limit half as much again',
    (_, id, resources) => {
      const { requests, limits } = resources;
      expect(bytesOf(requests.memory)).toBeGreaterThanOrEqual(measured(id));
      expect(bytesOf(limits.memory)).toBeGreaterThanOrEqual(1.5 * measured(id));
    },
  );

  it('is enough for a hundred LagScalers', () => {
    expect(bytesOf(controller.limits.memory)).toBeGreaterThan(1.3 * measured('controller.memory-100'));
  });
});
