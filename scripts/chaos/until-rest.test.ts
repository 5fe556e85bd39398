import { expect, it } from '@jest/globals';
import type { Rest } from './observer.ts';
import { untilRest } from './until-rest.ts';

const none: Rest = { pendingOrders: 0, unsentOrders: 0, openPayments: 0, unreadMessages: 0, untoldDecisions: 0 };

it('the shop is at rest when nothing waits in two looks, one after the other: work that goes on can pass by one', async () => {
  const looks = [none, { ...none, unsentOrders: 1 }, none, none, { ...none, unsentOrders: 1 }];
  await untilRest(async () => looks.shift() ?? none, 60_000, { note: () => {} });
  expect(looks).toHaveLength(1);
});
