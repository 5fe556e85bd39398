import { setTimeout } from 'node:timers/promises';
import { bearerFrom } from '@shop/shared/auth/bearer-token';
import { verifierFrom } from '@shop/shared/auth/callers';
import { notificationsGroup, ordersFailed, ordersPaid } from '@shop/shared/contracts/topics';
import { serve } from '@shop/shared/http/app';
import { callsWith } from '@shop/shared/http/call';
import { connectKafka } from '@shop/shared/kafka/connect';
import { runService } from '@shop/shared/lifecycle';
import { consume } from '@shop/shared/messaging/consume';
import type { Handle } from '@shop/shared/messaging/processor';
import { createRegistry } from '@shop/shared/metrics';
import { mongoOutage, pingMongo } from '@shop/shared/mongo/connect';
import { openMongo } from '@shop/shared/mongo/rotation';
import { pause } from '@shop/shared/pause';
import { tracedHandle } from '@shop/shared/tracing/traced-messages';
import { Broker } from './broker.ts';
import { openChannel } from './channels/open-channel.ts';
import { httpClients } from './clients-api.ts';
import { amqpUrl, settings } from './config.ts';
import { readDecision } from './decided-message.ts';
import { followSecret, warnWith } from './followed-secret.ts';
import { hangingMs, leaseMs } from './lease.ts';
import { measured, taskMetrics } from './notification-metrics.ts';
import { notifyClientWith } from './notify-client.ts';
import { notificationEndpoints } from './routes.ts';
import { mongoNotificationStore } from './store.ts';
import { taskFor } from './task.ts';
import { lanes, taskQueue } from './topology.ts';
import { workTaskWith } from './work-task.ts';

const name = 'notifications-service';

runService(
  {
    name,
    settings,
    async start(values, { log, closer, fail, tracer }) {
      const clock = () => new Date();
      const registry = createRegistry(name);
      const verifyToken = verifierFrom(values, log);
      const call = callsWith(tracer);
      const channel = measured(registry, openChannel(values, { log, call }));
      closer.add('channel', channel.close);

      const { mongo, close: closeMongo } = await openMongo(values, log);
      closer.add('mongo', closeMongo);
      const store = mongoNotificationStore(mongo);
      const notify = notifyClientWith({
        store,
        findClient: httpClients({
          call,
          clientsUrl: values.clientsUrl,
          bearer: bearerFrom(values.clientsTokenFile),
          timeoutMs: values.clientsTimeoutMs,
        }),
        send: channel.send,
        language: values.language,
        leaseMs: leaseMs(values),
        clock,
        wait: (ms) => setTimeout(ms),
      });

      const queueAddress = followSecret(amqpUrl, { value: values.amqpUrl, file: values.amqpUrlFile }, warnWith(log));
      const broker = queueAddress && startBroker(queueAddress);
      function startBroker(url: () => string): Broker {
        const { retryDelayMs, concurrency: prefetch } = values;
        const stopping = new AbortController();
        const opened = new Broker({ url, caFile: values.amqpCaFile, retryDelayMs, connectionName: name, log });
        const { tasks } = taskMetrics(registry, opened, retryDelayMs);
        for (const lane of lanes) {
          const onOutcome = (outcome: string) => tasks.inc({ lane, outcome });
          const publish = opened.publish.bind(opened);
          const needs = { lane, notify, publish, translate: mongoOutage, onOutcome, clock, log };
          const handle = workTaskWith({ ...needs, retryDelayMs, wait: (ms) => pause(ms, stopping.signal) });
          opened.consume({ queue: taskQueue(lane), prefetch, handle });
        }
        opened.start();
        closer.add('broker', () => {
          stopping.abort();
          return opened.stop({ timeoutMs: values.shutdownTimeoutMs * 0.4 });
        });
        return opened;
      }
      if (!broker) log.info('clients are told straight from Kafka: AMQP_URL is not set');

      const handle: Handle = async (message) => {
        const { value, headers } = message;
        const decision = readDecision(value, headers);
        if (!broker) return notify(decision, headers.traceparent);
        await broker.publish(taskFor(decision, message, values.retryDelayMs));
        return 'applied';
      };

      const kafka = connectKafka(values, { clientId: name, log });
      closer.add('kafka', kafka.close);
      const producer = kafka.producer();
      closer.add('producer', producer.close);
      const consumptions = [ordersPaid, ordersFailed].map((topic) =>
        consume({
          kafka,
          groupId: notificationsGroup,
          topic,
          handle: tracedHandle(handle, tracer, notificationsGroup),
          deadLetter: (record) => producer.send([record]),
          registry,
          log,
          onFatal: fail,
          translate: mongoOutage,
          concurrency: values.concurrency,
          sessionTimeoutMs: values.sessionTimeoutMs,
          timing: { hangingMs: hangingMs(values) },
        }),
      );
      // With a broker a decision in hand is only published, and the letters in hand are waited for after it.
      const patienceMs = values.shutdownTimeoutMs * (broker ? 0.2 : 0.4);
      closer.addBegunAtOnce('consumers', () =>
        Promise.all(consumptions.map(({ stop }) => stop({ timeoutMs: patienceMs }))),
      );

      const mongodb = () => pingMongo(mongo);
      const all = (check: 'ready' | 'live') => async () => {
        await Promise.all(consumptions.map((consumption) => consumption[check]()));
      };
      const http = await serve(
        {
          info: {
            title: 'Notifications',
            version: '1',
            description: 'Tells each client once how an order was decided.',
          },
          endpoints: notificationEndpoints(store),
          verifyToken,
          health: {
            service: name,
            connections: { kafka: kafka.ping, mongodb, ...(broker && { rabbitmq: () => broker.ping() }) },
            ready: { consumer: all('ready'), mongodb },
            live: { consumer: all('live') },
          },
          registry,
          log,
          translate: mongoOutage,
          tracer,
        },
        values,
      );
      closer.add('http', http.close);
    },
  },
  process.env,
);
