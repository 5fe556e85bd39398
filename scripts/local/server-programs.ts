import { setTimeout as sleep } from 'node:timers/promises';
import { FolderInUse } from '../embedded/folder-in-use.ts';
import { type KafkaServer, startKafka } from '../embedded/kafka.ts';
import { type MongoServer, startMongo } from '../embedded/mongo.ts';
import { type RabbitServer, startRabbit } from '../embedded/rabbitmq.ts';
import type { Exit } from '../embedded/server-process.ts';
import type { Plan } from './plan.ts';
import type { StartValues } from './settings.ts';
import type { Program, Running } from './supervisor.ts';

const retryMs = 500;

/** Gets one line for people about something that takes long, a download for example. */
export type Tell = (line: string) => void;

/** What starts a server, and how long its folder may still be in use by that of a run that was killed. */
export interface Starting {
  readonly tell: Tell;
  readonly patienceMs: number;
}

export function kafkaProgram(
  { kafkaPort: port }: Pick<StartValues, 'kafkaPort'>,
  { folders }: Pick<Plan, 'folders'>,
  starting: Starting,
): Program {
  const onProgress = starting.tell;
  return {
    name: 'Kafka',
    start: async (_replica, signal) => {
      const options = { port, dataDir: folders.kafka, onProgress, signal };
      return running(await whenFree(() => startKafka(options), starting, signal), port);
    },
  };
}

export function mongoProgram(
  { mongodbPort: port }: Pick<StartValues, 'mongodbPort'>,
  { folders }: Pick<Plan, 'folders'>,
  starting: Starting,
): Program {
  const onProgress = starting.tell;
  return {
    name: 'MongoDB',
    start: async (_replica, signal) => {
      const options = { port, dataDir: folders.mongo, onProgress, signal };
      return running(await whenFree(() => startMongo(options), starting, signal), port);
    },
  };
}

/** A server whose run was killed ends in order: its port is free some time before its folder is. */
async function whenFree<S>(start: () => Promise<S>, { tell, patienceMs }: Starting, signal: AbortSignal): Promise<S> {
  const deadline = performance.now() + patienceMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof FolderInUse) || performance.now() > deadline) throw error;
      if (attempt === 1) tell('waiting for that of the run that was killed to end');
    }
    await sleep(retryMs, undefined, { signal });
  }
}

export function rabbitProgram({ rabbitmqPort: port }: StartValues, { folders }: Plan, { tell }: Starting): Program {
  return {
    name: 'RabbitMQ',
    start: async (_replica, signal) =>
      running(await startRabbit({ port, dataDir: folders.rabbitmq, onProgress: tell, signal }), port),
  };
}

function running(server: KafkaServer | MongoServer | RabbitServer, port: number): Running {
  const { pid, exited, stop, kill } = server;
  return { pid, port, stop, kill, ended: exited.then(phraseOf) };
}

function phraseOf({ code, signal }: Exit): string {
  return signal ? `was ended by ${signal}` : `ended with status ${code}`;
}
