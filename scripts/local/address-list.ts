import { relative } from 'node:path';
import type { Plan } from './plan.ts';
import type { WalkThrough } from './walk-through.ts';

/** What a person can do now that the shop is up: every line that begins with curl works as it stands. */
export function addressList({ services, brokers, mongodbUri, folders }: Plan, { order, orderId }: WalkThrough): string {
  const { orders, clients, products, payments, provider } = services;
  const json = "-H 'content-type: application/json'";
  const logs = relative(process.cwd(), folders.logs) || '.';
  return `
  orders     ${orders.url}/docs
  clients    ${clients.url}/docs
  products   ${products.url}/docs
  payments   ${payments.url}/docs
  provider   ${provider.url}
  Kafka      ${brokers.join(',')}
  MongoDB    ${serverOf(mongodbUri)}

The order that was just placed, and its payment:
  curl -s ${orders.url}/v1/orders/${orderId}
  curl -s ${payments.url}/v1/payments/${orderId}
Another order, and the newest ones:
  curl -s ${orders.url}/v1/orders ${json} -d '${JSON.stringify(order)}'
  curl -s '${orders.url}/v1/orders?limit=5'
Its client and product, and how orders is:
  curl -s ${clients.url}/v1/clients/${order.clientId}
  curl -s ${products.url}/v1/products/${order.items[0]?.productId}
  curl -s ${orders.url}/health

Logs are in ${logs}/*.log. Ctrl-C stops everything; the data stays, until \`npm start -- --fresh\`.`;
}

/** The address without user, password, database and options. */
export function serverOf(uri: string): string {
  return uri.replace(/^[^/]*\/\/(?:[^@/]*@)?([^/?]*).*$/, '$1');
}
