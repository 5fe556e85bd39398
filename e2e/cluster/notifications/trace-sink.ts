/** A pod in the place of an OpenTelemetry collector: what it is sent, it prints. */

import { type SeenSpan, spansOf } from '../../../scripts/testing/trace-collector.ts';
import { kubectl } from '../cluster.ts';
import { startPod } from '../shop/installed-shop.ts';

const port = 4_318;
/** Host and port are those of `tracing.endpoint` in values.yaml. */
const host = 'trace-sink';

const code = `
import { createServer } from 'node:http';
createServer(async (request, response) => {
  console.log((await request.toArray()).join(''));
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
}).listen(${port});
`;

/** @returns what reads the spans that have come so far */
export async function startTraceSink(namespace: string): Promise<() => Promise<SeenSpan[]>> {
  const labels = { 'app.kubernetes.io/name': host };
  const pod = await startPod(code, { labels, in: namespace });
  await kubectl(['apply', '-f', '-'], {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: host, namespace },
    spec: { selector: labels, ports: [{ port }] },
  });
  await kubectl(['--namespace', namespace, 'wait', 'pod', pod, '--for=condition=Ready', '--timeout=60s']);
  return async () => {
    const log = await kubectl(['--namespace', namespace, 'logs', pod]);
    return log
      .split('\n')
      .filter(Boolean)
      .flatMap((line) => spansOf(JSON.parse(line)));
  };
}
