import { integer } from '../env.ts';

export const consumerSettings = {
  sessionTimeoutMs: integer(
    'CONSUMER_SESSION_TIMEOUT_MS',
    '30000',
    'how long Kafka waits for a silent consumer before others get its partitions',
    [6_000, 300_000],
  ),
};
