import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { bearerFrom } from '@shop/shared/auth/bearer-token';
import { verifierFrom } from '@shop/shared/auth/callers';
import { serve } from '@shop/shared/http/app';
import { callsWith } from '@shop/shared/http/call';
import { connectKafka } from '@shop/shared/kafka/connect';
import { runService } from '@shop/shared/lifecycle';
import { createRegistry } from '@shop/shared/metrics';
import { mongoOutage, pingMongo } from '@shop/shared/mongo/connect';
import { openMongo } from '@shop/shared/mongo/rotation';
import { Relay } from '@shop/shared/outbox/relay';
import { relayMetrics } from '@shop/shared/outbox/relay-metrics';
import { tracedSend } from '@shop/shared/tracing/traced-messages';
import { Types } from 'mongoose';
import { httpCatalog } from './catalog.ts';
import { changeOrderWith } from './change-order.ts';
import { settings } from './config.ts';
import { createDecisions } from './decisions.ts';
import { orderMetrics } from './order-metrics.ts';
import { placeOrderWith } from './place-order.ts';
import { publishTo } from './publish.ts';
import { rightsChecker } from './rights.ts';
import { orderEndpoints } from './routes.ts';
import { mongoOrderStore } from './store.ts';

const name = 'orders-service';
const sendTimeoutMs = 5_000;

runService(
  {
    name,
    settings,
    async start(values, { log, closer, tracer }) {
      const clock = () => new Date();
      const registry = createRegistry(name);

      const verifyToken = verifierFrom(values, log);
      const checkRight = rightsChecker({ ...values, wantsTokens: verifyToken !== undefined });
      const { mongo, close: closeMongo } = await openMongo(values, log);
      closer.add('mongo', closeMongo);
      const { store, outbox, makeListIndexes } = await mongoOrderStore(mongo);

      const kafka = connectKafka(values, { clientId: name, log });
      closer.add('kafka', kafka.close);
      const deliverTimeoutMs = Math.min(sendTimeoutMs, values.outboxLeaseMs / 2);
      const producer = kafka.producer({ timeoutMs: deliverTimeoutMs });
      closer.add('producer', producer.close);

      const relay = new Relay({
        store: outbox,
        deliver: publishTo(tracedSend(producer.send, tracer), {
          placeOf: producer.placeOf,
          timeoutMs: deliverTimeoutMs,
          log,
        }),
        owner: `${hostname()}-${process.pid}-${randomUUID()}`,
        leaseMs: values.outboxLeaseMs,
        deliverTimeoutMs,
        sweepMs: values.outboxSweepMs,
        batchSize: values.outboxBatchSize,
        clock,
        log,
        metrics: relayMetrics(registry, outbox),
      });
      relay.start();
      closer.add('relay', () => relay.stop());

      const metrics = orderMetrics(registry);
      const decisions = createDecisions({
        decided: store.decided,
        pollMs: values.decisionPollMs,
        onError: (error) => log.warn({ err: error }, 'decisions could not be polled'),
      });
      const lookUp = httpCatalog({
        call: callsWith(tracer),
        clientsUrl: values.clientsUrl,
        productsUrl: values.productsUrl,
        bearer: bearerFrom(values.catalogTokenFile),
        timeoutMs: values.catalogTimeoutMs,
        cacheMs: values.catalogCacheMs,
        now: Date.now,
      });

      const endpoints = orderEndpoints({
        store,
        decisions,
        checkRight,
        placeOrder: placeOrderWith({
          store,
          lookUp,
          outbox: relay,
          newId: () => new Types.ObjectId().toHexString(),
          clock,
          onPlaced: metrics.placed,
        }),
        changeOrder: changeOrderWith({
          store,
          outbox: relay,
          clock,
          onDecided(order) {
            metrics.decided(order);
            decisions.note(order.id);
          },
        }),
      });
      const mongodb = () => pingMongo(mongo);
      const http = await serve(
        {
          info: {
            title: 'Orders',
            version: '1',
            description: 'Accepts orders and keeps their status. Every change is published, whatever dies.',
          },
          endpoints,
          verifyToken,
          // Kafka is shown, but nothing depends on it being there: orders are accepted without it.
          health: { service: name, connections: { kafka: kafka.ping, mongodb }, ready: { mongodb }, live: {} },
          registry,
          log,
          translate: mongoOutage,
          tracer,
        },
        values,
      );
      closer.add('http', http.close);
      const indexing = new AbortController();
      closer.add('list indexes', () => indexing.abort());
      void makeListIndexes({
        signal: indexing.signal,
        onFailure: (err) =>
          log.warn({ err }, 'lists are slow until their indexes are there; MongoDB may still be making them'),
      });
    },
  },
  process.env,
);
