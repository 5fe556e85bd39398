import { jest } from '@jest/globals';
import { pino } from 'pino';
import { readSettings } from '../env.ts';
import { connectKafka } from './connect.ts';
import { platformaticProducer } from './platformatic-producer.ts';
import { type ProducerPlace, producerContract } from './producer.contract.ts';
import { kafkaSettings } from './settings.ts';

jest.setTimeout(60_000);

const brokers = process.env.TEST_KAFKA_BROKERS ?? '';
const client = { clientId: 'test', log: pino({ level: 'silent' }) };
const settingsOf = ({ brokers: at }: ProducerPlace) => readSettings(kafkaSettings, { KAFKA_BROKERS: at });

producerContract('kafkajs', brokers, (place) => connectKafka(settingsOf(place), client).producer(place));
producerContract('@platformatic/kafka', brokers, (place) =>
  platformaticProducer(settingsOf(place), { ...client, timeoutMs: place.timeoutMs }),
);
