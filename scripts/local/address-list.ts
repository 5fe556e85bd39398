import { relative } from 'node:path';
import type { Plan } from './plan.ts';
import type { WalkThrough } from './walk-through.ts';

/** The processes of a program that runs here; none for a server that was there already. */
type Pids = (name: string) => readonly (number | undefined)[];

/** What a person can do now that the shop is up: every line that begins with curl works as it stands. */
export function addressList(plan: Plan, walk: WalkThrough, pids: Pids): string {
  const { services, brokers, mongodbUri, amqpUrl, folders } = plan;
  const { order, orderId } = walk;
  const { orders, clients, products, payments } = services;
  const json = "-H 'content-type: application/json'";
  const shown = (path: string) => relative(process.cwd(), path) || '.';
  const kafkaLog = pids('Kafka').length > 0 ? `, Kafka's in ${shown(folders.kafka)}/kafka.log` : '';
  const line = (name: string, address: string) => {
    const running = pids(name);
    const process = running.length > 1 ? `  processes ${running.join(', ')}` : `  process ${running[0]}`;
    return `  ${name.padEnd(14)} ${address}${running.length > 0 ? process : ''}`;
  };
  const rabbit = pids('RabbitMQ').length > 0 ? `\n${line('RabbitMQ', serverOf(amqpUrl))}` : '';
  return `
${Object.values(services)
  .map(({ name, url }) => line(name, `${url}/docs`))
  .join('\n')}
${line('Kafka', brokers.join(','))}
${line('MongoDB', serverOf(mongodbUri))}${rabbit}

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

Logs are in ${shown(folders.logs)}/*.log${kafkaLog}; what clients are told is in notifications.log. Ctrl-C stops everything; the data stays, until \`npm start -- --fresh\`.`;
}

/** The address without user, password, database and options. */
export function serverOf(uri: string): string {
  return uri.replace(/^[^/]*\/\/(?:[^@/]*@)?([^/?]*).*$/, '$1');
}
