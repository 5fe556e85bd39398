/** The one file that asks Kafka by its protocol. Every version here is of Kafka 3.0, and of every one since. */
import {
  AuthenticationError,
  describeGroupsV5,
  FetchIsolationLevels,
  FindCoordinatorKeyTypes,
  findCoordinatorV4,
  ListOffsetTimestamps,
  listOffsetsV7,
  metadataV9,
  offsetFetchV8,
  ResponseError,
} from '@platformatic/kafka';
import { DomainError, reasonOf } from '@shop/shared/errors';
import { followSecurity } from '@shop/shared/kafka/security';
import type { KafkaSettings } from '@shop/shared/kafka/settings';
import type { Logger } from '@shop/shared/log';
import type { GroupSample } from '../law/observation.ts';
import type { Address, Brokers, ByPartition, Partitions } from './brokers.ts';
import { Connections } from './connections.ts';
import { failureOf, type KafkaResult, resultOf } from './result.ts';

export interface KafkaReader extends Brokers {
  /** Resolves when a broker answers now. @throws DomainError `unavailable` within about 1.5 seconds. */
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
}

interface KafkaOptions {
  /** As Kafka's logs and quotas show it. */
  readonly clientId: string;
  readonly log: Logger;
}

const pingTimeoutMs = 1_500;
const leaderNotAvailable = 5;
const groupIdNotFound = 69;
/** Which broker leads may have changed since: the newest one knows better than what was told before. */
const anyEpoch = -1;
const consumer = -1;

/**
 * Opens nothing yet: the controller starts while Kafka is down.
 *
 * @throws ConfigurationError when TLS files cannot be read or SASL settings are incomplete
 */
export function connectBrokers(settings: KafkaSettings, { clientId, log }: KafkaOptions): KafkaReader {
  const connections = new Connections(clientId, followSecurity(settings, log));
  const bootstrap = settings.kafkaBrokers;
  /** Those to ask what any of them knows: the one that answered last comes first. */
  let known: readonly Address[] = [];

  const ask = async <A extends readonly unknown[], T>(
    broker: Address,
    {
      async: request,
    }: { readonly async: (connection: Awaited<ReturnType<Connections['to']>>, ...args: A) => Promise<T> },
    ...args: A
  ) => responseOf(broker, async () => request(await connections.to(broker), ...args));

  const askAny = async <T>(request: (broker: Address) => Promise<T>): Promise<T> => {
    let failure: unknown;
    for (const broker of new Set([...known, ...bootstrap]))
      try {
        const answer = await request(broker);
        known = [broker, ...known.filter((other) => other !== broker)];
        return answer;
      } catch (error) {
        failure = error;
      }
    throw failure;
  };

  const metadata = async (names: readonly string[]) => {
    const answer = await askAny((broker) => ask(broker, metadataV9.api, [...names], false));
    const all = answer.brokers.map(addressOf);
    known = [...known.filter((broker) => all.includes(broker)), ...all.filter((broker) => !known.includes(broker))];
    return answer;
  };

  return {
    async topics(names) {
      const answer = await metadata(names);
      const leaders = new Map(answer.brokers.map((broker) => [broker.nodeId, addressOf(broker)]));
      return new Map(
        answer.topics.map(({ name, errorCode, partitions }) => [
          name,
          resultOf(errorCode, leadersOf(partitions, leaders)),
        ]),
      );
    },

    async coordinators(groups) {
      const { GROUP } = FindCoordinatorKeyTypes;
      const answer = await askAny((broker) => ask(broker, findCoordinatorV4.api, GROUP, [...groups]));
      return new Map(answer.coordinators.map((one) => [one.key, resultOf(one.errorCode, addressOf(one))]));
    },

    async offsets(leader, partitions, which) {
      const timestamp = which === 'latest' ? ListOffsetTimestamps.LATEST : ListOffsetTimestamps.EARLIEST;
      const topics = entries(partitions, (partitionIndex) => ({
        ...{ partitionIndex, currentLeaderEpoch: anyEpoch, timestamp },
      })).map(([name, wanted]) => ({ name, partitions: wanted }));
      const { READ_UNCOMMITTED } = FetchIsolationLevels;
      const answer = await ask(leader, listOffsetsV7.api, consumer, READ_UNCOMMITTED, topics);
      return byPartition(answer.topics, ({ errorCode, offset }) => resultOf(errorCode, Number(offset)));
    },

    async committed(coordinator, wanted) {
      const groups = [...wanted].map(([groupId, partitions]) => ({
        ...{ groupId, memberEpoch: -1 },
        topics: entries(partitions, (partition) => partition).map(([name, partitionIndexes]) => ({
          name,
          partitionIndexes,
        })),
      }));
      const answer = await ask(coordinator, offsetFetchV8.api, groups, false);
      return new Map(
        answer.groups.map(({ groupId, errorCode, topics }) => [
          groupId,
          // Kafka's −1: never committed here.
          resultOf(
            errorCode,
            byPartition(topics, ({ errorCode: code, committedOffset: offset }) =>
              resultOf(code, offset < 0n ? null : Number(offset)),
            ),
          ),
        ]),
      );
    },

    async groups(coordinator, ids) {
      const answer = await ask(coordinator, describeGroupsV5.api, [...ids], false);
      return new Map(
        answer.groups.map(({ groupId, errorCode, groupState, members }) => [
          groupId,
          errorCode === groupIdNotFound
            ? { value: { state: 'Dead', members: 0 } }
            : resultOf(errorCode, { state: stateOf(groupState), members: members.length }),
        ]),
      );
    },

    async ping() {
      const { promise: late, reject } = Promise.withResolvers<never>();
      const deadline = setTimeout(() => {
        const detail = `Kafka does not answer within ${pingTimeoutMs} ms.`;
        reject(new DomainError('unavailable', { code: 'kafka-unavailable', detail }));
      }, pingTimeoutMs);
      try {
        await Promise.race([metadata([]), late]);
      } finally {
        clearTimeout(deadline);
      }
    },

    close: () => connections.close(),
  };
}

