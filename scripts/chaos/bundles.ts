import { join } from 'node:path';
import { run } from '../embedded/run.ts';

const services = ['clients', 'products', 'provider', 'orders', 'payments'];

/**
 * Bundles the services as their images have them: what runs is what ships, and a start takes a third of the time, of which
 * there are dozens here.
 *
 * @param root where the sources are
 * @returns a service's program in `folder`
 */
export async function bundleServices(root: string, folder: string): Promise<(service: string) => string> {
  for (const service of services) {
    const bundler = join(root, 'scripts/bundle.ts');
    const { code, output } = await run(process.execPath, [bundler, service, join(folder, service)]);
    if (code !== 0) throw new Error(`${service} could not be bundled:\n${output}`);
  }
  return (service) => join(folder, service, 'main.mjs');
}
