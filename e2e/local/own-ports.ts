import { freePort } from '../../scripts/embedded/free-port.ts';
import { startSettings } from '../../scripts/local/settings.ts';

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

/** A shell script written for the ports that `npm start` takes by default, for those of `environment`. */
export function atPortsOf(environment: Readonly<Record<string, string>>, script: string): string {
  const taken = new Map(
    Object.values(startSettings).map(({ variable, fallback }) => [fallback, environment[variable]]),
  );
  return script.replace(/localhost:(\d+)/g, (address, port) => `127.0.0.1:${taken.get(port) ?? address}`);
}