/** The client throws an answer away that has an error in any part of it; it hangs on what is thrown. */
async function responseOf<T>(broker: Address, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof ResponseError && error.response !== undefined) return error.response as T;
    throw unavailable(broker, error);
  }
}

function unavailable(broker: Address, thrown: unknown): DomainError {
  const isRefused = thrown instanceof Error && thrown.cause instanceof AuthenticationError;
  return new DomainError('unavailable', {
    code: 'kafka-unavailable',
    detail: `Kafka ${isRefused ? 'refuses the login' : 'does not answer'} at ${broker}: ${reasonOf(thrown)}`,
    cause: thrown,
  });
}

function addressOf({ host, port }: { readonly host: string; readonly port: number }): Address {
  return `${host}:${port}`;
}

type MetadataPartition = metadataV9.MetadataResponse['topics'][number]['partitions'][number];

function leadersOf(
  partitions: readonly MetadataPartition[],
  brokers: ReadonlyMap<number, Address>,
): ReadonlyMap<number, KafkaResult<Address>> {
  return new Map(
    partitions.map(({ partitionIndex, errorCode, leaderId }) => {
      const leader = brokers.get(leaderId);
      // An error may be of a replica while there is a leader all the same.
      return [partitionIndex, leader === undefined ? failureOf(errorCode || leaderNotAvailable) : { value: leader }];
    }),
  );
}

function entries<T>(partitions: Partitions, of: (partition: number) => T): (readonly [string, T[]])[] {
  return [...partitions].map(([topic, numbers]) => [topic, numbers.map(of)]);
}

function byPartition<P extends { readonly partitionIndex: number }, T>(
  topics: readonly { readonly name: string; readonly partitions: readonly P[] }[],
  of: (partition: P) => T,
): ByPartition<T> {
  return new Map(
    topics.map(({ name, partitions }) => [name, new Map(partitions.map((one) => [one.partitionIndex, of(one)]))]),
  );
}

const states: readonly GroupSample['state'][] = [
  'Stable',
  'PreparingRebalance',
  'CompletingRebalance',
  'Empty',
  'Dead',
];

function stateOf(name: string): GroupSample['state'] {
  return states.find((state) => state === name) ?? 'Unknown';
}
