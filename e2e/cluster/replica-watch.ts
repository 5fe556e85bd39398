import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { until } from '../../scripts/testing/until.ts';
import { kubectl } from './cluster.ts';

/**
 * The different counts of replicas that a Deployment is asked for while `change` goes on, in order and with that of the
 * beginning: what it was for a moment only is seen, too.
 */
export async function countsDuring(namespace: string, name: string, change: () => Promise<void>): Promise<number[]> {
  const asked = ['--namespace', namespace, 'get', 'deployment', name];
  const path = '{.metadata.resourceVersion} {.spec.replicas}{"\\n"}';
  const child = spawn('kubectl', [...asked, '--watch', `--output=jsonpath=${path}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  try {
    await until('the first count is there', () => lines.length > 0);
    await change();
    const version = await kubectl([...asked, '--output=jsonpath={.metadata.resourceVersion}']);
    await until('the last change was seen', () => lines.some((line) => line.startsWith(`${version} `)));
  } finally {
    child.kill();
    await ended;
  }
  const counts = lines.map((line) => Number(line.split(' ')[1]));
  return counts.filter((count, index) => count !== counts[index - 1]);
}
