// `npm run tracing-overhead`: what tracing costs orders, in processor time per order, of processes that take turns.
import { call } from '../e2e/local/call.ts';
import type { ServiceProcess } from '../e2e/local/service-process.ts';
import { TraceCollector } from '../e2e/local/trace-collector.ts';
import { OrdersBench } from '../services/orders/src/orders-bench.ts';
import { startTestServers, stopTestServers } from './embedded/test-servers.ts';
import { numberFlag, parseFlags } from './local/arguments.ts';
import { percentile } from './local/percentile.ts';
import { runScript } from './local/run-script.ts';

const concurrency = 8;
const warmUpOrders = 400;

const help = `npm run tracing-overhead -- [--orders N] [--rounds R]

Places N orders (500) in each of R rounds (10) at three processes of orders in turns: without tracing, with every request
traced, and with one of ten. Kafka, MongoDB and the collector are real, and started for it. Tells for each of the two
what a traced order takes of the processor, as a ratio to the untraced one: median, least and most of the rounds.
`;

/** Processor seconds that the process has used so far. */
async function cpuSeconds({ url }: ServiceProcess): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_cpu_seconds_total\{.*\} (\S+)$/m.exec(text)?.[1]);
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
  await published({ url });
}

/** The sending of an order's event is part of what the order costs. */
async function published({ url }: Pick<ServiceProcess, 'url'>): Promise<void> {
  for (;;) {
    const text = await (await fetch(`${url}/metrics`)).text();
    if (/^outbox_pending_documents\{.*\} 0$/m.test(text)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function measured(service: ServiceProcess, body: unknown, count: number): Promise<number> {
  const before = await cpuSeconds(service);
  await placeOrders(service, body, count);
  return (await cpuSeconds(service)) - before;
}

function summary(name: string, ratios: readonly number[]): string {
  const at = (percent: number) => (percentile(ratios, percent) ?? Number.NaN).toFixed(2);
  return `${name}: ${at(50)} (${at(0)} to ${at(100)})`;
}

async function main(): Promise<void> {
  const value = { type: 'string' } as const;
  const flags = parseFlags(process.argv.slice(2), {
    command: 'npm run tracing-overhead',
    options: { orders: value, rounds: value, help: { type: 'boolean' } },
  });
  if (flags.help) return console.log(help);
  const orders = numberFlag('orders', flags.orders, { fallback: 500, min: 10, max: 100_000, whole: true });
  const rounds = numberFlag('rounds', flags.rounds, { fallback: 10, min: 1, max: 1_000, whole: true });

  await startTestServers();
  const collector = await TraceCollector.open();
  const { TEST_KAFKA_BROKERS: brokers = '', TEST_MONGODB_URI: mongodb = '' } = process.env;
  const bench = await OrdersBench.open({ brokers, mongodb }, { LOG_LEVEL: 'info' });
  try {
    const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
    const tenth = { ...tracing, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' };
    const untraced = await bench.start();
    const traced = await bench.start(tracing);
    const sampled = await bench.start(tenth);
    for (const service of [untraced, traced, sampled]) await placeOrders(service, bench.order, warmUpOrders);
    const ratios: { all: number[]; tenth: number[] } = { all: [], tenth: [] };
    for (let round = 1; round <= rounds; round += 1) {
      const off = await measured(untraced, bench.order, orders);
      const all = await measured(traced, bench.order, orders);
      const some = await measured(sampled, bench.order, orders);
      ratios.all.push(all / off);
      ratios.tenth.push(some / off);
      const ms = (seconds: number) => ((seconds / orders) * 1_000).toFixed(2);
      console.log(`round ${round}: ${ms(off)} ms per order untraced, ${ms(all)} all traced, ${ms(some)} one of ten`);
    }
    console.log(
      `${collector.spans.length} spans arrived. Processor time per order, as a ratio to that without tracing:`,
    );
    console.log(summary('every order traced', ratios.all));
    console.log(summary('one of ten traced', ratios.tenth));
  } finally {
    await bench.close();
    await collector.close();
    await stopTestServers();
  }
}

await runScript(main);
