import type { Scaler } from '../scaler.ts';
import type { Address, Brokers, Partitions } from './brokers.ts';
import { groupReader } from './group-offsets.ts';
import { type Ends, type Leaders, type OffsetsSample, sampleOf } from './offsets-sample.ts';
import { type KafkaResult, resultAt, resultFrom } from './result.ts';

export type Wanted = Pick<Scaler, 'name' | 'group' | 'topic'>;

/** By the scaler's name. Never rejects: what could not be read is absent, and the faults say why. */
export type ReadOffsets = (wanted: readonly Wanted[]) => Promise<ReadonlyMap<string, OffsetsSample>>;

/**
 * However many scalers there are, a round asks one request for all topics, two of each broker that leads some partition and two
 * of each that coordinates some group. Which broker that is comes with each round's topics, so that nothing read is older.
 */
export function offsetsReader(brokers: Brokers): ReadOffsets {
  const readGroups = groupReader(brokers);
  return async (wanted) => {
    if (wanted.length === 0) return new Map();
    const names = [...new Set(wanted.map(({ topic }) => topic))];
    const answer = await resultFrom(() => brokers.topics(names));
    if (answer.error) return new Map(wanted.map(({ name }) => [name, { faults: [answer.error.detail] }]));
    const topics = new Map(names.map((name) => [name, resultAt(answer, name)]));
    const partitionsOf = (topic: string): (readonly [string, number[]])[] => {
      const leaders = topics.get(topic)?.value;
      return leaders ? [[topic, [...leaders.keys()]]] : [];
    };
    const byGroup = [...Map.groupBy(wanted, ({ group }) => group)].map(([group, ones]): [string, Partitions] => [
      group,
      new Map(ones.flatMap(({ topic }) => partitionsOf(topic))),
    ]);
    // Committed is read before the ends, so that a lag can come out too large, never negative.
    const groups = await readGroups(new Map(byGroup));
    const ends = await readEnds(brokers, topics);
    return new Map(wanted.map((one) => [one.name, sampleOf(one, { topics, groups, ends })]));
  };
}

/** Of all partitions that have a leader, by topic and partition. */
async function readEnds(
  brokers: Brokers,
  topics: ReadonlyMap<string, KafkaResult<Leaders>>,
): Promise<ReadonlyMap<string, ReadonlyMap<number, KafkaResult<Ends>>>> {
  const led = [...topics].flatMap(([topic, { value = new Map() as Leaders }]) =>
    [...value].flatMap(([partition, { value: leader }]) =>
      leader === undefined ? [] : [{ topic, partition, leader }],
    ),
  );
  const reads = await Promise.all(
    [...Map.groupBy(led, ({ leader }) => leader)].map(async ([leader, places]) => {
      const endOf = await endsFrom(brokers, leader, placesByTopic(places));
      return places.map(({ topic, partition }) => ({ topic, partition, ends: endOf(topic, partition) }));
    }),
  );
  return new Map(
    [...Map.groupBy(reads.flat(), ({ topic }) => topic)].map(([topic, found]) => [
      topic,
      new Map(found.map(({ partition, ends }) => [partition, ends])),
    ]),
  );
}

function placesByTopic(places: readonly { topic: string; partition: number }[]): Partitions {
  const grouped = Map.groupBy(places, ({ topic }) => topic);
  return new Map([...grouped].map(([topic, ones]) => [topic, ones.map(({ partition }) => partition)]));
}

async function endsFrom(brokers: Brokers, leader: Address, partitions: Partitions) {
  const [high, low] = await Promise.all([
    resultFrom(() => brokers.offsets(leader, partitions, 'latest')),
    resultFrom(() => brokers.offsets(leader, partitions, 'earliest')),
  ]);
  const one = (answer: typeof high, topic: string, partition: number) =>
    answer.error ? answer : resultAt({ value: answer.value.get(topic) ?? new Map() }, partition);
  return (topic: string, partition: number): KafkaResult<Ends> => {
    const [end, start] = [one(high, topic, partition), one(low, topic, partition)];
    if (end.error) return end;
    return start.error ? start : { value: { high: end.value, low: start.value } };
  };
}
