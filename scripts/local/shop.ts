import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '../command-line/progress.ts';
import { findJava } from '../embedded/java.ts';
import { findRabbit } from '../embedded/rabbitmq/program.ts';
import { SetupError } from '../embedded/setup-error.ts';
import type { Tell } from '../embedded/tell.ts';
import { serverOf } from './address-list.ts';
import { AlertDigest } from './alert-digest.ts';
import { requireBrokers, requireMongo, requireTopics } from './dependencies.ts';
import type { Plan, ServiceName, ServicePlan } from './plan.ts';
import { type PortUse, requireFreePorts } from './ports.ts';
import { controlReplicas } from './replica-control.ts';
import { kafkaProgram, mongoProgram, rabbitProgram, type Starting } from './server-programs.ts';
import { serviceProgram } from './service-process.ts';
import type { StartValues } from './settings.ts';
import type { Program, Supervisor } from './supervisor.ts';

const root = join(import.meta.dirname, '../..');

/** Kafka waits that long for a payments process that was killed before others, or its successor, get its messages. */
const localDefaults: Readonly<Record<string, string>> = {
  CONSUMER_SESSION_TIMEOUT_MS: '10000',
  // One payments process does 20 orders per second by that, so that a burst is work for several.
  CONSUMER_CONCURRENCY: '4',
  PROVIDER_LATENCY_MS: '200',
};

/** A burst is answered, and seen, sooner than with a round of five seconds and an objective of thirty. */
const lagController = { LAG_SECONDS: '10', ROUND_MS: '2000' };

export interface ShopNeeds {
  readonly settings: StartValues;
  readonly plan: Plan;
  readonly supervisor: Supervisor;
  readonly progress: Progress;
  readonly environment: NodeJS.ProcessEnv;
  /** How long ports and folders may still be in use, by processes of a run that was killed. */
  readonly patienceMs: number;
  /** True once everything is being stopped: warnings are expected then. */
  readonly stopping: () => boolean;
}

/** Removes what the shop keeps, and nothing else: the folder may be somebody's own. */
export async function forget({ folders }: Plan): Promise<void> {
  await Promise.all(Object.values(folders).map((folder) => rm(folder, { recursive: true, force: true })));
}

/** @throws SetupError when Java is missing, a port is taken, or a setting has no use */
export async function requireToolsAndPorts({ settings, plan, environment, patienceMs }: ShopNeeds): Promise<void> {
  const ownKafka = settings.kafkaBrokers === undefined;
  const idle = Object.keys(environment).find((variable) => /^KAFKA_(TLS|SASL)/.test(variable) && environment[variable]);
  if (ownKafka && idle !== undefined)
    throw new SetupError(`${idle} is for a Kafka that is there already: set KAFKA_BROKERS too, or unset ${idle}.`);
  const ownMongo = settings.mongodbUri === undefined;
  if (ownKafka) await findJava();
  const servers: PortUse[] = [];
  if (ownKafka) servers.push({ port: settings.kafkaPort, owner: 'Kafka', variable: 'KAFKA_PORT' });
  if (ownMongo) servers.push({ port: settings.mongodbPort, owner: 'MongoDB', variable: 'MONGODB_PORT' });
  if (await canRunRabbit(settings, environment))
    servers.push({ port: settings.rabbitmqPort, owner: 'RabbitMQ', variable: 'RABBITMQ_PORT' });
  const services = Object.values(plan.services).map(({ name, port }) => ({
    port,
    owner: name,
    variable: `${name.toUpperCase().replace('-', '_')}_PORT`,
  }));
  await Promise.all([
    requireFreePorts(services, settings.host, patienceMs),
    requireFreePorts(servers, '127.0.0.1', patienceMs),
  ]);
}

/**
 * Starts servers and services, each as soon as what it needs is there, and resolves when all of them are ready.
 * Servers that are there already are asked before anything is started.
 * @throws what the first of them that can't be started says
 */
