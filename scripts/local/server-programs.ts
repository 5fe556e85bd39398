import { setTimeout as sleep } from 'node:timers/promises';
import { FolderInUse } from '../embedded/folder-in-use.ts';
import { startKafka } from '../embedded/kafka.ts';
import { startMongo } from '../embedded/mongo.ts';
import { startRabbit } from '../embedded/rabbitmq.ts';
import type { EmbeddedServer, Exit } from '../embedded/server-process.ts';
import type { Tell } from '../embedded/tell.ts';
import type { Plan } from './plan.ts';
import type { StartValues } from './settings.ts';
import type { Program, Running } from './supervisor.ts';

const retryMs = 500;

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
  return serverProgram('Kafka', { port, dataDir: folders.kafka }, starting, startKafka);
}

export function mongoProgram({ mongodbPort: port }: StartValues, { folders }: Plan, starting: Starting): Program {
  return serverProgram('MongoDB', { port, dataDir: folders.mongo }, starting, startMongo);
}

export function rabbitProgram({ rabbitmqPort: port }: StartValues, { folders }: Plan, starting: Starting): Program {
  return serverProgram('RabbitMQ', { port, dataDir: folders.rabbitmq }, starting, startRabbit);
}

interface Place {
  readonly port: number;
  readonly dataDir: string;
}

type Start = (options: Place & { onProgress: Tell; signal: AbortSignal }) => Promise<EmbeddedServer>;

function serverProgram(name: string, place: Place, starting: Starting, startServer: Start): Program {
  return {
    name,
    async start(_replica, signal) {
      const options = { ...place, onProgress: starting.tell, signal };
      return running(await whenFree(() => startServer(options), starting, signal), place.port);
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

function running(server: EmbeddedServer, port: number): Running {
  const { pid, exited, stop, kill } = server;
  return { pid, port, stop, kill, ended: exited.then(phraseOf) };
}

function phraseOf({ code, signal }: Exit): string {
  return signal ? `was ended by ${signal}` : `ended with status ${code}`;
}
