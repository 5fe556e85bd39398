import { join } from 'node:path';
import { run } from '../embedded/run.ts';
import type { Sources } from './replicas.ts';

const others = ['clients', 'products', 'provider', 'notifications'];
const judged = ['orders', 'payments'];

/**
 * Bundles the services as their images have them: what runs is what ships, and a start takes a third of the time, of which
 * there are dozens here.
 *
 * @param root where the sources are
 * @returns a service's program in `folder`
 */
export function bundleServices(root: string, folder: string): Promise<Sources['main']> {
  return bundle([...others, ...judged], root, folder);
}

/** The baselines' orders and payments, which have no image, in the place of ours. */
export async function bundleAroundBaselines(root: string, folder: string): Promise<Sources['main']> {
  const main = await bundle(others, root, folder);
  return (service) =>
    judged.includes(service) ? join(import.meta.dirname, 'dual-write', `${service}.ts`) : main(service);
}

async function bundle(services: readonly string[], root: string, folder: string): Promise<Sources['main']> {
  for (const service of services) {
    const bundler = join(root, 'scripts/bundle.ts');
    const { code, output } = await run(process.execPath, [bundler, service, join(folder, service)]);
    if (code !== 0) throw new Error(`${service} could not be bundled:\n${output}`);
  }
  return (service) => join(folder, service, 'main.mjs');
}
