import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { bearerFrom } from '@shop/shared/auth/bearer-token';
import { verifierFrom } from '@shop/shared/auth/callers';
import { ordersCreated, paymentsGroup } from '@shop/shared/contracts/topics';
import { serve } from '@shop/shared/http/app';
import { callsWith } from '@shop/shared/http/call';
import { connectKafka } from '@shop/shared/kafka/connect';
import { runService } from '@shop/shared/lifecycle';
import { consume } from '@shop/shared/messaging/consume';
import { createRegistry } from '@shop/shared/metrics';
import { mongoOutage, pingMongo } from '@shop/shared/mongo/connect';
import { openMongo } from '@shop/shared/mongo/rotation';
import { Relay } from '@shop/shared/outbox/relay';
import { relayMetrics } from '@shop/shared/outbox/relay-metrics';
import { within } from '@shop/shared/pause';
import { tracedHandle } from '@shop/shared/tracing/traced-messages';
import { settings } from './config.ts';
import { fulfilDutiesWith } from './fulfil-duties.ts';
import { readOrderCreated } from './order-created-message.ts';
import { httpOrders } from './orders-api.ts';
import { processOrderWith } from './process-order.ts';
import { httpProvider } from './provider.ts';
import { paymentEndpoints } from './routes.ts';
import { mongoPaymentStore } from './store.ts';
import { watchUnfinished } from './unfinished.ts';

const name = 'payments-service';
const refundPatienceMs = 2_000;

runService(
  {
    name,
    settings,
    async start(values, { log, closer, fail, tracer }) {
      const clock = () => new Date();
      const registry = createRegistry(name);

      const verifyToken = verifierFrom(values, log);
      const { mongo, close: closeMongo } = await openMongo(values, log);
      closer.add('mongo', closeMongo);
      const { store, outbox } = await mongoPaymentStore(mongo);

      const kafka = connectKafka(values, { clientId: name, log });
      closer.add('kafka', kafka.close);
      const producer = kafka.producer();
      closer.add('producer', producer.close);

      const call = callsWith(tracer);
      const provider = httpProvider({ call, providerUrl: values.providerUrl, timeoutMs: values.providerTimeoutMs });
      const report = httpOrders({
        call,
        ordersUrl: values.ordersUrl,
        bearer: bearerFrom(values.ordersTokenFile),
        timeoutMs: values.ordersTimeoutMs,
      });

      const deliverTimeoutMs = Math.max(values.providerTimeoutMs, values.ordersTimeoutMs);
      const relay = new Relay({
        store: outbox,
        deliver: fulfilDutiesWith({
          ...{ store, provider, report, clock, log, translate: mongoOutage },
          ...{ refundPatienceMs, refundTimeoutMs: values.providerTimeoutMs },
        }),
        owner: `${hostname()}-${process.pid}-${randomUUID()}`,
        leaseMs: values.outboxLeaseMs + deliverTimeoutMs,
        deliverTimeoutMs,
        sweepMs: values.outboxSweepMs,
        batchSize: values.outboxBatchSize,
        clock,
        log,
        metrics: relayMetrics(registry, outbox),
      });
      relay.start();
      closer.add('relay', () => relay.stop());

      const { process: pay, resumeUnfinished } = processOrderWith({ store, provider, outbox: relay, clock });
      const stopUnfinished = watchUnfinished({ resumeUnfinished, unfinishedAfterMs: values.unfinishedAfterMs, log });
      // The other half is for leaving the group where Kafka is slow, and for the report in hand.
      const patienceMs = values.shutdownTimeoutMs * 0.4;
      closer.addBegunAtOnce('unfinished', () => within(patienceMs, stopUnfinished()));

      const consumption = consume({
        kafka,
        groupId: paymentsGroup,
        topic: ordersCreated,
        handle: tracedHandle((message) => pay(readOrderCreated(message)), tracer, paymentsGroup),
        deadLetter: (record) => producer.send([record]),
        registry,
        log,
        onFatal: fail,
        translate: mongoOutage,
        concurrency: values.concurrency,
        sessionTimeoutMs: values.sessionTimeoutMs,
      });
      closer.addBegunAtOnce('consumer', () => consumption.stop({ timeoutMs: patienceMs }));

      const mongodb = () => pingMongo(mongo);
      const http = await serve(
        {
          info: {
            title: 'Payments',
            version: '1',
            description: 'Pays each order once, and gives back what must not stay.',
          },
          endpoints: paymentEndpoints(store),
          verifyToken,
          health: {
            service: name,
            connections: { kafka: kafka.ping, mongodb },
            ready: { consumer: consumption.ready, mongodb },
            live: { consumer: consumption.live },
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
