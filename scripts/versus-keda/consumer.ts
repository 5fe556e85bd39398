// Runs in a pod, bundled: a consumer as payments is one, whose work is to wait. The same for every side.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { integer, readSettings, text } from '../../services/shared/src/env.ts';
import { connectKafka } from '../../services/shared/src/kafka/connect.ts';
import { kafkaSettings } from '../../services/shared/src/kafka/settings.ts';
import { createLog } from '../../services/shared/src/log.ts';
import { consume } from '../../services/shared/src/messaging/consume.ts';
import { createRegistry } from '../../services/shared/src/metrics.ts';

const settings = readSettings(
  {
    ...kafkaSettings,
    group: text('GROUP', undefined, 'consumer group'),
    topic: text('TOPIC', undefined, 'topic that it reads'),
    messageMs: integer('MESSAGE_MS', undefined, 'time that a message takes', [1, 60_000]),
    port: integer('PORT', undefined, 'where /metrics and /readyz are', [1, 65_535]),
  },
  process.env,
);
const log = createLog('consumer', { logLevel: 'warn' });
const registry = createRegistry('consumer');
const kafka = connectKafka(settings, { clientId: 'consumer', log });

const consumption = consume({
  kafka,
  groupId: settings.group,
  topic: settings.topic,
  async handle() {
    await sleep(settings.messageMs);
    return 'applied';
  },
  deadLetter: () => Promise.reject(new Error('there is no dead letter here')),
  registry,
  log,
  onFatal: () => process.exit(1),
  concurrency: 1,
});

const server = createServer(async ({ url }, response) => {
  if (url === '/metrics') {
    response.end(await registry.metrics());
    return;
  }
  const isReady = await consumption.ready().then(
    () => true,
    () => false,
  );
  response.writeHead(isReady ? 200 : 503).end();
});
server.listen(settings.port);

await once(process, 'SIGTERM');
await consumption.stop({ timeoutMs: 5_000 });
process.exit();
