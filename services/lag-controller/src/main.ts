import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Values } from '@shop/shared/env';
import { StartError } from '@shop/shared/errors';
import { serve } from '@shop/shared/http/app';
import { onceWell } from '@shop/shared/http/health';
import { runService } from '@shop/shared/lifecycle';
import type { Logger } from '@shop/shared/log';
import { createRegistry } from '@shop/shared/metrics';
import { settings } from './config.ts';
import { connectBrokers } from './kafka/connect.ts';
import { offsetsReader } from './kafka/offsets.ts';
import { connectKubernetes, type KubernetesScalers } from './kubernetes/connect.ts';
import { policyOf } from './law/policy.ts';
import { pageRouter } from './page/router.ts';
import { processesTarget } from './processes-target.ts';
import { reconcileWith } from './reconcile.ts';
import { eventStream } from './reporting/events.ts';
import { faultLog } from './reporting/fault-log.ts';
import { controllerMetrics } from './reporting/metrics.ts';
import { recordTo } from './reporting/record.ts';
import { scalerEndpoints } from './reporting/routes.ts';
import { newTimelines } from './reporting/timeline.ts';
import { startRounds } from './rounds.ts';
import { getPage, workReader } from './work.ts';

const name = 'lag-controller';

type Source = Pick<KubernetesScalers, 'scalers' | 'listen' | 'mayWrite' | 'readAtMs' | 'ping' | 'close'>;

/** Measured on two shared cores: a payments process is ready after about two seconds. */
const localGuesses = { startSeconds: 2, rebalanceSeconds: 4 };
const askTimeoutMs = 2_000;

runService(
  {
    name,
    settings,
    async start(values, { log, closer, fail, tracer }) {
      const registry = createRegistry(name);
      const source = sourceOf(values, log);
      closer.add('scalers', () => source.close());
      const kafka = connectBrokers(values, { clientId: name, log });
      closer.add('kafka', kafka.close);
      const timelines = newTimelines();
      const events = eventStream();
      const faults = faultLog(log);
      const nowMs = () => Date.now();
      const metrics = controllerMetrics(registry, {
        isLeader: source.mayWrite,
        scalersReadAtMs: source.readAtMs,
        nowMs,
      });
      const reconcile = reconcileWith({
        scalers: source.scalers,
        readOffsets: offsetsReader(kafka),
        readWork: workReader(getPage(askTimeoutMs)),
        mayWrite: source.mayWrite,
        nowMs,
        record: values.recordFile === undefined ? () => {} : recordTo(values.recordFile, values.recordMaxBytes, log),
        listeners: [timelines.add, events.listen, metrics.listen, faults.listen, source.listen],
        gone(scaler) {
          timelines.forget(scaler);
          metrics.forget(scaler);
          faults.forget(scaler);
        },
        log,
      });
      const rounds = startRounds(reconcile, { everyMs: values.roundMs, fail });
      closer.add('rounds', rounds.stop);
      const http = await serve(
        {
          info: { title: 'Lag controller', version: '1', description: 'Replicas by the age of the oldest message.' },
          endpoints: scalerEndpoints(timelines),
          routers: [pageRouter, events.router],
          health: {
            service: name,
            connections: { kafka: kafka.ping, scalers: source.ping },
            // A new pod with a wrong password or right replaces none that works; an outage later takes no pod out.
            ready: { kafka: onceWell(kafka.ping), scalers: onceWell(source.ping) },
            live: { rounds: () => rounds.check() },
          },
          registry,
          log,
          translate: () => undefined,
          tracer,
        },
        values,
      );
      closer.add('http', http.close);
    },
  },
  process.env,
);

function sourceOf(values: Values<typeof settings>, log: Logger): Source {
  if (values.target === 'kubernetes')
    return connectKubernetes({
      namespace: values.namespace,
      leaseName: values.leaseName,
      listTargets: values.listTargets,
      identity: `${hostname()}-${randomUUID()}`,
      log,
    });
  const { processesUrl: url, processesToken: token } = values;
  if (url === undefined || token === undefined)
    throw new StartError('TARGET is processes, which npm start runs: set TARGET to kubernetes, or use npm start.');
  const { metricsUrls, ...target } = processesTarget({ url, token, timeoutMs: askTimeoutMs });
  const { lagSeconds, maxReplicas, group, topic, dryRun } = values;
  // kafkajs deals partitions out round robin, and payments reads from the beginning.
  const policy = policyOf({ lagSeconds, maxReplicas, assignor: 'round-robin', startFrom: 'earliest', ...localGuesses });
  const scalers = [{ name: 'payments', group, topic, policy, dryRun, target, metricsUrls }];
  return {
    scalers: async () => scalers,
    listen: () => {},
    mayWrite: () => true,
    readAtMs: () => Date.now(),
    ping: async () => {},
    close: async () => {},
  };
}
