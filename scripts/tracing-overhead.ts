// `npm run tracing-overhead`: what tracing costs orders, in processor time per order, of processes that take turns.

import { OrdersFixture } from '../services/orders/src/orders-process.fixture.ts';
import { formatTraceparent, newTraceparent, parseTraceparent } from '../services/shared/src/tracing/traceparent.ts';
import { numberFlag, parseFlags } from './command-line/arguments.ts';
import { runScript } from './command-line/run-script.ts';
import { startTestServers, stopTestServers } from './embedded/test-servers.ts';
import { call } from './testing/call.ts';
import type { ServiceProcess } from './testing/service-process.ts';
import { TraceCollector } from './testing/trace-collector.ts';
import { until } from './testing/until.ts';
import { type Round, ratiosOf, spread, turns } from './tracing-overhead/rounds.ts';

const concurrency = 8;
const warmUpOrders = 400;

const help = `npm run tracing-overhead -- [--orders N] [--rounds R]

Places N orders (500) in each of R rounds (12) at four processes of orders in turns: two without tracing, one with every
request traced, and one with one of ten. Kafka, MongoDB and the collector are real, and started for it. Tells what a traced
order takes of the processor, as a ratio to the untraced one of the same round: median, least and most of the rounds; and
the same of the two without tracing, which differ by chance alone.
`;

const sides = ['untraced', 'control', 'traced', 'sampled'] as const satisfies readonly (keyof Round)[];
type Services = Readonly<Record<(typeof sides)[number], ServiceProcess>>;

async function metricsOf({ url }: ServiceProcess): Promise<string> {
  return (await call(`${url}/metrics`)).text;
}

/** Processor seconds that the process has used so far. */
async function cpuSeconds(service: ServiceProcess): Promise<number> {
  return Number(/^process_cpu_seconds_total\{.*\} (\S+)$/m.exec(await metricsOf(service))?.[1]);
}

async function placeOrders({ url }: ServiceProcess, body: unknown, count: number): Promise<void> {
  let left = count;
  const worker = async () => {
    while (left > 0) {
      const { status, text } = await call(`${url}/v1/orders`, { body });
      if (status === 201) left -= 1;
      // On a busy machine the database may be late once; the order is placed again.
      else if (status !== 503) throw new Error(`an order was answered ${status}: ${text}`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

/** The sending of its event is part of what an order costs. All processes see the same outbox, so another one is asked. */
function published(bystander: ServiceProcess): Promise<unknown> {
  const isEmpty = async () => /^outbox_pending_documents\{.*\} 0$/m.test(await metricsOf(bystander));
  return until('all events are sent', isEmpty, 60_000);
}

/** So is the sending of its spans: they go in their order, so all are sent when the span of one more request is. */
async function exported({ url }: ServiceProcess, collector: TraceCollector): Promise<void> {
  const { traceId = '', spanId = '' } = parseTraceparent(newTraceparent()) ?? {};
  const traceparent = formatTraceparent({ traceId, spanId, sampled: true });
  await call(`${url}/v1/orders?limit=1`, { headers: { traceparent } });
  await until('all spans are sent', () => collector.of(traceId).length > 0, 30_000);
}

async function measuredRound(services: Services, round: number, place: (service: ServiceProcess) => Promise<void>) {
  const seconds: Record<string, number> = {};
  for (const side of turns(sides, round)) {
    const before = await cpuSeconds(services[side]);
    await place(services[side]);
    seconds[side] = (await cpuSeconds(services[side])) - before;
  }
  return seconds as unknown as Round;
}

async function main(): Promise<void> {
  const value = { type: 'string' } as const;
  const flags = parseFlags(process.argv.slice(2), {
    command: 'npm run tracing-overhead',
    options: { orders: value, rounds: value, help: { type: 'boolean' } },
  });
  if (flags.help) return console.log(help);
  const orders = numberFlag('orders', flags.orders, { fallback: 500, min: 10, max: 100_000, whole: true });
  const rounds = numberFlag('rounds', flags.rounds, { fallback: 12, min: 1, max: 1_000, whole: true });

  await startTestServers();
  const collector = await TraceCollector.open();
  const { TEST_KAFKA_BROKERS: brokers = '', TEST_MONGODB_URI: mongodb = '' } = process.env;
  const fixture = await OrdersFixture.open({ brokers, mongodb }, { LOG_LEVEL: 'info' });
  try {
    const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
    const tenth = { ...tracing, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' };
    const services: Services = {
      untraced: await fixture.start(),
      control: await fixture.start(),
      traced: await fixture.start(tracing),
      sampled: await fixture.start(tenth),
    };
    const isTraced = (service: ServiceProcess) => service === services.traced || service === services.sampled;
    const placeAll = (count: number) => async (service: ServiceProcess) => {
      await placeOrders(service, fixture.order, count);
      await published(service === services.untraced ? services.control : services.untraced);
      if (isTraced(service)) await exported(service, collector);
    };
    for (const side of sides) await placeAll(warmUpOrders)(services[side]);
    const seen: Round[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const one = await measuredRound(services, round, placeAll(orders));
      seen.push(one);
      const ms = sides.map((side) => `${((one[side] / orders) * 1_000).toFixed(2)} ${side}`);
      console.log(`round ${round + 1}: ms per order ${ms.join(', ')}`);
    }
    const ratios = seen.map(ratiosOf);
    console.log(
      `${collector.spans.length} spans arrived. Processor time per order, as a ratio to that without tracing:`,
    );
    console.log(`every order traced         ${spread(ratios.map(({ traced }) => traced))}`);
    console.log(`one of ten traced          ${spread(ratios.map(({ sampled }) => sampled))}`);
    console.log(`the two without tracing    ${spread(ratios.map(({ control }) => control))}`);
  } finally {
    await fixture.close();
    await collector.close();
    await stopTestServers();
  }
}

await runScript(main);
