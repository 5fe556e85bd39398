import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { namespace } from './namespace.ts';

export interface PortForward {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Opens a free port of this machine to `service/NAME` or `pod/NAME` of the shop. @throws with what kubectl said */
export async function portForward(what: string, port: number, { in: where = namespace } = {}): Promise<PortForward> {
  const child = spawn('kubectl', ['--namespace', where, 'port-forward', what, `:${port}`], { stdio: 'pipe' });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  const ended = once(child, 'close');
  const opened = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      const found = /127\.0\.0\.1:(\d+) ->/.exec(line)?.[1];
      if (found !== undefined) return found;
    }
    throw new Error(`kubectl port-forward ${what}: ${said}`);
  })();
  return {
    url: `http://127.0.0.1:${await opened}`,
    async close() {
      child.kill();
      await ended;
    },
  };
}
