import { authSettings } from '@shop/shared/auth/auth-settings';
import { httpUrl, integer, optional, text } from '@shop/shared/env';
import { httpSettings } from '@shop/shared/http/app';
import { kafkaSettings } from '@shop/shared/kafka/settings';
import { lifecycleSettings } from '@shop/shared/lifecycle';
import { consumerSettings } from '@shop/shared/messaging/consumer-settings';
import { mongoSettings } from '@shop/shared/mongo/connect';
import { relaySettings } from '@shop/shared/outbox/relay-settings';

export const settings = {
  ...lifecycleSettings,
  ...httpSettings('3004'),
  ...mongoSettings,
  ...kafkaSettings,
  ...consumerSettings,
  ...relaySettings,
  outboxBatchSize: integer('OUTBOX_BATCH_SIZE', '50', 'most reports and refunds under way at once', [1, 50]),
  ...authSettings,
  ordersUrl: httpUrl('ORDERS_URL', 'http://127.0.0.1:3001', 'where the orders service is'),
  ordersTokenFile: optional(
    text('ORDERS_TOKEN_FILE', undefined, 'file with the bearer token for orders, read for each call'),
  ),
  ordersTimeoutMs: integer('ORDERS_TIMEOUT_MS', '5000', 'patience with orders', [1, 60_000]),
  providerUrl: httpUrl('PROVIDER_URL', 'http://127.0.0.1:3010', 'where the payment provider is'),
  providerTimeoutMs: integer('PROVIDER_TIMEOUT_MS', '20000', 'patience with the payment provider', [1, 120_000]),
  concurrency: integer('CONSUMER_CONCURRENCY', '16', 'payments under way at once in one process', [1, 1_000]),
  unfinishedAfterMs: integer(
    'UNFINISHED_AFTER_MS',
    '120000',
    'a payment that is still under way after this long is taken up again without its message',
    [1_000, 86_400_000],
  ),
};