export async function startShop(needs: ShopNeeds): Promise<void> {
  const { settings, plan, progress, environment, supervisor } = needs;
  await requireServers(needs);
  const mongo = settings.mongodbUri
    ? Promise.resolve()
    : startServer(needs, `MongoDB at ${serverOf(plan.mongodbUri)}`, (starting) =>
        mongoProgram(settings, plan, starting),
      );
  const kafka = settings.kafkaBrokers
    ? Promise.resolve()
    : startServer(needs, `Kafka at ${plan.brokers.join(',')}`, (starting) => kafkaProgram(settings, plan, starting));
  const topics = kafka.then(() => progress.step('Topics', () => requireTopics(plan, environment), topicsLine));
  const start = (name: ServiceName, replicas = 1) => startService(needs, plan.services[name], replicas);
  const startController = async () => {
    const { payments, 'lag-controller': controller } = plan.services;
    const control = await controlReplicas(supervisor, (name, error) =>
      progress.say(progress.paint('red', `${name} could not be scaled: ${error.message}`)),
    );
    const env = {
      ...controller.env,
      PROCESSES_URL: `${control.url}/programs/${payments.name}`,
      PROCESSES_TOKEN: control.token,
    };
    await startService(needs, { ...controller, env }, 1);
  };
  const startNotifications = async (url: string | undefined) => {
    const { notifications } = plan.services;
    await startService(needs, { ...notifications, env: { ...notifications.env, ...(url && { AMQP_URL: url }) } }, 1);
  };
  const both = Promise.all([mongo, topics]);
  await Promise.all([
    start('provider'),
    mongo.then(() => Promise.all([start('clients'), start('products')])),
    both.then(() => Promise.all([start('orders'), start('payments', settings.paymentsReplicas).then(startController)])),
    Promise.all([queueUrl(needs), both]).then(([url]) => startNotifications(url)),
  ]);
}

async function requireServers({ settings, plan, progress, environment }: ShopNeeds): Promise<void> {
  if (settings.kafkaBrokers)
    await progress.step(`Kafka at ${plan.brokers.join(',')}`, () => requireBrokers(plan, environment));
  if (settings.mongodbUri) await progress.step(`MongoDB at ${serverOf(plan.mongodbUri)}`, () => requireMongo(plan));
}

async function canRunRabbit({ amqpUrl }: StartValues, environment: NodeJS.ProcessEnv): Promise<boolean> {
  return amqpUrl === undefined && (await findRabbit(environment)) !== undefined;
}

/** The queue of the notifications, which is optional: without one they go straight from Kafka. */
async function queueUrl(needs: ShopNeeds): Promise<string | undefined> {
  const { settings, plan, progress, environment } = needs;
  if (settings.amqpUrl !== undefined) return plan.amqpUrl;
  if (await canRunRabbit(settings, environment)) {
    await startServer(needs, `RabbitMQ at ${serverOf(plan.amqpUrl)}`, (starting) =>
      rabbitProgram(settings, plan, starting),
    );
    return plan.amqpUrl;
  }
  progress.say('No rabbitmq-server here, and AMQP_URL is not set: clients are told straight from Kafka.');
  return undefined;
}

function topicsLine(created: readonly string[]): string {
  return created.length === 0 ? 'Topics are there' : `Topics created: ${created.join(', ')}`;
}

async function startServer(needs: ShopNeeds, title: string, programOf: (starting: Starting) => Program): Promise<void> {
  const { progress, supervisor, patienceMs } = needs;
  // A restart later on has no step: its news is a line like any other.
  let tell: Tell = (line) => progress.say(line);
  const program = programOf({ tell: (line) => tell(line), patienceMs });
  await progress.step(title, async (step) => {
    tell = step.note;
    await supervisor.run(program).finally(() => {
      tell = (line) => progress.say(line);
    });
  });
}

async function startService(needs: ShopNeeds, { name, url, env }: ServicePlan, replicas: number): Promise<void> {
  const { plan, progress, supervisor, environment } = needs;
  const digest = new AlertDigest(() => performance.now());
  const program = serviceProgram({
    name,
    script: join(root, 'services', name, 'src/main.ts'),
    env: {
      ...localDefaults,
      ...(name === 'lag-controller' && lagController),
      ...environment,
      LOG_LEVEL: logLevel(environment.LOG_LEVEL),
      ...env,
    },
    logFolder: plan.folders.logs,
    onAlert(service, alert) {
      if (needs.stopping() && alert.level === 'warn') return;
      const line = digest.take(service, alert);
      if (line !== undefined) progress.say(progress.paint('yellow', line));
    },
  });
  const title = `${name} at ${url}${replicas > 1 ? ` (${replicas} processes)` : ''}`;
  await progress.step(title, () =>
    supervisor.run(program, replicas).catch((error: Error) => {
      throw new SetupError(`${name} could not be started: it ${error.message} (see ${plan.folders.logs}/${name}.log).`);
    }),
  );
}

/** The supervisor reads the line that says on which port a service listens, so that one must be logged. */
function logLevel(given: string | undefined): string {
  return given === 'debug' || given === 'trace' ? given : 'info';
}
