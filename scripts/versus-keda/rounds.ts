import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../embedded/free-port.ts';
import { SetupError } from '../embedded/setup-error.ts';
import { until } from '../testing/until.ts';
import { forward, type Stage } from './stage.ts';

const controllerPort = 3005;
const patienceMs = 20_000;

/**
 * Writes what the lag controller saw and decided, round by round, for each of the groups that it scales: a file of JSON each, as
 * `GET /v1/scalers/NAME/history` answers it. From whoever holds the Lease, since others do not write.
 *
 * @param names of the groups; those that something else scales have none
 * @throws where the controller does not answer
 */
export async function keepRounds({ access }: Stage, names: readonly string[], folder: string): Promise<void> {
  const { namespace } = access;
  const holder = await access.kubectl([
    ...['get', 'lease', 'lag-controller', '-n', namespace, '-o', 'jsonpath={.spec.holderIdentity}'],
  ]);
  const pods = (await access.kubectl(['get', 'pods', '-n', namespace, '-o', 'name'])).split('\n');
  const pod = pods.find((one) => holder.startsWith(one.replace('pod/', '')));
  if (!pod) throw new SetupError(`No pod in ${namespace} holds the Lease of the lag controller: ${holder}.`);
  const port = await freePort();
  const close = await forward(access, pod, { port, inner: controllerPort });
  try {
    await mkdir(folder, { recursive: true });
    for (const name of names) {
      const path = `/v1/scalers/${encodeURIComponent(`${namespace}/${name}`)}/history`;
      // The forward takes a moment to open.
      const answer = await until(
        'the lag controller answers',
        () => fetch(`http://127.0.0.1:${port}${path}`),
        patienceMs,
      );
      if (answer.ok) await writeFile(join(folder, `${name}.json`), await answer.text());
      else if (answer.status !== 404) throw new SetupError(`${path} is answered with ${answer.status}.`);
    }
  } finally {
    await close();
  }
}
