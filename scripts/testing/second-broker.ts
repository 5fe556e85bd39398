import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { freePort } from '../embedded/free-port.ts';
import { findJava } from '../embedded/java.ts';
import { resolveClassPath } from '../embedded/jvm/class-path.ts';
import { brokerIsReady } from '../embedded/kafka/probe.ts';
import { type EmbeddedServer, startServer } from '../embedded/server-process.ts';

/** A second broker, with the id 2, in the cluster whose data is in `beside` and that was started with this `controllerPort`. */
export async function joinCluster(
  beside: string,
  { folder, controllerPort }: { folder: string; controllerPort: number },
): Promise<EmbeddedServer> {
  const port = await freePort();
  const java = await findJava(process.env);
  const jars = await resolveClassPath(join(import.meta.dirname, '../embedded/kafka/pom.xml'), {
    ...{ label: 'Apache Kafka', size: '', env: process.env, onProgress: () => {}, signal: undefined },
  });
  const storage = join(folder, 'storage');
  await mkdir(storage, { recursive: true });
  const clusterId = /^cluster\.id=.*$/m.exec(await readFile(join(beside, 'storage/meta.properties'), 'utf8'))?.[0];
  const directoryId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  await writeFile(
    join(storage, 'meta.properties'),
    `version=1\n${clusterId}\nnode.id=2\ndirectory.id=${directoryId}\n`,
  );
  const config = join(folder, 'server.properties');
  const properties = {
    ...{ 'process.roles': 'broker', 'node.id': '2', 'log.dirs': storage },
    listeners: `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}`,
    'log.cleaner.dedupe.buffer.size': '8388608',
  };
  await writeFile(
    config,
    Object.entries(properties)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  return await startServer({
    name: 'the second broker',
    command: join(java.home, 'bin', 'java'),
    args: ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-cp', jars.join(delimiter), 'kafka.Kafka', config],
    isReady: () => brokerIsReady(port),
    startTimeoutMs: 60_000,
    watchParent: true,
    askToStop: (child) => child.kill('SIGKILL'),
    explain: async (_, console) => new Error(console.join('\n')),
  });
}
