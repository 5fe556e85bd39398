import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { until } from '../local/until.ts';
import { kubectl } from './cluster.ts';

/**
 * Follows the count of replicas that a Deployment is asked for: what it was for a moment only is seen, too.
 *
 * @returns what ends that and answers the different counts there were, in order; the first is the one at the beginning
 */
export async function watchReplicas(namespace: string, name: string): Promise<() => Promise<number[]>> {
  const asked = ['--namespace', namespace, 'get', 'deployment', name];
  const path = '{.metadata.resourceVersion} {.spec.replicas}{"\\n"}';
  const child = spawn('kubectl', [...asked, '--watch', `--output=jsonpath=${path}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  await until('the first count is there', () => lines.length > 0);
  return async () => {
    const version = await kubectl([...asked, '--output=jsonpath={.metadata.resourceVersion}']);
    await until('the last change was seen', () => lines.some((line) => line.startsWith(`${version} `)));
    child.kill();
    await ended;
    const counts = lines.map((line) => Number(line.split(' ')[1]));
    return counts.filter((count, index) => count !== counts[index - 1]);
  };
}
