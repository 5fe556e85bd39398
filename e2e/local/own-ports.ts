import { freePort } from '../../scripts/embedded/free-port.ts';

const portVariables = [
  'ORDERS_PORT',
  'CLIENTS_PORT',
  'PRODUCTS_PORT',
  'PAYMENTS_PORT',
  'PROVIDER_PORT',
  'LAG_CONTROLLER_PORT',
  'NOTIFICATIONS_PORT',
  'KAFKA_PORT',
  'MONGODB_PORT',
  'RABBITMQ_PORT',
];

/** A free port for everything that `npm start` listens on, as its environment. */
export async function ownPorts(): Promise<Record<string, string>> {
  return Object.fromEntries(
    await Promise.all(portVariables.map(async (variable) => [variable, String(await freePort())] as const)),
  );
}
