import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { baseImages } from '../image/base-images.ts';
import { must } from './access.ts';
import { type ClusterPlan, kindCluster, type ServiceName, services } from './plan.ts';
import { digestOf } from './sources.ts';

export const imageTag = 'dev';
const root = join(import.meta.dirname, '../..');
const bases = join(root, 'services/base-images.Dockerfile');

/**
 * Builds the image of each service and brings it into the cluster, one after another: they share all but the last layers.
 *
 * @returns the digest of the sources that they are built of, taken before: what is saved meanwhile counts the next time
 */
export async function bringImages(plan: ClusterPlan, note: (text: string) => void): Promise<string> {
  const sources = await digestOf(root);
  for (const service of services) {
    note(service);
    if (plan.imageCommand === undefined) await build(service);
    else await bringImage(plan.imageCommand, service, imageTag);
  }
  if (plan.imageCommand !== undefined || plan.cluster !== undefined) return sources;
  note(`into kind's node`);
  await must('kind', ['load', 'docker-image', '--name', kindCluster, ...services.map((name) => `${name}:${imageTag}`)]);
  return sources;
}

function build(service: ServiceName): Promise<string> {
  const options = ['--load', '-t', `${service}:${imageTag}`, '-f', 'services/Dockerfile'];
  const args = [`SERVICE=${service}`, ...baseImages(readFileSync(bases, 'utf8'))];
  return must('docker', ['buildx', 'build', ...options, ...args.flatMap((arg) => ['--build-arg', arg]), '.']);
}

/** By a command of the user's. */
export function bringImage(command: string, service: ServiceName, tag: string): Promise<string> {
  const env = { ...process.env, SERVICE: service, IMAGE: `${service}:${tag}` };
  return must('sh', ['-c', command], { env });
}
