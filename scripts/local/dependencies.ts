// The Kafka and the MongoDB that the shop stands on, asked before any service is.
import { partitionCount, topicConfig, topics } from '../../services/shared/src/contracts/topics.ts';
import { readSettings } from '../../services/shared/src/env.ts';
import { asError } from '../../services/shared/src/errors.ts';
import { connectKafka, type Kafka } from '../../services/shared/src/kafka/connect.ts';
import { kafkaSettings } from '../../services/shared/src/kafka/settings.ts';
import { createLog } from '../../services/shared/src/log.ts';
import { connectMongo, pingMongo } from '../../services/shared/src/mongo/connect.ts';
import { SetupError } from '../embedded/setup-error.ts';
import { serverOf } from './address-list.ts';
import { databaseUri, type Plan } from './plan.ts';

const mostReplicas = 3;

/** @throws SetupError when no server answers at MONGODB_URI, or it refuses the login */
export async function requireMongo({ mongodbUri }: Plan): Promise<void> {
  try {
    const connection = await connectMongo({ mongodbUri: databaseUri(mongodbUri, 'orders') });
    await pingMongo(connection).finally(() => connection.close());
  } catch (error) {
    throw new SetupError(
      `MONGODB_URI names ${serverOf(mongodbUri)}, but it can't be used (${firstLine(error)}): start that server or correct the address, or unset MONGODB_URI to have a MongoDB started here.`,
    );
  }
}

/**
 * @throws SetupError when no broker answers at KAFKA_BROKERS, or it refuses the login
 * @throws ConfigurationError when the TLS and SASL settings are malformed
 */
export async function requireBrokers({ brokers }: Plan, environment: NodeJS.ProcessEnv): Promise<void> {
  const kafka = kafkaOf(brokers, environment);
  try {
    await kafka.ping();
  } catch (error) {
    throw new SetupError(
      `KAFKA_BROKERS is ${brokers.join(',')}, but that can't be used (${firstLine(asError(error).cause ?? error)}): start that Kafka or correct the address and the KAFKA_TLS and KAFKA_SASL settings, or unset them to have a Kafka started here.`,
    );
  } finally {
    await kafka.close();
  }
}

/** Creates the topics that are missing. @returns their names */
export async function requireTopics({ brokers }: Plan, environment: NodeJS.ProcessEnv): Promise<string[]> {
  const admin = kafkaOf(brokers, environment).admin();
  try {
    const cluster = await admin.describeCluster();
    const replicationFactor = Math.min(mostReplicas, cluster.brokers.length);
    const each = { partitions: partitionCount, replicationFactor, config: topicConfig };
    return await admin.createTopics(topics.map((topic) => ({ topic, ...each })));
  } catch (error) {
    throw new SetupError(`The topics could not be created: ${firstLine(asError(error).cause ?? error)}.`);
  } finally {
    await admin.close();
  }
}

function kafkaOf(brokers: readonly string[], environment: NodeJS.ProcessEnv): Kafka {
  const settings = readSettings(kafkaSettings, { ...environment, KAFKA_BROKERS: brokers.join(',') });
  return connectKafka(settings, { clientId: 'start', log: createLog('start', { logLevel: 'silent' }) });
}

function firstLine(error: unknown): string {
  return asError(error).message.split('\n')[0] ?? '';
}
