import { type KafkaServer, startKafka } from '../embedded/kafka.ts';
import { type MongoServer, startMongo } from '../embedded/mongo.ts';
import { type RabbitServer, startRabbit } from '../embedded/rabbitmq.ts';
import type { Exit } from '../embedded/server-process.ts';
import type { Plan } from './plan.ts';
import type { StartValues } from './settings.ts';
import type { Program, Running } from './supervisor.ts';

/** Gets one line for people about something that takes long, a download for example. */
export type Tell = (line: string) => void;

export function kafkaProgram({ kafkaPort: port }: StartValues, { folders }: Plan, tell: Tell): Program {
  return {
    name: 'Kafka',
    start: async (_replica, signal) =>
      running(await startKafka({ port, dataDir: folders.kafka, onProgress: tell, signal }), port),
  };
}

export function mongoProgram({ mongodbPort: port }: StartValues, { folders }: Plan, tell: Tell): Program {
  return {
    name: 'MongoDB',
    start: async (_replica, signal) =>
      running(await startMongo({ port, dataDir: folders.mongo, onProgress: tell, signal }), port),
  };
}

export function rabbitProgram({ rabbitmqPort: port }: StartValues, { folders }: Plan, tell: Tell): Program {
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
