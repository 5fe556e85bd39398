import { describe, expect, it } from '@jest/globals';
import { ConfigurationError, hostPorts, integer, optional, port, readSettings, secret, text } from './env.ts';

const settings = {
  port: port('PORT', '3001', 'HTTP port'),
  brokers: hostPorts('KAFKA_BROKERS', undefined, 'where Kafka is'),
  timeoutMs: integer('TIMEOUT_MS', '100', 'patience', [1, 1_000]),
  user: optional(text('USER_NAME', undefined, 'who')),
  password: secret(integer('PIN', '1', 'secret', [0, 9])),
};

describe('settings', () => {
  it('reads the environment over the defaults, and leaves what is optional undefined', () => {
    expect(readSettings(settings, { KAFKA_BROKERS: 'a:9092, b:9093', PORT: '' })).toEqual({
      port: 3001,
      brokers: ['a:9092', 'b:9093'],
      timeoutMs: 100,
      user: undefined,
      password: 1,
    });
  });

  it('reports every fault at once, each with the variable, what it must be and what it is', () => {
    const read = () => readSettings(settings, { PORT: '99999', TIMEOUT_MS: '1.5' });
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow('has 3 faults');
    expect(read).toThrow('PORT must be a whole number from 0 to 65535, but is "99999"');
    expect(read).toThrow('KAFKA_BROKERS must be set (where Kafka is)');
    expect(read).toThrow('TIMEOUT_MS must be a whole number from 1 to 1000');
  });

  it('never repeats the value of a secret', () => {
    const read = () => readSettings(settings, { KAFKA_BROKERS: 'a:1', PIN: 'hunter2' });
    expect(read).toThrow('PIN must be a whole number from 0 to 9');
    expect(read).not.toThrow('hunter2');
  });
});
