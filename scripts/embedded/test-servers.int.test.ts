import { connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { startTestServers, stopTestServers } from './test-servers.ts';

const timeoutMs = 60_000;

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (value: boolean) => {
      socket.destroy();
      resolve(value);
    };
    socket.on('connect', () => answer(true)).on('error', () => answer(false));
  });
}

describe('startTestServers', () => {
  it(
    'leaves a server that is given from outside alone, and starts the other once for every project',
    async () => {
      const { TEST_MONGODB_URI: _inherited, ...rest } = process.env;
      const env: NodeJS.ProcessEnv = { ...rest, TEST_KAFKA_BROKERS: 'kafka.example:9092' };
      await startTestServers(env);
      const uri = String(env.TEST_MONGODB_URI);
      await startTestServers(env);
      expect(env).toMatchObject({ TEST_KAFKA_BROKERS: 'kafka.example:9092', TEST_MONGODB_URI: uri });
      const port = Number(new URL(uri).port);
      expect(await listens(port)).toBe(true);

      await stopTestServers();
      expect(await listens(port)).toBe(false);
      await stopTestServers();
      expect(env.TEST_MONGODB_URI).toBeUndefined();
      expect(env.TEST_KAFKA_BROKERS).toBe('kafka.example:9092');
    },
    timeoutMs,
  );
});
