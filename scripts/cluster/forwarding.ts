/** Which services get a port on this machine, and which. Pure. */
import { SetupError } from '../embedded/setup-error.ts';

export interface Forward {
  readonly service: string;
  readonly namespace: string;
  readonly localPort: number;
  readonly servicePort: number;
  /** Where a person begins. */
  readonly url: string;
}

/** A Service as the API server answers it; only what is read here. */
export interface ServiceResource {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly ports?: readonly { readonly port: number; readonly name?: string }[] };
}

/** As `npm start` has them, and the tools' own usual ones. */
const known: Readonly<Record<string, { localPort: number; path: string }>> = {
  orders: { localPort: 3001, path: '/docs' },
  clients: { localPort: 3002, path: '/docs' },
  products: { localPort: 3003, path: '/docs' },
  payments: { localPort: 3004, path: '/docs' },
  'lag-controller': { localPort: 3005, path: '/' },
  notifications: { localPort: 3006, path: '/docs' },
  provider: { localPort: 3010, path: '/docs' },
  'kafka-ui': { localPort: 8080, path: '/' },
  grafana: { localPort: 3000, path: '/' },
  'monitoring-prometheus': { localPort: 9090, path: '/' },
};

/**
 * The known ones among the Services that are there, or those of them that `only` names.
 *
 * @param only names with commas; all when it is undefined
 * @throws SetupError for a name that is not there
 */
export function planForwards(services: readonly ServiceResource[], only: string | undefined): Forward[] {
  const wanted = only?.split(',').filter(Boolean) ?? Object.keys(known);
  const forwards = wanted.flatMap((name) => forwardTo(name, services) ?? []);
  const missing = only === undefined ? [] : wanted.filter((name) => forwards.every(({ service }) => service !== name));
  if (missing.length > 0)
    throw new SetupError(`Not there: ${missing.join(', ')}. These could be: ${Object.keys(known).join(', ')}.`);
  return forwards;
}

function forwardTo(name: string, services: readonly ServiceResource[]): Forward | undefined {
  const place = known[name];
  const service = services.find(({ metadata }) => metadata.name === name);
  const ports = service?.spec.ports ?? [];
  const servicePort = (ports.find((port) => port.name === 'http') ?? ports[0])?.port;
  if (!place || !service || servicePort === undefined) return undefined;
  const { localPort, path } = place;
  const { namespace } = service.metadata;
  return { service: name, namespace, localPort, servicePort, url: `http://127.0.0.1:${localPort}${path}` };
}
